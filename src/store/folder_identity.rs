//! The files of an open store → whether its paths still point to them. A database whose folder was deleted or
//! replaced keeps writing into files that can never be found again.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::layout::DB_DIR;
use super::store_error::StoreError;

/// The identity of a file, independent of its name: its device, and its number there.
type InodeId = (u64, u64);

/// The store's folder, the database's folder and the database file, as they were at opening.
#[derive(Debug)]
pub(super) struct FolderIdentity(Vec<(PathBuf, InodeId)>);

impl FolderIdentity {
    /// Records their current identity.
    pub(super) fn record(folder: &Path) -> Result<Self, StoreError> {
        let db_dir = folder.join(DB_DIR);
        let database = db_dir.join("db");
        let known = [folder.to_owned(), db_dir, database].into_iter().map(|path| {
            let id =
                inode_of(&path).map_err(|error| StoreError::file_error("read", &path, error))?;
            Ok((path, id))
        });
        known.collect::<Result<_, StoreError>>().map(Self)
    }

    /// Whether the paths still point to the same files.
    ///
    /// # Errors
    /// `Vanished` when they do not, `Files` when the system does not report it.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (path, id) in &self.0 {
            let why = match inode_of(path) {
                Ok(now) if now == *id => continue,
                Ok(_) => "is another one now",
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
                {
                    "was deleted or moved away"
                }
                Err(error) => return Err(StoreError::file_error("read", path, error)),
            };
            return Err(StoreError::Vanished { path: path.clone(), why });
        }
        Ok(())
    }
}

fn inode_of(path: &Path) -> std::io::Result<InodeId> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_replaced_files_are_detected() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("data");
        let make = || {
            fs::create_dir_all(folder.join(DB_DIR)).unwrap();
            fs::write(folder.join(DB_DIR).join("db"), "x").unwrap();
        };
        make();
        let identity = FolderIdentity::record(&folder).unwrap();
        let message = || identity.check().unwrap_err().to_string();
        assert!(identity.check().is_ok());
        fs::rename(folder.join(DB_DIR), above.path().join("river")).unwrap();
        assert!(message().contains("data/river was deleted or moved away"));
        fs::rename(&folder, above.path().join("elsewhere")).unwrap();
        assert!(message().contains("data was deleted or moved away"), "{}", message());
        make();
        assert!(message().contains("data is another one now"), "{}", message());
        fs::remove_dir_all(&folder).unwrap();
        fs::rename(above.path().join("elsewhere"), &folder).unwrap();
        fs::rename(above.path().join("river"), folder.join(DB_DIR)).unwrap();
        assert!(identity.check().is_ok(), "it was put back");
    }
}
