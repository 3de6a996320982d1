//! A folder → an open store: used by this process alone, with everything that its log holds.
//!
//! Our own lock is taken first (sled's own message says nothing); on a full disk the reserve is deleted then, because
//! sled writes whenever it is opened. The names of the files are synced, which sled never does. A damaged database is recovered: see `recovery`.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use jiff::Timestamp;

use super::folder_identity::FolderIdentity;
use super::folder_sync::sync_folder;
use super::layout::{DB_DIR, SUSPECT};
use super::lock::StoreLock;
use super::recovery;
use super::recovery_report::RecoveryReport;
use super::store_error::StoreError;
use super::store_options::StoreOptions;
use super::{DatabaseLocation, Store, disk_space};

/// An open store.
#[derive(Debug)]
pub struct OpenedStore {
    /// The store.
    pub store: Store,
    /// What had to be done to open it.
    pub recovery: RecoveryReport,
}

impl Store {
    /// Opens the store, or creates one.
    ///
    /// # Errors
    /// `InUse`: another process has it open. `DiskFull`: there is not even room to open it. `NewerSchema`, `Foreign`: this program cannot read it. `Files`:
    /// the disk or the permissions. `SyncNotReal`: this executable cannot write durably. `Unusable`: neither
    /// the database nor a new one worked.
    pub fn open(options: &StoreOptions, now: Timestamp) -> Result<OpenedStore, StoreError> {
        make_folder(&options.folder)?;
        let lock = StoreLock::acquire(&options.folder, options.serves.as_deref(), now)?;
        let recovered = recovery::open_recovered(options, now)?;
        clear_suspect(&options.folder);
        sync_folders(&options.folder, &options.folder.join(DB_DIR));
        disk_space::ensure_reserve(&options.folder);
        let location =
            DatabaseLocation::Own { lock, identity: FolderIdentity::record(&options.folder)? };
        let report = recovered.report.clone();
        Ok(OpenedStore { store: Store::assemble(recovered, location, options), recovery: report })
    }
}

/// Whether there is a store in `folder`, in whatever condition. Nothing is opened or created.
pub fn store_exists(folder: &Path) -> bool {
    folder.join(DB_DIR).is_dir()
}

pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| StoreError::file_error("create", folder, error))
}

/// Everything was read, or set aside.
fn clear_suspect(folder: &Path) {
    match fs::remove_file(folder.join(SUSPECT)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, "the note about damage cannot be removed");
        }
        _ => {}
    }
}

/// Makes the names of the files durable, and sled's settings. Where the system or its permissions do not allow
/// it, only the first moments of a new store are at risk.
fn sync_folders(folder: &Path, db_dir: &Path) {
    let conf = db_dir.join("conf");
    let report = |path: &Path, synced: io::Result<()>| {
        if let Err(error) = synced {
            tracing::debug!(%error, path = %path.display(), "cannot be synced");
        }
    };
    report(&conf, File::open(&conf).and_then(|file| file.sync_all()));
    for path in [db_dir, folder].into_iter().chain(folder.parent()) {
        report(path, sync_folder(path));
    }
}
