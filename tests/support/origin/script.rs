//! What an origin does with a request: acts, scripts of them, gates, and the bytes of answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::ReceivedRequest;

/// What the origin does with one request, in this order; then it reads the next request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes over and over, with pauses, until the client has had enough.
    Trickle(&'static [u8]),
    /// Sends these bytes over and over, as fast as it can, until the client has had enough.
    Flood(Vec<u8>),
    /// Sends nothing until the client has had enough.
    Hang,
    /// Waits until the test lets a request pass at the origin's own gate.
    Wait,
    /// Waits until the test lets a request pass at this gate.
    Pass(Arc<Gate>),
    /// Ends the connection in order.
    Close,
    /// Ends the connection as a machine does that has lost it (RST).
    Reset,
}

/// A request → what is done with it. `number` counts the requests to its path from 0.
pub trait Script: Send + Sync {
    fn acts(&self, request: &ReceivedRequest, number: usize) -> Vec<Act>;
}

impl<F: Fn(&ReceivedRequest) -> Vec<Act> + Send + Sync> Script for F {
    fn acts(&self, request: &ReceivedRequest, _: usize) -> Vec<Act> {
        self(request)
    }
}

/// For the first request to a path, for the second, …; the last one for all others.
impl Script for Vec<Vec<Act>> {
    fn acts(&self, _: &ReceivedRequest, number: usize) -> Vec<Act> {
        self.get(number).or(self.last()).cloned().unwrap_or_default()
    }
}

/// Holds requests back until a test lets them pass.
#[derive(Debug)]
pub struct Gate {
    permits: Semaphore,
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
}

impl Default for Gate {
    fn default() -> Self {
        let (waiting, most_waiting) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { permits: Semaphore::new(0), waiting, most_waiting }
    }
}

impl Gate {
    /// Lets all requests pass from now on.
    pub fn open(&self) {
        self.permits.close();
    }

    /// Lets one request pass.
    pub fn let_one_pass(&self) {
        self.permits.add_permits(1);
    }

    /// How many requests wait now.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// How many requests waited at the same time, at most, since the last call.
    pub fn take_most_waiting(&self) -> usize {
        self.most_waiting.swap(0, Ordering::SeqCst)
    }

    pub(super) async fn pass(&self) {
        let waiting = self.waiting.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_waiting.fetch_max(waiting, Ordering::SeqCst);
        // An error means that the gate is open.
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A head with this status and these lines, and nothing after it.
pub fn head_of(status: &str, lines: &[&str]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{lines}\r\n").into_bytes()
}

/// An answer with this status, these lines and this body.
pub fn answer(status: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    [head_of(status, &[lines, &[&length]].concat()), body.to_vec()].concat()
}

/// A 200 with these lines and this body.
pub fn ok(lines: &[&str], body: &[u8]) -> Vec<u8> {
    answer("200 OK", lines, body)
}

/// An answer with this status, these lines and an empty body.
pub fn bare(status: &str, lines: &[&str]) -> Vec<u8> {
    answer(status, lines, b"")
}
