//! `rafid check`: the configuration, judged; and where there is a store that nobody holds, the rules that hold
//! back all or none of what is in it.

use std::path::Path;

use serde_json::{Value, json};

use super::args::Common;
use super::{CONFIGURATION, Failed, counted, load, print, print_json, tell};
use crate::config::{self, Config, ConfigError};
use crate::daemon::publish::{RuleEffect, idle_rules};
use crate::daemon::run::translate;
use crate::daemon::store::{holder, stands_in};

/// Judges the file; the verdict goes to standard output as JSON if wished.
pub(super) fn run(common: &Common, json: bool, no_store: bool) -> Result<(), Failed> {
    let path = load::path(common)?;
    let config = match config::load(&path) {
        Ok(config) => load::with_words(config, common),
        Err(error) if json => {
            print_json(&mistakes(&path, &error))?;
            return Err(Failed { code: CONFIGURATION, message: String::new() });
        }
        Err(error) => return Err(load::refused(&error)),
    };
    let rules = if no_store { Vec::new() } else { tried(&config) };
    if !json {
        return for_people(&path, &config, &rules);
    }
    let row = |it: &RuleEffect| {
        let holds = if it.holds_all { "all" } else { "none" };
        json!({ "owner": it.owner, "rule": it.rule, "holds": holds, "judged": it.judged })
    };
    print_json(&json!({
        "schema_version": 1,
        "file": path.display().to_string(),
        "valid": true,
        "sources": config.sources.len(),
        "notes": config.notes,
        "rules": rules.iter().map(row).collect::<Vec<_>>(),
        "mistakes": [],
    }))
}

fn mistakes(path: &Path, error: &ConfigError) -> Value {
    let told = error.told();
    let mistakes = told.iter().map(|mistake| {
        json!({
            "line": mistake.line,
            "column": mistake.column,
            "message": mistake.message,
            "help": mistake.help,
        })
    });
    json!({
        "schema_version": 1,
        "file": path.display().to_string(),
        "valid": false,
        "mistakes": mistakes.collect::<Vec<_>>(),
    })
}

/// The rules that decide nothing of what is stored. A store is never begun for it, and one that a daemon
/// holds is left alone: the daemon warns in its log when it reads the file.
fn tried(config: &Config) -> Vec<RuleEffect> {
    let has_rules = !config.serve.rules.is_empty()
        || config.sources.iter().any(|source| !source.rules.is_empty())
        || config.outputs.iter().any(|it| !it.rules.is_empty() || it.query.is_some());
    let folder = &config.store.path;
    if !has_rules || !stands_in(folder) || !matches!(holder(folder), Ok(None)) {
        return Vec::new();
    }
    let Ok(press) = load::press(config) else { return Vec::new() };
    idle_rules(&press.store, &press.edition).unwrap_or_default()
}

/// What is unwise, whole, and the sum.
fn for_people(path: &Path, config: &Config, rules: &[RuleEffect]) -> Result<(), Failed> {
    for note in &config.notes {
        tell(note);
    }
    for rule in rules {
        tell(&format!("warning: {rule}"));
    }
    let categories = translate::edition(config, None).categories().len();
    let warnings = match config.notes.len() + rules.len() {
        0 => String::new(),
        count => format!(", {}", counted(count, "warning", "warnings")),
    };
    print(&format!(
        "{}: {} in {}, no mistakes{warnings}\n",
        path.display(),
        counted(config.sources.len(), "source", "sources"),
        counted(categories, "category", "categories"),
    ))
}
