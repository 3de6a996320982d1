//! A listener → connections, with limits and an end.
//!
//! | limit | value | against |
//! | --- | --- | --- |
//! | connections that wait to be accepted | 1024 | crowds that come in one moment |
//! | connections at once | 512; who asked for nothing the longest makes room (`seats`) | running out of files, locking readers out |
//! | time for the head of a request, and between requests | 10 s | clients that drip bytes (axum's own loop has none) |
//! | time in which nothing of an answer is taken | 30 s (`patient`) | clients that ask and never read |
//! | bytes and fields of the head of a request | 32 KiB, 100 | floods of headers, addresses without end |
//! | body of a request | none is read but a hub's (`callback`), and its connection ends | bodies without end, smuggled requests |
//!
//! Requests that come in one go are answered one after another: a connection reads no further than its
//! buffer while answers wait to be taken, and lets others have their turn in between.
//! HTTP/1.1 only: telling it from HTTP/2 without TLS means waiting for the first bytes without a
//! limit, and the proxies that stand before a daemon speak HTTP/1.1 to it.
//! When asked to end: no new connections, requests under way are finished, and what is not finished
//! at the deadline is cut off.

mod connection_pool;
mod write_timeout;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::HttpState;
use super::dispatch::{MAX_HEAD_BYTES, router};
use connection_pool::{Connection, ConnectionPool};
use write_timeout::WriteTimeout;

const MAX_CONNECTIONS: usize = 512;
/// Readers send their head in one packet; ten seconds are several lost packets. It is also how long
/// a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A line that carries nothing for half a minute is as good as cut: the patience of feed readers.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper's own number, said here so that it stays.
const MAX_HEAD_FIELDS: usize = 100;
/// Connections that may wait to be accepted, twice those that are served at once: a crowd that comes in one
/// moment is not turned away (the system's own bound, `net.core.somaxconn`, is 4096).
const BACKLOG: u32 = 1024;
/// Pause after `accept` failed, for instance without free file descriptors: trying again at once
/// would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// A listener at an address, with room for many who come at once.
///
/// # Errors
/// When the address is taken, not ours, or not allowed.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for the connections of before to be forgotten by the system. (On Windows the
    // option means that two may listen.)
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

/// Serves `listener` until `shutdown` is cancelled, then for at most `drain`.
pub async fn serve_until_shutdown(
    listener: TcpListener,
    state: HttpState,
    shutdown: CancellationToken,
    drain: Duration,
) -> ShutdownResult {
    let app = router(state);
    let graceful = GracefulShutdown::new();
    let mut seats = ConnectionPool::new(MAX_CONNECTIONS);
    loop {
        let next = tokio::select! {
            () = shutdown.cancelled() => break,
            next = accept_connection(&listener) => next,
        };
        if let Some(stream) = next {
            let (app, watcher) = (app.clone(), graceful.watcher());
            seats.admit(|seat| serve_connection(stream, seat, app, watcher)).await;
        }
    }
    drop(listener);
    let finished = tokio::time::timeout(drain, graceful.shutdown()).await;
    let open = seats.open_count();
    seats.abort_all().await;
    if finished.is_ok() { ShutdownResult::Clean } else { ShutdownResult::CutOff(open) }
}

/// The next connection; `None`: try again.
async fn accept_connection(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(error) => {
            tracing::warn!(%error, "no connection could be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_connection(stream: TcpStream, seat: Connection, app: Router, watcher: Watcher) {
    // Answers are whole when they are written: waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let app = TowerToHyperService::new(app);
    let answering = service_fn(move |request: Request<Incoming>| {
        seat.mark_active();
        app.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEAD_FIELDS)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream, WRITE_TIMEOUT)), answering);
    if let Err(error) = watcher.watch(served).await {
        // Clients leave in the middle every day: nothing for the operator.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
