//! A folder → the exclusive right to use it, and a note for other processes about the owner.
//!
//! `lock` is locked as long as the store is open; the system unlocks it however the process ends. `owner` is
//! the note: lines of `name value`. It is a separate file because on some systems a locked file cannot be
//! read, and because a separate file can be replaced atomically. `key` holds a word for the operator's other
//! programs: a program that knows it can read the folder. Only the folder's user can read that file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use super::disk_space::{self, is_refusal};
use super::lock_owner::LockOwner;
use super::store_error::StoreError;

const LOCK: &str = "lock";
const OWNER: &str = "owner";
const KEY: &str = "key";
/// A process that looks up the owner takes the lock for a moment, so locking is tried several times, for a
/// fifth of a second in all. A user should not wait long for the message that the store is in use.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// The process that has the store in `folder` open now, without opening the store. `None`: no process has.
///
/// # Errors
/// `Files` when the lock can be neither tried nor found missing.
pub fn lock_owner(folder: &Path) -> Result<Option<LockOwner>, StoreError> {
    let path = folder.join(LOCK);
    let lock = match File::open(&path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::file_error("open", &path, error)),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(read_owner_note(folder))),
        Err(TryLockError::Error(error)) => Err(StoreError::file_error("lock", &path, error)),
    }
}

/// The word that the owner of the store in `folder` wrote there.
///
/// # Errors
/// When it does not exist or may not be read.
pub fn read_folder_key(folder: &Path) -> std::io::Result<String> {
    fs::read_to_string(folder.join(KEY)).map(|key| key.trim().to_owned())
}

/// Writes a new word. `None`: it could not be written. The store also works without one.
fn write_folder_key(folder: &Path) -> Option<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    let key: String = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect();
    let path = folder.join(KEY);
    // A new file gets its own permissions.
    let _ = fs::remove_file(&path);
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).ok()?;
    file.write_all(key.as_bytes()).ok()?;
    Some(key)
}

fn hex_digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('0')
}

/// The lock and the note. Dropping it releases both.
#[derive(Debug)]
pub(super) struct StoreLock {
    folder: PathBuf,
    key: Option<String>,
    _lock: File,
}

impl StoreLock {
    /// Locks `folder`, which exists, checks that a store can be opened there at all, and writes a note with the address
    /// that this process serves.
    pub(super) fn acquire(
        folder: &Path,
        serves: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let path = folder.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| error_of_lock_file(folder, error))?;
        let mut tries = 1;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < TRIES => {
                    tries += 1;
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    let owner = read_owner_note(folder);
                    return Err(StoreError::InUse { folder: folder.to_owned(), owner });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::file_error("lock", &path, error));
                }
            }
        }
        disk_space::release_reserve_if_full(folder);
        disk_space::require_room_to_open(folder)?;
        let key = write_folder_key(folder);
        write_owner_note(folder, serves, now)?;
        Ok(Self { folder: folder.to_owned(), key, _lock: lock })
    }

    /// The word in the folder.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The locked folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn write_owner_note(
    folder: &Path,
    serves: Option<&str>,
    since: Timestamp,
) -> Result<(), StoreError> {
    let owner = LockOwner {
        pid: Some(std::process::id()),
        serves: serves.map(str::to_owned),
        since: Some(since),
    };
    let (path, fresh) = (folder.join(OWNER), folder.join("owner.new"));
    fs::write(&fresh, owner.to_note())
        .and_then(|()| fs::rename(&fresh, &path))
        .map_err(|error| StoreError::file_error("write", &path, error))
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // The lock is still held here, so this is our own note. A note that stays behind is replaced by the
        // next owner, and ignored while there is no owner.
        let _ = fs::remove_file(self.folder.join(OWNER));
    }
}

/// Why the lock cannot be opened. Where the user or the disk forbids it, the folder is to blame.
fn error_of_lock_file(folder: &Path, error: io::Error) -> StoreError {
    if is_refusal(error.kind()) {
        StoreError::file_error("write to the store's folder", folder, error)
    } else {
        StoreError::file_error("open", &folder.join(LOCK), error)
    }
}

fn read_owner_note(folder: &Path) -> LockOwner {
    LockOwner::from_note(&fs::read_to_string(folder.join(OWNER)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn only_one_process_gets_the_lock_and_others_learn_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(lock_owner(&folder.path().join("nowhere")).unwrap(), None);
        assert_eq!(lock_owner(folder.path()).unwrap(), None);
        let serves = Some("http://127.0.0.1:1");
        let first = StoreLock::acquire(folder.path(), serves, at(5)).unwrap();
        let expected = LockOwner {
            pid: Some(std::process::id()),
            serves: Some("http://127.0.0.1:1".into()),
            since: Some(at(5)),
        };
        assert_eq!(lock_owner(folder.path()).unwrap(), Some(expected.clone()));
        match StoreLock::acquire(folder.path(), None, at(6)) {
            Err(StoreError::InUse { owner, .. }) => assert_eq!(owner, expected),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert_eq!(lock_owner(folder.path()).unwrap(), None);
        let second = StoreLock::acquire(folder.path(), None, at(7)).unwrap();
        assert_eq!(lock_owner(folder.path()).unwrap().unwrap().since, Some(at(7)));
        drop(second);
    }

    #[test]
    fn a_note_left_behind_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK), "").unwrap();
        fs::write(folder.path().join(OWNER), "pid 1\n").unwrap();
        assert_eq!(lock_owner(folder.path()).unwrap(), None);
    }
}
