//! The stored states of all sources → which of them are one feed: compared from time to time on a thread for blocking
//! work, as it reads as many states as there are sources. What is new is logged; the status shows all of it.

use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use crate::model::{SourceId, SourceList};
use crate::publish;
use crate::render::status;
use crate::store::{Store, StoreError};

/// Sources are compared with each other this often; the comparison is not urgent.
const COMPARE_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Second copies of a feed, each with the first one.
type Duplicates = BTreeMap<SourceId, SourceId>;

/// Which sources are one feed, as far as it was reported.
#[derive(Debug, Default)]
pub(super) struct DuplicateSources {
    reported: Duplicates,
    compared_at: Option<Timestamp>,
    under_way: Option<JoinHandle<Result<Duplicates, StoreError>>>,
}

impl DuplicateSources {
    /// Starts a comparison of the sources if one is due, and logs what the last one found.
    pub(super) fn compare_if_due(&mut self, store: &Store, sources: &SourceList, now: Timestamp) {
        match self.under_way.take() {
            Some(task) if !task.is_finished() => {
                self.under_way = Some(task);
                return;
            }
            Some(task) => self.log_result(task),
            None => {}
        }
        if self.compared_at.is_some_and(|at| now.duration_since(at).abs() < COMPARE_INTERVAL) {
            return;
        }
        self.compared_at = Some(now);
        let (store, sources) = (store.clone(), sources.clone());
        let compare = move || publish::find_duplicate_sources(&store, &sources);
        self.under_way = Some(tokio::task::spawn_blocking(compare));
    }

    fn log_result(&mut self, task: JoinHandle<Result<Duplicates, StoreError>>) {
        match result_of_finished(task) {
            Some(Ok(found)) => self.log_new(found),
            Some(Err(error)) => tracing::debug!(%error, "the sources were not compared"),
            None => tracing::error!("a comparison of the sources panicked; please report it"),
        }
    }

    fn log_new(&mut self, found: Duplicates) {
        for (source, first) in
            found.iter().filter(|(id, first)| self.reported.get(id) != Some(first))
        {
            let (source, same_as) = (source.as_str(), first.as_str());
            tracing::warn!(source, same_as, "{}", status::DUPLICATE_FEED_LOG);
        }
        self.reported = found;
    }
}

/// The result of a finished task; `None`: it panicked.
pub(super) fn result_of_finished<T>(task: JoinHandle<T>) -> Option<T> {
    let mut task = std::pin::pin!(task);
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.ok(),
        Poll::Pending => None,
    }
}
