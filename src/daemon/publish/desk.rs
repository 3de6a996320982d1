//! Searches that wait → who is answered next: quick ones and dear ones wait in two rows, so that nobody
//! waits for a flood of dear ones with a plain word.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::index::FeedError;
use super::search::Finder;
use crate::daemon::search::State;
use crate::daemon::serve::{Reply, SearchOutcome, Wanted, Wish};
use crate::feed::model::Rendition;

/// Searches that may wait for their first look; more are answered 503. That look is short, so that as many
/// as half of the connections (`serve::listen`) have room.
const WAITING: usize = 256;
/// Dear searches that may wait, each for some two seconds at most: no longer than a client does.
const DEAR_WAITING: usize = 4;
/// The same search is not made twice within this time.
const KEPT: Duration = Duration::from_secs(5);
/// Answers kept for that time at most: some 50 KB each.
const MOST_KEPT: usize = 64;

type Kept = Arc<Mutex<BTreeMap<Wanted, (Instant, Arc<Rendition>)>>>;

/// Which searches are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Quick,
    Dear,
}

/// Where searches are answered.
#[derive(Clone)]
struct Desk {
    finder: Finder,
    kept: Kept,
    /// Where dear searches wait.
    dear: mpsc::Sender<Wish>,
}

/// Starts the desk where searches are answered, quick ones on half of the processors at most and dear ones
/// one after another; it ends when `stop` is cancelled.
pub fn start(finder: Finder, stop: CancellationToken) -> mpsc::Sender<Wish> {
    let (wishes, inbox) = mpsc::channel::<Wish>(WAITING);
    let (dear, dear_inbox) = mpsc::channel::<Wish>(DEAR_WAITING);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let desk = Desk { finder, kept: Kept::default(), dear };
    tokio::spawn(desk.clone().work(inbox, Row::Quick, (cores / 2).max(1), stop.clone()));
    tokio::spawn(desk.work(dear_inbox, Row::Dear, 1, stop));
    wishes
}

impl Desk {
    async fn work(
        self,
        mut inbox: mpsc::Receiver<Wish>,
        row: Row,
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

    fn answer(&self, wish: Wish, row: Row) {
        // Nobody waits any longer.
        if wish.reply.is_closed() {
            return;
        }
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = lock().get(&wish.wanted).filter(|(at, _)| at.elapsed() < KEPT).cloned();
        if let Some((_, ready)) = fresh {
            let _ = wish.reply.send(Reply::Ready(ready));
            return;
        }
        let Wanted::Search { words, form } = &wish.wanted else { return };
        match self.finder.is_quick(words) {
            Ok(false) if row == Row::Quick => return self.put_off(wish),
            Err(error) => return self.fail(wish, &error.into()),
            _ => {}
        }
        match self.finder.print(words, form) {
            Ok(rendition) => {
                let rendition = rendition.map(Arc::new);
                if let Some(ready) = &rendition {
                    let mut kept = lock();
                    kept.retain(|_, (at, _)| at.elapsed() < KEPT);
                    if kept.len() < MOST_KEPT {
                        kept.insert(wish.wanted, (Instant::now(), Arc::clone(ready)));
                    }
                }
                let _ = wish.reply.send(rendition.into());
            }
            Err(error) => self.fail(wish, &error),
        }
    }

    /// Lets a dear search wait for its turn.
    fn put_off(&self, wish: Wish) {
        // Dropping it tells "not now".
        if self.dear.try_send(wish).is_err() {
            self.finder.metrics.searched(SearchOutcome::Refused);
        }
    }

    /// Tells that a search cannot be answered, the log only of what is new.
    fn fail(&self, wish: Wish, error: &FeedError) {
        self.finder.metrics.searched(SearchOutcome::Failed);
        if !matches!(*self.finder.search.state(), State::Failed { .. }) {
            tracing::error!(%error, "a search failed");
            self.finder.notes.broken();
        }
        let _ = wish.reply.send(Reply::Failing);
    }
}
