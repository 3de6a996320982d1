//! The whole store → a backup in one file, also while it is written, and back. A backup has the format of a base.
//!
//! It is dumped from a snapshot, so polls are stored meanwhile. A store that changes is dumped into a file without a
//! name in its own folder first: the snapshot of a slow client would have much to keep. A copy is dumped directly.
//!
//! A backup is restored beside what is there, and takes its place when it is complete. What was there is set
//! aside as a broken database is, its log and its bases with it: they would be applied to the restored one.

use std::fs;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use jiff::Timestamp;

use super::base::{self, BasePoint, BaseProgress};
use super::broken_database::{remove_folder, set_aside};
use super::database::FORMAT;
use super::folder_sync::sync_folder;
use super::layout::{BASE_DIR, DB_DIR, LOG_DIR};
use super::lock::StoreLock;
use super::open::{make_folder, store_exists};
use super::snapshot::TreeSnapshot;
use super::store_error::{StoreError, panic_as_sled_error, read_error, write_error};
use super::store_options::StoreOptions;
use super::write::applied_position;
use super::{DatabaseLocation, Store, journal, keys};

/// The folder in which a backup becomes a database, in the store's folder.
const RESTORING_DIR: &str = "restoring";
/// What belongs to a database beside it: its log and its bases.
const BESIDE_DATABASE: [&str; 2] = [LOG_DIR, BASE_DIR];

/// How far a backup is written, read or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupProgress {
    /// The number of records so far.
    pub records: u64,
    /// The number of bytes of the file so far.
    pub bytes: u64,
    /// The length of the file; `None`: it is being written.
    pub total_bytes: Option<u64>,
}

/// Receives how far it is, from time to time.
type OnProgress<'a> = &'a dyn Fn(BackupProgress);

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    /// The number of records.
    pub records: u64,
    /// The number of records that cannot be read, and are not in the backup.
    pub unreadable: u64,
    /// The length in bytes.
    pub bytes: u64,
}

/// What a backup holds, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupContents {
    /// The position of the store's log at which it was taken.
    pub position: u64,
    /// When it was taken; `None`: that part is damaged.
    pub taken_at: Option<Timestamp>,
    /// The number of readable records.
    pub records: u64,
    /// The number of records that were written; `None`: that part is damaged or missing.
    pub expected_records: Option<u64>,
    /// The number of readable entries.
    pub entries: u64,
    /// The number of readable poll states: one for each source that was ever polled.
    pub sources: u64,
    /// The number of damaged or missing blocks; 0: it is intact.
    pub damaged_blocks: u64,
    /// The length in bytes.
    pub bytes: u64,
}

/// What `restore_backup` may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RestoreChoice {
    /// Set the store aside that is there.
    pub replaces_store: bool,
    /// Restore what a damaged backup still holds.
    pub accepts_damage: bool,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredStore {
    /// What is restored.
    pub contents: BackupContents,
    /// Where the store of before was moved to; `None`: there was no store.
    pub set_aside: Option<PathBuf>,
}

impl BackupContents {
    /// Whether everything that was written can be read.
    pub fn is_intact(&self) -> bool {
        self.damaged_blocks == 0 && self.expected_records == Some(self.records)
    }
}

impl Store {
    /// Writes a backup of everything that is stored at one moment.
    ///
    /// # Errors
    /// `Database` when the store cannot be read, `Files` when `out` or the file in the store's folder fails.
    pub fn write_backup(
        &self,
        out: &mut dyn Write,
        taken_at: Timestamp,
        on_progress: OnProgress<'_>,
    ) -> Result<BackupSummary, StoreError> {
        if let DatabaseLocation::Copy { .. } = self.0.location {
            return self.dump(out, taken_at, on_progress);
        }
        let to_error = |error| StoreError::file_error("write a backup in", self.folder(), error);
        let mut file = tempfile::tempfile_in(self.folder()).map_err(to_error)?;
        let summary = self.dump(&mut BufWriter::new(&mut file), taken_at, on_progress)?;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| io::copy(&mut file, out))
            .and_then(|_| out.flush())
            .map_err(to_error)?;
        Ok(summary)
    }

    fn dump(
        &self,
        out: &mut dyn Write,
        taken_at: Timestamp,
        on_progress: OnProgress<'_>,
    ) -> Result<BackupSummary, StoreError> {
        let dump = || {
            let (position, snapshot) = self.begin_snapshot()?;
            let point = BasePoint { position, taken_at };
            let progress = |progress| on_progress(progress_of(progress));
            let mut out = out;
            let summary = base::write_base(&snapshot, point, &mut out, &progress)?;
            Ok(BackupSummary {
                records: summary.records,
                unreadable: summary.left_out,
                bytes: summary.bytes,
            })
        };
        catch_unwind(AssertUnwindSafe(dump))
            .unwrap_or_else(|panic| Err(read_error(panic_as_sled_error(&*panic))))
    }

    /// The store as it is now, and the position of the last record of the log that it contains.
    fn begin_snapshot(&self) -> Result<(u64, TreeSnapshot<'_>), StoreError> {
        let (turn, tree) = (self.0.before_images.take_turn(), &self.0.tree);
        // Only the writer holds it: nothing is applied while the snapshot begins.
        let _writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let position = applied_position(tree)?.unwrap_or(0);
        Ok((position, turn.begin(tree, &self.0.gate)))
    }
}

