//! A broken database → a folder with another name beside it, and the list of such folders. The status shows
//! them until the operator moves or deletes them; that is how the operator confirms.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::layout::DB_DIR;
use super::store_error::StoreError;

/// More than the number of broken databases that can occur within one second.
const MAX_SAME_SECOND: u32 = 100;
/// The time in the folder's name; UTC.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// The note in the folder of a broken database: how much of it was restored.
const RESTORED: &str = "restored";
/// Separates the database's name from the time.
const MARK: &str = ".broken-";

/// A broken database that was set aside and still exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenDatabase {
    /// When it was set aside; `None`: its name does not show it.
    pub at: Option<Timestamp>,
    /// Its folder.
    pub path: PathBuf,
    /// How much of it is in the database that took its place; `None`: it does not show it.
    pub restored: Option<RestoredPart>,
}

/// How much of a broken database is in the one that took its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestoredPart {
    /// Everything.
    All,
    /// Everything but what could not be read anywhere.
    Most,
    /// Nothing.
    Nothing,
}

impl RestoredPart {
    const EACH: [Self; 3] = [Self::All, Self::Most, Self::Nothing];

    /// A word for files and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Most => "most",
            Self::Nothing => "nothing",
        }
    }
}

/// Notes in the folder of a broken database how much of it was restored. Only a message depends on it.
pub(super) fn note_restored_part(aside: &Path, part: RestoredPart) {
    if let Err(error) = fs::write(aside.join(RESTORED), part.as_str()) {
        tracing::debug!(%error, "the note about a broken database cannot be written");
    }
}

fn restored_part(aside: &Path) -> Option<RestoredPart> {
    let word = fs::read_to_string(aside.join(RESTORED)).ok()?;
    RestoredPart::EACH.into_iter().find(|part| part.as_str() == word)
}

/// Removes a folder with everything in it, if it exists.
pub(super) fn remove_folder(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::file_error("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Moves a broken database away, to a name that does not exist yet.
pub(super) fn set_aside(db_dir: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let stamp = now.strftime(STAMP);
    let free = (1..MAX_SAME_SECOND)
        .map(|number| match number {
            1 => db_dir.with_file_name(format!("{DB_DIR}{MARK}{stamp}")),
            _ => db_dir.with_file_name(format!("{DB_DIR}{MARK}{stamp}-{number}")),
        })
        .find(|path| !path.exists());
    let aside = free.ok_or_else(|| {
        StoreError::file_error("move away", db_dir, io::Error::from(ErrorKind::AlreadyExists))
    })?;
    fs::rename(db_dir, &aside)
        .map_err(|error| StoreError::file_error("move away", db_dir, error))?;
    Ok(aside)
}

/// The broken databases in a store's folder, oldest first. Empty when the folder cannot be read.
pub(super) fn broken_databases(folder: &Path) -> Vec<BrokenDatabase> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<BrokenDatabase> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let stamp = name.to_str()?.strip_prefix(DB_DIR)?.strip_prefix(MARK)?;
            let (at, path) = (parse_stamp(stamp), entry.path());
            Some(BrokenDatabase { at, restored: restored_part(&path), path })
        })
        .collect();
    found.sort();
    found
}

fn parse_stamp(stamp: &str) -> Option<Timestamp> {
    let (stamp, _) = stamp.split_at_checked("20261123T100000Z".len())?;
    let at = DateTime::strptime(STAMP, stamp).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_databases_are_listed_until_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let db_dir = folder.path().join(DB_DIR);
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(broken_databases(folder.path()), []);
        let mut expected = Vec::new();
        for _ in 0..2 {
            fs::create_dir(&db_dir).unwrap();
            let path = set_aside(&db_dir, now).unwrap();
            note_restored_part(&path, RestoredPart::Most);
            let restored = Some(RestoredPart::Most);
            expected.push(BrokenDatabase { at: Some(now), path, restored });
        }
        fs::create_dir(folder.path().join("river.broken-by-hand")).unwrap();
        let path = folder.path().join("river.broken-by-hand");
        let by_hand = BrokenDatabase { at: None, path, restored: None };
        expected.insert(0, by_hand);
        assert_eq!(broken_databases(folder.path()), expected);
        for BrokenDatabase { path, .. } in expected {
            fs::remove_dir_all(path).unwrap();
        }
        assert_eq!(broken_databases(folder.path()), []);
        assert_eq!(broken_databases(&folder.path().join("nowhere")), []);
    }
}
