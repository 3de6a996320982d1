//! The configuration → a search index that is kept current and searched, or none.

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
    /// Receives the changes of the store.
    pub(super) index_notifier: IndexNotifier,
    /// The index; `None`: search is off.
    pub(super) search: Option<SearchIndex>,
    /// Receives searches; `None`: search is off.
    pub(super) requests: Option<mpsc::Sender<RenderRequest>>,
    /// The thread that keeps the index current.
    pub(super) thread: Option<JoinHandle<()>>,
}

/// Starts the tasks that open, update and search the index. An index that cannot be opened is reported and
/// opened again later: everything else works without it.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_search(
    daemon: &DaemonArgs,
    site: &Arc<ArcSwap<PublishedSite>>,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> Result<SearchHandles, RunError> {
    if !daemon.config.serve.search {
        return Ok(SearchHandles::default());
    }
    let search = SearchIndex::unopened(&settings::search_folder(&daemon.config));
    let index_sync = IndexSync {
        search: search.clone(),
        store: daemon.store.clone(),
        site: Arc::clone(site),
        stop: stop.clone(),
        metrics: Arc::clone(metrics),
        now: Timestamp::now,
    };
    let (index_notifier, thread) = index_sync::start_index_sync(index_sync)?;
    let service = SearchService {
        search: search.clone(),
        store: daemon.store.clone(),
        site: Arc::clone(site),
        notifier: index_notifier.clone(),
        metrics: Arc::clone(metrics),
        now: Timestamp::now,
    };
    let requests = search_queue::start_search_queue(service, stop.clone());
    Ok(SearchHandles {
        index_notifier,
        search: Some(search),
        requests: Some(requests),
        thread: Some(thread),
    })
}
