//! The origin of all tests, here and in `src`: a server on loopback that plays bytes as a script says, and
//! keeps every request that it receives.
//!
//! | who | adds |
//! | --- | --- |
//! | `tests/it`, `tests/browser` | pages with a status, a type and an entity tag: `tests/support/pages.rs` |
//! | `tests/it/siege` | one script for each request to a path, `Vec<Vec<Act>>` |
//! | `src/daemon/fetch/origin.rs` | one script for all paths, within the runtime of the test |

// Each of those who include it uses a part of it.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::unwrap_used, clippy::format_collect)]

mod request;
mod script;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;

use request::receive;

pub use request::ReceivedRequest;
pub use script::{Act, Gate, Script, answer, bare, head_of, ok};

/// A test that waits longer than this hangs.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Between the pieces of a trickle: silence that no client may take for the end.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that may wait to be accepted: more than any test opens at once.
const BACKLOG: u32 = 1_024;

/// One runtime for the origins of all tests that have none, so that an origin costs a socket and no thread.
static BACKGROUND: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_io().enable_time().build().unwrap()
});

/// A running origin. It answers as long as its runtime runs, even if this is dropped.
pub struct Origin {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    scripts: Mutex<BTreeMap<String, Arc<dyn Script>>>,
    /// For paths that have no script of their own.
    fallback: Box<dyn Script>,
    log: Mutex<Log>,
    received: Condvar,
    gate: Gate,
}

#[derive(Default)]
struct Log {
    requests: Vec<ReceivedRequest>,
    /// How many requests came to each path.
    counts: BTreeMap<String, usize>,
    /// How many of them `wait_for` has seen.
    seen: usize,
}

impl Log {
    /// The number of the next request to a path, from 0.
    fn number_of(&mut self, path: &str) -> usize {
        let count = self.counts.entry(path.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

impl Origin {
    /// An origin in the background. A path without a script answers 404.
    pub fn start() -> Self {
        let not_found = bare("404 Not Found", &[]);
        let _within = BACKGROUND.enter();
        Self::spawn(move |_: &ReceivedRequest| vec![Act::Send(not_found.clone())])
    }

    /// An origin within the current runtime.
    pub fn spawn(fallback: impl Script + 'static) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(BACKLOG).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            scripts: Mutex::default(),
            fallback: Box::new(fallback),
            log: Mutex::default(),
            received: Condvar::new(),
            gate: Gate::default(),
        });
        let origin = Self { address, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            for connection in 0.. {
                let stream = listener.accept().await.unwrap().0;
                tokio::spawn(serve(stream, connection, Arc::clone(&shared)));
            }
        });
        origin
    }

    /// From now on this script answers a path.
    pub fn put(&self, path: &str, script: impl Script + 'static) {
        self.shared.scripts.lock().unwrap().insert(path.to_owned(), Arc::new(script));
    }

    /// All requests so far, in order.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.log.lock().unwrap().requests.clone()
    }

    /// The requests to a path so far, in order.
    pub fn requests_to(&self, path: &str) -> Vec<ReceivedRequest> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// How often a path was answered with a status.
    pub fn count(&self, path: &str, status: u16) -> usize {
        self.requests_to(path).iter().filter(|request| request.status == status).count()
    }

    /// Waits for the next request that fits; those before it are passed over.
    pub fn wait_for(&self, fits: impl Fn(&ReceivedRequest) -> bool) -> ReceivedRequest {
        loop {
            let request = {
                let log = self.shared.log.lock().unwrap();
                let is_empty = |log: &mut Log| log.seen == log.requests.len();
                let wait = self.shared.received.wait_timeout_while(log, DEADLINE, is_empty);
                let (mut log, waited) = wait.unwrap();
                assert!(!waited.timed_out(), "no such request in {DEADLINE:?}");
                log.seen += 1;
                log.requests[log.seen - 1].clone()
            };
            if fits(&request) {
                return request;
            }
        }
    }

    /// Waits until all requests so far fit. It may take any time, as long as requests come.
    pub fn wait_until(&self, fit: impl Fn(&[ReceivedRequest]) -> bool) {
        loop {
            let requests = self.requests();
            if fit(&requests) {
                return;
            }
            let log = self.shared.log.lock().unwrap();
            let is_same = |log: &mut Log| log.requests.len() == requests.len();
            let wait = self.shared.received.wait_timeout_while(log, DEADLINE, is_same).unwrap();
            assert!(!wait.1.timed_out(), "no request in {DEADLINE:?}");
        }
    }

    /// The gate of `Act::Wait`.
    pub fn gate(&self) -> &Gate {
        &self.shared.gate
    }
}

async fn serve(stream: TcpStream, connection: usize, shared: Arc<Shared>) {
    // It fails where the client is gone already.
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Some(request) = receive(&mut stream, connection).await {
        for act in shared.answer(request) {
            if !play(&mut stream, act, &shared).await {
                return;
            }
        }
    }
}

impl Shared {
    /// Keeps a request and gives what is to be done with it.
    fn answer(&self, mut request: ReceivedRequest) -> Vec<Act> {
        let script = self.scripts.lock().unwrap().get(&request.path).cloned();
        let number = self.log.lock().unwrap().number_of(&request.path);
        // No lock is held here: a script may fail as a test does.
        let acts = match script {
            Some(script) => script.acts(&request, number),
            None => self.fallback.acts(&request, number),
        };
        request.status = acts.iter().find_map(status_of).unwrap_or(0);
        self.log.lock().unwrap().requests.push(request);
        self.received.notify_all();
        acts
    }
}

/// The status that these bytes begin with.
fn status_of(act: &Act) -> Option<u16> {
    let Act::Send(bytes) = act else { return None };
    str::from_utf8(bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?.parse().ok()
}

/// Whether the connection goes on.
async fn play(stream: &mut BufReader<TcpStream>, act: Act, shared: &Shared) -> bool {
    match act {
        Act::Send(bytes) => return stream.write_all(&bytes).await.is_ok(),
        Act::Wait => shared.gate.pass().await,
        Act::Pass(gate) => gate.pass().await,
        Act::Trickle(bytes) => {
            while stream.write_all(bytes).await.is_ok() {
                if tokio::time::timeout(PAUSE, until_gone(stream)).await.is_ok() {
                    break;
                }
            }
            return false;
        }
        Act::Flood(bytes) => {
            while stream.write_all(&bytes).await.is_ok() {}
            return false;
        }
        Act::Hang => {
            until_gone(stream).await;
            return false;
        }
        Act::Close => return false,
        Act::Reset => {
            stream.get_ref().set_zero_linger().unwrap();
            return false;
        }
    }
    true
}

/// Waits until the client has closed the connection.
async fn until_gone(stream: &mut BufReader<TcpStream>) {
    let mut bytes = [0; 64];
    while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}
