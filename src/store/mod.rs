//! Commits → durable records, and records → what the next poll and the outputs need. Only this room uses
//! `sled`.
//!
//! The store makes no decisions: it stores what it is given, and deletes by count and age as it is
//! instructed. One thread writes at a time, many read. A commit is atomic (entries, seen entries and poll
//! state together). Once acknowledged, it survives the end of the process and a power cut.
//!
//! | file | input → output |
//! | --- | --- |
//! | `layout` | the names of files in the store's folder |
//! | `log` | records ↔ the commit log: what is durable |
//! | `apply` | a record → the batches that carry it out |
//! | `write` | decided changes → records in the log, then in the database |
//! | `base` | the database ↔ a compressed dump of it |
//! | `base_schedule` | sizes and times → whether a new base is due, and the base |
//! | `recovery_report` | what had to be done at opening, as a value |
//! | `opening_progress` | the steps of a recovery → how much of it is done |
//! | `replay` | the records of the log after a position → applied |
//! | `closing_note` | whether a store was closed, and how its file was left |
//! | `file_check` | whether the database's file is damaged |
//! | `file_time` | a file that was written → one whose time differs from that of any later write |
//! | `recovery` | a folder, whatever happened to it → its database, up to date |
//! | `salvage` | the files of a damaged database → every record that can be read |
//! | `store_error` | what can go wrong → a message for the operator |
//! | `lock_owner` | the process that has the store open ↔ its note |
//! | `lock` | a folder → the exclusive right to use it |
//! | `folder_sync` | a folder → the names in it, durable |
//! | `folder_identity` | an open store → whether its paths still point to its files |
//! | `process_user` | this process → its user, for messages |
//! | `disk_space` | the file system of a store → whether a write may begin |
//! | `broken_database` | a broken database → a folder beside it, and the list of them |
//! | `real_sync` | sled's flush → a real `fdatasync` |
//! | `frame` | payloads ↔ frames that survive damage beside them |
//! | `keys` | positions and ids ↔ keys |
//! | `records` | values of the model ↔ fields of records |
//! | `batch` | records → an atomic batch |
//! | `packs` | small records ↔ one value of the database for several of them |
//! | `snapshot` | a tree that goes on changing → its records as they were at one moment |
//! | `change_counter` | batches → which poll states changed, and whether outputs show another change |
//! | `entry_cache` | records of entries → entries that are decoded once |
//! | `decode` | records in the tree → values of the model |
//! | `encode` | values of the model → their records |
//! | `backup` | the whole store ↔ a file that another machine can read |
//! | `migration` | a store of an earlier format → one of the current format |
//! | `database` | a folder of sled → an open, checked database |
//! | `output_tokens` | the tokens of private outputs ↔ a file beside the database |
//! | `private_file` | bytes → a file beside the database, replaced at once |
//! | `list_files` | what is known of lists that are kept elsewhere ↔ files beside the database |
//! | `poll_commit` | the result of a poll, as a value |
//! | `store_options` | where a store is, and what it may take |
//! | `open` | a folder → an open store |
//! | `copy` | a folder that no process has open → a readable copy of it |
//! | `sample_store` | for tests: a number of entries → a store of them |
//! | `seen_entries` | the chunks of one source ↔ the entries that were seen in it |
//! | `commit` | the results of polls → records |
//! | `commit_records` | the result of a poll → its records, which the log and the database share |
//! | `journal` | commits → the journal of arrivals |
//! | `archive_pages` | the closed archive pages of an output ↔ their records |
//! | `due` | the time of a source's next poll → its record |
//! | `label_use` | the newest entries of a source ↔ the record of how many are labeled as breaking news |
//! | `prune` | an age and exceptions → deleted entries of a source |
//! | `latest` | sources → their newest entries |
//! | `fair_share` | the same, with a fair share for each source |
//! | `entries_above` | a position → the entries above it, the nearest first |
//! | `entry_digest` | the records of an entry → a digest of their bytes |
//! | `digest_reading` | an entry, or a time → the digests of stored entries |
//! | `missing_digests` | a database without the digests of recent entries → one with them |
//! | `recent_digests` | the digests of recent entries ↔ records beside them |
//! | `feature_files` | what was computed of the texts of entries ↔ files beside the database |
//! | `entry_scan` | a position → the stored entries that follow it, oldest first |
//! | `find_entry` | an id or a filter → the stored entries, wherever they are |
//! | `story_records` | stories and term counts ↔ records |
//! | `damage_note` | a read failure of the open store → why it must be opened again, and when that is possible |
//! | `full_text_state` | the full-text state of a source ↔ its record |
//! | `machine_clock` | what is known about this machine's clock ↔ its record; entries listed in the future → their correct position |
//! | `site_name` | the permanent name of the site ↔ its record |
//! | `subscriptions` | WebSub subscriptions ↔ records |

