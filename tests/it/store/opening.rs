//! Opening: one user at a time, half-written snapshots, broken, newer and foreign databases, permissions.

use std::fs;
use std::io::Write;
use std::path::Path;

use rafid::store::{RecoveryMethod, Store, StoreError, lock_owner};

use super::crash::Child;
use super::make::{self, all_new, at, entry, newest, now, open, source, state, store};
use crate::support::memory::wait_until_free;

/// A store with a hundred entries, closed.
fn make_filled_store(folder: &Path) {
    fill(store(folder));
}

/// The same without a commit log and bases: what is damaged is lost.
fn make_filled_store_without_log(folder: &Path) {
    fill(make::open_without_log(folder).store);
}

fn fill(store: Store) {
    let a = source("a");
    for reading in 0..10 {
        let numbers = (0..10).map(|n| reading * 10 + n);
        let new = numbers.map(|n| entry(&a, n, n.cast_signed(), 3_000)).collect();
        let number = u32::try_from(reading).unwrap() + 1;
        store.commit(&[all_new(&a, number, new)], 1_000).unwrap();
    }
}

fn refusal(folder: &Path) -> StoreError {
    let settings = make::options(folder);
    Store::open(&settings, now()).unwrap_err()
}

/// Opens a store whose database was broken, and uses it.
fn check_set_aside(folder: &Path, how: &str) {
    let opened = make::open_without_log(folder);
    let aside = opened.recovery.set_aside.unwrap_or_else(|| panic!("{how}: taken to be sound"));
    assert!(aside.starts_with(folder) && aside.join("db").exists(), "{how}: {}", aside.display());
    let a = source("a");
    assert_eq!(newest(&opened.store, &[&a], 1), [], "{how}: a new database");
    let new = vec![entry(&a, 1, 1, 10)];
    opened.store.commit(&[all_new(&a, 5, new.clone())], 10).unwrap();
    drop(opened.store);
    let again = make::open_without_log(folder).store;
    assert_eq!((newest(&again, &[&a], 10), again.poll_state(&a).unwrap()), (new, Some(state(5))));
}

/// Opens a store whose database was broken, and whose log is whole.
fn check_restored(folder: &Path, how: &str) {
    let method = check_complete(folder, how);
    assert_ne!(method, RecoveryMethod::Intact, "{how}");
}

/// Opens a store whose log is whole: nothing may be lost, whatever happened to the database.
fn check_complete(folder: &Path, how: &str) -> RecoveryMethod {
    let opened = open(folder);
    assert_eq!(opened.recovery.lost, 0, "{how}");
    let method = opened.recovery.method;
    let (a, store) = (source("a"), opened.store);
    assert_eq!(newest(&store, &[&a], 1_000).len(), 100, "{how}");
    assert_eq!(store.kept_entry_count(&a).unwrap(), 100, "{how}");
    assert_eq!(store.poll_state(&a).unwrap(), Some(state(10)), "{how}");
    store.commit(&[all_new(&a, 11, vec![entry(&a, 1_000, 1_000, 10)])], 1_000).unwrap();
    drop(store);
    assert_eq!(newest(&make::store(folder), &[&a], 1_000).len(), 101, "{how}");
    method
}

#[test]
fn a_store_has_one_user_and_the_next_one_learns_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(lock_owner(folder.path()).unwrap(), None);
    let mut child = Child::start("hold", folder.path());
    child.wait_for("open");
    let owner = lock_owner(folder.path()).unwrap().expect("the child has it");
    assert_eq!(owner.pid, Some(child.pid()));
    assert_eq!(owner.serves.as_deref(), Some("http://127.0.0.1:4711"));
    assert_eq!(owner.since, Some(now()));
    assert_eq!(
        refusal(folder.path()).to_string(),
        format!(
            "the store in {} is in use by process {}, which serves http://127.0.0.1:4711, since \
             2026-11-23 10:00:00 UTC: stop that process or choose another folder",
            folder.path().display(),
            child.pid()
        )
    );
    child.kill();
    assert_eq!(
        lock_owner(folder.path()).unwrap(),
        None,
        "its note is left behind, but no process has it"
    );
    let mine = store(folder.path());
    assert_eq!(lock_owner(folder.path()).unwrap().unwrap().pid, Some(std::process::id()));
    let clone = mine.clone();
    drop(mine);
    assert!(matches!(refusal(folder.path()), StoreError::InUse { .. }), "a clone holds it, too");
    drop(clone);
    wait_until_free(folder.path());
    assert_eq!(lock_owner(folder.path()).unwrap(), None);
}

#[test]
fn a_store_can_be_opened_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        drop(store(folder.path()));
    }
}

