//! A store that no process has open → a copy of it that can be read. Nothing of the store is changed, so
//! that it can also be read where it must not be written: on a read-only disk, in a backup, by another user.
//!
//! sled writes to a database as soon as it opens it (its garbage collector, its snapshots), and has no way
//! to open one for reading only. So the files are copied into a folder of the system's temporary ones, and
//! the copy is opened; on a file system that shares blocks and holds both folders the copy takes no room.
//!
//! No lock is held meanwhile: a daemon that starts must not fail because of a reader. Instead the locks (our
//! own and sled's) and the files' sizes and times are looked at before and after; what changed meanwhile is
//! copied again. Files that did not change are what a killed process would leave behind, which sled reads.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tempfile::TempDir;

use super::layout::{DB_DIR, SUSPECT};
use super::lock::lock_owner;
use super::open::{self, OpenFailure, StoreOptions};
use super::store_error::StoreError;
use super::{DatabaseLocation, Store};

/// How often it is tried while the store changes. A daemon that starts has its lock at the second time; one
/// that ended lets go of a database of a million entries within a second.
const TRIES: u32 = 40;
/// The pause between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// What tells that a file changed.
type FileVersion = (u64, Option<SystemTime>);

impl Store {
    /// Opens a copy of a store that no process has open; what `beside` names of its folder is copied, too,
    /// where it is there. What is written goes into the copy, and ends with it.
    ///
    /// # Errors
    /// `Missing`: there is no store. `Held`: a process has it. `Damaged`, `Newer`, `Foreign`: it cannot be
    /// read. `Files`, `Copying`: the disk or the rights.
    pub fn open_copy(settings: &StoreOptions, beside: &[&str]) -> Result<Self, StoreError> {
        let of = &settings.folder;
        let copy = copy_consistently(of, beside)?;
        let copied =
            StoreOptions { folder: copy.path().to_owned(), cache_bytes: settings.cache_bytes };
        match open::open_database(&copied) {
            Ok((db, tree)) => {
                Ok(Self::assemble(db, tree, DatabaseLocation::Copy { of: of.clone(), copy }))
            }
            // Opening writes, too: the room among the temporary files is what is missing.
            Err(OpenFailure::Refused(StoreError::Files { path, source, .. }))
                if path.starts_with(&copied.folder) =>
            {
                let bytes = file_versions(of, &[DB_DIR])?.values().map(|(bytes, _)| bytes).sum();
                Err(StoreError::Copying { folder: of.clone(), bytes, source })
            }
            Err(OpenFailure::Refused(error)) => Err(error.with_database_folder(&of.join(DB_DIR))),
            Err(OpenFailure::Broken(why)) => {
                Err(StoreError::Damaged { folder: of.join(DB_DIR), why })
            }
        }
    }
}

/// Since when the store in `folder` rests: when it was last written to or closed. `None`: there is no store,
/// or nobody knows.
pub fn closed_since(folder: &Path) -> Option<Timestamp> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let database = changed(&folder.join(DB_DIR).join("db"))?;
    let latest = changed(folder).map_or(database, |closed| closed.max(database));
    Timestamp::try_from(latest).ok()
}

/// Whether a database stands in `folder`. An error: nobody can tell.
pub fn database_exists(folder: &Path) -> Result<bool, StoreError> {
    let path = folder.join(DB_DIR).join("db");
    match fs::metadata(&path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(StoreError::file_error("read", &path, error)),
    }
}

fn copy_consistently(folder: &Path, beside: &[&str]) -> Result<TempDir, StoreError> {
    if !database_exists(folder)? {
        return Err(StoreError::Missing { folder: folder.to_owned() });
    }
    let parts: Vec<&str> = [DB_DIR, SUSPECT].into_iter().chain(beside.iter().copied()).collect();
    for _ in 0..TRIES {
        if let Some(owner) = lock_owner(folder)? {
            return Err(StoreError::InUse { folder: folder.to_owned(), owner });
        }
        if is_unlocked_by_sled(folder)? {
            let before = file_versions(folder, &parts)?;
            if let Some(copy) = copy_files(folder, &before)?
                && lock_owner(folder)?.is_none()
                && is_unlocked_by_sled(folder)?
                && file_versions(folder, &parts)? == before
            {
                return Ok(copy);
            }
        }
        thread::sleep(PAUSE);
    }
    Err(StoreError::Changing { folder: folder.to_owned() })
}

/// Whether sled has let go of its database: it does so a moment after our own lock.
fn is_unlocked_by_sled(folder: &Path) -> Result<bool, StoreError> {
    let path = folder.join(DB_DIR).join("db");
    let failed = |error| StoreError::file_error("lock", &path, error);
    let database = File::open(&path).map_err(failed)?;
    match database.try_lock_shared() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The files of these parts of a folder, by their paths within it.
fn file_versions(
    folder: &Path,
    parts: &[&str],
) -> Result<BTreeMap<PathBuf, FileVersion>, StoreError> {
    let mut found = BTreeMap::new();
    let mut paths: Vec<PathBuf> = parts.iter().map(PathBuf::from).collect();
    while let Some(path) = paths.pop() {
        let at = folder.join(&path);
        let failed = |error| StoreError::file_error("read", &at, error);
        let file = match fs::metadata(&at) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        if file.is_dir() {
            for entry in fs::read_dir(&at).map_err(failed)? {
                paths.push(path.join(entry.map_err(failed)?.file_name()));
            }
        } else {
            found.insert(path, (file.len(), file.modified().ok()));
        }
    }
    Ok(found)
}

/// The files in a new folder that this user alone can read. `None`: one of them is gone meanwhile.
fn copy_files(
    folder: &Path,
    files: &BTreeMap<PathBuf, FileVersion>,
) -> Result<Option<TempDir>, StoreError> {
    let bytes = files.values().map(|(bytes, _)| bytes).sum();
    let failed = |source| StoreError::Copying { folder: folder.to_owned(), bytes, source };
    let copy = tempfile::Builder::new().prefix("rafid-").tempdir().map_err(failed)?;
    for path in files.keys() {
        let mut from = match File::open(folder.join(path)) {
            Ok(from) => from,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::file_error("read", &folder.join(path), error)),
        };
        let to = copy.path().join(path);
        // Not `fs::copy`: a file that must not be written would be one here, too.
        to.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| File::create(&to))
            .and_then(|mut to| io::copy(&mut from, &mut to))
            .map_err(failed)?;
    }
    Ok(Some(copy))
}
