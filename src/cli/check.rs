//! `rafid check`: the configuration → its mistakes and warnings; and where no process has the store open, the
//! rules that exclude all or none of its entries.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::CommonArgs;
use super::{CliError, EXIT_CONFIG, eprint, load, pluralize, print, print_json};
use crate::config::{self, Config, ConfigError};
use crate::model::{RemoteList, Source, SourceId};
use crate::poller::settings;
use crate::publish::{IdleRule, idle_rules};
use crate::store::{lock_owner, store_exists};

/// Checks the file and prints the result, as JSON on request.
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
        "lists": config.lists.iter().map(|list| list_as_json(&config, list)).collect::<Vec<_>>(),
        "included": config.included.iter().map(|it| it.display().to_string()).collect::<Vec<_>>(),
        "notes": config.notes,
        "rules": rules.iter().map(row).collect::<Vec<_>>(),
        "mistakes": [],
    }))
}

/// A list that is kept elsewhere, and how many sources come from it; none does before the first refresh.
fn list_as_json(config: &Config, list: &RemoteList) -> Value {
    json!({
        "id": list.id.as_str(),
        "url": list.published_location(),
        "has_copy": list.copy_hash.is_some(),
        "sources": listed_count(config, Some(&list.id)),
    })
}

/// The sources that come from a list, or from any.
fn listed_count(config: &Config, list: Option<&SourceId>) -> usize {
    let is_from = |source: &&Arc<Source>| match list {
        Some(list) => source.list.as_ref() == Some(list),
        None => source.list.is_some(),
    };
    config.sources.iter().filter(is_from).count()
}

/// How many of the sources come from lists, and the lists that have no copy yet.
fn describe_lists(config: &Config) -> String {
    if config.lists.is_empty() {
        return String::new();
    }
    let lists = pluralize(config.lists.len(), "list", "lists");
    let waiting = config.lists.iter().filter(|list| list.copy_hash.is_none()).count();
    let waiting = if waiting == 0 { String::new() } else { format!(" ({waiting} not read yet)") };
    format!(", {} of them from {lists}{waiting}", listed_count(config, None))
}

fn mistakes_as_json(path: &Path, error: &ConfigError) -> Value {
    let diagnostics = error.diagnostics();
    let mistakes = diagnostics.iter().map(|diagnostic| {
        json!({
            "file": diagnostic.file,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "message": diagnostic.message,
            "help": diagnostic.help,
        })
    });
    json!({
        "schema_version": 1,
        "file": path.display().to_string(),
        "valid": false,
        "sources": null,
        "lists": [],
        "included": [],
        "notes": [],
        "rules": [],
        "mistakes": mistakes.collect::<Vec<_>>(),
    })
}

/// The rules that make no difference to the stored entries. No store is created for it, and one that a daemon
/// has open is left alone: the daemon warns in its log when it reads the file.
fn find_idle_rules(config: &Config) -> Vec<IdleRule> {
    let has_rules = !config.serve.rules.is_empty()
        || config.sources.iter().any(|source| !source.rules.is_empty())
        || config.outputs.iter().any(|it| !it.rules.is_empty() || it.query.is_some());
    let folder = &config.store.path;
    if !has_rules || !store_exists(folder) || !matches!(lock_owner(folder), Ok(None)) {
        return Vec::new();
    }
    let Ok(renderer) = load::open_renderer(config) else { return Vec::new() };
    idle_rules(&renderer.store, &renderer.site).unwrap_or_default()
}

/// The warnings in full, and a summary.
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
    let included = match config.included.len() {
        0 => String::new(),
        count => format!(" and {}", pluralize(count, "included file", "included files")),
    };
    print(&format!(
        "{}{included}: {} in {}{}, no mistakes{warnings}\n",
        path.display(),
        pluralize(config.sources.len(), "source", "sources"),
        pluralize(categories, "category", "categories"),
        describe_lists(config),
    ))
}
