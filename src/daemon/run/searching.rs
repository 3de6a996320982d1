//! The configuration → a search index that is opened, followed and asked, or none.

use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Daemon, RunError, translate};
use crate::daemon::publish::Edition;
use crate::daemon::publish::index::{self, Feeder, IndexNotes};
use crate::daemon::publish::search::{self, Finder};
use crate::daemon::search::Search;
use crate::daemon::serve::Wish;

/// What the loop holds of the search.
#[derive(Default)]
pub(super) struct Searching {
    /// Where changes are told.
    pub(super) notes: IndexNotes,
    /// Where searches go; `None`: nothing is searched.
    pub(super) wishes: Option<mpsc::Sender<Wish>>,
    /// The thread that keeps the index.
    pub(super) thread: Option<JoinHandle<()>>,
}

/// Opens the index and starts what keeps and asks it. An index that cannot be opened is told and left:
/// everything else works without it.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start(
    daemon: &Daemon,
    edition: &Arc<ArcSwap<Edition>>,
    stop: &CancellationToken,
) -> Result<Searching, RunError> {
    if !daemon.config.serve.search {
        return Ok(Searching::default());
    }
    let search = match Search::open(&translate::search_folder(&daemon.config)) {
        Ok(search) => search,
        Err(error) => {
            tracing::error!(%error, "nothing can be searched");
            return Ok(Searching::default());
        }
    };
    let (store, edition) = (daemon.store.clone(), Arc::clone(edition));
    let finder =
        Finder { search: search.clone(), store: store.clone(), edition: Arc::clone(&edition) };
    let feeder = Feeder { search, store, edition, stop: stop.clone() };
    let (notes, thread) = index::start(feeder)?;
    let wishes = search::start(finder, stop.clone());
    Ok(Searching { notes, wishes: Some(wishes), thread: Some(thread) })
}
