//! What journeys need: an origin on loopback that tells what it was asked, the real binary, and a
//! plain client. Waiting is for events (log lines, requests), never for time; deadlines only end a
//! test that would hang.

#![allow(
    dead_code,
    clippy::format_collect,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc
)]

pub mod attacks;
pub mod browser;
pub mod feeds;
pub mod memory;
pub mod origin;
pub mod pages;
pub mod program;
pub mod site;
pub mod web;

pub use origin::Origin;
pub use pages::Page;
