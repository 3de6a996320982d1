//! `RawFeed` to Feed.
