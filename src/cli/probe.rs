//! `rafid probe`: the address of a feed → what each stage finds. Nothing is stored.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::json_output::{JsonContext, feed_to_json};
use rafid_feed::model::{Document, PollHints, RawEntryValues, ReadHints};
use rafid_feed::pipeline::{self, ParsedFeed, ReadError};
use serde_json::{Map, Value, json};
use url::Url;

use super::args::CommonArgs;
use super::{CliError, bidi_isolate, pluralize, print, print_json, start_runtime};
use crate::config::{self, Config};
use crate::decide::schedule::{self, PollResultKind, ScheduleInput};
use crate::fetch::{Accept, Client, FetchRequest, FetchResponse, FollowedRedirect};
use crate::ingest::format_warning;
use crate::model::{Freshness, Location, Source, SourceId};
use crate::poller::settings;

/// The most entries of a feed that are shown.
const MAX_SHOWN_ENTRIES: usize = 5;

/// What was found, stage by stage.
struct ProbeReport {
    url: Url,
    status: u16,
    hops: Vec<FollowedRedirect>,
    content_type: Option<String>,
    bytes: usize,
    freshness: Freshness,
    has_validators: bool,
    cut: Option<String>,
    reading: Result<ParsedFeed, ReadError>,
    raw_values: Vec<RawEntryValues>,
    next: Option<schedule::NextPoll>,
}

/// Fetches, parses and prints. A page that the configuration has selectors for is read with them.
pub(super) fn run(common: &CommonArgs, url: &Url, json: bool) -> Result<(), CliError> {
    let config = load_config_or_defaults(common)?;
    let report = probe(&config, url)?;
    if json {
        print_json(&as_json(&report))?;
    } else {
        print(&as_text(&report))?;
    }
    match report.reading {
        Ok(_) => Ok(()),
        Err(error) => {
            let stage = error.stage().as_str();
            Err(CliError::working(format!("error: {stage}: {error}")))
        }
    }
}

/// The configuration where there is one (its user agent, its allowed hosts), else the defaults.
pub(super) fn load_config_or_defaults(common: &CommonArgs) -> Result<Config, CliError> {
    match super::load::config_path(common) {
        Ok(_) => super::load::load_config_for_fetching(common),
        Err(_) if common.config.is_none() => {
            let here = Path::new(".");
            config::parse("", here, here).map_err(|error| super::load::config_error(&error))
        }
        Err(error) => Err(error),
    }
}

fn probe(config: &Config, url: &Url) -> Result<ProbeReport, CliError> {
    let fetch_error =
        |error: &dyn std::fmt::Display| CliError::working(format!("error: fetch: {error}"));
    let client = Client::new(&settings::fetch_settings(config)).map_err(|e| fetch_error(&e))?;
    let now = Timestamp::now();
    let is_this_page = |source: &&Arc<Source>| {
        source.page.is_some() && matches!(&source.location, Location::Web(known) if known == url)
    };
    let page = config.sources.iter().find(is_this_page);
    let hints = page.map_or_else(ReadHints::default, |source| source.read_hints());
    let hints = ReadHints { read_at: Some(now), ..hints };
    let accept = page.map_or(Accept::Feed, |_| Accept::Page);
    let request = FetchRequest { accept, ..FetchRequest::new(url) };
    let answer =
        start_runtime()?.block_on(client.get(&request, now)).map_err(|e| fetch_error(&e))?;
    let FetchResponse::Fresh { document, validators, freshness, status, hops, cut, .. } = answer
    else {
        return Err(fetch_error(&"the server answered 304 to an unconditional request"));
    };
    let (content_type, bytes) = (document.content_type.clone(), document.bytes.len());
    let (reading, raw_values) = match pipeline::read_feed_with_raw_values(&document, hints) {
        Ok((reading, raw_values)) => (Ok(reading), raw_values),
        Err(error) => (Err(error), Vec::new()),
    };
    let next = reading.as_ref().ok().and_then(|reading| next_poll(config, reading, freshness, now));
    let url = document.url.unwrap_or_else(|| url.clone());
    let has_validators = validators.is_some();
    Ok(ProbeReport {
        url,
        status,
        hops,
        content_type,
        bytes,
        freshness,
        has_validators,
        cut,
        reading,
        raw_values,
        next,
    })
}

/// Parses a document without the settings of a source.
pub(super) fn read_without_source(document: &Document) -> Result<ParsedFeed, ReadError> {
    pipeline::read_feed(document, ReadHints::default())
}

