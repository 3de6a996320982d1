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
pub(super) struct Connection {
    last_request: Arc<AtomicU64>,
    request_counter: Arc<AtomicU64>,
}

impl Connection {
    /// A whole head has come.
    pub(super) fn mark_active(&self) {
        self.last_request
            .store(self.request_counter.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// The connections that are open.
pub(super) struct ConnectionPool {
    limit: usize,
    request_counter: Arc<AtomicU64>,
    active: Vec<(Connection, AbortHandle)>,
    connections: JoinSet<()>,
}

impl ConnectionPool {
    /// Room for `limit` connections.
    pub(super) fn new(limit: usize) -> Self {
        let (turns, taken, connections) = (Arc::default(), Vec::new(), JoinSet::new());
        Self { limit, request_counter: turns, active: taken, connections }
    }

    /// Seats a connection that runs as what `serve` makes. Another may have to leave for it.
    pub(super) async fn admit<F>(&mut self, serve: impl FnOnce(Connection) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.remove_finished();
        while self.connections.len() >= self.limit {
            let longest = self
                .active
                .iter()
                .min_by_key(|(seat, _)| seat.last_request.load(Ordering::Relaxed));
            if let Some((_, handle)) = longest {
                tracing::debug!("every connection is taken: the one idle the longest is closed");
                handle.abort();
            }
            self.connections.join_next().await;
            self.remove_finished();
        }
        let seat = Connection {
            last_request: Arc::default(),
            request_counter: Arc::clone(&self.request_counter),
        };
        seat.mark_active();
        let handle = self.connections.spawn(serve(seat.clone()));
        self.active.push((seat, handle));
    }

    /// Forgets connections that have ended.
    pub(super) fn remove_finished(&mut self) {
        while self.connections.try_join_next().is_some() {}
        self.active.retain(|(_, handle)| !handle.is_finished());
    }

    /// How many are open.
    pub(super) fn open_count(&mut self) -> usize {
        self.remove_finished();
        self.connections.len()
    }

    /// Cuts off all that are still open.
    pub(super) async fn abort_all(mut self) {
        self.connections.shutdown().await;
    }
}
