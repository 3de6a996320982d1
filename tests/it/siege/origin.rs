//! An origin that plays bytes as a row tells it, and writes down what it was asked on which
//! connection.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::origin::DEADLINE;

/// What is done with one request, in this order; then the next request is awaited.
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
    /// Ends the connection in order.
    Close,
    /// Ends the connection as a machine does that has lost it (RST).
    Reset,
}

/// What a path answers: to the first request, to the second, …; the last to all others.
pub type Script = Vec<Vec<Act>>;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    /// The head, byte for byte.
    pub head: Vec<u8>,
    /// On which connection, counted from 0.
    pub connection: usize,
}

impl Asked {
    /// The value of a header's only line, as it came; `None`: there is no such line.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.head.split(|byte| *byte == b'\n').skip(1).filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let is_named = line[..colon].eq_ignore_ascii_case(name.as_bytes());
            is_named.then(|| line[colon + 1..].trim_ascii().to_vec())
        });
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is sent twice");
        value
    }

    /// The names of the headers in their order, lower case.
    pub fn names(&self) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.head).into_owned();
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }
}

/// The origin; it answers until the test ends.
pub struct Origin {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    events: Receiver<Asked>,
}

struct Shared {
    scripts: Mutex<BTreeMap<String, Script>>,
    asked: Mutex<Vec<Asked>>,
}

impl Origin {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { scripts: Mutex::default(), asked: Mutex::default() });
        let (sender, events) = channel();
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().flatten().enumerate() {
                let (shared, sender) = (Arc::clone(&all), sender.clone());
                std::thread::spawn(move || serve(stream, connection, &shared, &sender));
            }
        });
        Self { address, shared, events }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A path without a script answers 404.
    pub fn put(&self, path: &str, script: Script) {
        self.shared.scripts.lock().unwrap().insert(path.to_owned(), script);
    }

    /// Everything asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// What was asked at a path so far, in order.
    pub fn asked_at(&self, path: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path == path).collect()
    }

    /// Waits until everything asked fits.
    pub fn wait_until(&self, fits: impl Fn(&[Asked]) -> bool) {
        while !fits(&self.asked()) {
            self.events.recv_timeout(DEADLINE).expect("asked in time");
        }
    }
}

/// Between the pieces of a trickle: silence that no client may take for the end.
const PAUSE: Duration = Duration::from_millis(100);

fn serve(mut stream: TcpStream, connection: usize, shared: &Shared, events: &Sender<Asked>) {
    stream.set_nodelay(true).unwrap();
    while let Some(head) = head(&mut stream) {
        let words = String::from_utf8_lossy(&head).into_owned();
        let path = words.split(' ').nth(1).unwrap_or_default().to_owned();
        let count = {
            let mut log = shared.asked.lock().unwrap();
            log.push(Asked { path: path.clone(), head, connection });
            log.iter().filter(|asked| asked.path == path).count()
        };
        let asked = shared.asked.lock().unwrap().last().cloned().unwrap();
        let _ = events.send(asked);
        let script = shared.scripts.lock().unwrap().get(&path).cloned();
        let script = script.unwrap_or_else(|| vec![vec![Act::Send(not_found())]]);
        let acts = script.get(count - 1).or(script.last()).unwrap();
        if !acts.iter().all(|act| play(&mut stream, act)) {
            return;
        }
    }
}

/// The head of a request but for its last byte, which stays on the wire until something else is done:
/// a socket that is closed over unread bytes is reset.
fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r") {
        stream.read_exact(&mut byte).ok()?;
        // The last byte of the request before.
        if !(head.is_empty() && byte == *b"\n") {
            head.push(byte[0]);
        }
    }
    Some(head)
}

/// Whether the connection goes on.
fn play(stream: &mut TcpStream, act: &Act) -> bool {
    match act {
        Act::Send(bytes) => stream.write_all(bytes).is_ok(),
        Act::Trickle(bytes) => {
            while stream.write_all(bytes).is_ok() && !is_gone(stream, Some(PAUSE)) {}
            false
        }
        Act::Flood(bytes) => {
            while stream.write_all(bytes).is_ok() {}
            false
        }
        Act::Hang => {
            is_gone(stream, None);
            false
        }
        Act::Close => {
            let mut last = [0];
            let _ = stream.read_exact(&mut last);
            false
        }
        Act::Reset => false,
    }
}

/// Waits until the client is gone, so long at most.
fn is_gone(stream: &mut TcpStream, patience: Option<Duration>) -> bool {
    stream.set_read_timeout(patience).unwrap();
    let mut bytes = [0; 64];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => {
                return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            }
        }
    }
}

fn not_found() -> Vec<u8> {
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()
}

/// A head with this status and these lines.
pub fn head_of(status: &str, lines: &[&str]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{lines}\r\n").into_bytes()
}

/// A 200 with these lines and this body.
pub fn ok(lines: &[&str], body: &[u8]) -> Vec<u8> {
    answer("200 OK", lines, body)
}

/// An answer with this status, these lines and this body.
pub fn answer(status: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    let lines = [lines, &[&length]].concat();
    [head_of(status, &lines), body.to_vec()].concat()
}
