//! `rafid filter`: rules → what they do with the stored entries, and why; a dry run, by the running daemon or on
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

/// Applies the rules of the configuration and those of the command line to the entries of an output.
pub(super) fn run(common: &CommonArgs, args: &FilterArgs) -> Result<(), CliError> {
    let rules =
        PublishRules { keep: args.keep.clone(), drop: args.drop.clone(), forms: args.forms };
    for query in rules.keep.iter().chain(&rules.drop) {
        if let Err(error) = Query::parse(query) {
            let message = format!("error: {query:?} is no query: {error}");
            return Err(CliError { code: super::EXIT_USAGE, message });
        }
    }
    let loaded = load::load_config_leniently(common)?;
    let scope = scope_from_args(&loaded, args)?;
    let path = request_path(&scope, &rules);
    let text =
        daemon_client::get_as_operator(loaded, &path, &Resource::FilterDryRun { scope, rules })?;
    if args.json {
        return print(&format!("{}\n", String::from_utf8_lossy(&text)));
    }
    let report: Value = daemon_client::parse_json_response(&text)?;
    print(&as_text(&report, args.explain))
}

/// The output whose entries are judged. Where the file has mistakes its sources and outputs may be incomplete:
/// then the daemon decides what exists.
fn scope_from_args(loaded: &LenientConfig, args: &FilterArgs) -> Result<Scope, CliError> {
    let (config, is_whole) = (&loaded.config, loaded.error.is_none());
    match (&args.source, &args.output) {
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

/// The message about an output that does not exist.
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
    for rule in &rules.keep {
        query.append_pair("keep", rule);
    }
    for rule in &rules.drop {
        query.append_pair("drop", rule);
    }
    if rules.forms {
        query.append_pair("forms", "yes");
    }
    format!("filter.json?{}", query.finish())
}

/// The totals; with each excluded entry and the reason, if `explains`.
fn as_text(report: &Value, explains: bool) -> String {
    let number = |key: &str| report[key].as_u64().unwrap_or_default();
    let judged = usize::try_from(number("judged")).unwrap_or(usize::MAX);
    let mut text = format!(
        "{} judged, the newest: {} pass, {} are excluded\n",
        pluralize(judged, "entry", "entries"),
        number("passes"),
        number("held")
    );
    let empty = Vec::new();
    let entries = report["entries"].as_array().unwrap_or(&empty);
    let excluded = entries.iter().filter(|entry| entry["verdict"] != "passes");
    // Writing into a String cannot fail.
    if explains {
        for entry in excluded {
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
        let mut totals: std::collections::BTreeMap<String, usize> =
            std::collections::BTreeMap::new();
        for entry in excluded {
            *totals.entry(describe_reason_briefly(entry)).or_default() += 1;
        }
        for (why, count) in totals {
            let _ = writeln!(text, "{count:>6}  {why}");
        }
        text.push_str("--explain shows each excluded entry and why\n");
    }
    text
}

/// Why an entry is excluded, in words.
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
        "not-kept" => format!("matches no `keep` rule {whose}"),
        "not-found" => "not found by the output's query".to_owned(),
        _ => "in another language".to_owned(),
    }
}
