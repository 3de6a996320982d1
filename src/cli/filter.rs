//! `rafid filter`: what rules make of the stored entries, and why; a dry run, by the running daemon or from
//! the store.

use std::fmt::Write;

use serde_json::Value;
use url::form_urlencoded;

use super::args::{CommonArgs, FilterArgs};
use super::load::{self, LenientConfig};
use super::{CliError, bidi_isolate, daemon_client, pluralize, print};
use crate::config::Config;
use crate::http::Resource;
use crate::model::{PublishRules, Scope, SourceId};
use crate::query::Query;

/// Judges the entries of an output by the rules of the configuration and those of the command line.
pub(super) fn run(common: &CommonArgs, asked: &FilterArgs) -> Result<(), CliError> {
    let rules = PublishRules { keep: asked.keep.clone(), drop: asked.drop.clone() };
    for words in rules.keep.iter().chain(&rules.drop) {
        if let Err(error) = Query::parse(words) {
            let message = format!("error: {words:?} is no query: {error}");
            return Err(CliError { code: super::EXIT_USAGE, message });
        }
    }
    let understood = load::load_config_leniently(common)?;
    let scope = scope_from_args(&understood, asked)?;
    let path = request_path(&scope, &rules);
    let text = daemon_client::get_as_operator(
        understood,
        &path,
        &Resource::FilterDryRun { scope, rules },
    )?;
    if asked.json {
        return print(&format!("{}\n", String::from_utf8_lossy(&text)));
    }
    let report: Value = daemon_client::parse_json_response(&text)?;
    print(&as_text(&report, asked.explain))
}

/// Which entries are judged. What a refused file names is not known whole: the daemon knows what it publishes.
fn scope_from_args(understood: &LenientConfig, asked: &FilterArgs) -> Result<Scope, CliError> {
    let (config, is_whole) = (&understood.config, understood.error.is_none());
    match (&asked.source, &asked.output) {
        (Some(id), _) => match SourceId::new(id) {
            Ok(id) if !is_whole => Ok(Scope::Source(id)),
            _ => Ok(Scope::Source(load::find_source(config, id)?.id.clone())),
        },
        (None, Some(id)) if is_whole && config.outputs.iter().all(|output| output.id != *id) => {
            Err(CliError { code: super::EXIT_USAGE, message: unknown_output_message(config, id) })
        }
        (None, Some(id)) => Ok(Scope::Output(id.clone())),
        (None, None) => Ok(Scope::All),
    }
}

/// What to say of an output that is not there.
fn unknown_output_message(config: &Config, id: &str) -> String {
    let known: Vec<&str> = config.outputs.iter().map(|output| output.id.as_str()).collect();
    let advice = match known.as_slice() {
        [] => "the configuration has no `[[output]]`; without --output the merged feed is judged"
            .to_owned(),
        [only] => format!("there is only {only:?}"),
        ids => format!("the outputs are {}", ids.join(", ")),
    };
    format!("error: no output has the id {id:?}: {advice}")
}

fn request_path(scope: &Scope, rules: &PublishRules) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    match scope {
        Scope::Source(id) => query.append_pair("source", id.as_str()),
        Scope::Output(id) => query.append_pair("output", id),
        Scope::All | Scope::Category(_) => &mut query,
    };
    for words in &rules.keep {
        query.append_pair("keep", words);
    }
    for words in &rules.drop {
        query.append_pair("drop", words);
    }
    format!("filter.json?{}", query.finish())
}

/// The sums; with every entry that is held and why, if that is asked for.
fn as_text(report: &Value, explains: bool) -> String {
    let number = |key: &str| report[key].as_u64().unwrap_or_default();
    let judged = usize::try_from(number("judged")).unwrap_or(usize::MAX);
    let mut text = format!(
        "{} judged, the newest: {} pass, {} are held\n",
        pluralize(judged, "entry", "entries"),
        number("passes"),
        number("held")
    );
    let empty = Vec::new();
    let entries = report["entries"].as_array().unwrap_or(&empty);
    let held = entries.iter().filter(|entry| entry["verdict"] != "passes");
    // Writing into a String cannot fail.
    if explains {
        for entry in held {
            let word = |key: &str| bidi_isolate(entry[key].as_str().unwrap_or_default());
            let _ = write!(
                text,
                "\n{} {} {}\n  {}\n",
                entry["listed_at"].as_str().unwrap_or_default(),
                word("source"),
                word("title"),
                describe_reason(entry)
            );
        }
    } else {
        let mut sums: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        for entry in held {
            *sums.entry(describe_reason_briefly(entry)).or_default() += 1;
        }
        for (why, count) in sums {
            let _ = writeln!(text, "{count:>6}  {why}");
        }
        text.push_str("--explain shows each entry that is held and why\n");
    }
    text
}

/// Why an entry is held back, in words.
pub(super) fn describe_reason(entry: &Value) -> String {
    let mut text = describe_reason_briefly(entry);
    for reason in entry["reasons"].as_array().into_iter().flatten() {
        let term = bidi_isolate(reason["term"].as_str().unwrap_or_default());
        let _ = write!(text, "; {term} in the {}", reason["field"].as_str().unwrap_or_default());
    }
    text
}

fn describe_reason_briefly(entry: &Value) -> String {
    let whose = match entry["rule_of"].as_str().unwrap_or_default() {
        "source" => "of its source",
        "serve" => "of [serve]",
        "output" => "of the output",
        _ => "on trial",
    };
    let rule = bidi_isolate(entry["rule"].as_str().unwrap_or_default());
    match entry["verdict"].as_str().unwrap_or_default() {
        "dropped" => format!("dropped by {rule}, a rule {whose}"),
        "not-kept" => format!("found by no `keep` {whose}"),
        "not-found" => "not found by the output's query".to_owned(),
        _ => "in another language".to_owned(),
    }
}
