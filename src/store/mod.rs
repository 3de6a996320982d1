//! Commits → durable records, and records → what the next poll and the outputs need. The only place
//! that says `sled`.
//!
//! The store never decides: it keeps what it is given, remembers what it was told, and forgets by
//! count and age as it is asked. One hand writes, many read. A commit is atomic (entries, memory and
//! poll state together) and, once acknowledged, survives the end of the process and of the power.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `open` | a folder → an open store |
//! | `migration` | a store without a format number → one of the first format |
//! | `copy` | a folder that no process has open → a copy of it to read |
//! | `hold` | a folder → its only user, and a note about it |
//! | `anchor` | an open store → whether its files are where they were |
//! | `aside` | a broken database → a folder beside it, and the list of them |
//! | `commit` | what polls brought → records |
//! | `due` | when a source is polled next → its record |
//! | `newest` | sources → their newest entries |
//! | `shares` | the same, with no source beyond its share |
//! | `find` | an id, or what an entry says → the kept entries, wherever they stand |
//! | `prune` | an age and what is spared → entries of a source dropped |
//! | `clock` | what is remembered of this machine's clock ↔ its record; entries that a wrong clock put into the future → back |
//! | `pages` | what is remembered of the pages of a source's entries ↔ its record |
//! | `site_name` | the site's name for ever ↔ its record |
//! | `subscriptions` | WebSub subscriptions ↔ records |
//! | `memory` | what is remembered of one source |
//! | `changes` | values → a batch |
//! | `keys`, `values`, `disk` | positions, values and nouns ↔ bytes |
//! | `real_sync` | sled's flush → a true one |

mod batch;
mod broken_database;
mod commit;
mod copy;
mod decode;
mod due;
mod fair_share;
mod find_entry;
mod folder_identity;
mod full_text_state;
mod keys;
mod latest;
mod lock;
mod machine_clock;
mod migration;
mod open;
mod prune;
mod real_sync;
mod records;
mod seen_entries;
mod site_name;
mod store_error;
mod story_records;
mod subscriptions;

use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use sled::{Db, Tree};
use tempfile::TempDir;

use crate::model::{EntryId, PollState, SeenEntry, SeenIndex, SourceId, StoredEntry};
use batch::WriteBatch;
use folder_identity::FolderIdentity;
use keys::EntryPosition;
use lock::StoreLock;
use records::instant_of;
use seen_entries::SeenEntries;
use store_error::{panic_as_sled_error, read_error, write_error};

pub use crate::model::ObservedEntry;
pub use broken_database::BrokenDatabase;
pub use commit::Commit;
pub use copy::{closed_since, database_exists};
pub use fair_share::FairShare;
pub use latest::LatestQuery;
pub use lock::{LockOwner, lock_owner, read_folder_key};
pub use open::{OpenedStore, StoreOptions, store_exists};
pub use prune::Pruning;
pub use records::{RecordError, whole_milliseconds};
pub use store_error::StoreError;

/// An open store. Clones are the same store; it closes when the last one is dropped.
#[derive(Clone)]
pub struct Store(Arc<StoreInner>);

/// Dropped in this order: the database before the right to have it.
struct StoreInner {
    tree: Tree,
    db: Db,
    /// Readers hold it while they read several records, the writer while it applies a batch: nobody
    /// sees half a commit. (sled lets readers wait for a batch in any case.)
    gate: RwLock<()>,
    /// Held by whoever writes; in it the first failure, after which nobody does.
    writer: Mutex<Option<String>>,
    place: DatabaseLocation,
}

/// What an open database stands on.
#[derive(Debug)]
enum DatabaseLocation {
    /// The store itself, which is ours alone.
    Own {
        hold: StoreLock,
        /// Its files, as they were when it was opened.
        anchor: FolderIdentity,
    },
    /// A copy, deleted at the end.
    Copy {
        /// The store's folder.
        of: PathBuf,
        copy: TempDir,
    },
}

impl Store {
    fn assemble(db: Db, tree: Tree, place: DatabaseLocation) -> Self {
        let (gate, writer) = (RwLock::new(()), Mutex::new(None));
        Self(Arc::new(StoreInner { tree, db, gate, writer, place }))
    }

    /// Tells other processes what this one serves (`holder`); `None`: nothing yet.
    ///
    /// # Errors
    /// `Files` when the note cannot be written.
    pub fn set_served_address(&self, serves: Option<&str>) -> Result<(), StoreError> {
        match &self.0.place {
            DatabaseLocation::Own { hold, .. } => hold.write_owner_note(serves),
            DatabaseLocation::Copy { .. } => Ok(()),
        }
    }

    /// A word that only those know who may read the store's folder, new at every start; `None`: it could
    /// not be written there.
    pub fn folder_key(&self) -> Option<&str> {
        match &self.0.place {
            DatabaseLocation::Own { hold, .. } => hold.key(),
            DatabaseLocation::Copy { .. } => None,
        }
    }

