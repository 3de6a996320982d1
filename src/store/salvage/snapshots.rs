//! A folder of sled → the same without its snapshots and its settings, so that sled reads its log from the
//! beginning.
//!
//! sled refuses a database whose newest snapshot or `conf` has one wrong byte, although both can be derived:
//! the snapshot from the log, and `conf` holds the defaults, which sled uses where the file is missing.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::store_error::StoreError;

/// The beginning of the new names. sled takes every name with `snap.` at its beginning for a snapshot.
const ASIDE: &str = "aside.";

/// Renames the snapshots and `conf` in `db_dir`, which no process has open. Returns their new paths; empty:
/// nothing was there.
///
/// # Errors
/// `Files`.
pub(in crate::store) fn set_snapshots_aside(db_dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let to_error = |error| StoreError::file_error("read", db_dir, error);
    let mut moved = Vec::new();
    for entry in fs::read_dir(db_dir).map_err(to_error)? {
        let entry = entry.map_err(to_error)?;
        let name = entry.file_name();
        if name != "conf" && !name.to_string_lossy().starts_with("snap.") {
            continue;
        }
        let mut aside = OsString::from(ASIDE);
        aside.push(&name);
        let (from, to) = (entry.path(), db_dir.join(aside));
        fs::rename(&from, &to)
            .map_err(|error| StoreError::file_error("move away", &from, error))?;
        moved.push(to);
    }
    moved.sort();
    Ok(moved)
}
