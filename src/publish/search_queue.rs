//! Waiting searches → the next one to run: cheap and expensive ones wait in two queues, so that a simple
//! search does not wait behind many expensive ones.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::index_sync::IndexSyncError;
use super::search_service::SearchService;
use crate::http::{RenderRequest, Reply, Resource, SearchMetric, ServedRendition};
use crate::search_index::{IndexState, SearchError};

/// The maximum number of searches that wait for their first check; further ones get status 503. The check is
/// short, so half as many as there are connections (`http::listen`) may wait.
const MAX_WAITING: usize = 256;
/// The maximum number of expensive searches that wait. Each takes up to two seconds, and a client waits no
/// longer than the sum.
const MAX_EXPENSIVE_WAITING: usize = 4;
/// The same search does not run twice within this time.
const CACHE_TIME: Duration = Duration::from_secs(5);
/// The maximum number of results cached for that time: some 50 KB each.
const MAX_CACHED: usize = 64;

type SearchAnswerCache = Arc<Mutex<BTreeMap<Resource, (Instant, Arc<ServedRendition>)>>>;

/// The kind of searches that a queue answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SearchCost {
    Cheap,
    Expensive,
}

/// Answers searches.
#[derive(Clone)]
struct SearchQueue {
    service: SearchService,
    cache: SearchAnswerCache,
    /// The queue of expensive searches.
    expensive: mpsc::Sender<RenderRequest>,
}

/// Starts the tasks that answer searches: cheap ones on at most half of the processors, expensive ones one at
/// a time. They end when `stop` is cancelled.
pub fn start_search_queue(
    service: SearchService,
    stop: CancellationToken,
) -> mpsc::Sender<RenderRequest> {
    let (requests, inbox) = mpsc::channel::<RenderRequest>(MAX_WAITING);
    let (expensive, expensive_inbox) = mpsc::channel::<RenderRequest>(MAX_EXPENSIVE_WAITING);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let queue = SearchQueue { service, cache: SearchAnswerCache::default(), expensive };
    tokio::spawn(queue.clone().run(inbox, SearchCost::Cheap, (cores / 2).max(1), stop.clone()));
    tokio::spawn(queue.run(expensive_inbox, SearchCost::Expensive, 1, stop));
    requests
}

impl SearchQueue {
    async fn run(
        self,
        mut inbox: mpsc::Receiver<RenderRequest>,
        cost: SearchCost,
        concurrency: usize,
        stop: CancellationToken,
    ) {
        let permits = Arc::new(Semaphore::new(concurrency));
        while let Some(Some(request)) = stop.run_until_cancelled(inbox.recv()).await {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            let queue = self.clone();
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                queue.answer(request, cost);
            });
        }
    }

    fn answer(&self, request: RenderRequest, cost: SearchCost) {
        // The client no longer waits.
        if request.reply.is_closed() {
            return;
        }
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh =
            lock().get(&request.resource).filter(|(at, _)| at.elapsed() < CACHE_TIME).cloned();
        if let Some((_, ready)) = fresh {
            let _ = request.reply.send(Reply::Ready(ready));
            return;
        }
        let Resource::Search { words, form } = &request.resource else { return };
        match self.service.is_quick(words) {
            Ok(false) if cost == SearchCost::Cheap => return self.defer_expensive(request),
            Err(error) => return self.fail(request, &error.into()),
            _ => {}
        }
        match self.service.render(words, form) {
            Ok(rendition) => {
                let rendition = rendition.map(|it| Arc::new(ServedRendition::new(Arc::new(it))));
                if let Some(ready) = &rendition {
                    let mut cache = lock();
                    cache.retain(|_, (at, _)| at.elapsed() < CACHE_TIME);
                    if cache.len() < MAX_CACHED {
                        cache.insert(request.resource, (Instant::now(), Arc::clone(ready)));
                    }
                }
                let _ = request.reply.send(rendition.into());
            }
            Err(error) => self.fail(request, &error),
        }
    }

    /// Moves an expensive search to its own queue.
    fn defer_expensive(&self, request: RenderRequest) {
        // Dropping the request means "not now".
        if self.expensive.try_send(request).is_err() {
            self.service.metrics.count_search(SearchMetric::Refused);
        }
    }

    /// Responds that a search cannot be answered. Only the first failure is logged.
    fn fail(&self, request: RenderRequest, error: &IndexSyncError) {
        self.service.metrics.count_search(SearchMetric::Failed);
        // At the start it is not open yet.
        let is_closed = matches!(error, IndexSyncError::Search(SearchError::Closed));
        if !is_closed && !matches!(*self.service.search.state(), IndexState::Failed { .. }) {
            tracing::error!(%error, "a search failed");
            self.service.notifier.report_unreadable();
        }
        let _ = request.reply.send(Reply::Unavailable);
    }
}
