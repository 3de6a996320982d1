//! A store that no process has open → a readable copy. The store itself is not changed, so it can also be
//! read where writing is not possible: on a read-only disk, in a backup, by another user.
//!
//! sled writes to a database as soon as it opens it (its garbage collector, its snapshots), and cannot open
//! one read-only. So the files are copied into a temporary folder and the copy is opened. On a file system
//! that shares blocks and holds both folders the copy takes no space.
//!
//! No lock is held while copying: a daemon that starts must not fail because of a reader. Instead the locks
//! (Rafid's own and sled's) and the sizes and times of the files are compared before and after the copy, and
//! whatever changed is copied again. Files that did not change are what a killed process would leave behind,
//! which sled can read.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tempfile::TempDir;

use super::database::{self, OpenFailure};
use super::layout::{DB_DIR, LOG_DIR, SUSPECT};
use super::lock::lock_owner;
use super::recovery::RecoveredDatabase;
use super::replay;
use super::store_error::StoreError;
use super::store_options::StoreOptions;
use super::{DatabaseLocation, Store};

/// The number of attempts while the store changes. A starting daemon holds its lock by the second attempt; an
/// ending one releases a database of a million entries within a second.
const TRIES: u32 = 40;
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Size and time of a file; they show whether it changed.
type FileVersion = (u64, Option<SystemTime>);

impl Store {
    /// Opens a copy of a store that no process has open. The files of its folder that `beside` names are also
    /// copied, if they exist. Writes go to the copy and are lost with it.
    ///
    /// # Errors
    /// `Missing`: there is no store. `InUse`: a process has it open. `Damaged`, `NewerSchema`, `Foreign`: it
    /// cannot be read. `Files`, `Copying`: the disk or the permissions.
    pub fn open_copy(options: &StoreOptions, beside: &[&str]) -> Result<Self, StoreError> {
        let folder = &options.folder;
        let copy = copy_consistently(folder, beside)?;
        let copied =
            StoreOptions { cache_bytes: options.cache_bytes, ..StoreOptions::new(copy.path()) };
        match database::open_database(&copied) {
            Ok(opened) => {
                replay::catch_up_copy(&opened.tree, copy.path())?;
                let location = DatabaseLocation::Copy { store_folder: folder.clone(), copy };
                Ok(Self::assemble(RecoveredDatabase::without_log(opened), location, options))
            }
            // Opening also writes, so this is a lack of space for temporary files.
            Err(OpenFailure::Refused(StoreError::Files { path, source, .. }))
                if path.starts_with(&copied.folder) =>
            {
                let bytes =
                    file_versions(folder, &[DB_DIR])?.values().map(|(bytes, _)| bytes).sum();
                Err(StoreError::Copying { folder: folder.clone(), bytes, source })
            }
            Err(OpenFailure::Refused(error)) => {
                Err(error.with_database_folder(&folder.join(DB_DIR)))
            }
            Err(OpenFailure::Broken(why)) => {
                Err(StoreError::Damaged { folder: folder.join(DB_DIR), why })
            }
        }
    }
}

/// When the store in `folder` was last written or closed. `None`: there is no store, or the system does not
/// report the time.
pub fn closed_since(folder: &Path) -> Option<Timestamp> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let database = changed(&folder.join(DB_DIR).join("db"))?;
    let latest = changed(folder).map_or(database, |closed| closed.max(database));
    Timestamp::try_from(latest).ok()
}

/// Whether there is a database in `folder`.
///
/// # Errors
/// When that cannot be determined.
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
    let parts: Vec<&str> =
        [DB_DIR, LOG_DIR, SUSPECT].into_iter().chain(beside.iter().copied()).collect();
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

/// Whether sled has released its database. It does so a moment after our own lock is released.
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

/// The files in a new folder that only this user can read. `None`: a file was deleted in the meantime.
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
        // `fs::copy` would also copy permissions, and a read-only file could then not be written here.
        to.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| File::create(&to))
            .and_then(|mut to| io::copy(&mut from, &mut to))
            .map_err(failed)?;
    }
    Ok(Some(copy))
}
