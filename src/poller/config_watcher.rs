//! The configuration file → whether it changed or is missing. Checks the file itself at every heartbeat:
//! this covers every editor's way of saving, bind mounts and symlinks, which the notifications of the
//! system miss.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rafid_feed::hash;

type FileStamp = (SystemTime, u64);

/// A file that is missing at this many checks in a row is gone: editors replace it within a moment.
const MISSING_AFTER: u32 = 3;

/// What a check of the file finds.
#[derive(Debug)]
pub(super) enum FileChange {
    /// Nothing changed.
    Unchanged,
    /// The content changed.
    Changed,
    /// The file is missing, with the error of the system. Returned once.
    Missing(std::io::Error),
    /// The file is back, unchanged.
    Restored,
}

/// Watches one file by its content.
pub(super) struct ConfigWatcher {
    path: PathBuf,
    known_hash: Option<[u8; 16]>,
    stamp: Option<FileStamp>,
    pending: Option<FileStamp>,
    /// Checks in a row at which the file was missing.
    missing_count: u32,
}

impl ConfigWatcher {
    /// Starts with the file as it is now.
    pub(super) fn new(path: &Path) -> Self {
        let path = path.to_owned();
        let mut watcher =
            Self { path, known_hash: None, stamp: None, pending: None, missing_count: 0 };
        watcher.accept_current();
        watcher
    }

    /// Checks the file. A change counts when the file looks the same twice in a row, so that a half-written
    /// save is not read; a file that is missing for a moment is no change.
    pub(super) fn check(&mut self) -> FileChange {
        let now = match read_stamp(&self.path) {
            Ok(now) => now,
            Err(error) => {
                self.missing_count = self.missing_count.saturating_add(1);
                return if self.missing_count == MISSING_AFTER {
                    FileChange::Missing(error)
                } else {
                    FileChange::Unchanged
                };
            }
        };
        let is_back = self.missing_count >= MISSING_AFTER;
        if self.stamp == Some(now) {
            self.missing_count = 0;
            return if is_back { FileChange::Restored } else { FileChange::Unchanged };
        }
        if self.pending.replace(now) != Some(now) {
            return FileChange::Unchanged;
        }
        let before = self.known_hash;
        self.accept_current();
        match (self.known_hash != before, is_back) {
            (true, _) => FileChange::Changed,
            (false, true) => FileChange::Restored,
            (false, false) => FileChange::Unchanged,
        }
    }

    /// Accepts the file as it is now as the known one.
    pub(super) fn accept_current(&mut self) {
        self.stamp = read_stamp(&self.path).ok();
        (self.pending, self.missing_count) = (None, 0);
        self.known_hash = std::fs::read(&self.path).ok().map(hash::digest_128);
    }
}

fn read_stamp(path: &Path) -> std::io::Result<FileStamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.modified()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher_of(text: &str) -> (tempfile::TempDir, PathBuf, ConfigWatcher) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, text).unwrap();
        let watcher = ConfigWatcher::new(&path);
        (folder, path, watcher)
    }

    #[test]
    fn a_change_counts_once_it_is_complete() {
        let (_folder, path, mut watcher) = watcher_of("a");
        assert!(matches!(watcher.check(), FileChange::Unchanged));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watcher.check(), FileChange::Unchanged), "it may still be written");
        assert!(matches!(watcher.check(), FileChange::Changed));
        assert!(matches!(watcher.check(), FileChange::Unchanged));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watcher.check(), FileChange::Unchanged));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watcher.check(), FileChange::Unchanged));
        assert!(matches!(watcher.check(), FileChange::Unchanged), "the same content is no change");
    }

    #[test]
    fn a_missing_file_is_reported_once_and_again_when_it_is_back() {
        let (_folder, path, mut watcher) = watcher_of("a");
        let gone = |watcher: &mut ConfigWatcher| {
            std::fs::remove_file(&path).unwrap();
            for _ in 1..MISSING_AFTER {
                assert!(
                    matches!(watcher.check(), FileChange::Unchanged),
                    "an editor may be replacing it"
                );
            }
            assert!(matches!(watcher.check(), FileChange::Missing(_)));
            assert!(matches!(watcher.check(), FileChange::Unchanged), "returned once");
        };
        gone(&mut watcher);
        std::fs::write(&path, "a").unwrap();
        let checks = [watcher.check(), watcher.check(), watcher.check()];
        let back = checks.iter().filter(|check| matches!(check, FileChange::Restored)).count();
        assert_eq!(back, 1, "{checks:?}");
        gone(&mut watcher);
        std::fs::write(&path, "abc").unwrap();
        let checks = [watcher.check(), watcher.check(), watcher.check()];
        let changed = checks.iter().filter(|check| matches!(check, FileChange::Changed)).count();
        assert_eq!(changed, 1, "{checks:?}");
    }
}
