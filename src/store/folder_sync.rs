//! A folder → its names made durable: that a file was created, renamed or deleted is data of its folder, which
//! syncing the file does not write.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the creation, renaming and deletion of files in a folder durable.
///
/// # Errors
/// When the folder cannot be opened, or the disk fails.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // The parent of a relative path with one component is the current folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Other systems cannot open a folder, and make its names durable by themselves.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
