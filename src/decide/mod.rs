//! What a poll means: values in, decisions out. Nothing here reads a clock, a file or a socket.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod confirmed_time;
pub mod content_hash;
pub mod full_text_queue;
pub mod identity_match;
pub mod schedule;
pub mod undated;
