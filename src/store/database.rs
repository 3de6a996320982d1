//! A folder of sled → an open database: of our format, readable, proven to sync.
//!
//! | step | protects against |
//! | --- | --- |
//! | delete half-written snapshots (`snap.*.generating`) | sled takes them for whole ones: a process killed while opening made its database unusable in 2 of 25 tries |
//! | open, trying again until a closing database is released | sled closes a moment after it was dropped |
//! | compare the format number, migrate a store without one, read the last records of each kind (all of them after damage was found) | a database that opens but is empty or unreadable |
//! | write, flush, and see a sync happen | an executable in which `real_sync` has no effect |
//!
//! A database of a newer version, of another program, or on a full disk is not broken.

use std::cmp::Ordering;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

use sled::{Db, Tree};

use super::layout::{DB_DIR, SUSPECT};
use super::lock_owner::LockOwner;
use super::store_error::{StoreError, is_database_damage, panic_as_sled_error};
use super::store_options::StoreOptions;
use super::{decode, keys, migration, missing_digests, packs, real_sync, seen_entries};

/// The current format. A database with a greater number is refused.
pub(super) const FORMAT: u32 = 3;
/// The version of the keys, which does not change: it marks a database whose records were not lost.
const SCHEMA_VERSION: u32 = 1;
/// How often, and with which pause, opening is tried while sled's lock is taken: two seconds in all. A
/// database of a million entries was observed to need part of one second to be released.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// sled's garbage collector works only between its periodic flushes.
const FLUSH_EVERY_MS: u64 = 500;
/// The number of records of each kind that are read to see whether a database is intact: as many as sled
/// keeps in one leaf.
const SAMPLE: usize = 16;

/// A database that was opened and checked.
pub(super) struct OpenedDatabase {
    pub(super) db: Db,
    pub(super) tree: Tree,
    /// Whether it was converted from an earlier format.
    pub(super) is_upgraded: bool,
}

/// Why a database could not be opened.
pub(super) enum OpenFailure {
    /// It is broken; the reason in words.
    Broken(String),
    /// It may well be intact.
    Refused(StoreError),
}

/// Opens the database and checks whether it is intact. A panic of sled means that it is not.
pub(super) fn open_database(options: &StoreOptions) -> Result<OpenedDatabase, OpenFailure> {
    let db_dir = &options.folder.join(DB_DIR);
    let is_suspected = options.folder.join(SUSPECT).exists();
    let had_data = fs::metadata(db_dir.join("db")).is_ok_and(|file| file.len() > 0);
    remove_half_snapshots(db_dir).map_err(OpenFailure::Refused)?;
    let attempt = AssertUnwindSafe(|| {
        let db = open_sled(db_dir, options.cache_bytes)?;
        let tree = db.open_tree(DB_DIR).map_err(|error| open_failure_of(error, db_dir))?;
        check_schema(&tree, db_dir, had_data)?;
        let is_upgraded = check_format(&db, &tree, db_dir, had_data)?;
        missing_digests::ensure_recent_digests(&tree)
            .map_err(|error| failure_of_record(error, db_dir))?;
        check_records(&tree, db_dir, is_suspected)?;
        match check_sync(&db, &tree) {
            Ok(true) => Ok(OpenedDatabase { db, tree, is_upgraded }),
            Ok(false) => Err(OpenFailure::Refused(StoreError::SyncNotReal)),
            Err(error) => Err(open_failure_of(error, db_dir)),
        }
    });
    catch_unwind(attempt)
        .unwrap_or_else(|panic| Err(open_failure_of(panic_as_sled_error(&*panic), db_dir)))
}

