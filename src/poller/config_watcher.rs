//! The files of the configuration → whether they changed, or the main one is missing. The files themselves are
//! looked at, again and again: this covers every editor's way of saving, bind mounts and symlinks, which the
//! notifications of the system miss. It is not for an async thread: a look reads folders, and a change all files.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::{ConfigFiles, hash_of_texts};

/// The state of one file: its path, its time and its length.
type FileStamp = (PathBuf, SystemTime, u64);

/// A main file that is missing at this many checks in a row is gone: editors replace it within a moment.
const MISSING_AFTER: u32 = 3;

/// What a check of the files finds.
#[derive(Debug)]
pub(super) enum FileChange {
    /// Nothing changed.
    Unchanged,
    /// The content changed.
    Changed,
    /// The main file is missing, with the error of the system. Returned once.
    Missing(std::io::Error),
    /// The main file is back, unchanged.
    Restored,
}

/// Watches the files of a configuration by their content.
pub(super) struct ConfigWatcher {
    files: ConfigFiles,
    known_hash: Option<[u8; 16]>,
    stamps: Option<Vec<FileStamp>>,
    pending: Option<Vec<FileStamp>>,
    /// Checks in a row at which the main file was missing.
    missing_count: u32,
    /// A file that is read with them, which is replaced at once; `None`: no such file is watched.
    beside: Option<WatchedFile>,
}

/// A file whose content does not matter here, and its state when it was looked at.
struct WatchedFile {
    path: PathBuf,
    stamp: Option<FileStamp>,
}

impl ConfigWatcher {
    /// Starts with the files as they are now. `path` is the main file.
    pub(super) fn new(path: &Path) -> Self {
        let files = ConfigFiles::from_main_file(path);
        let mut watcher = Self {
            files,
            known_hash: None,
            stamps: None,
            pending: None,
            missing_count: 0,
            beside: None,
        };
        watcher.accept_current();
        watcher
    }

    /// Also watches a file that may not exist.
    pub(super) fn beside(self, path: PathBuf) -> Self {
        let stamp = read_stamp(&path).ok();
        Self { beside: Some(WatchedFile { path, stamp }), ..self }
    }

    /// Whether that file is another one than at the last look.
    fn differs_beside(&mut self) -> bool {
        let Some(beside) = &mut self.beside else { return false };
        let now = read_stamp(&beside.path).ok();
        std::mem::replace(&mut beside.stamp, now) != beside.stamp
    }

    /// Whether the files hold other texts than those with this hash. `false`: the main one cannot be read.
    pub(super) fn differs_from(&self, texts_hash: [u8; 16]) -> bool {
        self.known_hash.is_some_and(|known| known != texts_hash)
    }

    /// Checks the files. A change counts when they look the same twice in a row, so that a half-written
    /// save is not read; a file that is missing for a moment is no change.
    pub(super) fn check(&mut self) -> FileChange {
        let now = match read_stamps(&self.files) {
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
        if self.stamps.as_ref() == Some(&now) {
            self.missing_count = 0;
            self.pending = None;
            if self.differs_beside() {
                return FileChange::Changed;
            }
            return if is_back { FileChange::Restored } else { FileChange::Unchanged };
        }
        if self.pending.as_ref() != Some(&now) {
            self.pending = Some(now);
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

    /// Accepts the files as they are now as the known ones.
    pub(super) fn accept_current(&mut self) {
        // The main file may include others by now.
        self.files = ConfigFiles::from_main_file(self.files.main());
        self.stamps = read_stamps(&self.files).ok();
        (self.pending, self.missing_count) = (None, 0);
        self.known_hash = hash_files(&self.files);
    }
}

/// The states of all files, the main one first.
fn read_stamps(files: &ConfigFiles) -> std::io::Result<Vec<FileStamp>> {
    let mut stamps = vec![read_stamp(files.main())?];
    // A file that disappears between two looks at its folder is not there.
    stamps.extend(files.included().iter().filter_map(|path| read_stamp(path).ok()));
    Ok(stamps)
}

fn read_stamp(path: &Path) -> std::io::Result<FileStamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((path.to_owned(), metadata.modified()?, metadata.len()))
}

/// A hash of the contents of all files; `None`: the main one cannot be read.
fn hash_files(files: &ConfigFiles) -> Option<[u8; 16]> {
    let main = std::fs::read(files.main()).ok()?;
    let included = files.included().into_iter();
    let included = included.map(|path| std::fs::read(path).unwrap_or_default());
    Some(hash_of_texts(std::iter::once(main).chain(included)))
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

    /// Whether one of two checks finds a change, and the checks after it none.
    fn finds_change(watcher: &mut ConfigWatcher) -> bool {
        let found =
            [watcher.check(), watcher.check()].iter().any(|it| matches!(it, FileChange::Changed));
        assert!(matches!(watcher.check(), FileChange::Unchanged));
        found
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
    fn included_files_are_watched_as_they_come_and_go() {
        let (folder, path, mut watcher) = watcher_of("a = 1");
        let list = folder.path().join("conf.d/a.toml");
        std::fs::create_dir(folder.path().join("conf.d")).unwrap();
        std::fs::write(&list, "1").unwrap();
        assert!(!finds_change(&mut watcher), "no file includes it");
        std::fs::write(&path, "include = [\"conf.d/*.toml\"]").unwrap();
        assert!(finds_change(&mut watcher));
        std::fs::write(&list, "12").unwrap();
        assert!(finds_change(&mut watcher), "its content");
        std::fs::write(list.with_file_name("b.toml"), "").unwrap();
        assert!(finds_change(&mut watcher), "another file");
        std::fs::write(list.with_file_name(".c.toml"), "").unwrap();
        assert!(!finds_change(&mut watcher), "a draft of an editor");
        std::fs::rename(&list, list.with_extension("off")).unwrap();
        assert!(matches!(watcher.check(), FileChange::Unchanged), "an editor may be replacing it");
        std::fs::rename(list.with_extension("off"), &list).unwrap();
        assert!(!finds_change(&mut watcher), "it is back");
        std::fs::remove_file(&list).unwrap();
        assert!(finds_change(&mut watcher), "it is gone");
    }

    #[test]
    fn a_file_beside_them_counts_when_it_is_replaced() {
        let (folder, _, watcher) = watcher_of("a");
        let path = folder.path().join("tokens");
        let mut watcher = watcher.beside(path.clone());
        assert!(matches!(watcher.check(), FileChange::Unchanged), "it does not exist");
        for text in ["one", "", "three"] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(watcher.check(), FileChange::Changed), "{text}");
            assert!(matches!(watcher.check(), FileChange::Unchanged));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watcher.check(), FileChange::Changed));
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
