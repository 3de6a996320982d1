//! The store of a program that does not run → the same store with another state of a source.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use rafid::model::{PollState, SourceId};
use rafid::store::{Commit, Store, StoreOptions};

use super::origin::DEADLINE;

/// Changes the stored state of a source while no process has the store open.
pub fn remember_otherwise(folder: &Path, id: &str, change: impl FnOnce(&mut PollState)) {
    let folder = folder.join("data");
    let settings = StoreOptions { cache_bytes: 8 << 20, ..StoreOptions::new(folder.clone()) };
    let store = Store::open(&settings, Timestamp::now()).unwrap().store;
    let source = SourceId::new(id).unwrap();
    let mut state = store.poll_state(&source).unwrap().unwrap();
    change(&mut state);
    let (new, changed, observed) = (Vec::new(), Vec::new(), Vec::new());
    let (restored, story_records, is_whole) = (Vec::new(), Vec::new(), false);
    let commit =
        Commit { source, state, new, changed, restored, story_records, observed, is_whole };
    store.commit(&[commit], 100).unwrap();
    drop(store);
    wait_until_free(&folder);
}

/// Waits until the locks of a store that this process closed are free. The database keeps its lock a moment
/// longer than the store is open, and a child that another test starts at this moment has a copy of every
/// open file, locks included, from its fork until its exec.
pub fn wait_until_free(folder: &Path) {
    let end = Instant::now() + DEADLINE;
    for name in ["lock", "river/db"] {
        let file = File::open(folder.join(name)).unwrap();
        while file.try_lock_shared().is_err() {
            assert!(Instant::now() < end, "{name} is not free after {DEADLINE:?}");
            std::thread::yield_now();
        }
    }
}
