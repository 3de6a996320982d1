//! Reading a closed store by a copy: nothing of the store changes, whatever its condition.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rafid::store::{Store, StoreError, closed_since, database_exists};

use super::crash::Child;
use super::make::{all_new, entry, newest, source, state, store};
use crate::support::memory::wait_until_free;

/// A store with three entries, closed.
fn make_filled_store(folder: &Path) {
    let (a, store) = (source("a"), store(folder));
    let new = (0..3).map(|n| entry(&a, n, n.cast_signed(), 500)).collect();
    store.commit(&[all_new(&a, 1, new)], 1_000).unwrap();
}

fn copy(folder: &Path) -> Result<Store, StoreError> {
    Store::open_copy(&super::make::options(folder), &["search"])
}

/// Every file and folder, with its content and the time of its last change.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            found.insert(path, (Vec::new(), changed));
        } else {
            found.insert(path.clone(), (fs::read(path).unwrap(), changed));
        }
    }
    found
}

fn read_only(folder: &Path) {
    for path in snapshot(folder).into_keys() {
        let mut rights = fs::metadata(&path).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(path, rights).unwrap();
    }
}

#[test]
fn a_copy_reads_what_is_there_and_changes_nothing() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("data");
    make_filled_store(&folder);
    fs::create_dir(folder.join("search")).unwrap();
    fs::write(folder.join("search/format"), "x").unwrap();
    wait_until_free(&folder);
    read_only(&folder);
    let (before, a) = (snapshot(&folder), source("a"));
    assert!(database_exists(&folder).unwrap() && closed_since(&folder).is_some());
    let place = {
        let read = copy(&folder).unwrap();
        assert_eq!(newest(&read, &[&a], 10).len(), 3);
        assert_eq!(read.poll_state(&a).unwrap(), Some(state(1)));
        assert_eq!(fs::read_to_string(read.folder().join("search/format")).unwrap(), "x");
        // Writes also go to the copy only.
        read.commit(&[all_new(&a, 2, vec![entry(&a, 9, 9, 10)])], 1_000).unwrap();
        assert_eq!(
            (read.folder_key(), read.broken_databases(), read.check_location().is_ok()),
            (None, vec![], true)
        );
        read.folder().to_owned()
    };
    assert_ne!(place, folder);
    assert!(!place.exists(), "the copy is deleted");
    assert!(snapshot(&folder) == before, "the store changed");
}

#[test]
fn reading_creates_no_store() {
    let above = tempfile::tempdir().unwrap();
    for folder in [above.path().join("nowhere"), above.path().to_owned()] {
        let error = copy(&folder).unwrap_err();
        assert!(matches!(error, StoreError::Missing { .. }), "{error}");
        assert!(error.to_string().contains("`rafid run`"), "{error}");
        assert!(!database_exists(&folder).unwrap());
    }
    assert_eq!(fs::read_dir(above.path()).unwrap().count(), 0);
}

#[test]
fn a_store_in_use_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Child::start("hold", folder.path());
    child.wait_for("open");
    let error = copy(folder.path()).unwrap_err();
    assert!(error.to_string().contains(&child.pid().to_string()), "{error}");
}

#[test]
fn a_broken_database_is_reported_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    make_filled_store(folder.path());
    wait_until_free(folder.path());
    fs::write(folder.path().join("river/db"), vec![7; 100_000]).unwrap();
    let before = snapshot(folder.path());
    let error = copy(folder.path()).unwrap_err();
    let expected = format!("the database in {} is broken: ", folder.path().join("river").display());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert!(snapshot(folder.path()) == before, "the store changed");

    let opened = super::make::open(folder.path());
    let aside = opened.store.broken_databases();
    assert_eq!(aside.len(), 1);
    assert_eq!(Some(&aside[0].path), opened.recovery.set_aside.as_ref());
    assert_eq!(aside[0].at, Some(super::make::now()));
    fs::remove_dir_all(&aside[0].path).unwrap();
    assert_eq!(opened.store.broken_databases(), []);
}

#[test]
fn a_damaged_record_found_while_reading_leaves_no_note() {
    let folder = tempfile::tempdir().unwrap();
    make_filled_store(folder.path());
    wait_until_free(folder.path());
    {
        let db = sled::open(folder.path().join("river")).unwrap();
        let tree = db.open_tree("river").unwrap();
        let (key, value) = tree.scan_prefix("b").next().unwrap().unwrap();
        tree.insert(key, &value[..20]).unwrap();
        db.flush().unwrap();
    }
    // The three records are fewer than opening reads, so it finds the broken one.
    let error = copy(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(!folder.path().join("suspect").exists());
}
