//! Whether a store was closed: a file that is there while no process uses the store. Without it the process was
//! killed, or the power was cut, and the last write may be torn. That is no fault of the disk.
//!
//! The note says how long the database's file is, when it was written last, and when all of it was read and found
//! intact; and the same of the files of the commit log. Files that are as they were left need not be read whole at
//! every opening.
//!
//! | number in the note | meaning |
//! | --- | --- |
//! | 1, 2 | the length of the database's file in bytes, and when it was written last, in nanoseconds since 1970 |
//! | 3 | when all of it was read and found intact, in seconds since 1970 |
//! | 4, 5 | a digest of the files of the log (`LogState`), and the last position in them; missing without a log, and after damage |

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::{SignedDuration, Timestamp};

use super::file_time::set_back_time;
use super::layout::{CLOSED, DB_DIR};
use super::log::LogState;

/// What a disk loses without a word is found by reading the whole file: once a week, unless the program runs longer.
const CHECK_INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the note says; nothing in one that an earlier version left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ClosingNote {
    file: Option<FileState>,
    checked_at: Option<Timestamp>,
    log: Option<LogState>,
}

/// The database's file as it was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileState {
    bytes: u64,
    /// Nanoseconds since 1970, as far as the file system knows them.
    modified_ns: u128,
}

impl ClosingNote {
    /// When the whole file of the database was checked, if it is as it was left then and that was not long ago.
    pub(super) fn recent_check(&self, folder: &Path, now: Timestamp) -> Option<Timestamp> {
        let checked_at = self.checked_at?;
        let age = now.duration_since(checked_at);
        let is_recent = !age.is_negative() && age < CHECK_INTERVAL;
        (is_recent && self.file.is_some() && self.file == file_state(folder)).then_some(checked_at)
    }

    /// The log as it was left.
    pub(super) fn log(&self) -> Option<LogState> {
        self.log
    }

    fn parse(text: &str) -> Self {
        let mut numbers = text.split_ascii_whitespace();
        let mut read = || {
            let file = FileState {
                bytes: numbers.next()?.parse().ok()?,
                modified_ns: numbers.next()?.parse().ok()?,
            };
            let checked_s = numbers.next()?.parse().ok()?;
            Some((file, Timestamp::from_second(checked_s).ok()?))
        };
        let Some((file, at)) = read() else { return Self::default() };
        let mut read = || {
            Some(LogState {
                digest: numbers.next()?.parse().ok()?,
                last: numbers.next()?.parse().ok()?,
            })
        };
        Self { file: Some(file), checked_at: Some(at), log: read() }
    }

    fn format(&self) -> String {
        match (self.file, self.checked_at) {
            (Some(FileState { bytes, modified_ns }), Some(checked_at)) => {
                let log = self.log.map(|LogState { digest, last }| format!(" {digest} {last}"));
                let (checked_s, log) = (checked_at.as_second(), log.unwrap_or_default());
                format!("{bytes} {modified_ns} {checked_s}{log}\n")
            }
            _ => String::new(),
        }
    }
}

/// Leaves the note when it is dropped, if the store was closed in order: behind the database, which writes until then.
#[derive(Debug)]
pub(super) struct ClosingNoteWriter {
    folder: PathBuf,
    checked_at: Option<Timestamp>,
    /// Whether everything was written.
    is_closed: bool,
    log: Option<LogState>,
}

impl ClosingNoteWriter {
    /// For a store whose database was checked then; `None`: not at all.
    pub(super) fn new(folder: &Path, checked_at: Option<Timestamp>) -> Self {
        Self { folder: folder.to_owned(), checked_at, is_closed: false, log: None }
    }

    /// Everything is written; the log is so from now on.
    pub(super) fn set_closed(&mut self, log: Option<LogState>) {
        (self.is_closed, self.log) = (true, log);
    }
}

impl Drop for ClosingNoteWriter {
    fn drop(&mut self) {
        if self.is_closed {
            leave_note(&self.folder, self.checked_at, self.log);
        }
    }
}

fn leave_note(folder: &Path, checked_at: Option<Timestamp>, log: Option<LogState>) {
    if let Err(error) = set_back_time(&folder.join(DB_DIR).join("db")) {
        tracing::debug!(%error, "the time of the database's file cannot be set");
    }
    let note = ClosingNote { file: file_state(folder), checked_at, log };
    if let Err(error) = fs::write(folder.join(CLOSED), note.format()) {
        tracing::debug!(%error, "the note that the store is closed cannot be written");
    }
}

/// Removes the note; `None`: there was none.
pub(super) fn take_note(folder: &Path) -> Option<ClosingNote> {
    let path = folder.join(CLOSED);
    let note = fs::read_to_string(&path).map(|text| ClosingNote::parse(&text));
    match fs::remove_file(path) {
        Ok(()) => Some(note.unwrap_or_default()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::debug!(%error, "the note that the store was closed cannot be removed");
            Some(ClosingNote::default())
        }
    }
}

/// `None`: there is no file, or its file system knows no times.
fn file_state(folder: &Path) -> Option<FileState> {
    let metadata = fs::metadata(folder.join(DB_DIR).join("db")).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(FileState { bytes: metadata.len(), modified_ns: modified.as_nanos() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_unchanged_file_is_trusted_for_a_week() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir(folder.join(DB_DIR)).unwrap();
        let file = folder.join(DB_DIR).join("db");
        fs::write(&file, b"pages").unwrap();
        let at = |day: i64| Timestamp::from_second(1_795_400_000 + day * 86_400).unwrap();
        assert_eq!(take_note(folder), None);
        let left = |checked_at| {
            let mut writer = ClosingNoteWriter::new(folder, checked_at);
            writer.set_closed(Some(LogState { digest: u64::MAX, last: 9 }));
            drop(writer);
            take_note(folder).unwrap()
        };
        assert_eq!(left(None).recent_check(folder, at(0)), None, "it was never checked");
        let note = left(Some(at(0)));
        assert_eq!(note.log(), Some(LogState { digest: u64::MAX, last: 9 }));
        for (day, expected) in [(0, true), (6, true), (7, false), (-1, false)] {
            assert_eq!(note.recent_check(folder, at(day)).is_some(), expected, "day {day}");
        }
        let open = fs::File::options().write(true).open(&file).unwrap();
        let modified = open.metadata().unwrap().modified().unwrap();
        open.set_modified(modified + Duration::from_millis(1)).unwrap();
        assert_eq!(note.recent_check(folder, at(0)), None, "it was written since");
        open.set_modified(modified).unwrap();
        assert_eq!(note.recent_check(folder, at(0)), Some(at(0)));
        fs::write(&file, b"more pages").unwrap();
        open.set_modified(modified).unwrap();
        assert_eq!(note.recent_check(folder, at(0)), None, "it is longer");
        drop(ClosingNoteWriter::new(folder, Some(at(0))));
        assert_eq!(take_note(folder), None, "it was not closed in order");
        for text in ["", "5", "5 x 7", "5 1 99999999999999999"] {
            fs::write(folder.join(CLOSED), text).unwrap();
            assert_eq!(take_note(folder), Some(ClosingNote::default()), "{text:?}");
        }
        for text in ["1 2 3", "1 2 3 4", "1 2 3 4 x"] {
            fs::write(folder.join(CLOSED), text).unwrap();
            let note = take_note(folder).unwrap();
            assert!(note.log().is_none() && note.checked_at.is_some(), "{text:?}");
        }
    }
}
