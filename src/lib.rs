//! Rafid turns many Arabic news feeds into one feed worth subscribing to.
//!
//! The pipeline is `fetch → decode → repair → parse → normalize → match identities → store →
//! render → serve`. The package `rafid_feed` reads feeds. The pure modules (`decide`, `health`,
//! `story`, `query`, `websub`, `render`) decide and render. The doors (`fetch`, `store`,
//! `search_index`, `pictures`, `http`) touch one thing each. `ingest` and `publish` join them, `poller` runs
//! them. ARCHITECTURE.md has the map.

pub mod cli;
pub mod config;
pub mod decide;
pub mod fetch;
pub mod health;
pub mod http;
pub mod ingest;
pub mod model;
pub mod pictures;
pub mod poller;
pub mod publish;
pub mod query;
pub mod render;
pub mod search_index;
pub mod store;
pub mod story;
pub mod websub;
