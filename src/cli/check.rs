//! `rafid check`: the configuration, judged; and where there is a store that nobody holds, the rules that hold
//! back all or none of what is in it.

use std::path::Path;

use serde_json::{Value, json};

use super::args::CommonArgs;
use super::{CliError, EXIT_CONFIG, eprint, load, pluralize, print, print_json};
use crate::config::{self, Config, ConfigError};
use crate::poller::settings;
use crate::publish::{IdleRule, idle_rules};
use crate::store::{lock_owner, store_exists};

/// Judges the file; the verdict goes to standard output as JSON if wished.
pub(super) fn run(common: &CommonArgs, json: bool, no_store: bool) -> Result<(), CliError> {
    let path = load::config_path(common)?;
    let config = match config::load(&path) {
        Ok(config) => load::apply_args(config, common),
        Err(error) if json => {
            print_json(&mistakes_as_json(&path, &error))?;
            return Err(CliError { code: EXIT_CONFIG, message: String::new() });
        }
        Err(error) => return Err(load::config_error(&error)),
    };
    let rules = if no_store { Vec::new() } else { find_idle_rules(&config) };
    if !json {
        return print_summary(&path, &config, &rules);
    }
    let row = |it: &IdleRule| {
        let holds = if it.excludes_all { "all" } else { "none" };
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

fn mistakes_as_json(path: &Path, error: &ConfigError) -> Value {
    let told = error.diagnostics();
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
fn find_idle_rules(config: &Config) -> Vec<IdleRule> {
    let has_rules = !config.serve.rules.is_empty()
        || config.sources.iter().any(|source| !source.rules.is_empty())
        || config.outputs.iter().any(|it| !it.rules.is_empty() || it.query.is_some());
    let folder = &config.store.path;
    if !has_rules || !store_exists(folder) || !matches!(lock_owner(folder), Ok(None)) {
        return Vec::new();
    }
    let Ok(press) = load::open_renderer(config) else { return Vec::new() };
    idle_rules(&press.store, &press.site).unwrap_or_default()
}

/// What is unwise, whole, and the sum.
fn print_summary(path: &Path, config: &Config, rules: &[IdleRule]) -> Result<(), CliError> {
    for note in &config.notes {
        eprint(note);
    }
    for rule in rules {
        eprint(&format!("warning: {rule}"));
    }
    let categories = settings::build_site(config, None).categories().len();
    let warnings = match config.notes.len() + rules.len() {
        0 => String::new(),
        count => format!(", {}", pluralize(count, "warning", "warnings")),
    };
    print(&format!(
        "{}: {} in {}, no mistakes{warnings}\n",
        path.display(),
        pluralize(config.sources.len(), "source", "sources"),
        pluralize(categories, "category", "categories"),
    ))
}
