//! A server on loopback that answers as a test tells it, byte by byte, and writes down what it was
//! asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use url::Url;

/// What the server does with one request, in this order.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends nothing any more and keeps the connection open.
    Hang,
    /// Waits until the test says go.
    Wait,
    /// Closes the connection.
    Close,
}

/// The head of a request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// All of it, as it came.
    pub(crate) head: Vec<u8>,
    /// On which connection, counted from 0.
    pub(crate) connection: usize,
}

impl Asked {
    /// The value of a header's only line; `None`: there is no such line.
    pub(crate) fn header(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.head.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let is_named = line[..colon].eq_ignore_ascii_case(name.as_bytes());
            is_named.then(|| line[colon + 1..].trim_ascii().to_vec())
        });
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is sent twice");
        value
    }

    /// The path and query.
    pub(crate) fn path(&self) -> String {
        let head = String::from_utf8_lossy(&self.head).into_owned();
        head.split(' ').nth(1).unwrap().to_owned()
    }

    /// The names of all headers, lower case, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.head).into_owned();
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut names: Vec<_> = lines.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    }
}

type Script = Box<dyn Fn(&Asked) -> Vec<Act> + Send + Sync>;

/// A running server; it ends with the test's runtime.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Script,
    asked: Mutex<Vec<Asked>>,
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
    go: Notify,
}

impl Origin {
    /// Starts a server that does what `script` says for each request.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            asked: Mutex::default(),
            waiting: AtomicUsize::new(0),
            most_waiting: AtomicUsize::new(0),
            go: Notify::new(),
        });
        let origin = Self { address, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(BufReader::new(stream), connection, Arc::clone(&shared)));
            }
        });
        origin
    }

    /// A server that always answers with these bytes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_| vec![Act::Send(bytes.clone())]).await
    }

    /// An address of the server, with its literal IP.
    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// An address of the server, by its name.
    pub(crate) fn url_by_name(&self, path: &str) -> Url {
        Url::parse(&format!("http://localhost:{}{path}", self.address.port())).unwrap()
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// What was asked last.
    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().unwrap()
    }

    /// Lets one request that waits go on.
    pub(crate) fn go(&self) {
        self.shared.go.notify_one();
    }

    /// How many requests wait now.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::SeqCst)
    }

    /// How many requests waited at the same time, at most, since this was asked before.
    pub(crate) fn take_most_waiting(&self) -> usize {
        self.shared.most_waiting.swap(0, Ordering::SeqCst)
    }
}

async fn serve(mut stream: BufReader<TcpStream>, connection: usize, shared: Arc<Shared>) {
    while let Some(head) = head(&mut stream).await {
        let request = Asked { head, connection };
        let acts = (shared.script)(&request);
        shared.asked.lock().unwrap().push(request);
        for act in acts {
            match act {
                // The client may be gone, when it has seen enough.
                Act::Send(bytes) => drop(stream.write_all(&bytes).await),
                Act::Hang => std::future::pending().await,
                Act::Wait => shared.wait().await,
                Act::Close => return,
            }
        }
    }
}

impl Shared {
    async fn wait(&self) {
        let waiting = self.waiting.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_waiting.fetch_max(waiting, Ordering::SeqCst);
        self.go.notified().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The next head; `None`: the client has closed the connection, or does not speak HTTP.
async fn head(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        // A TLS client's first byte: a server of plain HTTP tells it off.
        if head == [0x16] {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await);
            return None;
        }
    }
    Some(head)
}

/// A 200 with these header lines and this body.
pub(crate) fn ok(lines: &[&str], body: &[u8]) -> Vec<u8> {
    let mut lines = lines.to_vec();
    let length = format!("Content-Length: {}", body.len());
    lines.push(&length);
    [&with("200 OK", &lines), body].concat()
}

/// A head with these lines and nothing after it.
pub(crate) fn with(status: &str, lines: &[&str]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// An answer with this status, these lines and an empty body.
pub(crate) fn bare(status: &str, lines: &[&str]) -> Vec<u8> {
    with(status, &[lines, &["Content-Length: 0"]].concat())
}
