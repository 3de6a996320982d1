//! feeds.toml text to Config.
