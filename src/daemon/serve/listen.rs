//! A listener → connections, with limits and an end.
//!
//! | limit | value | against |
//! | --- | --- | --- |
//! | connections at once | 512 | running out of files |
//! | time for the head of a request | 10 s | clients that drip bytes (axum's own loop has none) |
//!
//! HTTP/1.1 only: telling it from HTTP/2 without TLS means waiting for the first bytes without a
//! limit, and the proxies that stand before a daemon speak HTTP/1.1 to it.
//! When asked to end: no new connections, requests under way are finished, and what is not finished
//! at the deadline is cut off.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ServeState;
use super::answer::router;

const CONNECTIONS: usize = 512;
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after `accept` failed, for instance without free file descriptors: trying again at once
/// would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every request was finished.
    Clean,
    /// This many connections were cut off at the deadline.
    CutOff(usize),
}

/// Serves `listener` until `shutdown` is cancelled, then for at most `drain`.
pub async fn run(
    listener: TcpListener,
    state: ServeState,
    shutdown: CancellationToken,
    drain: Duration,
) -> Drained {
    let app = router(state);
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next() => {}
            next = accepted(&listener, &turns) => if let Some((stream, turn)) = next {
                connections.spawn(connection(stream, turn, app.clone(), graceful.watcher()));
            },
        }
    }
    drop(listener);
    let finished = tokio::time::timeout(drain, graceful.shutdown()).await;
    while connections.try_join_next().is_some() {}
    let open = connections.len();
    connections.shutdown().await;
    if finished.is_ok() { Drained::Clean } else { Drained::CutOff(open) }
}

/// The next connection, once there is room for one; `None`: try again.
async fn accepted(
    listener: &TcpListener,
    turns: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let turn = Arc::clone(turns).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, turn)),
        Err(error) => {
            tracing::warn!(%error, "no connection could be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    turn: OwnedSemaphorePermit,
    app: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    // Answers are whole when they are written: waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    if let Err(error) = watcher.watch(served).await {
        // Clients leave in the middle every day: nothing for the operator.
        tracing::debug!(%error, "a connection ended early");
    }
    drop(turn);
}

#[cfg(test)]
mod tests;
