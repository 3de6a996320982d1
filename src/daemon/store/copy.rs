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

use super::error::StoreError;
use super::hold::holder;
use super::open::{self, RIVER, SUSPECT, Settings, Trouble};
use super::{Place, Store};

/// How often it is tried while the store changes. A daemon that starts has its lock at the second time; one
/// that ended lets go of a database of a million entries within a second.
const TRIES: u32 = 40;
/// The pause between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// What tells that a file changed.
type Stamp = (u64, Option<SystemTime>);

impl Store {
    /// Opens a copy of a store that no process has open; what `beside` names of its folder is copied, too,
    /// where it is there. What is written goes into the copy, and ends with it.
    ///
    /// # Errors
    /// `Missing`: there is no store. `Held`: a process has it. `Damaged`, `Newer`, `Foreign`: it cannot be
    /// read. `Files`, `Copying`: the disk or the rights.
    pub fn open_copy(settings: &Settings, beside: &[&str]) -> Result<Self, StoreError> {
        let of = &settings.folder;
        let copy = copied(of, beside)?;
        let copied = Settings { folder: copy.path().to_owned(), cache_bytes: settings.cache_bytes };
        match open::database(&copied) {
            Ok((db, tree)) => Ok(Self::assemble(db, tree, Place::Copy { of: of.clone(), copy })),
            // Opening writes, too: the room among the temporary files is what is missing.
            Err(Trouble::Refused(StoreError::Files { path, source, .. }))
                if path.starts_with(&copied.folder) =>
            {
                let bytes = stamps(of, &[RIVER])?.values().map(|(bytes, _)| bytes).sum();
                Err(StoreError::Copying { folder: of.clone(), bytes, source })
            }
            Err(Trouble::Refused(error)) => Err(error.of_database(&of.join(RIVER))),
            Err(Trouble::Broken(why)) => Err(StoreError::Damaged { folder: of.join(RIVER), why }),
        }
    }
}

/// Since when the store in `folder` rests: when it was last written to or closed. `None`: there is no store,
/// or nobody knows.
pub fn at_rest_since(folder: &Path) -> Option<Timestamp> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let database = changed(&folder.join(RIVER).join("db"))?;
    let latest = changed(folder).map_or(database, |closed| closed.max(database));
    Timestamp::try_from(latest).ok()
}

/// Whether a database stands in `folder`. An error: nobody can tell.
pub fn is_there(folder: &Path) -> Result<bool, StoreError> {
    let path = folder.join(RIVER).join("db");
    match fs::metadata(&path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(StoreError::files("read", &path, error)),
    }
}

fn copied(folder: &Path, beside: &[&str]) -> Result<TempDir, StoreError> {
    if !is_there(folder)? {
        return Err(StoreError::Missing { folder: folder.to_owned() });
    }
    let parts: Vec<&str> = [RIVER, SUSPECT].into_iter().chain(beside.iter().copied()).collect();
    for _ in 0..TRIES {
        if let Some(owner) = holder(folder)? {
            return Err(StoreError::Held { folder: folder.to_owned(), owner });
        }
        if is_let_go(folder)? {
            let before = stamps(folder, &parts)?;
            if let Some(copy) = copy_of(folder, &before)?
                && holder(folder)?.is_none()
                && is_let_go(folder)?
                && stamps(folder, &parts)? == before
            {
                return Ok(copy);
            }
        }
        thread::sleep(PAUSE);
    }
    Err(StoreError::Changing { folder: folder.to_owned() })
}

/// Whether sled has let go of its database: it does so a moment after our own lock.
fn is_let_go(folder: &Path) -> Result<bool, StoreError> {
    let path = folder.join(RIVER).join("db");
    let failed = |error| StoreError::files("lock", &path, error);
    let database = File::open(&path).map_err(failed)?;
    match database.try_lock_shared() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The files of these parts of a folder, by their paths within it.
fn stamps(folder: &Path, parts: &[&str]) -> Result<BTreeMap<PathBuf, Stamp>, StoreError> {
    let mut found = BTreeMap::new();
    let mut paths: Vec<PathBuf> = parts.iter().map(PathBuf::from).collect();
    while let Some(path) = paths.pop() {
        let at = folder.join(&path);
        let failed = |error| StoreError::files("read", &at, error);
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
fn copy_of(folder: &Path, files: &BTreeMap<PathBuf, Stamp>) -> Result<Option<TempDir>, StoreError> {
    let bytes = files.values().map(|(bytes, _)| bytes).sum();
    let failed = |source| StoreError::Copying { folder: folder.to_owned(), bytes, source };
    let copy = tempfile::Builder::new().prefix("rafid-").tempdir().map_err(failed)?;
    for path in files.keys() {
        let mut from = match File::open(folder.join(path)) {
            Ok(from) => from,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::files("read", &folder.join(path), error)),
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