    /// Where the files are that are open: the store's folder, or that of the copy.
    pub fn folder(&self) -> &Path {
        match &self.0.place {
            DatabaseLocation::Own { hold, .. } => hold.folder(),
            DatabaseLocation::Copy { copy, .. } => copy.path(),
        }
    }

    /// Whether the store's files are still the ones that its paths name.
    ///
    /// # Errors
    /// `Gone` when they are not, `Files` when the system does not say.
    pub fn check_location(&self) -> Result<(), StoreError> {
        match &self.0.place {
            DatabaseLocation::Own { anchor, .. } => anchor.check(),
            DatabaseLocation::Copy { .. } => Ok(()),
        }
    }

    /// The broken databases that were set aside and are still there, oldest first.
    pub fn broken_databases(&self) -> Vec<BrokenDatabase> {
        match &self.0.place {
            DatabaseLocation::Own { hold, .. } => broken_database::broken_databases(hold.folder()),
            DatabaseLocation::Copy { of, .. } => broken_database::broken_databases(of),
        }
    }

    /// What was remembered at the last poll of a source; `None`: it was never polled.
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

    /// Every name that is remembered of a source, and where it leads; empty: nothing was read yet.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn seen_index(&self, source: &SourceId) -> Result<SeenIndex, StoreError> {
        self.with_read_lock(|tree| {
            let memory = SeenEntries::load(tree, source)?;
            let told = |error| StoreError::undecodable(&keys::chunk_key(source, 0), error);
            let (mut names, mut kept) = (Vec::new(), BTreeSet::new());
            for record in memory.records() {
                let entry = SeenEntry {
                    id: record.position.id,
                    listed_at: instant_of(record.position.listed_ms, "listed_at").map_err(told)?,
                    content_hash: record.content_hash,
                };
                if record.kept {
                    kept.insert((entry.listed_at, entry.id));
                }
                names.extend(record.fingerprints.iter().map(|name| (*name, entry)));
            }
            Ok(SeenIndex { by_fingerprint: names.into_iter().collect(), kept })
        })
    }

    /// One entry, by its id and place; `None`: it is not kept. Its fingerprints are those that it had
    /// when it was last new or changed; `known` may have later ones.
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

    /// How many entries of a source are kept.
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

    /// The sources of which something is remembered, configured or not.
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

    /// Makes everything durable that was written so far. Commits do so themselves.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.with_write_lock(|_| self.sync())
    }

    /// How often this process truly synced (`fdatasync`) for the database since it started; 0 where
    /// the system is not Linux.
    pub fn sync_count(&self) -> u64 {
        real_sync::sync_count()
    }

    /// How much room the database takes on its disk, in bytes. Four times what is kept is usual.
    ///
    /// # Errors
    /// `Database` when the files cannot be measured.
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.0.db.size_on_disk().map_err(read_error)
    }

    /// Does `work` while no batch is applied.
    fn with_read_lock<T>(
        &self,
        work: impl FnOnce(&Tree) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _gate = self.0.gate.read().unwrap_or_else(PoisonError::into_inner);
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.0.tree)))
            .unwrap_or_else(|panic| Err(read_error(panic_as_sled_error(&*panic))));
        done.inspect_err(|error| self.mark_suspect(error))
    }

    /// Does `work` as the only writer. After a failure or panic of the database nobody writes again:
    /// what stands in memory and on disk may then differ.
    fn with_write_lock<T>(
        &self,
        work: impl FnOnce(&Tree) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut failed = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = &*failed {
            return Err(StoreError::Poisoned { first: first.clone() });
        }
        let done = catch_unwind(AssertUnwindSafe(|| work(&self.0.tree)))
            .unwrap_or_else(|panic| Err(write_error(panic_as_sled_error(&*panic))));
        if let Err(StoreError::Database { source, .. }) = &done {
            *failed = Some(source.to_string());
        }
        done.inspect_err(|error| self.mark_suspect(error))
    }

    /// What cannot be read while working makes the next opening read everything.
    fn mark_suspect(&self, error: &StoreError) {
        // Who reads a copy changes nothing of the store.
        if let DatabaseLocation::Own { hold, .. } = &self.0.place
            && error.is_damage()
        {
            open::mark_suspect(hold.folder(), error);
        }
    }

    fn apply_batch(&self, changes: WriteBatch<'_>) -> Result<(), StoreError> {
        let batch = changes.into_sled_batch();
        let _gate = self.0.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.0.tree.apply_batch(batch).map_err(write_error)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.0.db.flush().map(drop).map_err(write_error)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("place", &self.0.place).finish_non_exhaustive()
    }
}

impl Drop for StoreInner {
    fn drop(&mut self) {
        let failed = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none()
            && let Err(error) = self.db.flush()
        {
            tracing::error!(%error, "the database could not be closed cleanly");
        }
    }
}

#[cfg(test)]
mod tests;
