//! `rafid check`: the configuration, judged.

use serde_json::json;

use super::args::Common;
use super::{CONFIGURATION, Failed, load, print, print_json};
use crate::config;

/// Judges the file; the verdict goes to standard output as JSON if wished.
pub(super) fn run(common: &Common, json: bool) -> Result<(), Failed> {
    let path = load::path(common)?;
    if !json {
        let config = load::config(common)?;
        let categories = crate::daemon::run::translate::edition(&config, None).categories().len();
        return print(&format!(
            "{}: {} sources in {categories} categories, no mistakes\n",
            path.display(),
            config.sources.len(),
        ));
    }
    match config::load(&path) {
        Ok(config) => print_json(&json!({
            "schema_version": 1,
            "file": path.display().to_string(),
            "valid": true,
            "sources": config.sources.len(),
            "notes": config.notes,
            "mistakes": [],
        })),
        Err(error) => {
            let mistakes: Vec<_> = error
                .told()
                .iter()
                .map(|mistake| {
                    json!({
                        "line": mistake.line,
                        "column": mistake.column,
                        "message": mistake.message,
                        "help": mistake.help,
                    })
                })
                .collect();
            print_json(&json!({
                "schema_version": 1,
                "file": path.display().to_string(),
                "valid": false,
                "mistakes": mistakes,
            }))?;
            Err(Failed { code: CONFIGURATION, message: String::new() })
        }
    }
}