#[cfg(unix)]
#[test]
fn the_folder_is_created_for_its_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("state/rafid");
    drop(store(&folder));
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn half_written_snapshots_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    make_filled_store(folder.path());
    let half = folder.path().join("river/snap.0000.generating");
    let last = folder.path().join("river/snap.FFFFFFFFFFFFFFFF.generating");
    fs::write(&half, b"half").unwrap();
    fs::write(&last, b"").unwrap();
    let store = store(folder.path());
    assert!(!half.exists() && !last.exists());
    assert_eq!(store.kept_entry_count(&source("a")).unwrap(), 100);
}

#[test]
fn a_broken_database_is_set_aside() {
    let garbage = |length: usize| {
        let mut bytes = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    };
    let check = |how: &str, harm: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        make_filled_store_without_log(folder.path());
        harm(&folder.path().join("river"));
        check_set_aside(folder.path(), how);
        let folder = tempfile::tempdir().unwrap();
        make_filled_store(folder.path());
        harm(&folder.path().join("river"));
        check_restored(folder.path(), how);
    };
    check("overwritten", &|db_dir| fs::write(db_dir.join("db"), garbage(1 << 20)).unwrap());
    check("cut to a byte", &|db_dir| shorten(&db_dir.join("db"), 1));
    check("its beginning overwritten", &|db_dir| {
        let mut file = fs::OpenOptions::new().write(true).open(db_dir.join("db")).unwrap();
        file.write_all(&garbage(100_000)).unwrap();
    });
}

#[test]
fn a_broken_snapshot_costs_nothing() {
    for has_log in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        if has_log {
            make_filled_store(folder.path());
        } else {
            make_filled_store_without_log(folder.path());
        }
        let db_dir = folder.path().join("river");
        for file in fs::read_dir(&db_dir).unwrap().map(Result::unwrap) {
            if file.file_name().to_string_lossy().starts_with("snap.") {
                fs::write(file.path(), [9; 64]).unwrap();
            }
        }
        fs::write(db_dir.join("snap.FFFFFFFFFFFFFFFF"), [9; 64]).unwrap();
        let opened =
            if has_log { open(folder.path()) } else { make::open_without_log(folder.path()) };
        assert_eq!(opened.recovery.method, RecoveryMethod::WithoutSnapshot);
        assert_eq!(opened.store.kept_entry_count(&source("a")).unwrap(), 100);
        assert_eq!(newest(&opened.store, &[&source("a")], 1_000).len(), 100);
    }
}

fn shorten(file: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length).unwrap();
}

/// The database is a log: without its tail it is in an earlier state, or broken.
#[test]
fn a_database_without_its_tail_is_in_an_earlier_state_or_set_aside() {
    let mut sound = 0;
    for length in [20_000, 40_000, 70_000, 100_000, 200_000, 400_000] {
        let folder = tempfile::tempdir().unwrap();
        make_filled_store_without_log(folder.path());
        shorten(&folder.path().join("river/db"), length);
        let opened = make::open_without_log(folder.path());
        let (a, store) = (source("a"), opened.store);
        let count = store.kept_entry_count(&a).unwrap();
        assert_eq!(newest(&store, &[&a], 1_000).len() as u64, count, "{length}");
        assert_eq!(count % 10, 0, "{length}: whole commits only");
        let polled = store.poll_state(&a).unwrap().map_or(0, |state| state.document.entries_count);
        assert_eq!(u64::from(polled) * 10, count, "{length}");
        sound += u32::from(opened.recovery.set_aside.is_none());
        store.commit(&[all_new(&a, 99, vec![entry(&a, 1_000, 1_000, 10)])], 1_000).unwrap();
        drop(store);
        let again = make::open_without_log(folder.path()).store;
        assert_eq!(newest(&again, &[&a], 1_000).len() as u64, count + 1, "{length}");
        let folder = tempfile::tempdir().unwrap();
        make_filled_store(folder.path());
        shorten(&folder.path().join("river/db"), length);
        check_complete(folder.path(), &format!("cut to {length}"));
    }
    assert!(sound > 0);
}

#[test]
fn databases_set_aside_before_stay() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("river.broken-20261123T100000Z");
    fs::create_dir(&first).unwrap();
    make_filled_store(folder.path());
    fs::write(folder.path().join("river/db"), [7; 100]).unwrap();
    let second = open(folder.path()).recovery.set_aside.unwrap();
    assert_eq!(second, folder.path().join("river.broken-20261123T100000Z-2"));
    assert_eq!(fs::read_dir(first).unwrap().count(), 0);
}

