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
    /// When the whole file was read and found intact; `None`: not since it was written.
    pub(super) checked_at: Option<Timestamp>,
    /// Whether a part of it is damaged: without its snapshot it stays so.
    pub(super) is_damaged: bool,
}

impl FileCheck {
    /// Takes the note of the store's last closing.
    pub(super) fn begin(folder: &Path, now: Timestamp) -> Self {
        let closing = closing_note::take_note(folder);
        let mut check = Self { closing, now, checked_at: None, is_damaged: false };
        if folder.join(SUSPECT).exists() {
            check.distrust();
        }
        check
    }

    /// The commit log as it was left, if all files are trusted that are as they were.
    pub(super) fn trusted_log(&self, folder: &Path) -> Option<LogState> {
        let note = self.closing?;
        note.recent_check(folder, self.now)?;
        note.log()
    }

    /// Has the file read whole, whenever that was done last: something in it cannot be read.
    pub(super) fn distrust(&mut self) {
        self.closing = self.closing.map(|_| ClosingNote::default());
    }

    /// What is damaged in the file of the database in `db_dir`, which no process has open. Nothing of a file that is yet to be
    /// created.
    ///
    /// # Errors
    /// `Files` when the file cannot be read.
    pub(super) fn find_damage(
        &mut self,
        folder: &Path,
        db_dir: &Path,
    ) -> Result<Option<String>, StoreError> {
        if !db_dir.join("db").exists() {
            // All that will be in it is written from now on.
            self.checked_at = Some(self.now);
            return Ok(None);
        }
        self.checked_at = self.closing.and_then(|note| note.recent_check(folder, self.now));
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
