//! Bytes → a file that is written whole or not at all: a reader never sees half of it, and a full disk damages
//! nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Replaces a file by these bytes and keeps its owner and permissions: the daemon of another user still has to read
/// what root writes. A symbolic link keeps its target.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = path.with_file_name(format!(".{name}.new"));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Ok(metadata) = fs::metadata(&path) {
        // As far as we may set them: only root gives a file to another user.
        let _ = chown(&draft, Some(metadata.uid()), Some(metadata.gid()));
        let _ = fs::set_permissions(&draft, metadata.permissions());
    }
    let renamed = written.and_then(|()| fs::rename(&draft, &path));
    if renamed.is_err() {
        let _ = fs::remove_file(&draft);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_atomically(&folder.path().join("none/x"), b"").is_err());
    }

    #[test]
    fn a_file_keeps_its_owner_and_permissions() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        write_atomically(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        // Only root may give a file away.
        let is_given = chown(&path, Some(4242), Some(4343)).is_ok();
        write_atomically(&path, b"two").unwrap();
        let file = fs::metadata(&path).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o640);
        assert_eq!((file.uid(), file.gid()) == (4242, 4343), is_given);
    }
}
