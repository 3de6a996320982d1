//! A row of the siege: what is served at a path, and the expected result.

use crate::support::feeds;
use crate::support::origin::{Act, ReceivedRequest, ok};

/// The responses of a path: to the first request, to the second, …; the last one to all others.
pub type Turns = Vec<Vec<Act>>;

/// The expected state of a source after its first poll.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It was read, and has this many entries.
    Read(usize),
    /// The part before the cut was read: this many entries, and a warning says so.
    Cut(usize),
    /// The part before the cut was read, or nothing.
    Broken,
    /// It was read, and has at least this many entries.
    AtLeast(usize),
    /// The last poll failed at this station, and the reason contains this text.
    Failed(&'static str, &'static str),
    /// It does not end by itself: the last poll failed when its time was up, whatever it was waiting for, or
    /// ended before. Such rows have a siege of their own, with little time for a poll; in the other one no
    /// verdict depends on the speed of the machine.
    Endless,
}

/// A check of the requests at the row's path.
pub type Judge = Box<dyn Fn(&[ReceivedRequest])>;

/// One scenario.
pub struct Row {
    /// The name, which is also its path, after a slash, and the id of its source.
    pub name: &'static str,
    pub script: Turns,
    pub verdict: Verdict,
    /// The minimum number of requests before the row is checked.
    pub requests: usize,
    pub judge: Judge,
    /// The address of the source, if it is not the row's path.
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
    /// Sets the check, which runs after this many requests.
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

/// A feed of two entries that belong only to one row.
pub fn feed(name: &str) -> Vec<u8> {
    let (one, two) = (format!("{name}-1"), format!("{name}-2"));
    let entries = [
        (one.as_str(), "افتتاح مكتبة في حي الزيتون", "نص", 20),
        (two.as_str(), "أمطار على الساحل", "نص", 21),
    ];
    feeds::rss(name, &entries).into_bytes()
}

/// The whole response with that feed.
pub fn good(name: &str, lines: &[&str]) -> Vec<u8> {
    ok(lines, &feed(name))
}
