//! The published pages in a real browser. This is a program of its own beside `tests/it`, because it needs
//! Chromium: without it, its tests say so and pass.
//!
//! | subject | file |
//! | --- | --- |
//! | hostile feeds: nothing of them runs | `attacks.rs` |
//! | every kind of page, judged by axe-core | `accessibility.rs` |
//! | a large site: light pages in which nothing jumps; pictures of them on request | `layout.rs` |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod accessibility;
mod attacks;
mod layout;
#[path = "../support/mod.rs"]
mod support;
