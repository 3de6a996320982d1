//! The configuration's file → whether it changed, or is gone. Looks at the file itself every heartbeat:
//! that sees every editor's way of saving, bind mounts and symlinks, which the system's notifications
//! miss.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rafid_feed::hash;

type FileStamp = (SystemTime, u64);

/// A file that is missing at so many looks in a row is gone: editors replace it within a moment.
const MISSING_AFTER: u32 = 3;

/// What a look at the file shows.
#[derive(Debug)]
pub(super) enum FileChange {
    /// Nothing new.
    Unchanged,
    /// Its content is another.
    Changed,
    /// It is no longer there, which the system says in these words. Said once.
    Missing(std::io::Error),
    /// It is there again, as it was.
    Restored,
}

/// Watches one file by its content.
pub(super) struct ConfigWatcher {
    path: PathBuf,
    known_hash: Option<[u8; 16]>,
    stamp: Option<FileStamp>,
    pending: Option<FileStamp>,
    /// Looks in a row at which it was missing.
    missing_count: u32,
}

impl ConfigWatcher {
    /// Begins with the file as it is now.
    pub(super) fn new(path: &Path) -> Self {
        let path = path.to_owned();
        let mut watch =
            Self { path, known_hash: None, stamp: None, pending: None, missing_count: 0 };
        watch.accept_current();
        watch
    }

    /// Looks at the file. A change counts once the file looked the same twice in a row, so that a
    /// half-written save is not judged; a file that is gone for a moment is no change.
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

    /// The file as it is now is the one that is known.
    pub(super) fn accept_current(&mut self) {
        self.stamp = read_stamp(&self.path).ok();
        (self.pending, self.missing_count) = (None, 0);
        self.known_hash = std::fs::read(&self.path).ok().map(hash::digest_128);
    }
}

fn read_stamp(path: &Path) -> std::io::Result<FileStamp> {
    let facts = std::fs::metadata(path)?;
    Ok((facts.modified()?, facts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &str) -> (tempfile::TempDir, PathBuf, ConfigWatcher) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, text).unwrap();
        let watch = ConfigWatcher::new(&path);
        (folder, path, watch)
    }

    #[test]
    fn a_change_counts_once_it_is_whole() {
        let (_folder, path, mut watch) = watched("a");
        assert!(matches!(watch.check(), FileChange::Unchanged));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watch.check(), FileChange::Unchanged), "it may still be written");
        assert!(matches!(watch.check(), FileChange::Changed));
        assert!(matches!(watch.check(), FileChange::Unchanged));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watch.check(), FileChange::Unchanged));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watch.check(), FileChange::Unchanged));
        assert!(matches!(watch.check(), FileChange::Unchanged), "the same content is no change");
    }

    #[test]
    fn a_file_that_stays_away_is_gone_until_it_is_back() {
        let (_folder, path, mut watch) = watched("a");
        let gone = |watch: &mut ConfigWatcher| {
            std::fs::remove_file(&path).unwrap();
            for _ in 1..MISSING_AFTER {
                assert!(
                    matches!(watch.check(), FileChange::Unchanged),
                    "an editor may be replacing it"
                );
            }
            assert!(matches!(watch.check(), FileChange::Missing(_)));
            assert!(matches!(watch.check(), FileChange::Unchanged), "said once");
        };
        gone(&mut watch);
        std::fs::write(&path, "a").unwrap();
        let looks = [watch.check(), watch.check(), watch.check()];
        let back = looks.iter().filter(|look| matches!(look, FileChange::Restored)).count();
        assert_eq!(back, 1, "{looks:?}");
        gone(&mut watch);
        std::fs::write(&path, "abc").unwrap();
        let looks = [watch.check(), watch.check(), watch.check()];
        let changed = looks.iter().filter(|look| matches!(look, FileChange::Changed)).count();
        assert_eq!(changed, 1, "{looks:?}");
    }
}
