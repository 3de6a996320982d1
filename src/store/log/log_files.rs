//! Bytes to append → a file on the disk. These are the only calls that change the files of the log, so that a
//! test can let each of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::super::folder_sync;

/// The calls that change the folder of the log.
pub(super) trait LogFiles: Send {
    /// Creates the folder if it does not exist, so that it survives a power cut.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Opens a file to append to it. Creates it if it does not exist.
    fn open_file(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Makes the creation and deletion of files in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Deletes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
}

/// An open file of the log.
pub(super) trait AppendFile: Send {
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Appends all bytes. After an error any number of them may be in the file.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything in the file durable, and its length.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to a length.
    fn cut(&self, length: u64) -> io::Result<()>;
}

/// The files of the system.
#[derive(Debug)]
pub(super) struct DiskFiles;

impl LogFiles for DiskFiles {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        folder.parent().map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Box::new(file))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        folder_sync::sync_folder(folder)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

impl AppendFile for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}
