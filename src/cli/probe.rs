//! `rafid probe`: one feed, live → what each station finds. Nothing is stored.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;

use super::args::Common;
use super::{Failed, counted, isolated, print, print_json, runtime, understood};
use crate::config::{self, Config};
use crate::daemon::fetch::{Accept, Answer, Client, Hop, Request};
use crate::daemon::run::translate;
use crate::daemon::update::warning_line;
use crate::feed::model::{Document, EntryWords, Freshness, Location, Pace, Source, SourceId};
use crate::feed::pipeline::{self, Hints, ReadError, Reading};
use crate::feed::schedule::{self, Outcome, PollOutcome};

/// Entries that are shown of a feed.
const SHOWN: usize = 5;

/// What was found, station by station.
struct Findings {
    url: Url,
    status: u16,
    hops: Vec<Hop>,
    content_type: Option<String>,
    bytes: usize,
    freshness: Freshness,
    has_validators: bool,
    cut: Option<String>,
    reading: Result<Reading, ReadError>,
    words: Vec<EntryWords>,
    next: Option<schedule::Due>,
}

/// Fetches, reads, and tells. A page that the configuration has selectors for is read by them.
pub(super) fn run(common: &Common, url: &Url, json: bool) -> Result<(), Failed> {
    let config = settings(common)?;
    let findings = probe(&config, url)?;
    if json {
        print_json(&as_json(&findings))?;
    } else {
        print(&for_people(&findings))?;
    }
    match findings.reading {
        Ok(_) => Ok(()),
        Err(error) => {
            let stage = error.stage().as_str();
            Err(Failed::working(format!("error: {stage}: {error}")))
        }
    }
}

/// The configuration where there is one (its user agent, its allowed hosts), else the defaults.
pub(super) fn settings(common: &Common) -> Result<Config, Failed> {
    match super::load::path(common) {
        Ok(_) => super::load::config_to_fetch(common),
        Err(_) if common.config.is_none() => {
            let here = Path::new(".");
            config::parse("", here, here).map_err(|error| super::load::refused(&error))
        }
        Err(failed) => Err(failed),
    }
}

fn probe(config: &Config, url: &Url) -> Result<Findings, Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed::working(format!("error: fetch: {error}"));
    let client = Client::new(&translate::fetch_settings(config)).map_err(|e| failed(&e))?;
    let now = Timestamp::now();
    let is_asked = |source: &&Arc<Source>| {
        source.page.is_some() && matches!(&source.location, Location::Web(known) if known == url)
    };
    let page = config.sources.iter().find(is_asked);
    let hints = page.map_or_else(Hints::default, |source| Hints::of(source));
    let hints = Hints { read_at: Some(now), ..hints };
    let accept = page.map_or(Accept::Feed, |_| Accept::Page);
    let request = Request { accept, ..Request::new(url) };
    let answer = runtime()?.block_on(client.get(&request, now)).map_err(|e| failed(&e))?;
    let Answer::Fresh { document, validators, freshness, status, hops, cut, .. } = answer else {
        return Err(failed(&"the server answered 304 though nothing was asked with"));
    };
    let (content_type, bytes) = (document.content_type.clone(), document.bytes.len());
    let (reading, words) = match pipeline::explain(&document, hints) {
        Ok((reading, words)) => (Ok(reading), words),
        Err(error) => (Err(error), Vec::new()),
    };
    let next = reading.as_ref().ok().and_then(|reading| next_poll(config, reading, freshness, now));
    let url = document.url.unwrap_or_else(|| url.clone());
    let has_validators = validators.is_some();
    Ok(Findings {
        url,
        status,
        hops,
        content_type,
        bytes,
        freshness,
        has_validators,
        cut,
        reading,
        words,
        next,
    })
}

/// Reads a document without any operator's word.
pub(super) fn read(document: &Document) -> Result<Reading, ReadError> {
    pipeline::read(document, Hints::default())
}

