//! The file system of the store's folder → whether a commit may begin there, and a reserve with which a store on a
//! full disk can still be opened.
//!
//! | what | why |
//! | --- | --- |
//! | every write first requires room for itself and for what the database does beside it | an error of the disk in the middle of the database's own work ends every later write; a commit that does not begin harms nothing |
//! | after a refusal more room is required, and a file is written as a trial | the edge of a full disk is crossed many times; a quota shows only when something is written |
//! | a file `reserve`, deleted when a store is opened on a full disk | the database writes a snapshot whenever it is opened; so the daemon starts and serves what is stored |
//!
//! Only Linux reports the room here; elsewhere it is unknown, and the errors of the disk itself decide.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

#[cfg(test)]
use super::simulated_disk::SimulatedDisk;
use super::store_error::StoreError;
use super::{DatabaseLocation, Store};

/// At most this many free bytes are required. A group of 64 polls stores a megabyte or two, and the database
/// writes twelve bytes for one (measured with its garbage collector); the rest is for the next groups until the
/// loop notices, and for the snapshot of the next start.
const MAX_NEEDED_BYTES: u64 = 64 * 1024 * 1024;
/// At least this many, on the smallest disk: eight of the steps by which the database extends its file.
const MIN_NEEDED_BYTES: u64 = 4 * 1024 * 1024;
/// In between, one part in this many of the whole file system: a small disk must be usable too.
const NEEDED_PART: u64 = 16;
/// After a refusal one part in this many more is required, so that a file that grows and shrinks at the edge does
/// not pause polls every second.
const HYSTERESIS_PART: u64 = 4;
/// A new database and a snapshot fit into this: sled extends its file in steps of half a megabyte.
const ROOM_TO_OPEN_BYTES: u64 = 2 * 1024 * 1024;
/// The size of the reserve: room to open, twice.
const RESERVE_BYTES: u64 = 2 * ROOM_TO_OPEN_BYTES;
/// What is written as a trial: two steps of the database's file.
const TRIAL_BYTES: usize = 1024 * 1024;
/// The reserve's file.
const RESERVE: &str = "reserve";
/// The file that is written as a trial and deleted.
const TRIAL: &str = "room";

/// The room on the disk of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskRoom {
    /// Bytes that this user may still write.
    pub free_bytes: u64,
    /// Free bytes without which nothing is stored.
    pub needed_bytes: u64,
}

impl DiskRoom {
    /// The room on a file system of `total_bytes`.
    fn from_sizes(free_bytes: u64, total_bytes: u64) -> Self {
        let part = total_bytes / NEEDED_PART;
        Self { free_bytes, needed_bytes: part.clamp(MIN_NEEDED_BYTES, MAX_NEEDED_BYTES) }
    }

    /// The free bytes with which writing goes on after a refusal.
    pub fn bytes_to_go_on(self) -> u64 {
        self.needed_bytes + self.needed_bytes / HYSTERESIS_PART
    }
}

/// The disk of an open store.
#[derive(Debug)]
pub(super) struct DiskSpace {
    /// The store's folder; `None`: the open files are a copy, which is not written.
    folder: Option<PathBuf>,
    /// What a test puts in the place of the disk.
    #[cfg(test)]
    pub(super) simulated: std::sync::Mutex<Option<SimulatedDisk>>,
}

impl DiskSpace {
    /// The disk of these files.
    pub(super) fn of_location(location: &DatabaseLocation) -> Self {
        let folder = match location {
            DatabaseLocation::Own { lock, .. } => Some(lock.folder().to_owned()),
            DatabaseLocation::Copy { .. } => None,
        };
        Self {
            folder,
            #[cfg(test)]
            simulated: std::sync::Mutex::default(),
        }
    }

    fn room(&self) -> Option<DiskRoom> {
        #[cfg(test)]
        if let Some(SimulatedDisk::Room(room)) = self.simulated() {
            return Some(room);
        }
        disk_room(self.folder.as_deref()?)
    }

    /// Refuses if less than `needed` is free, or if a test wants an error.
    pub(super) fn require(&self, needed: impl FnOnce(DiskRoom) -> u64) -> Result<(), StoreError> {
        let Some(folder) = self.folder.as_deref() else { return Ok(()) };
        #[cfg(test)]
        if let Some(SimulatedDisk::Refusing(kind)) = self.simulated() {
            return Err(StoreError::file_error("write to", folder, kind.into()));
        }
        match self.room() {
            Some(room) => require_bytes(folder, room.free_bytes, needed(room)),
            None => Ok(()),
        }
    }

    #[cfg(test)]
    fn simulated(&self) -> Option<SimulatedDisk> {
        *self.simulated.lock().unwrap()
    }
}

