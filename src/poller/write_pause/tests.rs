//! The daemon in this process, with a store whose disk is simulated, and an origin on loopback.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config};
use crate::fetch::test_server::{Act, Origin, ReceivedRequest, bare, ok};
use crate::http::Server;
use crate::model::{PauseReason, SourceId};
use crate::poller::{
    DaemonArgs, FetchMode, PollEvent, PollSelection, RunError, Signals, poll_once, run,
};
use crate::store::{DiskRoom, SimulatedDisk, Store, StoreOptions};

const FULL: SimulatedDisk =
    SimulatedDisk::Room(DiskRoom { free_bytes: 1_000, needed_bytes: 4_000_000 });
const NO_QUOTA: SimulatedDisk = SimulatedDisk::Refusing(ErrorKind::QuotaExceeded);
const FAILS: SimulatedDisk = SimulatedDisk::Refusing(ErrorKind::ReadOnlyFilesystem);

fn feed(count: usize) -> String {
    let item = |number: usize| {
        format!("<item><guid>g{number}</guid><title>خبر رقم {number}</title></item>")
    };
    let items = (0..count).map(item).collect::<Vec<_>>().concat();
    format!("<rss version=\"2.0\"><channel><title>وكالة</title>{items}</channel></rss>")
}

/// Version 1 of a feed has one entry, version 2 one more: a client that has version 1 gets version 2. While disks are
/// queued, each answer of a newer version finds the next of them.
fn origin(store: &Store, disks: &Arc<Mutex<VecDeque<SimulatedDisk>>>) -> Origin {
    let (store, disks) = (store.clone(), Arc::clone(disks));
    Origin::scripted(move |request: &ReceivedRequest| {
        let version = match request.header("if-none-match").as_deref() {
            None => 1,
            Some(b"\"v1\"") => 2,
            Some(_) => return vec![Act::Send(bare("304 Not Modified", &["Content-Length: 0"]))],
        };
        if version == 2
            && let Some(disk) = disks.lock().unwrap().pop_front()
        {
            store.simulate_disk(Some(disk));
        }
        let tag = format!("ETag: \"v{version}\"");
        let lines = ["Content-Type: application/xml", &tag];
        vec![Act::Send(ok(&lines, feed(version).as_bytes()))]
    })
}

fn open(folder: &TempDir) -> Store {
    Store::open(&StoreOptions::new(folder.path().join("data")), Timestamp::now()).unwrap().store
}

/// A configuration with the source `a`, polled every second, without a search index.
fn config_of(folder: &TempDir, origin: &Origin) -> Config {
    let path = folder.path().join("feeds.toml");
    let text = format!(
        "[polling]\nevery = 1\nat_least = 1\nallow_private = [\"{}\"]\n\n[serve]\nsearch = false\n\n\
         [[source]]\nid = \"a\"\nurl = \"{}\"\n",
        origin.address,
        origin.url("/feed")
    );
    std::fs::write(&path, &text).unwrap();
    config::parse(&text, &path, folder.path()).unwrap()
}

/// A daemon that runs in this process.
struct RunningDaemon {
    address: std::net::SocketAddr,
    /// How many new entries each stored poll has.
    polls: mpsc::UnboundedReceiver<usize>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), RunError>>,
}

impl RunningDaemon {
    fn start(store: &Store, config: Config) -> Self {
        let stop = CancellationToken::new();
        let mut server = Server::bind("127.0.0.1:0".parse().unwrap(), stop.clone()).unwrap();
        let address = server.address();
        let (sender, polls) = mpsc::unbounded_channel();
        let path = config.path.clone();
        let args = DaemonArgs {
            store: store.clone(),
            config,
            load_config: Arc::new(move || config::load(&path)),
            started_at: Timestamp::now(),
            recover_after: Instant::now(),
            on_event: Arc::new(move |event| {
                if let PollEvent::Updated(report) = event {
                    let _ = sender.send(report.new_count);
                }
            }),
        };
        let signals = Signals::listen(stop.clone()).unwrap();
        let task = tokio::spawn(async move { run(args, &mut server, &signals).await });
        Self { address, polls, stop, task }
    }

    /// Waits for a poll with new entries; returns how many.
    async fn news(&mut self) -> usize {
        loop {
            match self.polls.recv().await.expect("the daemon runs") {
                0 => {}
                count => return count,
            }
        }
    }

    /// Requests `/readyz` until its answer contains these words.
    async fn ready_says(&self, words: &str) {
        loop {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let request = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            if answer.contains(words) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

fn stored(store: &Store) -> (u64, Option<Vec<u8>>) {
    let id = SourceId::new("a").unwrap();
    let state = store.poll_state(&id).unwrap();
    let etag = state.and_then(|state| state.document.validators?.etag);
    (store.kept_entry_count(&id).unwrap(), etag)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_refused_is_fetched_again_with_the_validators_of_what_is_stored() {
    for (disk, words) in [(FULL, "the disk is full"), (FAILS, "the disk is read-only")] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        let disks = Arc::new(Mutex::new(VecDeque::from([disk])));
        let origin = origin(&store, &disks);
        let mut daemon = RunningDaemon::start(&store, config_of(&folder, &origin));
        assert_eq!(daemon.news().await, 1);
        daemon.ready_says(words).await;
        assert_eq!(stored(&store), (1, Some(b"\"v1\"".to_vec())));
        assert_eq!(origin.requests().len(), 2, "the second is the one that was refused");
        store.simulate_disk(None);
        assert_eq!(daemon.news().await, 1);
        assert_eq!(stored(&store), (2, Some(b"\"v2\"".to_vec())));
        let repeated = origin.requests()[2].header("if-none-match");
        assert_eq!(repeated.as_deref(), Some(&b"\"v1\""[..]));
        daemon.ready_says("200 OK").await;
        daemon.end().await;
        let stories = store.entries_since(Timestamp::UNIX_EPOCH).unwrap();
        for entry in stories {
            assert!(store.story_record(entry.id).unwrap().is_some(), "{}", entry.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_at_the_start_is_polled_for_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let origin = origin(&store, &Arc::default());
    store.simulate_disk(Some(NO_QUOTA));
    let mut daemon = RunningDaemon::start(&store, config_of(&folder, &origin));
    daemon.ready_says("polls pause: the disk is full").await;
    assert!(origin.requests().is_empty() && store.site_name().unwrap().is_none());
    store.simulate_disk(None);
    assert_eq!((daemon.news().await, daemon.news().await), (1, 1));
    assert!(store.site_name().unwrap().is_some(), "given later");
    daemon.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pass_ends_at_a_disk_that_is_full_and_the_next_one_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let origin = origin(&store, &Arc::new(Mutex::new(VecDeque::from([FULL]))));
    let config = config_of(&folder, &origin);
    let pass = async || {
        let polled: crate::poller::EventSink = Arc::new(|_| ());
        poll_once(&store, &config, &PollSelection::All, FetchMode::Conditional, &polled).await
    };
    assert_eq!(pass().await.unwrap().0.new, 1);
    for requests in [2, 2] {
        match pass().await {
            Err(RunError::Store(error)) => {
                assert_eq!(error.pause_reason(), Some(PauseReason::DiskFull), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(origin.requests().len(), requests, "nothing is requested for nothing");
    }
    store.simulate_disk(None);
    assert_eq!(pass().await.unwrap().0.new, 1);
    assert_eq!(stored(&store), (2, Some(b"\"v2\"".to_vec())));
}
