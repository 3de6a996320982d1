//! What is wrong with a source: values in, findings out. Nothing here reads a clock, a file or a
//! socket.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod access_denied;
pub mod duplicate_feeds;
pub mod frozen_dates;
pub mod hijack;
pub mod implausible;
pub mod publisher_clock;
pub mod silence;
pub mod source_change;
