//! `rafid search`: what is looked for → the entries, from the running daemon or the store itself.

use std::fmt::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::args::{Common, Look};
use super::{Failed, USAGE, ask, isolated, load, print, tell};
use crate::daemon::publish::index::{Feeder, IndexNotes};
use crate::daemon::publish::search::Finder;
use crate::daemon::run::translate;
use crate::daemon::search::Search;
use crate::daemon::serve::Metrics;
use crate::feed::query::Order;
use crate::feed::render::search;

/// Asks whoever holds the store, and prints what is found.
pub(super) fn run(common: &Common, words: &Look) -> Result<(), Failed> {
    let understood = load::understood(common)?;
    let order = Order::named(words.sort.as_str()).unwrap_or_default();
    let query = words.query.join(" ");
    let text = if let Some(base) = ask::daemon_of(&understood)? {
        understood.warn();
        let encoded = utf8_percent_encode(&query, NON_ALPHANUMERIC);
        let (sort, limit) = (order.as_str(), words.limit);
        let path = format!("search.json?q={encoded}&sort={sort}&limit={limit}");
        String::from_utf8_lossy(&ask::get(&base, &path)?).into_owned()
    } else {
        let failed = |error: &dyn std::fmt::Display| Failed::working(format!("error: {error}"));
        let config = understood.whole()?;
        // The index is brought up to date in the copy: the store's own is the daemon's to change.
        let store = load::reading(&config, &[translate::SEARCH_FOLDER])?;
        let folder = store.folder().join(translate::SEARCH_FOLDER);
        let index = Search::open(&folder).map_err(|it| failed(&it))?;
        let edition = Arc::new(ArcSwap::from_pointee(translate::edition(&config, None)));
        let metrics = Arc::new(Metrics::default());
        let feeder = Feeder {
            search: index.clone(),
            store: store.clone(),
            edition: Arc::clone(&edition),
            stop: CancellationToken::new(),
            metrics: Arc::clone(&metrics),
            now: jiff::Timestamp::now,
        };
        let mut keeper = index.keeper().map_err(|error| failed(&error))?;
        feeder.compare(&mut keeper).map_err(|error| failed(&error))?;
        let notes = IndexNotes::default();
        let finder = Finder { search: index, store, edition, notes, metrics };
        let report = finder.report(query.trim(), order, None, words.limit);
        search::json(&report.map_err(|error| failed(&error))?)
    };
    let report = ask::report(text.as_bytes())?;
    if let Some(message) = report["mistake"]["message"].as_str() {
        let message = format!("error: at character {}: {message}", report["mistake"]["column"]);
        return Err(Failed { code: USAGE, message });
    }
    match report["index"].as_str() {
        Some("building") => tell("the index is being made: more may be found soon"),
        Some("failed") => tell("the index could not be updated: the newest may be missing"),
        _ => {}
    }
    if words.json { print(&format!("{text}\n")) } else { print(&for_people(&report)) }
}

/// The entries, each with its source, time, address and a few of its words.
fn for_people(report: &Value) -> String {
    let joined = |pieces: &Value| {
        let pieces = pieces.as_array().into_iter().flatten();
        pieces.filter_map(|piece| piece["text"].as_str()).collect::<String>()
    };
    let mut text = String::new();
    // Writing into a String cannot fail.
    for hit in report["hits"].as_array().into_iter().flatten() {
        let word = |key: &str| hit[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(text, "{}", isolated(&joined(&hit["title"])));
        let _ = writeln!(text, "  {}  {}", word("listed_at"), isolated(&word("source_name")));
        for line in [word("link"), isolated(&joined(&hit["excerpt"]))] {
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
    }
    let shown = report["hits"].as_array().map_or(0, Vec::len);
    let more = if report["may_be_more"] == true { " at least" } else { "" };
    let _ = writeln!(text, "{shown} of {}{more}", report["count"]);
    text
}