/// A new database of the current format in a folder that does not exist.
///
/// # Errors
/// `Files` when the disk or the permissions do not allow it, `Unusable` when it does not work.
pub(super) fn create_database(db_dir: &Path, cache_bytes: u64) -> Result<(Db, Tree), StoreError> {
    let attempt = AssertUnwindSafe(|| {
        let db = open_sled(db_dir, cache_bytes)?;
        let tree = db.open_tree(DB_DIR).map_err(|error| open_failure_of(error, db_dir))?;
        check_schema(&tree, db_dir, false)?;
        check_format(&db, &tree, db_dir, false)?;
        Ok((db, tree))
    });
    let opened = catch_unwind(attempt)
        .unwrap_or_else(|panic| Err(open_failure_of(panic_as_sled_error(&*panic), db_dir)));
    opened.map_err(|failure| match failure {
        OpenFailure::Refused(error) => error,
        OpenFailure::Broken(why) => StoreError::Unusable { folder: db_dir.to_owned(), why },
    })
}

fn remove_half_snapshots(db_dir: &Path) -> Result<(), StoreError> {
    let to_error = |error| StoreError::file_error("read", db_dir, error);
    let files = match fs::read_dir(db_dir) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(to_error(error)),
    };
    for file in files {
        let path = file.map_err(to_error)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(&path)
                .map_err(|error| StoreError::file_error("remove", &path, error))?;
        }
    }
    Ok(())
}

fn open_sled(db_dir: &Path, cache_bytes: u64) -> Result<Db, OpenFailure> {
    let mut tries = 1;
    loop {
        // Segment size and compression stay at sled's defaults: `conf`, which holds them, may be lost in a
        // power cut, and sled then uses the defaults.
        let config = sled::Config::new()
            .path(db_dir)
            .cache_capacity(cache_bytes)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        match config.open() {
            Ok(db) => return Ok(db),
            Err(error) if !is_locked(&error) => return Err(open_failure_of(error, db_dir)),
            Err(_) if tries < TRIES => {
                tries += 1;
                thread::sleep(PAUSE);
            }
            Err(_) => {
                let folder = db_dir.to_owned();
                return Err(OpenFailure::Refused(StoreError::InUse {
                    folder,
                    owner: LockOwner::default(),
                }));
            }
        }
    }
}

/// sled reports it only in words.
fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}

fn open_failure_of(error: sled::Error, db_dir: &Path) -> OpenFailure {
    match error {
        error if is_database_damage(&error) => OpenFailure::Broken(error.to_string()),
        sled::Error::Unsupported(why) => {
            OpenFailure::Refused(StoreError::Foreign { folder: db_dir.to_owned(), why })
        }
        error => {
            let doing = "use the database in";
            OpenFailure::Refused(StoreError::file_error(doing, db_dir, error.into()))
        }
    }
}

/// A database without data gets the schema version. One that had data must hold it, because after some losses
/// sled opens an empty database.
fn check_schema(tree: &Tree, db_dir: &Path, had_data: bool) -> Result<(), OpenFailure> {
    match read_number(tree, keys::SCHEMA_VERSION, db_dir)? {
        Some(found) => check_number(SCHEMA_VERSION, found, db_dir),
        None if had_data => Err(OpenFailure::Broken("it holds no schema version".to_owned())),
        None => {
            let version = &SCHEMA_VERSION.to_be_bytes()[..];
            tree.insert(keys::SCHEMA_VERSION, version)
                .map_err(|error| open_failure_of(error, db_dir))?;
            Ok(())
        }
    }
}

/// A database of an earlier format is converted, step by step, and then gets its number. Returns whether a
/// database with data was converted.
fn check_format(db: &Db, tree: &Tree, db_dir: &Path, had_data: bool) -> Result<bool, OpenFailure> {
    let found = read_number(tree, keys::FORMAT, db_dir)?;
    if let Some(found) = found.filter(|found| !(1..FORMAT).contains(found)) {
        return check_number(FORMAT, found, db_dir).map(|()| false);
    }
    if had_data {
        let folder = db_dir.display();
        tracing::info!(%folder, format = FORMAT, "the upgrade of the store starts");
    }
    let found = found.unwrap_or(0);
    let failure = |error| failure_of_record(error, db_dir);
    let records = if found < 1 { migration::to_format_1(db, tree).map_err(failure)? } else { 0 };
    let arrivals = if found < 2 { migration::to_format_2(db, tree).map_err(failure)? } else { 0 };
    let packed = migration::to_format_3(db, tree).map_err(failure)?;
    let format = &FORMAT.to_be_bytes()[..];
    tree.insert(keys::FORMAT, format).map_err(|error| open_failure_of(error, db_dir))?;
    db.flush().map_err(|error| open_failure_of(error, db_dir))?;
    if had_data {
        tracing::info!(
            format = FORMAT,
            records,
            arrivals,
            packed,
            "the upgrade of the store is complete"
        );
    }
    Ok(had_data)
}

