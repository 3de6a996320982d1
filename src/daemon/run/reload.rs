//! The configuration's file → whether it changed, or is gone. Looks at the file itself every heartbeat:
//! that sees every editor's way of saving, bind mounts and symlinks, which the system's notifications
//! miss.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::feed::hash;

type Stamp = (SystemTime, u64);

/// A file that is missing at so many looks in a row is gone: editors replace it within a moment.
const GONE_AFTER: u32 = 3;

/// What a look at the file shows.
#[derive(Debug)]
pub(super) enum Seen {
    /// Nothing new.
    Same,
    /// Its content is another.
    Changed,
    /// It is no longer there, which the system says in these words. Said once.
    Gone(std::io::Error),
    /// It is there again, as it was.
    Back,
}

/// Watches one file by its content.
pub(super) struct Watch {
    path: PathBuf,
    seen: Option<[u8; 16]>,
    stamp: Option<Stamp>,
    pending: Option<Stamp>,
    /// Looks in a row at which it was missing.
    missed: u32,
}

impl Watch {
    /// Begins with the file as it is now.
    pub(super) fn new(path: &Path) -> Self {
        let path = path.to_owned();
        let mut watch = Self { path, seen: None, stamp: None, pending: None, missed: 0 };
        watch.seen();
        watch
    }

    /// Looks at the file. A change counts once the file looked the same twice in a row, so that a
    /// half-written save is not judged; a file that is gone for a moment is no change.
    pub(super) fn look(&mut self) -> Seen {
        let now = match stamp_of(&self.path) {
            Ok(now) => now,
            Err(error) => {
                self.missed = self.missed.saturating_add(1);
                return if self.missed == GONE_AFTER { Seen::Gone(error) } else { Seen::Same };
            }
        };
        let is_back = self.missed >= GONE_AFTER;
        if self.stamp == Some(now) {
            self.missed = 0;
            return if is_back { Seen::Back } else { Seen::Same };
        }
        if self.pending.replace(now) != Some(now) {
            return Seen::Same;
        }
        let before = self.seen;
        self.seen();
        match (self.seen != before, is_back) {
            (true, _) => Seen::Changed,
            (false, true) => Seen::Back,
            (false, false) => Seen::Same,
        }
    }

    /// The file as it is now is the one that is known.
    pub(super) fn seen(&mut self) {
        self.stamp = stamp_of(&self.path).ok();
        (self.pending, self.missed) = (None, 0);
        self.seen = std::fs::read(&self.path).ok().map(hash::digest_128);
    }
}

fn stamp_of(path: &Path) -> std::io::Result<Stamp> {
    let facts = std::fs::metadata(path)?;
    Ok((facts.modified()?, facts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &str) -> (tempfile::TempDir, PathBuf, Watch) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, text).unwrap();
        let watch = Watch::new(&path);
        (folder, path, watch)
    }

    #[test]
    fn a_change_counts_once_it_is_whole() {
        let (_folder, path, mut watch) = watched("a");
        assert!(matches!(watch.look(), Seen::Same));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watch.look(), Seen::Same), "it may still be written");
        assert!(matches!(watch.look(), Seen::Changed));
        assert!(matches!(watch.look(), Seen::Same));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watch.look(), Seen::Same));
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(watch.look(), Seen::Same));
        assert!(matches!(watch.look(), Seen::Same), "the same content is no change");
    }

    #[test]
    fn a_file_that_stays_away_is_gone_until_it_is_back() {
        let (_folder, path, mut watch) = watched("a");
        let gone = |watch: &mut Watch| {
            std::fs::remove_file(&path).unwrap();
            for _ in 1..GONE_AFTER {
                assert!(matches!(watch.look(), Seen::Same), "an editor may be replacing it");
            }
            assert!(matches!(watch.look(), Seen::Gone(_)));
            assert!(matches!(watch.look(), Seen::Same), "said once");
        };
        gone(&mut watch);
        std::fs::write(&path, "a").unwrap();
        let looks = [watch.look(), watch.look(), watch.look()];
        let back = looks.iter().filter(|look| matches!(look, Seen::Back)).count();
        assert_eq!(back, 1, "{looks:?}");
        gone(&mut watch);
        std::fs::write(&path, "abc").unwrap();
        let looks = [watch.look(), watch.look(), watch.look()];
        let changed = looks.iter().filter(|look| matches!(look, Seen::Changed)).count();
        assert_eq!(changed, 1, "{looks:?}");
    }
}
