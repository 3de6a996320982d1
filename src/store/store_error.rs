//! What can go wrong with the store, worded so that an operator knows what to do. The message contains the
//! cause, because people see these errors as one line of a log, a page or a terminal.

use std::any::Any;
use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::keys;
use super::lock_owner::LockOwner;
use super::process_user::process_user;
use super::records::RecordError;
use crate::model::PauseReason;

/// Why an operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the store open.
    #[error(
        "the store in {} is in use by {owner}: stop that process or choose another folder",
        folder.display()
    )]
    InUse {
        /// The store's folder.
        folder: PathBuf,
        /// The process that has it open.
        owner: LockOwner,
    },
    /// A newer program wrote it. Nothing was changed.
    #[error(
        "the store in {} was made by a newer rafid: expected format {expected} at most, found {found}: \
         run that version, or restore a backup from before the upgrade (docs/upgrading.md)",
        folder.display()
    )]
    NewerSchema {
        /// The store's folder.
        folder: PathBuf,
        /// The newest format that this program knows.
        expected: u32,
        /// The format of the store.
        found: u32,
    },
    /// The database was created with other settings or by another version of sled. Nothing was changed.
    #[error("the database in {} was not created by rafid: {why}", folder.display())]
    Foreign {
        /// The database's folder.
        folder: PathBuf,
        /// The reason that sled reports.
        why: String,
    },
    /// There is no store. Reading commands do not create one.
    #[error(
        "there is no store in {}: nothing was polled yet, or the store is elsewhere\n  `rafid run` and \
         `rafid poll` create one; --data DIR, or `path` under [store], names another",
        folder.display()
    )]
    Missing {
        /// Where it was expected.
        folder: PathBuf,
    },
    /// The database is broken. Nothing was changed.
    #[error(
        "the database in {} is broken: {why}\n  nothing was changed; `rafid run` and `rafid poll` restore \
         it from its log, and set aside what is broken",
        folder.display()
    )]
    Damaged {
        /// The database's folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The store changed again and again while it was copied.
    #[error(
        "the store in {} changed while it was read: another process is opening or closing it; try again",
        folder.display()
    )]
    Changing {
        /// The store's folder.
        folder: PathBuf,
    },
    /// The copy for reading a store could not be created.
    #[error(
        "reading the store in {} needs a copy of it ({} MiB) in the folder of temporary files: {source}\n  \
         make room there, or set TMPDIR to a folder with enough space",
        folder.display(), bytes.div_ceil(1 << 20)
    )]
    Copying {
        /// The store's folder.
        folder: PathBuf,
        /// How large it is.
        bytes: u64,
        /// The system's error.
        source: io::Error,
    },
    /// The disk has too little room for a write. Nothing was written, and the same write can be tried again.
    #[error(
        "the disk of the store in {} is full: {} are free, and {} are needed: make room on that disk",
        folder.display(), mebibytes(*free_bytes), mebibytes(*needed_bytes)
    )]
    DiskFull {
        /// The store's folder.
        folder: PathBuf,
        /// How much is free there.
        free_bytes: u64,
        /// How much must be free.
        needed_bytes: u64,
    },
    /// The files of the open store are no longer at their paths: anything written would be lost. Nothing was
    /// written, and the same write can be tried again.
    #[error(
        "the store is lost: {} {why}; nothing more is stored: put it back, or restart to create a new store",
        path.display()
    )]
    Vanished {
        /// The file or folder.
        path: PathBuf,
        /// What happened to it.
        why: &'static str,
    },
    /// A new database could not be used either.
    #[error("a new database in {} cannot be used: {why}", folder.display())]
    Unusable {
        /// The database's folder.
        folder: PathBuf,
        /// What happened.
        why: String,
    },
    /// A file or folder could not be used: no space, no permission, a failing disk.
    #[error("cannot {doing} {}: {source}: {}", path.display(), advice_for(source.kind()))]
    Files {
        /// What was tried, as it follows "cannot".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The database failed while working.
    #[error("the database failed while {doing}: {source}")]
    Database {
        /// What it was doing.
        doing: &'static str,
        /// Its error.
        source: sled::Error,
    },
    /// A record is invalid.
    #[error("{what} cannot be read from the store: {source}")]
    Undecodable {
        /// Which record.
        what: String,
        /// What is wrong with it.
        source: RecordError,
    },
    /// A record cannot be encoded. Nothing of its commit was stored.
    #[error("{what} cannot be written to the store: {source}")]
    Unencodable {
        /// Which record.
        what: String,
        /// What is wrong with it.
        source: RecordError,
    },
    /// Writing failed earlier. Nothing is certain until the store is opened again.
    #[error(
        "the store accepts no more writes since an earlier failure ({first}): end this process"
    )]
    Poisoned {
        /// The earlier failure.
        first: String,
    },
    /// A backup is restored only where there is no store, unless the store may be replaced.
    #[error(
        "there is a store in {} already: --force sets it aside and puts the backup in its place",
        folder.display()
    )]
    Exists {
        /// The store's folder.
        folder: PathBuf,
    },
    /// A file holds no backup, or nothing of it can be read.
    #[error("{} is not a backup of a store, or nothing of it can be read", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
    },
    /// A backup is damaged. Nothing was changed.
    #[error(
        "the backup {} is damaged in {damaged_blocks} places: {readable} of {} records can be read\n  \
         nothing was changed; --force restores these records",
        path.display(), written.map_or_else(|| "an unknown number of".to_owned(), |it| it.to_string())
    )]
    DamagedBackup {
        /// The file.
        path: PathBuf,
        /// The number of damaged or missing blocks.
        damaged_blocks: u64,
        /// The number of readable records.
        readable: u64,
        /// The number of records that were written; `None`: unknown.
        written: Option<u64>,
    },
    /// `real_sync` has no effect in this executable.
    #[error(
        "flushing does not reach fdatasync in this executable: what is stored would not survive a \
         power cut, so the store stays closed"
    )]
    SyncNotReal,
}

