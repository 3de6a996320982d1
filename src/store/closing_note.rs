//! Whether a store was closed: a file that is there while no process uses the store. Without it the process was
//! killed, or the power was cut, and the last write may be torn. That is no fault of the disk.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::layout::CLOSED;

/// Leaves the note, once everything is written.
pub(super) fn leave_note(folder: &Path) {
    if let Err(error) = fs::write(folder.join(CLOSED), b"") {
        tracing::debug!(%error, "the note that the store is closed cannot be written");
    }
}

/// Removes the note; returns whether it was there.
pub(super) fn take_note(folder: &Path) -> bool {
    match fs::remove_file(folder.join(CLOSED)) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => {
            tracing::debug!(%error, "the note that the store was closed cannot be removed");
            true
        }
    }
}
