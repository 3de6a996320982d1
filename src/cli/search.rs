//! `rafid search`: a query → the matching entries, from the running daemon or the store.

use std::fmt::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::args::{CommonArgs, SearchArgs};
use super::{CliError, EXIT_USAGE, bidi_isolate, daemon_client, eprint, load, print};
use crate::http::Metrics;
use crate::model::SearchOrder;
use crate::poller::settings;
use crate::publish::index_sync::{IndexNotifier, IndexSync};
use crate::publish::search_service::SearchService;
use crate::render::search_page;
use crate::search_index::SearchIndex;

/// Searches in the running daemon, or in the store where none runs, and prints the results.
pub(super) fn run(common: &CommonArgs, args: &SearchArgs) -> Result<(), CliError> {
    let loaded = load::load_config_leniently(common)?;
    let order = SearchOrder::from_word(args.sort.as_str()).unwrap_or_default();
    let mut query = args.query.join(" ");
    if let Some(period) = &args.within {
        query = format!("({query}) within:{period}");
    }
    let text = if let Some(base) = daemon_client::find_daemon_leniently(&loaded)? {
        loaded.warn_if_refused();
        let encoded = utf8_percent_encode(&query, NON_ALPHANUMERIC);
        let (sort, limit) = (order.as_str(), args.limit);
        let path = format!("search.json?q={encoded}&sort={sort}&limit={limit}");
        String::from_utf8_lossy(&daemon_client::get_as_user(&loaded.config, &base, &path)?)
            .into_owned()
    } else {
        let working_error =
            |error: &dyn std::fmt::Display| CliError::working(format!("error: {error}"));
        let config = loaded.into_config()?;
        // The copy of the index is brought up to date: only the daemon changes the index of the store.
        let store = load::open_store_copy(&config, &[settings::SEARCH_FOLDER])?;
        let folder = store.folder().join(settings::SEARCH_FOLDER);
        let index = SearchIndex::open(&folder).map_err(|it| working_error(&it))?;
        let site = Arc::new(ArcSwap::from_pointee(settings::build_site(&config, None)));
        let metrics = Arc::new(Metrics::default());
        let index_sync = IndexSync {
            search: index.clone(),
            store: store.clone(),
            site: Arc::clone(&site),
            stop: CancellationToken::new(),
            metrics: Arc::clone(&metrics),
            now: jiff::Timestamp::now,
        };
        index_sync.bring_up_to_date().map_err(|error| working_error(&error))?;
        let notifier = IndexNotifier::default();
        let now = jiff::Timestamp::now;
        let service = SearchService { search: index, store, site, notifier, metrics, now };
        let report = service.report(query.trim(), order, None, args.limit);
        search_page::search_json(&report.map_err(|error| working_error(&error))?)
    };
    let report: Value = daemon_client::parse_json_response(text.as_bytes())?;
    if let Some(message) = report["mistake"]["message"].as_str() {
        let message = format!("error: at character {}: {message}", report["mistake"]["column"]);
        return Err(CliError { code: EXIT_USAGE, message });
    }
    for hint in report["hints"].as_array().into_iter().flatten() {
        eprint(hint["message"].as_str().unwrap_or_default());
    }
    match report["index"].as_str() {
        Some("building") => eprint("the index is being built: more may be found soon"),
        Some("failed") => eprint("the index could not be updated: the newest may be missing"),
        _ => {}
    }
    if args.json { print(&format!("{text}\n")) } else { print(&as_text(&report)) }
}

/// The entries, each with its source, time, address and an excerpt.
fn as_text(report: &Value) -> String {
    let joined = |parts: &Value| {
        let parts = parts.as_array().into_iter().flatten();
        parts.filter_map(|part| part["text"].as_str()).collect::<String>()
    };
    let mut text = String::new();
    // Writing into a String cannot fail.
    for hit in report["hits"].as_array().into_iter().flatten() {
        let word = |key: &str| hit[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(text, "{}", bidi_isolate(&joined(&hit["title"])));
        let _ = writeln!(text, "  {}  {}", word("listed_at"), bidi_isolate(&word("source_name")));
        for line in [word("link"), bidi_isolate(&joined(&hit["excerpt"]))] {
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
    }
    let shown = report["hits"].as_array().map_or(0, Vec::len);
    let more = if report["may_be_more"] == true { " at least" } else { "" };
    let _ = writeln!(text, "{shown} of {}{more}", report["count"]);
    text
}