mod apply;
mod archive_pages;
mod backup;
mod base;
mod base_schedule;
mod batch;
mod broken_database;
mod change_counter;
mod closing_note;
mod commit;
mod commit_records;
mod copy;
mod damage_note;
mod database;
mod decode;
mod digest_reading;
mod disk_space;
mod due;
mod encode;
mod entries_above;
mod entry_cache;
mod entry_digest;
mod entry_scan;
mod fair_share;
mod feature_files;
mod file_check;
mod file_time;
mod find_entry;
mod folder_identity;
mod folder_sync;
mod frame;
mod full_text_state;
mod journal;
mod keys;
mod label_use;
mod latest;
mod layout;
mod list_files;
mod lock;
mod lock_owner;
mod log;
mod machine_clock;
mod migration;
mod missing_digests;
mod open;
mod opening_progress;
mod output_tokens;
mod packs;
mod poll_commit;
mod private_file;
mod process_user;
mod prune;
mod real_sync;
mod recent_digests;
mod records;
mod recovery;
mod recovery_report;
mod replay;
mod salvage;
#[cfg(test)]
mod sample_store;
mod seen_entries;
mod site_name;
mod snapshot;
mod store_error;
mod store_options;
mod story_records;
mod subscriptions;
mod write;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use sled::{Db, Tree};
use tempfile::TempDir;

use crate::model::{EntryId, PollState, SeenIndex, SourceId, StoredEntry};
use change_counter::ChangeCounter;
use closing_note::ClosingNoteWriter;
use damage_note::{DamageNote, OpenToken};
use disk_space::DiskSpace;
use entry_cache::EntryCache;
use folder_identity::FolderIdentity;
use keys::EntryPosition;
use lock::StoreLock;
use recovery::RecoveredDatabase;
use snapshot::BeforeImages;
use store_error::{panic_as_sled_error, read_error};
use write::WriterState;

pub use crate::model::ObservedEntry;
pub use backup::{
    BackupContents, BackupProgress, BackupSummary, RestoreChoice, RestoredStore, inspect_backup,
    restore_backup,
};
pub use base_schedule::RecoverySpace;
pub use broken_database::{BrokenDatabase, RestoredPart};
pub use change_counter::ChangedPollStates;
pub use copy::{closed_since, database_exists};
pub use damage_note::ClosingWatch;
pub use disk_space::DiskRoom;
pub use entry_digest::EntryDigest;
pub use entry_scan::{EntryCursor, EntryScan};
pub use fair_share::FairShare;
pub use feature_files::{FeatureIndex, FeaturePlace, FeatureRecord, FeatureWriter};
pub use journal::source_hash;
pub use label_use::LabelUse;
pub use latest::LatestQuery;
pub use list_files::{read_stored_list, write_stored_list};
pub use lock::{lock_owner, read_folder_key};
pub use lock_owner::LockOwner;
pub use open::{OpenedStore, store_exists};
pub use opening_progress::OpeningProgress;
pub use output_tokens::{
    new_output_token, output_tokens_path, read_output_tokens, write_output_tokens,
};
pub use poll_commit::Commit;
pub use prune::Pruning;
pub use records::{RecordError, whole_milliseconds};
pub use recovery_report::{RecoveryMethod, RecoveryReport};
pub use store_error::StoreError;
pub use store_options::StoreOptions;

/// An open store. Clones share it. It closes when the last one is dropped.
#[derive(Clone)]
pub struct Store(Arc<StoreInner>);

/// The fields are dropped in this order: the database before the lock.
struct StoreInner {
    tree: Tree,
    db: Db,
    /// Readers hold it while they read several records, the writer while it applies a batch, so that no
    /// reader sees half a commit. (sled makes readers wait for a batch anyway.)
    gate: RwLock<()>,
    writer: Mutex<WriterState>,
    /// What the writer keeps for a base or a backup that is being written.
    before_images: BeforeImages,
    /// The disk of the files.
    disk: DiskSpace,
    /// The decoded entries that outputs show.
    entries: EntryCache,
    /// What the applied batches changed.
    changes: ChangeCounter,
    /// Is dropped behind the database, which writes until then, and before the lock. A copy has none.
    closing: Option<ClosingNoteWriter>,
    location: DatabaseLocation,
    recovery_percent: Option<u16>,
    /// Is called while a base is written.
    on_progress: fn(),
    /// How often the log was synced.
    log_syncs: AtomicU64,
    /// The first damage that was found.
    damage: DamageNote,
    /// Dropped last: without it the store is closed.
    open: OpenToken,
}

