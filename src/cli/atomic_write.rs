//! Bytes → a file that is written whole or not at all: a reader never sees half of it, and a full disk damages
//! nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file by these bytes and keeps its permissions; a symbolic link keeps its target.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = path.with_file_name(format!(".{name}.new"));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Ok(metadata) = fs::metadata(&path) {
        // A file of another user keeps its permissions as far as we may set them.
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
}