/// A number among the database's own information; `None`: it is missing.
fn read_number(tree: &Tree, key: &[u8], db_dir: &Path) -> Result<Option<u32>, OpenFailure> {
    let value = tree.get(key).map_err(|error| open_failure_of(error, db_dir))?;
    let Some(bytes) = value else { return Ok(None) };
    match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(number) => Ok(Some(u32::from_be_bytes(number))),
        Err(_) => Err(OpenFailure::Broken(format!("{} is {bytes:?}", keys::describe_key(key)))),
    }
}

fn check_number(expected: u32, found: u32, db_dir: &Path) -> Result<(), OpenFailure> {
    match found.cmp(&expected) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => {
            let folder = db_dir.to_owned();
            Err(OpenFailure::Refused(StoreError::NewerSchema { folder, expected, found }))
        }
        Ordering::Less => {
            Err(OpenFailure::Broken(format!("it is of format {found}, which never was")))
        }
    }
}

/// Reads the last records of the three kinds that polls and outputs cannot do without; `is_suspected`: every record
/// of every kind.
fn check_records(tree: &Tree, db_dir: &Path, is_suspected: bool) -> Result<(), OpenFailure> {
    if is_suspected {
        for item in tree {
            let (key, value) = item.map_err(|error| open_failure_of(error, db_dir))?;
            check_record(tree, &key, &value).map_err(|error| failure_of_record(error, db_dir))?;
        }
        return Ok(());
    }
    for prefix in [keys::entry_prefix(), keys::chunk_prefix(), keys::poll_state_prefix()] {
        for item in tree.scan_prefix(prefix).rev().take(SAMPLE) {
            let (key, value) = item.map_err(|error| open_failure_of(error, db_dir))?;
            check_record(tree, &key, &value).map_err(|error| failure_of_record(error, db_dir))?;
        }
    }
    Ok(())
}

/// What an unreadable record means for the database.
fn failure_of_record(error: StoreError, db_dir: &Path) -> OpenFailure {
    match error {
        StoreError::Database { source, .. } => open_failure_of(source, db_dir),
        error if error.is_damage() => OpenFailure::Broken(error.to_string()),
        // It is of a newer program, although the format number is ours.
        error => OpenFailure::Refused(error),
    }
}

fn check_record(tree: &Tree, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    if key.starts_with(&keys::entry_prefix()) {
        decode::decode_entry(tree, key, value).map(drop)
    } else if key.starts_with(&keys::chunk_prefix()) {
        seen_entries::decode_chunk(key, value).map(drop)
    } else if key.starts_with(&keys::poll_state_prefix()) {
        decode::decode_poll_state(tree, key, value).map(drop)
    } else if keys::packed_kind(key).is_some() {
        packs::decode_pack(tree, key, value).map(drop)
    } else {
        Ok(())
    }
}

/// Counts this opening, and returns whether flushing that count synced. (The value must be new each time:
/// sled does not write a value that is already there.)
fn check_sync(db: &Db, tree: &Tree) -> sled::Result<bool> {
    let before = real_sync::sync_count();
    let openings = tree.get(keys::OPENINGS)?.and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok());
    let openings = openings.map_or(0, u64::from_be_bytes).wrapping_add(1);
    tree.insert(keys::OPENINGS, &openings.to_be_bytes())?;
    db.flush()?;
    Ok(!cfg!(target_os = "linux") || real_sync::sync_count() > before)
}

/// Leaves a note for the next opening that something could not be read.
pub(super) fn mark_suspect(folder: &Path, error: &StoreError) {
    if let Err(failed) = fs::write(folder.join(SUSPECT), format!("{error}\n")) {
        tracing::warn!(error = %failed, "the note about damage cannot be written");
    }
}