impl StoreError {
    pub(super) fn file_error(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Files { doing, path: path.to_owned(), source }
    }

    /// The same error about the database in `db_dir`, a copy of which was opened.
    pub(super) fn with_database_folder(self, db_dir: &Path) -> Self {
        let folder = db_dir.to_owned();
        match self {
            Self::NewerSchema { expected, found, .. } => {
                Self::NewerSchema { folder, expected, found }
            }
            Self::Foreign { why, .. } => Self::Foreign { folder, why },
            other => other,
        }
    }

    /// Why the disk or the folder takes nothing for now; then nothing was written, and the same write can be tried
    /// again. `None`: it is another error.
    pub fn pause_reason(&self) -> Option<PauseReason> {
        match self {
            Self::DiskFull { .. } => Some(PauseReason::DiskFull),
            Self::Vanished { .. } => Some(PauseReason::StoreLost),
            Self::Files { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(PauseReason::DiskFull),
                ErrorKind::ReadOnlyFilesystem => Some(PauseReason::ReadOnly),
                ErrorKind::PermissionDenied => Some(PauseReason::NotPermitted),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it means that something on disk differs from what was written.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Database { source, .. } => is_database_damage(source),
            Self::Undecodable { source, .. } => !matches!(source, RecordError::Version { .. }),
            _ => false,
        }
    }

    pub(super) fn undecodable(key: &[u8], source: RecordError) -> Self {
        Self::Undecodable { what: keys::describe_key(key), source }
    }

    pub(super) fn unencodable(key: &[u8], source: RecordError) -> Self {
        Self::Unencodable { what: keys::describe_key(key), source }
    }
}

/// For `map_err`: the database failed while reading.
pub(super) fn read_error(source: sled::Error) -> StoreError {
    StoreError::Database { doing: "reading", source }
}

/// For `map_err`: the database failed while writing.
pub(super) fn write_error(source: sled::Error) -> StoreError {
    StoreError::Database { doing: "writing", source }
}

/// A panic of sled as an error of sled.
pub(super) fn panic_as_sled_error(panic: &(dyn Any + Send)) -> sled::Error {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    sled::Error::ReportableBug(words.unwrap_or("a panic without words").to_owned())
}

/// Whether the files are at fault, not the disk or the permissions.
pub(super) fn is_database_damage(error: &sled::Error) -> bool {
    match error {
        // What one file contains requires another file, or more data, to exist.
        sled::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::NotFound
        ),
        sled::Error::Unsupported(_) => false,
        _ => true,
    }
}

fn advice_for(kind: ErrorKind) -> Cow<'static, str> {
    let advice = match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on that disk",
        ErrorKind::PermissionDenied => return advice_about_user().into(),
        ErrorKind::ReadOnlyFilesystem => {
            "mount that file system for writing, or choose a folder that can be written to"
        }
        ErrorKind::Unsupported => "choose a folder on a disk that supports file locks",
        _ => "check the folder and its disk",
    };
    advice.into()
}

fn advice_about_user() -> String {
    let user = process_user().unwrap_or_else(|| "of this process".to_owned());
    format!("the user {user} needs permission to do that there")
}

/// Bytes for people, as the tools of disks count them.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_folder_and_what_to_do() {
        let check = |code: i32, expected: &str| {
            let cause = io::Error::from_raw_os_error(code);
            let error = StoreError::file_error("open", Path::new("/var/lib/rafid"), cause);
            assert_eq!(error.to_string(), format!("cannot open /var/lib/rafid: {expected}"));
        };
        check(28, "No space left on device (os error 28): make room on that disk");
        let user = process_user().unwrap();
        assert!(user.contains("uid "), "{user}");
        let advice = format!("the user {user} needs permission to do that there");
        check(13, &format!("Permission denied (os error 13): {advice}"));
        check(
            30,
            "Read-only file system (os error 30): mount that file system for writing, or choose a folder that can be written to",
        );
        check(5, "Input/output error (os error 5): check the folder and its disk");
    }

    #[test]
    fn a_database_error_includes_its_cause() {
        let cause = sled::Error::Io(io::Error::from_raw_os_error(5));
        let message = write_error(cause).to_string();
        assert!(message.starts_with("the database failed while writing: "), "{message}");
        assert!(message.contains("os error 5"), "{message}");
    }
}