impl Store {
    /// The room on the store's disk; `None`: unknown.
    pub fn disk_room(&self) -> Option<DiskRoom> {
        self.0.disk.room()
    }

    /// Whether a write may begin: the store's paths lead to its files, and there is room. Every write checks it
    /// first. After an error nothing was written, and the same write can be tried again.
    ///
    /// # Errors
    /// `Vanished`, `DiskFull`; `Files` when the system does not report where the store is.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.check_location()?;
        self.0.disk.require(|room| room.needed_bytes)
    }

    /// The same after a refusal: more room is required, and a file is really written. Then the reserve is made
    /// again if it was used.
    ///
    /// # Errors
    /// As for `check_writable`, and `Files` when nothing can be written.
    pub fn check_writable_again(&self) -> Result<(), StoreError> {
        self.check_location()?;
        self.0.disk.require(DiskRoom::bytes_to_go_on)?;
        if let Some(folder) = &self.0.disk.folder {
            write_trial(folder, TRIAL_BYTES)
                .map_err(|error| StoreError::file_error("write to", folder, error))?;
            ensure_reserve(folder);
        }
        Ok(())
    }
}

fn require_bytes(folder: &Path, free_bytes: u64, needed_bytes: u64) -> Result<(), StoreError> {
    if free_bytes >= needed_bytes {
        return Ok(());
    }
    Err(StoreError::DiskFull { folder: folder.to_owned(), free_bytes, needed_bytes })
}

/// Whether the database in `folder` can be opened: without this room sled fails in ways that look like damage.
///
/// # Errors
/// `DiskFull`.
pub(super) fn require_room_to_open(folder: &Path) -> Result<(), StoreError> {
    match disk_room(folder) {
        Some(room) => require_bytes(folder, room.free_bytes, ROOM_TO_OPEN_BYTES),
        None => Ok(()),
    }
}

/// On a full disk sled fails in ways that look like damage. An intact database must not be moved away because
/// of that.
///
/// # Errors
/// `Files`.
pub(super) fn check_room_for_database(folder: &Path) -> Result<(), StoreError> {
    let bytes = usize::try_from(ROOM_TO_OPEN_BYTES).unwrap_or(usize::MAX);
    write_trial(folder, bytes)
        .map_err(|error| StoreError::file_error("create a new database in", folder, error))
}

/// Writes, syncs and deletes a file.
fn write_trial(folder: &Path, bytes: usize) -> io::Result<()> {
    let path = folder.join(TRIAL);
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; bytes])?;
        file.sync_data()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Deletes the reserve of `folder` if the disk is as good as full. The folder is locked by this process.
pub(super) fn release_reserve_if_full(folder: &Path) {
    let is_full = disk_room(folder).is_some_and(|room| room.free_bytes < RESERVE_BYTES);
    if is_full && fs::remove_file(folder.join(RESERVE)).is_ok() {
        tracing::warn!(folder = %folder.display(), "the disk is full: the reserve is used to open the store");
    }
}

/// Makes the reserve if it is missing and the disk has room for it. Without one everything works, but a start on a
/// full disk.
pub(super) fn ensure_reserve(folder: &Path) {
    let path = folder.join(RESERVE);
    let exists = fs::metadata(&path).is_ok_and(|file| file.len() >= RESERVE_BYTES);
    let has_room = disk_room(folder)
        .is_some_and(|room| room.free_bytes >= room.bytes_to_go_on() + RESERVE_BYTES);
    if exists || !has_room {
        return;
    }
    if let Err(error) = allocate_file(&path, RESERVE_BYTES) {
        tracing::debug!(%error, path = %path.display(), "the reserve cannot be made");
        let _ = fs::remove_file(&path);
    }
}

/// A file whose blocks are taken from the disk, which writing zeros would not do everywhere.
#[cfg(target_os = "linux")]
fn allocate_file(path: &Path, bytes: u64) -> io::Result<()> {
    let file = fs::OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn allocate_file(_path: &Path, _bytes: u64) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// The room on the file system of `folder`; `None`: the system does not report it.
#[cfg(target_os = "linux")]
fn disk_room(folder: &Path) -> Option<DiskRoom> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    // Some network and user-space file systems report nothing but zeros.
    (found.f_blocks > 0).then(|| DiskRoom::from_sizes(bytes(found.f_bavail), bytes(found.f_blocks)))
}

#[cfg(not(target_os = "linux"))]
fn disk_room(_folder: &Path) -> Option<DiskRoom> {
    None
}

