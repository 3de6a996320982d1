//! Rafid turns many Arabic news feeds into one feed worth subscribing to.
//!
//! The river: `fetch → decode → repair → parse → normalize → relate → store → render → serve`.
//! `feed` is the pure half (bytes and values in, values and bytes out; no clock, file, socket or
//! random number), `daemon` touches the world and asks `feed` what to think. ARCHITECTURE.md has
//! the map and what must never be.

pub mod cli;
pub mod config;
pub mod daemon;
pub mod feed;
