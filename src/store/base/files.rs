//! A store's folder → the bases in it. A base is created whole or not at all: it is written under another
//! name, synced, read back, and then renamed. The newest two are kept, so that damage to one costs only a
//! longer replay of the log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::folder_sync::sync_folder;
use super::super::layout::BASE_DIR;
use super::super::snapshot::TreeSnapshot;
use super::super::store_error::StoreError;
use super::dump::write_base;
use super::restore::{inspect_base, taken_at};
use super::{BaseFile, BasePoint};

const ENDING: &str = ".base";
/// The ending of a base that is being written.
const UNFINISHED: &str = ".base.new";
/// The number of bases that are kept.
const KEPT_BASES: usize = 2;
/// Fewer calls of the system.
const BUFFER_BYTES: usize = 256 << 10;

/// Dumps `snapshot` into a new base, and removes all but the newest two. `on_progress` is called now and then.
///
/// # Errors
/// `Database` when a record cannot be read. `Files` when the base cannot be written or is not read back as
/// it was written; the earlier bases then stay, and no half one remains.
pub(in crate::store) fn create_base(
    store_folder: &Path,
    snapshot: &TreeSnapshot<'_>,
    point: BasePoint,
    on_progress: fn(),
) -> Result<BaseFile, StoreError> {
    let folder = store_folder.join(BASE_DIR);
    fs::create_dir_all(&folder)
        .map_err(|error| StoreError::file_error("create", &folder, error))?;
    remove_unfinished(&folder);
    let path = folder.join(format!("{:016x}{ENDING}", point.position));
    let unfinished = folder.join(format!("{:016x}{UNFINISHED}", point.position));
    let written = write_verified(snapshot, point, &unfinished, on_progress).and_then(|bytes| {
        fs::rename(&unfinished, &path)
            .and_then(|()| sync_folder(&folder))
            .and_then(|()| sync_folder(store_folder))
            .map_err(|error| StoreError::file_error("write", &path, error))?;
        Ok(bytes)
    });
    let bytes = written.inspect_err(|_| {
        // It takes space that the store needs. If it cannot be removed now, the next base removes it.
        let _ = fs::remove_file(&unfinished);
    })?;
    remove_older(store_folder);
    Ok(BaseFile { path, position: point.position, bytes, taken_at: Some(point.taken_at) })
}

/// Writes a base and reads it back. Returns its length.
fn write_verified(
    snapshot: &TreeSnapshot<'_>,
    point: BasePoint,
    path: &Path,
    on_progress: fn(),
) -> Result<u64, StoreError> {
    let to_error = |error| StoreError::file_error("write", path, error);
    let file = create_private(path).map_err(to_error)?;
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, &file);
    let summary =
        write_base(snapshot, point, &mut out, &|_| on_progress()).map_err(|error| match error {
            StoreError::Files { source, .. } => to_error(source),
            error => error,
        })?;
    drop(out);
    file.sync_all().map_err(to_error)?;
    if summary.left_out > 0 {
        let records = summary.left_out;
        tracing::warn!(records, path = %path.display(), "undecodable records are not in the base");
    }
    let contents = inspect_base(path, &|_| on_progress(), &mut |_| {})?;
    if contents.is_intact() && contents.records == summary.records {
        Ok(summary.bytes)
    } else {
        let reason = "it is not read back as it was written";
        Err(to_error(io::Error::new(ErrorKind::InvalidData, reason)))
    }
}

/// A new file that only this user can read: a base holds the secrets of subscriptions.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The bases of a store, newest first. Empty when the store has no base, or the folder cannot be read.
pub(in crate::store) fn bases(store_folder: &Path) -> Vec<BaseFile> {
    let mut found: Vec<BaseFile> = files_in(&store_folder.join(BASE_DIR))
        .filter_map(|(name, path)| {
            let digits = name.strip_suffix(ENDING).filter(|digits| digits.len() == 16)?;
            let position = u64::from_str_radix(digits, 16).ok()?;
            let bytes = fs::metadata(&path).ok()?.len();
            Some(BaseFile { taken_at: taken_at(&path), path, position, bytes })
        })
        .collect();
    found.sort_by_key(|base| std::cmp::Reverse(base.position));
    found
}

/// The bytes of all bases of a store, unfinished ones included.
pub(in crate::store) fn base_bytes(store_folder: &Path) -> u64 {
    let files = files_in(&store_folder.join(BASE_DIR));
    files.filter_map(|(_, path)| fs::metadata(path).ok()).map(|file| file.len()).sum()
}

fn files_in(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

/// Removes what a killed process left.
fn remove_unfinished(folder: &Path) {
    for (_, path) in files_in(folder).filter(|(name, _)| name.ends_with(UNFINISHED)) {
        let _ = fs::remove_file(path);
    }
}

/// Removes all but the newest base.
pub(in crate::store) fn keep_newest_only(store_folder: &Path) {
    remove_all_but(store_folder, 1);
}

fn remove_older(store_folder: &Path) {
    remove_all_but(store_folder, KEPT_BASES);
}

fn remove_all_but(store_folder: &Path, kept: usize) {
    for base in bases(store_folder).iter().skip(kept) {
        if let Err(error) = fs::remove_file(&base.path) {
            tracing::warn!(%error, path = %base.path.display(), "an old base cannot be removed");
        }
    }
}
