//! Searches that wait → who is answered next: quick ones and dear ones wait in two rows, so that nobody
//! waits for a flood of dear ones with a plain word.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::index_sync::IndexSyncError;
use super::search_service::SearchService;
use crate::http::{RenderRequest, Reply, Resource, SearchMetric};
use crate::model::Rendition;
use crate::search_index::IndexState;

/// Searches that may wait for their first look; more are answered 503. That look is short, so that as many
/// as half of the connections (`serve::listen`) have room.
const MAX_WAITING: usize = 256;
/// Dear searches that may wait, each for some two seconds at most: no longer than a client does.
const MAX_EXPENSIVE_WAITING: usize = 4;
/// The same search is not made twice within this time.
const CACHE_TIME: Duration = Duration::from_secs(5);
/// Answers kept for that time at most: some 50 KB each.
const MAX_CACHED: usize = 64;

type SearchAnswerCache = Arc<Mutex<BTreeMap<Resource, (Instant, Arc<Rendition>)>>>;

/// Which searches are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SearchCost {
    Cheap,
    Expensive,
}

/// Where searches are answered.
#[derive(Clone)]
struct SearchQueue {
    service: SearchService,
    cache: SearchAnswerCache,
    /// Where dear searches wait.
    expensive: mpsc::Sender<RenderRequest>,
}

/// Starts the desk where searches are answered, quick ones on half of the processors at most and dear ones
/// one after another; it ends when `stop` is cancelled.
pub fn start_search_queue(
    finder: SearchService,
    stop: CancellationToken,
) -> mpsc::Sender<RenderRequest> {
    let (wishes, inbox) = mpsc::channel::<RenderRequest>(MAX_WAITING);
    let (dear, dear_inbox) = mpsc::channel::<RenderRequest>(MAX_EXPENSIVE_WAITING);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let desk =
        SearchQueue { service: finder, cache: SearchAnswerCache::default(), expensive: dear };
    tokio::spawn(desk.clone().run(inbox, SearchCost::Cheap, (cores / 2).max(1), stop.clone()));
    tokio::spawn(desk.run(dear_inbox, SearchCost::Expensive, 1, stop));
    wishes
}

impl SearchQueue {
    async fn run(
        self,
        mut inbox: mpsc::Receiver<RenderRequest>,
        row: SearchCost,
        hands: usize,
        stop: CancellationToken,
    ) {
        let turns = Arc::new(Semaphore::new(hands));
        while let Some(Some(wish)) = stop.run_until_cancelled(inbox.recv()).await {
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { break };
            let desk = self.clone();
            tokio::task::spawn_blocking(move || {
                let _turn = turn;
                desk.answer(wish, row);
            });
        }
    }

    fn answer(&self, wish: RenderRequest, row: SearchCost) {
        // Nobody waits any longer.
        if wish.reply.is_closed() {
            return;
        }
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = lock().get(&wish.resource).filter(|(at, _)| at.elapsed() < CACHE_TIME).cloned();
        if let Some((_, ready)) = fresh {
            let _ = wish.reply.send(Reply::Ready(ready));
            return;
        }
        let Resource::Search { words, form } = &wish.resource else { return };
        match self.service.is_quick(words) {
            Ok(false) if row == SearchCost::Cheap => return self.defer_expensive(wish),
            Err(error) => return self.fail(wish, &error.into()),
            _ => {}
        }
        match self.service.render(words, form) {
            Ok(rendition) => {
                let rendition = rendition.map(Arc::new);
                if let Some(ready) = &rendition {
                    let mut kept = lock();
                    kept.retain(|_, (at, _)| at.elapsed() < CACHE_TIME);
                    if kept.len() < MAX_CACHED {
                        kept.insert(wish.resource, (Instant::now(), Arc::clone(ready)));
                    }
                }
                let _ = wish.reply.send(rendition.into());
            }
            Err(error) => self.fail(wish, &error),
        }
    }

    /// Lets a dear search wait for its turn.
    fn defer_expensive(&self, wish: RenderRequest) {
        // Dropping it tells "not now".
        if self.expensive.try_send(wish).is_err() {
            self.service.metrics.count_search(SearchMetric::Refused);
        }
    }

    /// Tells that a search cannot be answered, the log only of what is new.
    fn fail(&self, wish: RenderRequest, error: &IndexSyncError) {
        self.service.metrics.count_search(SearchMetric::Failed);
        if !matches!(*self.service.search.state(), IndexState::Failed { .. }) {
            tracing::error!(%error, "a search failed");
            self.service.notifier.report_unreadable();
        }
        let _ = wish.reply.send(Reply::Unavailable);
    }
}
