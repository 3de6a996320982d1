//! An origin on loopback: pages that a test may change at any time, and everything it was asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A test that waits longer than this hangs.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// What the origin answers at a path.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub etag: Option<String>,
    pub headers: Vec<(&'static str, String)>,
    /// Answered only once this is open; `None`: at once.
    pub gate: Option<Arc<Gate>>,
}

/// Holds answers back until a test opens it.
#[derive(Debug, Default)]
pub struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let is_open = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(is_open, |is_open| !*is_open).unwrap());
    }
}

impl Page {
    pub fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            content_type: "application/xml",
            body: body.into(),
            etag: None,
            headers: Vec::new(),
            gate: None,
        }
    }

    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::xml(body).content_type("text/html; charset=utf-8")
    }

    pub fn status(status: u16) -> Self {
        Self { status, ..Self::xml("") }
    }

    #[must_use]
    pub fn etag(mut self, etag: &str) -> Self {
        self.etag = Some(etag.to_owned());
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub fn behind(mut self, gate: &Arc<Gate>) -> Self {
        self.gate = Some(Arc::clone(gate));
        self
    }

    #[must_use]
    pub fn content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// The status it was answered with.
    pub status: u16,
}

type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

/// The origin; it answers until the test ends.
pub struct Origin {
    pub address: SocketAddr,
    pages: Pages,
    log: Arc<Mutex<Vec<Asked>>>,
    events: Receiver<Asked>,
}

impl Origin {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (pages, log) = (Pages::default(), Arc::new(Mutex::new(Vec::new())));
        let (sender, events) = channel();
        let (shared, seen) = (Arc::clone(&pages), Arc::clone(&log));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, log, sender) = (Arc::clone(&shared), Arc::clone(&seen), sender.clone());
                std::thread::spawn(move || serve(stream, &pages, &log, &sender));
            }
        });
        Self { address, pages, log, events }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn put(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// Everything asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// How often a path was answered with a status.
    pub fn count(&self, path: &str, status: u16) -> usize {
        self.asked().iter().filter(|asked| asked.path == path && asked.status == status).count()
    }

    /// Waits until a request comes that fits.
    pub fn wait_for(&self, fits: impl Fn(&Asked) -> bool) -> Asked {
        loop {
            match self.events.recv_timeout(DEADLINE) {
                Ok(asked) if fits(&asked) => return asked,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("nobody asked in {DEADLINE:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the origin is gone"),
            }
        }
    }
}

fn serve(stream: TcpStream, pages: &Pages, log: &Mutex<Vec<Asked>>, events: &Sender<Asked>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((method, path, headers)) = head(&mut reader) {
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body = String::from_utf8(body).unwrap();
        let page = pages.lock().unwrap().get(&path).cloned().unwrap_or_else(|| Page::status(404));
        let matches = page.etag.is_some() && headers.get("if-none-match") == page.etag.as_ref();
        let status = if matches && page.status == 200 { 304 } else { page.status };
        let asked = Asked { method, path, headers, body, status };
        log.lock().unwrap().push(asked.clone());
        let _ = events.send(asked);
        if let Some(gate) = &page.gate {
            gate.pass();
        }
        let mut answer = format!("HTTP/1.1 {status} X\r\ncontent-type: {}\r\n", page.content_type);
        if let Some(etag) = &page.etag {
            let _ = write!(answer, "etag: {etag}\r\n");
        }
        for (name, value) in &page.headers {
            let _ = write!(answer, "{name}: {value}\r\n");
        }
        let body: &[u8] = if status == 304 { &[] } else { &page.body };
        let _ = write!(answer, "content-length: {}\r\n\r\n", body.len());
        if stream.write_all(answer.as_bytes()).and_then(|()| stream.write_all(body)).is_err() {
            return;
        }
    }
}

fn head(reader: &mut BufReader<TcpStream>) -> Option<(String, String, BTreeMap<String, String>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ').map(ToOwned::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Some((method, path, headers))
}
