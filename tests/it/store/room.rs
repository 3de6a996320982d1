//! A disk that fills up under a store: a commit is refused before the database itself runs into the end of the disk,
//! and nothing that was acknowledged is lost.

use rafid::model::PauseReason;
use rafid::store::Commit;

use super::make::{all_new, entry, ids, newest, source, store};
use crate::support::small_disk::SmallDisk;

/// Entries of one poll, and the bytes of each: half a megabyte, of which a third remains.
const ENTRIES: u64 = 25;
const TEXT_BYTES: usize = 20_000;

#[test]
fn commits_fill_a_disk_until_one_is_refused_and_succeeds_later() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("disk"), "60m") else { return };
    let folder = disk.path("store");
    disk.leave(20 * 1024 * 1024);
    let of = source("a");
    let commit = |number: u32| -> Commit {
        let first = u64::from(number) * ENTRIES;
        let listed = (first..first + ENTRIES)
            .map(|at| entry(&of, at, 1_795_000_000 + i64::try_from(at).unwrap(), TEXT_BYTES));
        all_new(&of, number, listed.collect())
    };
    let kept = store(&folder);
    let mut done = 0;
    let refused = loop {
        match kept.commit(&[commit(done)], 10_000) {
            Ok(()) => done += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused.pause_reason(), Some(PauseReason::DiskFull), "after {done}: {refused}");
    assert!(done > 5, "the disk was used: {done}");
    let count = usize::try_from(u64::from(done) * ENTRIES).unwrap();
    assert_eq!(
        newest(&kept, &[&of], 10_000).len(),
        count,
        "readable, and nothing of the refused one"
    );
    kept.flush().unwrap();
    disk.free();
    kept.check_writable_again().unwrap();
    kept.commit(&[commit(done)], 10_000).unwrap();
    let before = ids(&newest(&kept, &[&of], 10_000));
    drop(kept);
    crate::support::memory::wait_until_free(&folder);
    let kept = store(&folder);
    assert_eq!(ids(&newest(&kept, &[&of], 10_000)), before, "and after a restart");
}
