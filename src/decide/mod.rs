//! What a poll or a push means: values in, decisions out. Nothing here reads a clock, a file or a socket.
//!
//! `poll` and `push` are the entry points. Every step takes the parts of the old state that it needs and
//! returns their new values.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod basis;
pub mod clock_offset;
pub mod confirmed_time;
pub mod content_hash;
pub mod decided_feed;
mod delta_feed;
pub mod entry_changes;
mod entry_dates;
pub mod full_text_queue;
pub mod hub_discovery;
pub mod identity_match;
mod listing_times;
pub mod lost_feed;
mod outcome;
pub mod poll;
pub mod prepared_entries;
pub mod process_feed;
pub mod push;
mod recent_dates;
pub mod redirect_adoption;
pub mod requested_poll;
pub mod reuse_conditions;
pub mod schedule;
pub mod undated;
