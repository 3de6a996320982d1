//! Connections → room for the next one: when the pool is full, the connection that has sent no request for
//! the longest time is closed.
//!
//! A limit per address would be simpler and wrong: behind a reverse proxy every reader has the proxy's
//! address. This way the newest client is always served, whichever clients hold the other connections and
//! however busy they look: bytes that drip do not count, only whole requests do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::{AbortHandle, JoinSet};

/// When a connection last began a request, as a count of the requests of all connections: the order needs no
/// clock.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    last_request: Arc<AtomicU64>,
    request_counter: Arc<AtomicU64>,
}

impl Connection {
    /// A whole head has arrived.
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
    /// A pool for `limit` connections.
    pub(super) fn new(limit: usize) -> Self {
        let (request_counter, active, connections) = (Arc::default(), Vec::new(), JoinSet::new());
        Self { limit, request_counter, active, connections }
    }

    /// Adds a connection that runs as the future that `serve` makes. Another one may be closed for it.
    pub(super) async fn admit<F>(&mut self, serve: impl FnOnce(Connection) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.remove_finished();
        while self.connections.len() >= self.limit {
            let longest = self
                .active
                .iter()
                .min_by_key(|(connection, _)| connection.last_request.load(Ordering::Relaxed));
            if let Some((_, handle)) = longest {
                tracing::debug!("every connection is in use: the one idle the longest is closed");
                handle.abort();
            }
            self.connections.join_next().await;
            self.remove_finished();
        }
        let connection = Connection {
            last_request: Arc::default(),
            request_counter: Arc::clone(&self.request_counter),
        };
        connection.mark_active();
        let handle = self.connections.spawn(serve(connection.clone()));
        self.active.push((connection, handle));
    }

    /// Removes connections that have ended.
    pub(super) fn remove_finished(&mut self) {
        while self.connections.try_join_next().is_some() {}
        self.active.retain(|(_, handle)| !handle.is_finished());
    }

    /// The number of open connections.
    pub(super) fn open_count(&mut self) -> usize {
        self.remove_finished();
        self.connections.len()
    }

    /// Cuts off all connections that are still open.
    pub(super) async fn abort_all(mut self) {
        self.connections.shutdown().await;
    }
}