/// Whether an error of the system means that the disk or the folder takes nothing more.
pub(super) fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::PauseReason;
    use crate::model::{PollState, SourceId};
    use crate::store::{Commit, StoreOptions};

    const MIB: u64 = 1024 * 1024;

    fn open(folder: &Path) -> Store {
        Store::open(&StoreOptions::new(folder), at(0)).unwrap().store
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn commit(name: &str) -> Commit {
        Commit {
            source: SourceId::new(name).unwrap(),
            state: PollState::new([7; 16], at(1)),
            new: Vec::new(),
            changed: Vec::new(),
            restored: Vec::new(),
            story_records: Vec::new(),
            observed: Vec::new(),
            is_whole: true,
        }
    }

    #[test]
    fn the_room_that_is_needed_follows_the_size_of_the_disk() {
        let check = |total: u64, needed: u64| {
            let room = DiskRoom::from_sizes(0, total * MIB);
            assert_eq!(room.needed_bytes, needed * MIB, "{total} MiB");
            assert_eq!(room.bytes_to_go_on(), needed * MIB * 5 / 4);
        };
        check(10, 4);
        check(64, 4);
        check(100 * 16, 64);
        check(512, 32);
        check(4_000_000, 64);
    }

    #[test]
    fn a_full_disk_refuses_every_write_and_the_same_one_succeeds_later() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let room = |free: u64| DiskRoom { free_bytes: free * MIB, needed_bytes: 8 * MIB };
        store.commit(&[commit("before")], 10).unwrap();
        store.simulate_disk(Some(SimulatedDisk::Room(room(7))));
        let error = store.commit(&[commit("a")], 10).unwrap_err();
        assert_eq!(error.pause_reason(), Some(PauseReason::DiskFull), "{error}");
        let message = error.to_string();
        for words in ["7.0 MiB", "8.0 MiB", folder.path().to_str().unwrap(), "make room"] {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert!(store.poll_state(&SourceId::new("a").unwrap()).unwrap().is_none());
        assert!(store.poll_state(&SourceId::new("before").unwrap()).unwrap().is_some(), "readable");
        store.flush().expect("what is written already may still be synced");
        store.simulate_disk(Some(SimulatedDisk::Room(room(9))));
        assert!(store.check_writable().is_ok());
        assert!(store.check_writable_again().is_err(), "after a refusal more room is needed");
        store.simulate_disk(Some(SimulatedDisk::Room(room(10))));
        store.check_writable_again().unwrap();
        store.commit(&[commit("a")], 10).expect("nothing is poisoned");
        assert!(store.poll_state(&SourceId::new("a").unwrap()).unwrap().is_some());
    }

    #[test]
    fn errors_of_the_disk_itself_count_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        for (kind, reason) in [
            (ErrorKind::StorageFull, PauseReason::DiskFull),
            (ErrorKind::QuotaExceeded, PauseReason::DiskFull),
            (ErrorKind::ReadOnlyFilesystem, PauseReason::ReadOnly),
            (ErrorKind::PermissionDenied, PauseReason::NotPermitted),
        ] {
            store.simulate_disk(Some(SimulatedDisk::Refusing(kind)));
            let error = store.commit(&[commit("a")], 10).unwrap_err();
            assert_eq!(error.pause_reason(), Some(reason), "{error}");
            assert!(store.check_writable_again().is_err(), "{kind:?}");
        }
        store.simulate_disk(None);
        store.commit(&[commit("a")], 10).unwrap();
        let other = StoreError::file_error("read", folder.path(), ErrorKind::Interrupted.into());
        assert_eq!(other.pause_reason(), None);
    }

    #[test]
    fn a_store_that_is_lost_takes_nothing_until_it_is_back() {
        let above = tempfile::tempdir().unwrap();
        let (folder, away) = (above.path().join("data"), above.path().join("away"));
        let store = open(&folder);
        fs::rename(&folder, &away).unwrap();
        let error = store.commit(&[commit("a")], 10).unwrap_err();
        assert_eq!(error.pause_reason(), Some(PauseReason::StoreLost), "{error}");
        fs::rename(&away, &folder).unwrap();
        store.check_writable_again().unwrap();
        store.commit(&[commit("a")], 10).unwrap();
        assert!(!folder.join(TRIAL).exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_reserve_is_made_at_the_opening_and_again_after_its_use() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let reserve = folder.path().join(RESERVE);
        if !reserve.exists() {
            println!("skipped: the file system of {} reserves nothing", folder.path().display());
            return;
        }
        assert_eq!(fs::metadata(&reserve).unwrap().len(), RESERVE_BYTES);
        release_reserve_if_full(folder.path());
        assert!(reserve.exists(), "the disk is not full");
        fs::remove_file(&reserve).unwrap();
        store.check_writable_again().unwrap();
        assert!(reserve.exists());
    }
}
