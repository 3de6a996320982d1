//! An origin with changing responses, and one source that is polled there like the daemon does it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::super::{bounds, remembered_after, retention};
use super::*;
use crate::fetch::test_server::Origin;
use crate::fetch::{FetchSettings, user_agent};

type Pages = Arc<Mutex<BTreeMap<String, Vec<Act>>>>;

/// The origin, and a source that polls `/feed` there.
pub(super) struct World {
    pub(super) origin: Origin,
    pub(super) source: Arc<Source>,
    pub(super) state: PollState,
    pub(super) now: Timestamp,
    pages: Pages,
    resources: PollResources,
    kept: Vec<Commit>,
}

/// The origin may be requested by its address and by its name: for secrets, these are two hosts.
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
        let origin = Origin::scripted(move |request: &ReceivedRequest| {
            let page = served.lock().unwrap().get(&request.path).cloned();
            page.unwrap_or_else(|| vec![Act::Send(bare("404 Not Found", &[]))])
        });
        let location = Location::Web(origin.url("/feed"));
        Self {
            resources: PollResources {
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

    /// Sets the response of a path from now on.
    pub(super) fn serve(&self, path: &str, acts: Vec<Act>) {
        self.pages.lock().unwrap().insert(path.to_owned(), acts);
    }

    /// Sets the same response for all requests of a path.
    pub(super) fn send(&self, path: &str, answer: Vec<u8>) {
        self.serve(path, vec![Act::Send(answer)]);
    }

    /// One poll, stored like the store does it; returns its requests and the report.
    pub(super) async fn poll(&mut self) -> (Vec<ReceivedRequest>, UpdateReport) {
        let before = self.origin.requests().len();
        let result =
            poll(&self.resources, &self.source, &self.state, conditions([9; 16]), self.now).await;
        let mut known = SeenIndex::default();
        known.extend(self.kept.iter().flat_map(remembered_after));
        let kept = &self.kept;
        let earlier = |seen: &SeenEntry| {
            let newest_first = kept.iter().rev();
            let mut entries = newest_first.flat_map(|kept| kept.changed.iter().chain(&kept.new));
            entries.find(|entry| entry.id == seen.id).cloned()
        };
        let input = DecideInput {
            known: &known,
            prepared: &PreparedEntries::default(),
            earlier: &earlier,
            bounds: bounds(),
            config_hash: [9; 16],
            retention: retention(),
            network: NetworkStatus::Up,
            push_interval: None,
        };
        let (commit, report) =
            decide_poll(&self.source, result, self.state.clone(), &input, self.now);
        self.state = commit.state.clone();
        self.kept.push(commit);
        (self.origin.requests().split_off(before), report)
    }

    /// The time in seconds from the last poll to the next.
    pub(super) fn wait(&self) -> i64 {
        self.state.schedule.due_at.duration_since(self.now).as_secs()
    }
}
