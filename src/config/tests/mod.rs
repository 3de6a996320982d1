//! Whole files: the settings of sound ones, the messages about others, and the documents made of the rows.

mod any_text;
mod arabic_reference;
mod documents;
mod explained;
mod includes;
mod key_rows;
mod settings;
mod shipped;
mod sources;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::config::key_row::KeyRow;
use crate::model::Source;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(text: &str) -> Result<Config, ConfigError> {
    parse(text, Path::new("feeds.toml"), Path::new("/etc/rafid"))
}

fn sources(text: &str) -> Vec<Arc<Source>> {
    read(text).unwrap().sources.to_vec()
}

/// The value that `feeds.toml` shows for a key.
fn shown_value(row: &KeyRow) -> &'static str {
    if row.example.is_empty() { row.default } else { row.example }
}

/// What a person reads about `text`.
fn shown(name: &str, text: &str) -> String {
    match parse(text, Path::new(name), Path::new("/etc/rafid")) {
        Ok(config) if config.notes.is_empty() => "nothing to say\n".to_owned(),
        Ok(config) => config.notes.join("\n\n") + "\n",
        Err(error) => format!("{error}\n"),
    }
}