fn progress_of(progress: BaseProgress) -> BackupProgress {
    let BaseProgress { records, bytes, total_bytes } = progress;
    BackupProgress { records, bytes, total_bytes }
}

/// Reads all of a backup without using it.
///
/// # Errors
/// `Files` when the file cannot be read, `NotABackup` when it holds no backup. `NewerSchema` when it is of a newer program.
pub fn inspect_backup(
    path: &Path,
    on_progress: OnProgress<'_>,
) -> Result<BackupContents, StoreError> {
    let (mut entries, mut sources) = (0, 0);
    let found = base::inspect_base(path, &|it| on_progress(progress_of(it)), &mut |key| {
        entries += u64::from(key.starts_with(&keys::entry_prefix()));
        sources += u64::from(key.starts_with(&keys::poll_state_prefix()));
    });
    let found = found.map_err(|error| match error {
        StoreError::Files { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
            StoreError::NotABackup { path: path.to_owned() }
        }
        error => error,
    })?;
    if let Some(format) = found.store_format.filter(|format| *format > FORMAT) {
        let folder = path.to_owned();
        return Err(StoreError::NewerSchema { folder, expected: FORMAT, found: format });
    }
    let bytes =
        fs::metadata(path).map_err(|error| StoreError::file_error("read", path, error))?.len();
    Ok(BackupContents {
        position: found.position,
        taken_at: found.taken_at,
        records: found.records,
        expected_records: found.expected_records,
        entries,
        sources,
        damaged_blocks: found.damaged_blocks,
        bytes,
    })
}

/// Makes the store in the folder of `options` from a backup. Until it is complete the store of before stays in
/// its place.
///
/// # Errors
/// Those of `inspect_backup`. `InUse`: a process has the store open. `Exists`: there is a store, and it may not be
/// replaced. `DamagedBackup`: it is, and that is not accepted. `Database`, `Files`: the disk or the permissions.
pub fn restore_backup(
    path: &Path,
    options: &StoreOptions,
    choice: RestoreChoice,
    now: Timestamp,
    on_progress: OnProgress<'_>,
) -> Result<RestoredStore, StoreError> {
    let folder = &options.folder;
    let contents = inspect_backup(path, on_progress)?;
    if !contents.is_intact() && !choice.accepts_damage {
        return Err(StoreError::DamagedBackup {
            path: path.to_owned(),
            damaged_blocks: contents.damaged_blocks,
            readable: contents.records,
            written: contents.expected_records,
        });
    }
    make_folder(folder)?;
    let _lock = StoreLock::acquire(folder, None, now)?;
    let has_store =
        store_exists(folder) || BESIDE_DATABASE.iter().any(|it| folder.join(it).exists());
    if has_store && !choice.replaces_store {
        return Err(StoreError::Exists { folder: folder.clone() });
    }
    let restoring = folder.join(RESTORING_DIR);
    remove_folder(&restoring)?;
    // Its log begins where it is opened in its place.
    let fresh =
        StoreOptions { folder: restoring.clone(), recovery_percent: None, ..options.clone() };
    let filled = fill_new_store(path, &fresh, now, on_progress);
    filled.inspect_err(|_| {
        // It takes space that the store needs; the next restoration removes it, too.
        let _ = remove_folder(&restoring);
    })?;
    let set_aside = if has_store { Some(set_all_aside(folder, now)?) } else { None };
    let (from, to) = (restoring.join(DB_DIR), folder.join(DB_DIR));
    fs::rename(&from, &to)
        .and_then(|()| sync_folder(folder))
        .map_err(|error| StoreError::file_error("write", &to, error))?;
    remove_folder(&restoring)?;
    Ok(RestoredStore { contents, set_aside })
}

fn fill_new_store(
    path: &Path,
    options: &StoreOptions,
    now: Timestamp,
    on_progress: OnProgress<'_>,
) -> Result<(), StoreError> {
    let store = Store::open(options, now)?.store;
    let tree = &store.0.tree;
    let fill = || {
        base::restore_base(path, tree, &|it| on_progress(progress_of(it)))?;
        // Readers know the numbers that were used after the backup.
        let batch = journal::batch_of_skipped_numbers(tree, now)?;
        batch.apply()
    };
    catch_unwind(AssertUnwindSafe(fill))
        .unwrap_or_else(|panic| Err(write_error(panic_as_sled_error(&*panic))))?;
    store.flush()
}

/// Moves the database away, and what belongs to it into its folder. Returns the new path of that folder.
fn set_all_aside(folder: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let db_dir = folder.join(DB_DIR);
    let move_error = |error| StoreError::file_error("move away", folder, error);
    // A log or a base may be there without a database.
    fs::create_dir_all(&db_dir).map_err(move_error)?;
    for name in BESIDE_DATABASE.iter().filter(|name| folder.join(name).exists()) {
        fs::rename(folder.join(name), db_dir.join(name)).map_err(move_error)?;
    }
    set_aside(&db_dir, now)
}

#[cfg(test)]
mod tests;