fn next_poll(
    config: &Config,
    reading: &ParsedFeed,
    freshness: Freshness,
    now: Timestamp,
) -> Option<schedule::NextPoll> {
    let mut recent: Vec<_> =
        reading.feed.entries.iter().filter_map(|entry| entry.published_at).collect();
    recent.sort_unstable_by(|a, b| b.cmp(a));
    let source = SourceId::new("probe").ok()?;
    let pace: &PollHints = &reading.feed.poll_hints;
    Some(schedule::schedule_next_poll(&ScheduleInput {
        now,
        source: &source,
        every: None,
        bounds: config.polling.bounds(),
        pace,
        freshness,
        recent: &recent,
        seen_at: None,
        pushed: None,
        failures: 0,
        outcome: PollResultKind::Success,
    }))
}

fn as_json(report: &ProbeReport) -> Value {
    let hops: Vec<Value> = report
        .hops
        .iter()
        .map(|hop| json!({"status": hop.status, "from": hop.from.as_str(), "to": hop.to.as_str()}))
        .collect();
    let mut object = Map::new();
    object.insert("schema_version".into(), 1.into());
    object.insert(
        "fetch".into(),
        json!({
            "url": report.url.as_str(),
            "status": report.status,
            "redirects": hops,
            "content_type": report.content_type,
            "bytes": report.bytes,
            "fresh_seconds": report.freshness.fresh_seconds,
            "has_validators": report.has_validators,
            "cut": report.cut,
        }),
    );
    let (feed, error) = match &report.reading {
        Ok(reading) => {
            (feed_to_json(reading, &report.raw_values, &JsonContext::default()), Value::Null)
        }
        Err(error) => {
            let failure = json!({"stage": error.stage().as_str(), "message": error.to_string()});
            (Value::Null, failure)
        }
    };
    object.insert("feed".into(), feed);
    object.insert("error".into(), error);
    let next = report
        .next
        .map(|due| json!({"due_at": due.due_at.to_string(), "reason": due.reason.as_str()}));
    object.insert("next_poll".into(), next.unwrap_or(Value::Null));
    Value::Object(object)
}

fn as_text(report: &ProbeReport) -> String {
    let mut lines = Vec::new();
    for hop in &report.hops {
        lines.push(format!("fetch      {} → {}", hop.status, hop.to));
    }
    let kind = report.content_type.as_deref().unwrap_or("no Content-Type");
    let again = if report.has_validators { "with validators" } else { "without validators" };
    lines.push(format!(
        "fetch      {} {} — {} bytes, {kind}, {again}",
        report.status, report.url, report.bytes
    ));
    if let Some(reason) = &report.cut {
        lines.push(format!("fetch      cut short: {reason}"));
    }
    if let Ok(reading) = &report.reading {
        lines.extend(reading_lines(reading));
    }
    if let Some(due) = report.next {
        let wait = due.due_at.as_second() - Timestamp::now().as_second();
        lines.push(format!("schedule   next poll in {} min ({})", wait / 60, due.reason.as_str()));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn reading_lines(reading: &ParsedFeed) -> Vec<String> {
    let feed = &reading.feed;
    let title = feed.title.as_ref().map_or("(no title)", |title| title.as_str());
    let language = feed.language.as_ref().map_or("not said", |language| language.as_str());
    let mut lines = vec![
        format!("decode     {} ({})", reading.charset, reading.evidence.as_str()),
        format!("repair     {}", reading.format.as_str()),
        format!("parse      {}", pluralize(feed.entries.len(), "entry", "entries")),
        format!(
            "normalize  {} — language {language}, direction {}",
            bidi_isolate(title),
            feed.direction.as_str()
        ),
    ];
    for warning in &feed.warnings {
        lines.push(format!("  repaired {}", format_warning(warning)));
    }
    for entry in feed.entries.iter().take(MAX_SHOWN_ENTRIES) {
        let at = entry.published_at.or(entry.updated_at);
        let at = at.map_or_else(|| "no date".to_owned(), |at| at.to_string());
        let (title, identity) = (entry.title.as_str(), entry.identity.kind.as_str());
        lines.push(format!("  entry    {at}  {}  (known by its {identity})", bidi_isolate(title)));
        lines.extend(entry.link.as_ref().map(|link| format!("           {link}")));
    }
    if let Some(more) = feed.entries.len().checked_sub(MAX_SHOWN_ENTRIES).filter(|more| *more > 0) {
        lines.push(format!("  … and {more} more"));
    }
    lines
}