/// The files that an open database uses.
#[derive(Debug)]
enum DatabaseLocation {
    /// The store itself, which this process owns exclusively.
    Own {
        lock: StoreLock,
        /// The identity of its files at opening.
        identity: FolderIdentity,
    },
    /// A copy, deleted at the end.
    Copy {
        /// The store's folder.
        store_folder: PathBuf,
        copy: TempDir,
    },
}

impl Store {
    fn assemble(
        recovered: RecoveredDatabase,
        location: DatabaseLocation,
        options: &StoreOptions,
    ) -> Self {
        let RecoveredDatabase { db, tree, log, applied, needs_base, checked_at, report: _ } =
            recovered;
        let closing = match &location {
            DatabaseLocation::Own { lock, .. } => {
                Some(ClosingNoteWriter::new(lock.folder(), checked_at))
            }
            DatabaseLocation::Copy { .. } => None,
        };
        let writer = WriterState::new(log, applied, needs_base);
        let (gate, writer) = (RwLock::new(()), Mutex::new(writer));
        let recovery_percent = options.recovery_percent;
        let (disk, log_syncs) = (DiskSpace::of_location(&location), AtomicU64::new(0));
        Self(Arc::new(StoreInner {
            tree,
            db,
            gate,
            writer,
            before_images: BeforeImages::default(),
            disk,
            entries: EntryCache::default(),
            changes: ChangeCounter::default(),
            closing,
            location,
            recovery_percent,
            on_progress: options.on_progress,
            log_syncs,
            damage: DamageNote::default(),
            open: OpenToken::default(),
        }))
    }

    /// A word that only processes know that may read the store's folder, new at every start; `None`: it could
    /// not be written there.
    pub fn folder_key(&self) -> Option<&str> {
        match &self.0.location {
            DatabaseLocation::Own { lock, .. } => lock.key(),
            DatabaseLocation::Copy { .. } => None,
        }
    }

    /// The folder of the open files: the store's folder, or that of the copy.
    pub fn folder(&self) -> &Path {
        match &self.0.location {
            DatabaseLocation::Own { lock, .. } => lock.folder(),
            DatabaseLocation::Copy { copy, .. } => copy.path(),
        }
    }

    /// Whether the store's paths still point to its files.
    ///
    /// # Errors
    /// `Vanished` when they do not, `Files` when the system does not report it.
    pub fn check_location(&self) -> Result<(), StoreError> {
        match &self.0.location {
            DatabaseLocation::Own { identity, .. } => identity.check(),
            DatabaseLocation::Copy { .. } => Ok(()),
        }
    }

    /// The broken databases that were set aside and still exist, oldest first.
    pub fn broken_databases(&self) -> Vec<BrokenDatabase> {
        match &self.0.location {
            DatabaseLocation::Own { lock, .. } => broken_database::broken_databases(lock.folder()),
            DatabaseLocation::Copy { store_folder, .. } => {
                broken_database::broken_databases(store_folder)
            }
        }
    }

