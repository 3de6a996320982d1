//! A row of the siege: what is served at a path, and what must come of it.

use crate::support::feeds;
use crate::support::origin::{Act, ReceivedRequest, ok};

/// What a path answers: to the first request, to the second, …; the last to all others.
pub type Turns = Vec<Vec<Act>>;

/// What must be known of a source after its first poll.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It was read, and holds so many entries.
    Read(usize),
    /// What came before the cut was read: so many entries, and a warning says so.
    Cut(usize),
    /// What came before the cut was read, or nothing.
    Broken,
    /// It was read, and holds so many entries at least.
    AtLeast(usize),
    /// The last poll failed at this station, and the reason says this.
    Failed(&'static str, &'static str),
    /// It does not end by itself: the last poll failed when its time was up, whatever was awaited then,
    /// or was ended before. Such rows have a siege of their own, with little time for a poll; in the
    /// other one no verdict depends on how fast the machine is.
    Endless,
}

/// What is judged from the requests at the row's path.
pub type Judge = Box<dyn Fn(&[ReceivedRequest])>;

/// One scenario.
pub struct Row {
    /// Also its path, behind a slash, and the id of its source.
    pub name: &'static str,
    pub script: Turns,
    pub verdict: Verdict,
    /// How many requests must have come before the row is judged.
    pub requests: usize,
    pub judge: Judge,
    /// Where the source is instead of at its path.
    pub url: Option<String>,
}

/// A row that plays the same acts for every request.
pub fn row(name: &'static str, acts: Vec<Act>, verdict: Verdict) -> Row {
    rows_of(name, vec![acts], verdict)
}

/// A row that sends the same bytes for every request.
pub fn sends(name: &'static str, bytes: Vec<u8>, verdict: Verdict) -> Row {
    row(name, vec![Act::Send(bytes)], verdict)
}

/// A row that plays its acts one request after the other.
pub fn rows_of(name: &'static str, script: Turns, verdict: Verdict) -> Row {
    Row { name, script, verdict, requests: 1, judge: Box::new(|_| {}), url: None }
}

impl Row {
    /// Judged after so many requests.
    pub fn judged(mut self, requests: usize, judge: impl Fn(&[ReceivedRequest]) + 'static) -> Self {
        (self.requests, self.judge) = (requests, Box::new(judge));
        self
    }

    pub fn is_endless(&self) -> bool {
        matches!(self.verdict, Verdict::Endless)
    }

    pub fn at(mut self, url: String) -> Self {
        self.url = Some(url);
        self
    }
}

/// A feed of two entries that belong to one row alone.
pub fn feed(name: &str) -> Vec<u8> {
    let (one, two) = (format!("{name}-1"), format!("{name}-2"));
    let entries = [
        (one.as_str(), "افتتاح مكتبة في حي الزيتون", "نص", 20),
        (two.as_str(), "أمطار على الساحل", "نص", 21),
    ];
    feeds::rss(name, &entries).into_bytes()
}

/// The whole answer with that feed.
pub fn good(name: &str, lines: &[&str]) -> Vec<u8> {
    ok(lines, &feed(name))
}
