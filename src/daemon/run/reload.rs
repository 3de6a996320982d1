//! The configuration's file → whether it changed. Looks at the file itself every heartbeat: that
//! sees every editor's way of saving, bind mounts and symlinks, which the system's notifications
//! miss.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

type Stamp = (SystemTime, u64);

/// Watches one file by its content.
pub(super) struct Watch {
    path: PathBuf,
    seen: Option<blake3::Hash>,
    stamp: Option<Stamp>,
    pending: Option<Stamp>,
}

impl Watch {
    /// Begins with the file as it is now.
    pub(super) fn new(path: &Path) -> Self {
        let mut watch = Self { path: path.to_owned(), seen: None, stamp: None, pending: None };
        watch.seen();
        watch
    }

    /// Whether the file's content is another than before. A change counts once the file looked the
    /// same twice in a row, so that a half-written save is not judged; a file that is gone for a
    /// moment (editors replace it) is no change.
    pub(super) fn has_changed(&mut self) -> bool {
        let Some(now) = stamp_of(&self.path) else { return false };
        if self.stamp == Some(now) {
            return false;
        }
        if self.pending.replace(now) != Some(now) {
            return false;
        }
        let before = self.seen;
        self.seen();
        self.seen != before
    }

    /// The file as it is now is the one that is known.
    pub(super) fn seen(&mut self) {
        self.stamp = stamp_of(&self.path);
        self.pending = None;
        self.seen = std::fs::read(&self.path).ok().map(|bytes| blake3::hash(&bytes));
    }
}

fn stamp_of(path: &Path) -> Option<Stamp> {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.modified().ok()?, facts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, "a").unwrap();
        let mut watch = Watch::new(&path);
        assert!(!watch.has_changed());
        std::fs::write(&path, "ab").unwrap();
        assert!(!watch.has_changed(), "it may still be written");
        assert!(watch.has_changed());
        assert!(!watch.has_changed());
        std::fs::remove_file(&path).unwrap();
        assert!(!watch.has_changed());
        std::fs::write(&path, "ab").unwrap();
        assert!(!watch.has_changed());
        assert!(!watch.has_changed(), "the same content is no change");
    }
}