    /// The state of a source after its last poll; `None`: it was never polled.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn poll_state(&self, source: &SourceId) -> Result<Option<PollState>, StoreError> {
        self.with_read_lock(|tree| {
            let key = keys::poll_state_key(source);
            let Some(value) = tree.get(&key).map_err(read_error)? else { return Ok(None) };
            decode::decode_poll_state(tree, &key, &value).map(Some)
        })
    }

    /// Every remembered fingerprint of a source, and the entry that it identifies; empty: nothing was read
    /// yet.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn seen_index(&self, source: &SourceId) -> Result<SeenIndex, StoreError> {
        self.with_read_lock(|tree| {
            let mut remembered = Vec::new();
            for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())) {
                let (key, value) = item.map_err(read_error)?;
                for record in seen_entries::decode_chunk(&key, &value)? {
                    let entry = record.into_remembered_entry();
                    remembered.push(entry.map_err(|error| StoreError::undecodable(&key, error))?);
                }
            }
            let mut index = SeenIndex::default();
            index.extend(remembered);
            Ok(index)
        })
    }

    /// One entry, by its id and listing time; `None`: it is not stored. Its fingerprints are those of the
    /// time when it was last new or changed; `seen_index` may know later ones.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn entry(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<StoredEntry>, StoreError> {
        let key = keys::entry_key(EntryPosition { listed_ms: listed_at.as_millisecond(), id });
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
            decode::decode_entry(tree, &key, &value).map(Some)
        })
    }

    /// Whether an entry is stored, by its id and listing time.
    ///
    /// # Errors
    /// `Database`.
    pub fn has_entry(&self, id: EntryId, listed_at: Timestamp) -> Result<bool, StoreError> {
        let key = keys::entry_key(EntryPosition { listed_ms: listed_at.as_millisecond(), id });
        self.with_read_lock(|tree| tree.contains_key(key).map_err(read_error))
    }

    /// The same, decoded once for all who show it.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn shared_entry(
        &self,
        id: EntryId,
        listed_at: Timestamp,
    ) -> Result<Option<Arc<StoredEntry>>, StoreError> {
        let key = keys::entry_key(EntryPosition { listed_ms: listed_at.as_millisecond(), id });
        self.with_read_lock(|tree| {
            let Some(value) = tree.get(key).map_err(read_error)? else { return Ok(None) };
            self.0.entries.decode_entry(tree, &key, &value).map(Some)
        })
    }

    /// The number of stored entries of a source.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn kept_entry_count(&self, source: &SourceId) -> Result<u64, StoreError> {
        self.with_read_lock(|tree| {
            let mut count = 0;
            for item in tree.scan_prefix(keys::source_chunk_prefix(source.as_str())) {
                let (key, value) = item.map_err(read_error)?;
                count += seen_entries::decode_chunk_header(&key, &value)?.kept_count;
            }
            Ok(count)
        })
    }

    /// The sources with a poll state, configured or not.
    ///
    /// # Errors
    /// `Database`.
    pub fn stored_sources(&self) -> Result<Vec<SourceId>, StoreError> {
        self.with_read_lock(|tree| {
            let mut sources = Vec::new();
            for item in tree.scan_prefix(keys::poll_state_prefix()) {
                let (key, _) = item.map_err(read_error)?;
                let name = key.get(1..).and_then(|name| std::str::from_utf8(name).ok());
                sources.extend(name.and_then(|name| SourceId::new(name).ok()));
            }
            Ok(sources)
        })
    }

    /// Makes all earlier writes durable. Commits do so themselves.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.with_write_lock(|_, _| self.sync())
    }

    /// How often the log of this store was synced, and this process really synced (`fdatasync`) a database,
    /// since the start; without a log 0 where the system is not Linux.
    pub fn sync_count(&self) -> u64 {
        real_sync::sync_count() + self.0.log_syncs.load(Ordering::Relaxed)
    }

    /// The size of the database on disk, in bytes. Four times the size of the stored data is usual.
    ///
    /// # Errors
    /// `Database` when the files cannot be measured.
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.0.db.size_on_disk().map_err(read_error)
    }

    /// Runs `work` while no batch is applied.
    fn with_read_lock<T>(
        &self,
        work: impl FnOnce(&Tree) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _gate = self.0.gate.read().unwrap_or_else(PoisonError::into_inner);
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.0.tree)))
            .unwrap_or_else(|panic| Err(read_error(panic_as_sled_error(&*panic))));
        done.inspect_err(|error| self.mark_suspect(error))
    }

    /// A record that cannot be read makes the next opening read every record.
    fn mark_suspect(&self, error: &StoreError) {
        // Reading a copy changes nothing in the store itself.
        if let DatabaseLocation::Own { lock, .. } = &self.0.location
            && error.is_damage()
        {
            self.0.damage.record(error);
            database::mark_suspect(lock.folder(), error);
        }
    }

    /// Refuses all writes, as after a failed one, or accepts them again.
    #[cfg(test)]
    pub(crate) fn refuse_writes(&self, is_refusing: bool) {
        let mut state = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        state.refuse_writes(is_refusing);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("location", &self.0.location).finish_non_exhaustive()
    }
}

impl Drop for StoreInner {
    fn drop(&mut self) {
        let state = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.has_failed() {
            return;
        }
        match self.db.flush() {
            Ok(_) => {
                if let Some(closing) = &mut self.closing {
                    closing.set_closed(state.close_log());
                }
            }
            Err(error) => tracing::error!(%error, "the database could not be closed cleanly"),
        }
    }
}

#[cfg(test)]
mod simulated_disk;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use simulated_disk::SimulatedDisk;
