//! A listener → connections, with limits and a shutdown.
//!
//! | limit | value | against |
//! | --- | --- | --- |
//! | connections that wait to be accepted | 1024 | many clients that connect in one moment |
//! | connections at once | 512; the one idle the longest is closed for the next (`connection_pool`) | running out of files, locking readers out |
//! | time for the head of a request, and between requests | 10 s (`head_timer`) | clients that drip bytes |
//! | time in which the client takes nothing of a response | 30 s (`write_timeout`) | clients that send requests and never read |
//! | bytes and fields of the head of a request | 32 KiB, 100 | floods of headers, endless addresses |
//! | body of a request | only a hub's is read (`callback`); any other ends the connection | endless bodies, smuggled requests |
//!
//! Pipelined requests are answered one after another: a connection reads no further than its buffer while
//! responses wait to be taken, and yields to other connections in between.
//! HTTP/1.1 only: to distinguish it from HTTP/2 without TLS, a server must wait for the first bytes without a
//! limit, and the proxies in front of a daemon speak HTTP/1.1 to it.
//! At shutdown no new connections are accepted, requests in progress are finished, and what is not finished
//! at the deadline is cut off.

mod connection_pool;
mod head_timer;
mod write_timeout;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::HttpState;
use super::access_rules::{ListenerKind, RequestOrigin};
use super::dispatch::{MAX_HEAD_BYTES, respond_to_request};
use connection_pool::{Connection, ConnectionPool};
use head_timer::HeadTimer;
use write_timeout::WriteTimeout;

const MAX_CONNECTIONS: usize = 512;
/// Readers send their head in one packet; ten seconds allow for several lost packets. It is also how long a
/// connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that carries nothing for half a minute is as good as cut; feed readers time out after as
/// long.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper's own default, which a test holds. As a setting the same number was a tenth of a short answer, because hyper then
/// fills its room for fields at each request.
#[cfg(test)]
const MAX_HEAD_FIELDS: usize = 100;
/// Connections that may wait to be accepted, twice those that are served at once, so that many clients in one
/// moment are not turned away (the system's own limit, `net.core.somaxconn`, is 4096).
const BACKLOG: u32 = 1024;
/// The pause after `accept` failed, for instance without free file descriptors: trying again at once would
/// only use up the CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// A listener at an address, with a backlog for many connections at once.
///
/// # Errors
/// When the address is in use, not ours, or not allowed.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait until the system forgets the previous connections. (On Windows the option means
    // that two processes may listen.)
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownResult {
    /// Every request was finished.
    Clean,
    /// This many connections were cut off at the deadline.
    CutOff(usize),
}

/// Serves `listener` until `shutdown` is canceled, then for at most `drain`. A request is answered from what is in
/// `state` when it begins.
pub async fn serve_until_shutdown(
    listener: TcpListener,
    state: Arc<ArcSwap<HttpState>>,
    shutdown: CancellationToken,
    drain: Duration,
) -> ShutdownResult {
    serve_listener((listener, ListenerKind::Sole), state, shutdown, drain).await
}

/// The same for one of several listeners.
pub(super) async fn serve_listener(
    (listener, kind): (TcpListener, ListenerKind),
    state: Arc<ArcSwap<HttpState>>,
    shutdown: CancellationToken,
    drain: Duration,
) -> ShutdownResult {
    let mut open = OpenConnections::new(state, kind);
    open.accept_until(&listener, &shutdown).await;
    drop(listener);
    open.finish(drain).await
}

/// The connections of one server.
struct OpenConnections {
    state: Arc<ArcSwap<HttpState>>,
    kind: ListenerKind,
    graceful: GracefulShutdown,
    pool: ConnectionPool,
}

impl OpenConnections {
    fn new(state: Arc<ArcSwap<HttpState>>, kind: ListenerKind) -> Self {
        let pool = ConnectionPool::new(MAX_CONNECTIONS);
        Self { state, kind, graceful: GracefulShutdown::new(), pool }
    }

    /// Accepts connections until `shutdown` is canceled.
    async fn accept_until(&mut self, listener: &TcpListener, shutdown: &CancellationToken) {
        loop {
            let next = tokio::select! {
                () = shutdown.cancelled() => return,
                next = accept_connection(listener) => next,
            };
            if let Some((stream, peer)) = next {
                let (state, watcher) = (Arc::clone(&self.state), self.graceful.watcher());
                let origin = RequestOrigin::new(self.kind, Some(peer.ip()));
                let serve =
                    |connection| serve_connection((stream, origin), connection, state, watcher);
                self.pool.admit(serve).await;
            }
        }
    }

    /// Lets requests be answered for at most `drain`.
    async fn finish(mut self, drain: Duration) -> ShutdownResult {
        let finished = tokio::time::timeout(drain, self.graceful.shutdown()).await;
        let open = self.pool.open_count();
        self.pool.abort_all().await;
        if finished.is_ok() { ShutdownResult::Clean } else { ShutdownResult::CutOff(open) }
    }
}

/// The next connection; `None`: try again.
async fn accept_connection(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "no connection could be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_connection(
    (stream, origin): (TcpStream, RequestOrigin),
    connection: Connection,
    state: Arc<ArcSwap<HttpState>>,
    watcher: Watcher,
) {
    // Responses are written whole: waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let answering = service_fn(move |request: Request<Incoming>| {
        connection.mark_active();
        let state = state.load_full();
        async move { Ok::<_, Infallible>(respond_to_request(&state, origin, request).await) }
    });
    let served = http1::Builder::new()
        .timer(HeadTimer::default())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream, WRITE_TIMEOUT)), answering);
    if let Err(error) = watcher.watch(served).await {
        // Clients disconnect early every day: this is nothing for the operator.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
