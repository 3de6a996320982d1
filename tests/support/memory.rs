//! The store of a program that does not run → the same store with another memory of a source.

use std::path::Path;

use jiff::Timestamp;
use rafid::model::{PollState, SourceId};
use rafid::store::{Commit, Store, StoreOptions};

/// Changes what the store remembers of a source, while nobody has it open.
pub fn remember_otherwise(folder: &Path, id: &str, change: impl FnOnce(&mut PollState)) {
    let settings = StoreOptions { folder: folder.join("data"), cache_bytes: 8 << 20 };
    let store = Store::open(&settings, Timestamp::now()).unwrap().store;
    let source = SourceId::new(id).unwrap();
    let mut state = store.poll_state(&source).unwrap().unwrap();
    change(&mut state);
    let (new, changed, remembered) = (Vec::new(), Vec::new(), Vec::new());
    let (restored, told, is_whole) = (Vec::new(), Vec::new(), false);
    let commit = Commit {
        source,
        state,
        new,
        changed,
        restored,
        story_records: told,
        observed: remembered,
        is_whole,
    };
    store.commit(&[commit], 100).unwrap();
}
