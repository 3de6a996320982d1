//! Connections → room for the next one: when every seat is taken, who has asked for nothing the
//! longest gives up theirs.
//!
//! A limit per address would be simpler and wrong: behind a reverse proxy every reader has the
//! proxy's address. This way the newest client is always served, whoever holds the other seats and
//! however they look busy: bytes that drip do not count, only whole requests do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::{AbortHandle, JoinSet};

/// When a connection last began a request, in turns of all connections: no clock is needed to tell
/// who was first.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    last: Arc<AtomicU64>,
    turns: Arc<AtomicU64>,
}

impl Seat {
    /// A whole head has come.
    pub(super) fn asked(&self) {
        self.last.store(self.turns.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// The connections that are open.
pub(super) struct Seats {
    limit: usize,
    turns: Arc<AtomicU64>,
    taken: Vec<(Seat, AbortHandle)>,
    connections: JoinSet<()>,
}

impl Seats {
    /// Room for `limit` connections.
    pub(super) fn new(limit: usize) -> Self {
        let (turns, taken, connections) = (Arc::default(), Vec::new(), JoinSet::new());
        Self { limit, turns, taken, connections }
    }

    /// Seats a connection that runs as what `serve` makes. Another may have to leave for it.
    pub(super) async fn seat<F>(&mut self, serve: impl FnOnce(Seat) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.clear();
        while self.connections.len() >= self.limit {
            let longest =
                self.taken.iter().min_by_key(|(seat, _)| seat.last.load(Ordering::Relaxed));
            if let Some((_, handle)) = longest {
                tracing::debug!("every connection is taken: the one idle the longest is closed");
                handle.abort();
            }
            self.connections.join_next().await;
            self.clear();
        }
        let seat = Seat { last: Arc::default(), turns: Arc::clone(&self.turns) };
        seat.asked();
        let handle = self.connections.spawn(serve(seat.clone()));
        self.taken.push((seat, handle));
    }

    /// Forgets connections that have ended.
    pub(super) fn clear(&mut self) {
        while self.connections.try_join_next().is_some() {}
        self.taken.retain(|(_, handle)| !handle.is_finished());
    }

    /// How many are open.
    pub(super) fn open(&mut self) -> usize {
        self.clear();
        self.connections.len()
    }

    /// Cuts off all that are still open.
    pub(super) async fn close(mut self) {
        self.connections.shutdown().await;
    }
}