/// Changes a closed store's records from outside.
pub(crate) fn tamper(folder: &Path, change: impl FnOnce(&sled::Tree)) {
    let db = loop {
        // The store that was just closed releases its lock a moment later.
        match sled::open(folder.join("river")) {
            Ok(db) => break db,
            Err(error) if error.to_string().contains("could not acquire lock") => {
                std::thread::yield_now();
            }
            Err(error) => panic!("{error}"),
        }
    };
    change(&db.open_tree("river").unwrap());
    db.flush().unwrap();
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    make_filled_store(folder.path());
    for (key, own) in [("mformat", 3_u32), ("mschema_version", 1)] {
        let set = |version: u32| {
            tamper(folder.path(), |tree| {
                tree.insert(key, &version.to_be_bytes()).unwrap();
            });
        };
        set(own + 1);
        let message = refusal(folder.path()).to_string();
        let expected = format!(
            "made by a newer rafid: expected format {own} at most, found {}: run that version, \
             or restore a backup from before the upgrade (docs/upgrading.md)",
            own + 1
        );
        assert!(message.ends_with(&expected), "{message}");
        let settings = make::options(folder.path());
        let error = Store::open_copy(&settings, &[]).unwrap_err();
        assert_eq!(error.to_string(), message, "a reading command says the same");
        set(own);
        assert_eq!(store(folder.path()).kept_entry_count(&source("a")).unwrap(), 100);
    }
}

#[test]
fn records_of_a_newer_program_are_refused_and_broken_ones_set_aside() {
    let change_last = |folder: &Path, prefix: &str, change: &dyn Fn(&mut Vec<u8>)| {
        tamper(folder, |tree| {
            let (key, value) = tree.scan_prefix(prefix).next_back().unwrap().unwrap();
            let mut value = value.to_vec();
            change(&mut value);
            tree.insert(key, value).unwrap();
        });
    };
    for (prefix, newest, what) in [
        ("b", 2, "the entry "),
        ("k", 2, "a chunk of seen entries of a"),
        ("s", 5, "the poll state of a"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        make_filled_store(folder.path());
        change_last(folder.path(), prefix, &|value| value[0] = newest + 1);
        let error = refusal(folder.path());
        assert!(error.to_string().starts_with(what), "{error}");
        let why = format!("unknown version: expected {newest}, found {}", newest + 1);
        let expected = format!(" cannot be read from the store: {why}");
        assert!(error.to_string().ends_with(&expected), "{error}");
        change_last(folder.path(), prefix, &|value| value[0] = newest - 1);
        let error = refusal(folder.path()).to_string();
        let why = format!("unknown version: expected {newest}, found {}", newest - 1);
        assert!(error.ends_with(&why), "only a store without a format number is upgraded: {error}");
        change_last(folder.path(), prefix, &|value| {
            value[0] = newest;
            value.truncate(20);
        });
        check_restored(folder.path(), prefix);
    }
}

#[test]
fn damage_found_while_open_makes_the_next_opening_read_everything() {
    let folder = tempfile::tempdir().unwrap();
    make_filled_store(folder.path());
    let suspect = folder.path().join("suspect");
    fs::write(&suspect, "a false alarm").unwrap();
    assert_eq!(store(folder.path()).kept_entry_count(&source("a")).unwrap(), 100);
    assert!(!suspect.exists(), "everything was read");
    tamper(folder.path(), |tree| {
        let (key, value) = tree.scan_prefix("b").nth(50).unwrap().unwrap();
        tree.insert(key, &value[..20]).unwrap();
    });
    let a = source("a");
    let damaged = entry(&a, 50, 50, 0);
    let open = store(folder.path());
    assert_eq!(newest(&open, &[&a], 10).len(), 10, "nothing is noticed among the newest");
    assert!(!suspect.exists());
    let error = open.entry(damaged.id, at(50)).unwrap_err();
    let expected = format!("the entry {} cannot be read from the store: ", damaged.id);
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(suspect.exists());
    drop(open);
    check_restored(folder.path(), "a damage in the middle");
    assert!(!suspect.exists());
}

#[test]
fn a_database_of_another_kind_of_sled_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(
        sled::Config::new().path(folder.path().join("river")).segment_size(1 << 20).open().unwrap(),
    );
    let message = refusal(folder.path()).to_string();
    assert!(message.contains("was not created by rafid"), "{message}");
    assert!(
        !fs::read_dir(folder.path())
            .unwrap()
            .any(|file| { file.unwrap().file_name().to_string_lossy().contains("broken") })
    );
}

#[test]
fn a_file_in_place_of_the_folder_is_reported() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("rafid");
    fs::write(&folder, "a file").unwrap();
    let message = refusal(&folder).to_string();
    assert!(message.starts_with(&format!("cannot create {}: ", folder.display())), "{message}");
}
