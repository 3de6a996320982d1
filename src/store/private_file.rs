//! Bytes → a file beside the database that is replaced at once, and that only the user of the folder can read: that user
//! also gets the file when root writes it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::Path;

/// Replaces a file in the store's folder `folder`, or in a folder of its own below it, which is created.
pub(super) fn replace_private_file(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let place = path.parent().unwrap_or(folder);
    DirBuilder::new().recursive(true).mode(0o700).create(place)?;
    let draft = path.with_extension("new");
    // A new file gets its own permissions.
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let owner = fs::metadata(folder)?;
    if owner.uid() != file.metadata()?.uid() {
        for given in [place, &draft] {
            chown(given, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    fs::rename(&draft, path)
}
