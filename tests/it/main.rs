//! One program with all tests from outside: the library by its public interface, and the real binary beside
//! an origin on loopback (`tests/support`). A new test belongs into the file of its subject:
//!
//! | subject | file |
//! | --- | --- |
//! | **reading a feed** | |
//! | a fault of a publisher: the document as bytes, and what is read in it | `golden.rs`, a folder in `tests/fixtures/feeds` |
//! | which entry stays the same one from reading to reading | `identity.rs`, a folder in `tests/fixtures/identity` |
//! | which entries tell the same event | `stories.rs`, pairs in `tests/fixtures/stories` |
//! | documents and texts that are expensive to read | `hostile/` |
//! | what we publish is read back as what it was | `outputs.rs` |
//! | **the database** | |
//! | what is kept, in which order, by whom it is opened, and after which crash | `store/` |
//! | **the daemon, from a poll to an output** | |
//! | the whole way once: poll, publish, restart, reload, stop | `journeys.rs` |
//! | what an origin is sent, and what it is not | `manners.rs` |
//! | intervals, ages, clocks | `time.rs` |
//! | a server or a document that breaks HTTP | `siege/`: one row |
//! | a source that wants to change, bury or outlast the others | `poisoning.rs` |
//! | findings about a source: hijacked, frozen dates, refused, quiet | `health.rs` |
//! | WebSub | `websub.rs` |
//! | `full_text`: pages of articles | `full_text.rs` |
//! | stories in feeds and pages | `tellings.rs` |
//! | rules and named outputs | `filters.rs` |
//! | search while all is well, and while something is wrong with it | `search.rs`, `search_trouble.rs` |
//! | what every address of the server answers | `routes.rs` |
//! | `/metrics` | `metrics.rs` |
//! | secrets, and control characters, in everything that is written | `discretion.rs`, `terminal.rs` |
//! | **commands** | |
//! | commands that end by themselves | `commands.rs` |
//! | `add`, `import`, `export` | `adding.rs` |
//! | `article` | `article.rs` |
//! | `build` | `folder.rs` |
//! | `explain` | `explain.rs` |
//! | whether the daemon or the store answers a command | `who_answers.rs` |
//! | mistakes in the configuration and on the command line, and their messages | `mistakes.rs` |
//! | **the project** | |
//! | rules of the code that a machine can check | `architecture.rs` |
//! | promises of the READMEs | `readme.rs` |
//! | tables of `docs/` that repeat values of the source | `docs.rs` |
//!
//! Pages in a real browser are a program of their own, `tests/browser`, because they need Chromium.
//!
//! Tests of all subjects run beside each other in this one process. So none changes what the process has
//! once: its environment, its current directory, its panic hook, its limits; a test that must, starts a child
//! (`store/crash.rs`). None measures this process, and none counts on having the machine for itself. Who closes
//! a store and looks at once whether it is free, waits first (`support::memory::wait_until_free`): children of
//! other tests hold its lock between fork and exec.
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

mod adding;
mod architecture;
mod article;
mod commands;
mod digests;
mod discretion;
mod docs;
mod explain;
mod filters;
mod folder;
mod full_text;
mod golden;
mod health;
mod hostile;
mod identity;
mod journeys;
mod manners;
mod metrics;
mod mistakes;
mod outputs;
mod poisoning;
mod readme;
mod routes;
mod search;
mod search_trouble;
mod siege;
mod store;
mod stories;
#[path = "../support/mod.rs"]
mod support;
mod tellings;
mod terminal;
mod time;
mod websub;
mod who_answers;
