//! An origin whose pages change, and one source that is polled there as the loop would do it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::super::{bounds, known_of, retention};
use super::*;
use crate::fetch::test_server::Origin;
use crate::fetch::{FetchSettings, user_agent};

type Pages = Arc<Mutex<BTreeMap<String, Vec<Act>>>>;

/// The origin, and the reader of `/feed` there.
pub(super) struct World {
    pub(super) origin: Origin,
    pub(super) source: Arc<Source>,
    pub(super) state: PollState,
    pub(super) now: Timestamp,
    pages: Pages,
    hands: PollResources,
    kept: Vec<Commit>,
}

/// The origin may be asked, by its address and by its name: two hosts, as far as secrets go.
fn settings(origin: &Origin) -> FetchSettings {
    let port = origin.address.port();
    FetchSettings {
        user_agent: user_agent("0.1.0", None),
        timeout: Duration::from_secs(30),
        max_bytes: 100_000,
        per_host: 2,
        allow_private: [("127.0.0.1".to_owned(), port), ("localhost".to_owned(), port)].into(),
        proxy: None,
    }
}

impl World {
    pub(super) fn new() -> Self {
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        let origin = Origin::scripted(move |asked: &ReceivedRequest| {
            let page = served.lock().unwrap().get(&asked.path).cloned();
            page.unwrap_or_else(|| vec![Act::Send(bare("404 Not Found", &[]))])
        });
        let location = Location::Web(origin.url("/feed"));
        Self {
            hands: PollResources {
                client: Client::new(&settings(&origin)).unwrap(),
                max_bytes: 100_000,
                readers: Semaphore::new(2),
                large: crate::ingest::LargeReader::start().unwrap(),
            },
            source: Arc::new(Source { location, ..Source::clone(&super::super::source()) }),
            state: PollState::new([9; 16], at(0)),
            now: at(0),
            origin,
            pages,
            kept: Vec::new(),
        }
    }

    /// From now on this is what a path is answered with.
    pub(super) fn serve(&self, path: &str, acts: Vec<Act>) {
        self.pages.lock().unwrap().insert(path.to_owned(), acts);
    }

    /// The same, where one answer is all.
    pub(super) fn send(&self, path: &str, answer: Vec<u8>) {
        self.serve(path, vec![Act::Send(answer)]);
    }

    /// One poll, kept as the store would keep it; gives what was asked for it, and the report.
    pub(super) async fn poll(&mut self) -> (Vec<ReceivedRequest>, UpdateReport) {
        let before = self.origin.requests().len();
        let polled = poll(&self.hands, &self.source, &self.state, terms([9; 16]), self.now).await;
        let mut known = SeenIndex::default();
        for commit in &self.kept {
            known.by_fingerprint.extend(known_of(commit).by_fingerprint);
        }
        let kept = &self.kept;
        let earlier = |wanted: &SeenEntry| {
            let newest_first = kept.iter().rev();
            let mut entries = newest_first.flat_map(|kept| kept.changed.iter().chain(&kept.new));
            entries.find(|entry| entry.id == wanted.id).cloned()
        };
        let memory = DecideInput {
            known: &known,
            earlier: &earlier,
            bounds: bounds(),
            config_hash: [9; 16],
            retention: retention(),
            network: NetworkStatus::Up,
            push_interval: None,
        };
        let (commit, report) =
            decide_poll(&self.source, polled, self.state.clone(), &memory, self.now);
        self.state = commit.state.clone();
        self.kept.push(commit);
        (self.origin.requests().split_off(before), report)
    }

    /// How long is waited after the last poll, in seconds.
    pub(super) fn wait(&self) -> i64 {
        self.state.schedule.due_at.duration_since(self.now).as_secs()
    }
}
