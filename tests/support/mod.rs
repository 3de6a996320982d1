//! What the journeys need: an origin on loopback that records its requests, the real binary, and a plain
//! client. Tests wait for events (log lines, requests), never for time; deadlines only end a test that
//! would hang.

#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::format_collect,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc
)]

/// The table is the library's: its own tests need it where the program is not.
#[path = "../../crates/rafid-feed/src/normalize/html/tests/attacks/attack_table.rs"]
pub mod attacks;
pub mod browser;
pub mod command_pictures;
pub mod feed_validator;
pub mod feeds;
pub mod large_site;
pub mod memory;
pub mod origin;
pub mod pages;
pub mod program;
pub mod site;
pub mod small_disk;
pub mod web;

pub use origin::Origin;
pub use pages::Page;