fn next_poll(
    config: &Config,
    reading: &Reading,
    freshness: Freshness,
    now: Timestamp,
) -> Option<schedule::Due> {
    let mut recent: Vec<_> =
        reading.feed.entries.iter().filter_map(|entry| entry.published_at).collect();
    recent.sort_unstable_by(|a, b| b.cmp(a));
    let source = SourceId::new("probe").ok()?;
    let pace: &Pace = &reading.feed.pace;
    Some(schedule::next(&PollOutcome {
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
        outcome: Outcome::Success,
    }))
}

fn as_json(findings: &Findings) -> Value {
    let hops: Vec<Value> = findings
        .hops
        .iter()
        .map(|hop| json!({"status": hop.status, "from": hop.from.as_str(), "to": hop.to.as_str()}))
        .collect();
    let mut whole = Map::new();
    whole.insert("schema_version".into(), 1.into());
    whole.insert(
        "fetch".into(),
        json!({
            "url": findings.url.as_str(),
            "status": findings.status,
            "redirects": hops,
            "content_type": findings.content_type,
            "bytes": findings.bytes,
            "fresh_seconds": findings.freshness.fresh_seconds,
            "has_validators": findings.has_validators,
            "cut": findings.cut,
        }),
    );
    match &findings.reading {
        Ok(reading) => {
            whole.insert("feed".into(), understood::json_feed(reading, &findings.words));
        }
        Err(error) => {
            let failure = json!({"stage": error.stage().as_str(), "message": error.to_string()});
            whole.insert("error".into(), failure);
        }
    }
    let next = findings
        .next
        .map(|due| json!({"due_at": due.due_at.to_string(), "reason": due.reason.as_str()}));
    whole.insert("next_poll".into(), next.unwrap_or(Value::Null));
    Value::Object(whole)
}

fn for_people(findings: &Findings) -> String {
    let mut lines = Vec::new();
    for hop in &findings.hops {
        lines.push(format!("fetch      {} → {}", hop.status, hop.to));
    }
    let kind = findings.content_type.as_deref().unwrap_or("no Content-Type");
    let again = if findings.has_validators { "with validators" } else { "without validators" };
    lines.push(format!(
        "fetch      {} {} — {} bytes, {kind}, {again}",
        findings.status, findings.url, findings.bytes
    ));
    if let Some(reason) = &findings.cut {
        lines.push(format!("fetch      cut short: {reason}"));
    }
    if let Ok(reading) = &findings.reading {
        lines.extend(reading_lines(reading));
    }
    if let Some(due) = findings.next {
        let wait = due.due_at.as_second() - Timestamp::now().as_second();
        lines.push(format!("schedule   next poll in {} min ({})", wait / 60, due.reason.as_str()));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn reading_lines(reading: &Reading) -> Vec<String> {
    let feed = &reading.feed;
    let title = feed.title.as_ref().map_or("(no title)", |title| title.as_str());
    let language = feed.language.as_ref().map_or("not said", |language| language.as_str());
    let mut lines = vec![
        format!("decode     {} ({})", reading.charset, reading.evidence.as_str()),
        format!("repair     {}", reading.format.as_str()),
        format!("parse      {}", counted(feed.entries.len(), "entry", "entries")),
        format!(
            "normalize  {} — language {language}, direction {}",
            isolated(title),
            feed.direction.as_str()
        ),
    ];
    for warning in &feed.warnings {
        lines.push(format!("  mended   {}", warning_line(warning)));
    }
    for entry in feed.entries.iter().take(SHOWN) {
        let at = entry.published_at.or(entry.updated_at);
        let at = at.map_or_else(|| "no date".to_owned(), |at| at.to_string());
        let (title, identity) = (entry.title.as_str(), entry.identity.rung.as_str());
        lines.push(format!("  entry    {at}  {}  (known by its {identity})", isolated(title)));
        lines.extend(entry.link.as_ref().map(|link| format!("           {link}")));
    }
    if let Some(more) = feed.entries.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("  … and {more} more"));
    }
    lines
}
