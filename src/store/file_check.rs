//! The database's file → whether a part of it is damaged: read whole, or trusted because it was found intact a short
//! while ago and is as it was left.

use std::path::Path;

use jiff::Timestamp;

use super::closing_note::{self, ClosingNote};
use super::layout::SUSPECT;
use super::log::LogState;
use super::salvage::damaged_places;
use super::store_error::StoreError;

/// Why a database is built again after the process was killed while it wrote. Nothing is wrong with the disk,
/// and nothing is in the old one that is not in the new one.
pub(super) const TORN_WRITE: &str = "a write was interrupted";

/// What is known of the file.
#[derive(Debug)]
pub(super) struct FileCheck {
    /// What was noted when the store was closed; `None`: it was not.
    closing: Option<ClosingNote>,
    now: Timestamp,
    /// When the files were read and found intact, if they were as they were left at the beginning: trying to open them may
    /// change them. `None`: they are read whole.
    trusted_since: Option<Timestamp>,
    /// When the whole file was read and found intact; `None`: not since it was written.
    pub(super) checked_at: Option<Timestamp>,
    /// Whether a part of it is damaged: without its snapshot it stays so.
    pub(super) is_damaged: bool,
}

impl FileCheck {
    /// Takes the note of the store's last closing.
    pub(super) fn begin(folder: &Path, now: Timestamp) -> Self {
        let closing = closing_note::take_note(folder);
        let trusted_since = closing.and_then(|note| note.recent_check(folder, now));
        let mut check = Self { closing, now, trusted_since, checked_at: None, is_damaged: false };
        if folder.join(SUSPECT).exists() {
            check.distrust();
        }
        check
    }

    /// The commit log as it was left, if all files are trusted that are as they were.
    pub(super) fn trusted_log(&self) -> Option<LogState> {
        self.trusted_since.and(self.closing?.log())
    }

    /// Has the file read whole, whenever that was done last: something in it cannot be read.
    pub(super) fn distrust(&mut self) {
        self.trusted_since = None;
    }

    /// What is damaged in the file of the database in `db_dir`, which no process has open. Nothing of a file that is yet to be
    /// created.
    ///
    /// # Errors
    /// `Files` when the file cannot be read.
    pub(super) fn find_damage(&mut self, db_dir: &Path) -> Result<Option<String>, StoreError> {
        if !db_dir.join("db").exists() {
            // All that will be in it is written from now on.
            self.checked_at = Some(self.now);
            return Ok(None);
        }
        self.checked_at = self.trusted_since;
        if self.checked_at.is_some() {
            return Ok(None);
        }
        let places = damaged_places(db_dir)?;
        self.is_damaged = places > 0;
        if places == 0 {
            self.checked_at = Some(self.now);
            return Ok(None);
        }
        Ok(Some(match self.closing {
            None => TORN_WRITE.to_owned(),
            Some(_) => format!("damaged places in its file: {places}"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::closing_note::ClosingNoteWriter;
    use crate::store::layout::DB_DIR;

    #[test]
    fn what_is_trusted_stays_so_until_something_is_wrong() {
        let home = tempfile::tempdir().unwrap();
        let (folder, db_dir) = (home.path(), home.path().join(DB_DIR));
        fs::create_dir(&db_dir).unwrap();
        fs::write(db_dir.join("db"), b"pages").unwrap();
        let now = Timestamp::from_second(1_795_400_000).unwrap();
        let log = LogState { digest: 7, last: 9 };
        let mut writer = ClosingNoteWriter::new(folder, Some(now));
        writer.set_closed(Some(log));
        drop(writer);
        let mut check = FileCheck::begin(folder, now);
        // An attempt to open the database wrote to it, and failed.
        fs::write(db_dir.join("db"), b"other pages").unwrap();
        assert_eq!(check.trusted_log(), Some(log), "the log was not read");
        assert_eq!(check.find_damage(&db_dir).unwrap(), None);
        assert_eq!(check.checked_at, Some(now));
        check.distrust();
        assert_eq!(check.trusted_log(), None);
    }
}
