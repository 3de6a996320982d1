//! The configuration → a search index that is opened, followed and asked, or none.

use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{DaemonArgs, RunError, settings};
use crate::http::{Metrics, RenderRequest};
use crate::publish::index_sync::{self, IndexNotifier, IndexSync};
use crate::publish::search_service::SearchService;
use crate::publish::{PublishedSite, search_queue};
use crate::search_index::SearchIndex;

/// What the loop holds of the search.
#[derive(Default)]
pub(super) struct SearchHandles {
    /// Where changes are told.
    pub(super) index_notifier: IndexNotifier,
    /// The index; `None`: nothing is searched.
    pub(super) search: Option<SearchIndex>,
    /// Where searches go; `None`: nothing is searched.
    pub(super) requests: Option<mpsc::Sender<RenderRequest>>,
    /// The thread that keeps the index.
    pub(super) thread: Option<JoinHandle<()>>,
}

/// Opens the index and starts what keeps and asks it. An index that cannot be opened is told, and tried
/// again: everything else works without it.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_search(
    daemon: &DaemonArgs,
    edition: &Arc<ArcSwap<PublishedSite>>,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> Result<SearchHandles, RunError> {
    if !daemon.config.serve.search {
        return Ok(SearchHandles::default());
    }
    let search = SearchIndex::unopened(&settings::search_folder(&daemon.config));
    let feeder = IndexSync {
        search: search.clone(),
        store: daemon.store.clone(),
        site: Arc::clone(edition),
        stop: stop.clone(),
        metrics: Arc::clone(metrics),
        now: Timestamp::now,
    };
    if let Err(error) = search.reopen() {
        feeder.fail(&error.to_string());
    }
    let (notes, thread) = index_sync::start_index_sync(feeder)?;
    let finder = SearchService {
        search: search.clone(),
        store: daemon.store.clone(),
        site: Arc::clone(edition),
        notifier: notes.clone(),
        metrics: Arc::clone(metrics),
    };
    let wishes = search_queue::start_search_queue(finder, stop.clone());
    Ok(SearchHandles {
        index_notifier: notes,
        search: Some(search),
        requests: Some(wishes),
        thread: Some(thread),
    })
}
