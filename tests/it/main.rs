//! One program with all tests from outside: the library through its public interface, and the real binary
//! with an origin on loopback (`tests/support`). A new test belongs in the file of its subject:
//!
//! | subject | file |
//! | --- | --- |
//! | **reading a feed** | |
//! | a fault of a publisher: the document as bytes, and the expected reading | `golden.rs`, a folder in `tests/fixtures/feeds` |
//! | which entry stays the same one from reading to reading | `identity.rs`, a folder in `tests/fixtures/identity` |
//! | which entries are about the same event | `stories.rs`, pairs in `tests/fixtures/stories` |
//! | documents and texts that are expensive to read | `hostile/` |
//! | any bytes: the checks of the fuzz targets on fixed seeds | `fuzz_seeds.rs` |
//! | our outputs, read back by our own reader | `outputs.rs` |
//! | **the database** | |
//! | what is kept, in which order, which process may open it, and what follows a crash | `store/` |
//! | **the daemon, from a poll to an output** | |
//! | the whole way once: poll, publish, restart, reload, stop | `journeys.rs` |
//! | which requests an origin gets, and which it does not | `manners.rs` |
//! | a full disk, a read-only or lost folder | `full_disk.rs` |
//! | a store that takes long to open, at a start or after damage | `slow_opening.rs` |
//! | ten thousand sources, and files that the configuration includes | `many_sources.rs` |
//! | lists of feeds that are kept elsewhere | `lists.rs` |
//! | intervals, ages, clocks | `time.rs` |
//! | a server or a document that breaks HTTP | `siege/`: one row |
//! | a source that tries to change, hide or outlast the others | `poisoning.rs` |
//! | findings about a source: hijacked, frozen dates, refused, silent | `health.rs` |
//! | WebSub | `websub.rs` |
//! | `full_text`: pages of articles | `full_text.rs` |
//! | `pictures`: copies of pictures on pages | `pictures.rs` |
//! | stories in feeds and pages | `story_outputs.rs` |
//! | archive pages, and what reaches a reader who polls rarely | `archives/` |
//! | rules and named outputs | `filters.rs` |
//! | search while all is well, and while something is wrong with it | `search.rs`, `search_trouble.rs` |
//! | the response of every address of the server | `routes.rs` |
//! | what W3C's feed validator says about our feeds | `validity.rs`, its rules in `tests/support/feed_validator` |
//! | who may see what: reports, private outputs, users | `access.rs` |
//! | pages for readers: subscription, views, style, paths | `pages.rs` |
//! | the new entries of a feed alone (RFC 3229) | `deltas.rs` |
//! | `/metrics` | `metrics.rs` |
//! | secrets, and control characters, in everything that is written | `discretion.rs`, `terminal.rs` |
//! | **commands** | |
//! | commands that end by themselves | `commands.rs` |
//! | `add`, `import`, `export` | `adding.rs` |
//! | `article` | `article.rs` |
//! | `parse` | `parse_command.rs` |
//! | `backup`, `restore` | `backup.rs` |
//! | `build` | `folder.rs` |
//! | `explain` | `explain.rs` |
//! | `export` of entries | `export.rs` |
//! | `list`, `set`, `enable`, `disable`, `remove`, `edit`, `status` of some sources | `operator.rs`, pictures in `tests/fixtures/terminal` |
//! | whether the daemon or the store answers a command | `who_answers.rs` |
//! | mistakes in the configuration and on the command line, and their messages | `mistakes.rs` |
//! | **the project** | |
//! | rules of the code that a machine can check | `architecture/` |
//! | promises of the READMEs | `readme.rs` |
//! | the Debian package | `packages.rs` |
//! | the way of a newcomer, from nothing to a subscribed reader | `newcomer.rs` |
//! | the container image: what its build reads and what runs in it | `containers.rs` |
//! | the table of formats in the docs | `formats.rs` |
//! | tables of `docs/` that repeat values of the source | `docs.rs` |
//! | the shipped configurations by the schema for editors | `config_schema.rs` |
//!
//! Pages in a real browser are a program of their own, `tests/browser`, because they need Chromium.
//!
//! Tests of all subjects run at the same time in this one process. So no test changes what the process has
//! only once: its environment, its current directory, its panic hook, its limits. A test that must do so
//! starts a child (`store/crash.rs`). No test measures this process, and none relies on having the machine
//! for itself. A test that closes a store and checks at once whether it is free waits first
//! (`support::memory::wait_until_free`): children of other tests hold its lock between fork and exec.
//!
//! `cargo test --test it health::` runs one subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    missing_docs
)]

mod access;
mod adding;
mod architecture;
mod archives;
mod article;
mod backup;
mod commands;
mod config_schema;
mod containers;
mod deltas;
mod digests;
mod discretion;
mod docs;
mod explain;
mod export;
mod filters;
mod folder;
mod formats;
mod full_disk;
mod full_text;
mod fuzz_seeds;
mod golden;
mod health;
mod hostile;
mod identity;
mod journeys;
mod lists;
mod manners;
mod many_sources;
mod metrics;
mod mistakes;
mod newcomer;
mod operator;
mod outputs;
mod packages;
mod pages;
mod parse_command;
mod pictures;
mod poisoning;
mod readme;
mod routes;
mod search;
mod search_trouble;
mod siege;
mod slow_opening;
mod store;
mod stories;
mod story_outputs;
#[path = "../support/mod.rs"]
mod support;

mod terminal;
mod time;
mod validity;
mod websub;
mod who_answers;
