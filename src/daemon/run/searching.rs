//! The configuration → a search index that is opened, followed and asked, or none.

use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Daemon, RunError, translate};
use crate::daemon::publish::index::{self, Feeder, IndexNotes};
use crate::daemon::publish::search::Finder;
use crate::daemon::publish::{Edition, desk};
use crate::daemon::search::Search;
use crate::daemon::serve::{Metrics, Wish};

/// What the loop holds of the search.
#[derive(Default)]
pub(super) struct Searching {
    /// Where changes are told.
    pub(super) notes: IndexNotes,
    /// The index; `None`: nothing is searched.
    pub(super) search: Option<Search>,
    /// Where searches go; `None`: nothing is searched.
    pub(super) wishes: Option<mpsc::Sender<Wish>>,
    /// The thread that keeps the index.
    pub(super) thread: Option<JoinHandle<()>>,
}

/// Opens the index and starts what keeps and asks it. An index that cannot be opened is told, and tried
/// again: everything else works without it.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start(
    daemon: &Daemon,
    edition: &Arc<ArcSwap<Edition>>,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> Result<Searching, RunError> {
    if !daemon.config.serve.search {
        return Ok(Searching::default());
    }
    let search = Search::at(&translate::search_folder(&daemon.config));
    let feeder = Feeder {
        search: search.clone(),
        store: daemon.store.clone(),
        edition: Arc::clone(edition),
        stop: stop.clone(),
        metrics: Arc::clone(metrics),
        now: Timestamp::now,
    };
    if let Err(error) = search.reopen() {
        feeder.fail(&error.to_string());
    }
    let (notes, thread) = index::start(feeder)?;
    let finder = Finder {
        search: search.clone(),
        store: daemon.store.clone(),
        edition: Arc::clone(edition),
        notes: notes.clone(),
        metrics: Arc::clone(metrics),
    };
    let wishes = desk::start(finder, stop.clone());
    Ok(Searching { notes, search: Some(search), wishes: Some(wishes), thread: Some(thread) })
}
