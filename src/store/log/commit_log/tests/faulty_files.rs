//! Files of the system, with a disk that is full, fails, or loses what was not synced.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::super::super::log_files::{AppendFile, DiskFiles, LogFiles};

/// What goes wrong, and what is durable. Clones share it.
#[derive(Clone, Default)]
pub(super) struct FaultyFiles(Arc<Mutex<Faults>>);

#[derive(Default)]
struct Faults {
    /// How many more bytes the disk takes; `None`: all.
    room: Option<usize>,
    failing_syncs: usize,
    failing_folder_syncs: usize,
    is_cut_refused: bool,
    /// The synced length of each file that was created or opened.
    synced: BTreeMap<PathBuf, u64>,
    /// The files whose names would not survive.
    unsynced_names: Vec<PathBuf>,
}

impl FaultyFiles {
    pub(super) fn set_room(&self, room: Option<usize>) {
        self.0.lock().unwrap().room = room;
    }

    pub(super) fn fail_syncs(&self, count: usize) {
        self.0.lock().unwrap().failing_syncs = count;
    }

    pub(super) fn fail_folder_syncs(&self, count: usize) {
        self.0.lock().unwrap().failing_folder_syncs = count;
    }

    pub(super) fn refuse_cuts(&self, is_cut_refused: bool) {
        self.0.lock().unwrap().is_cut_refused = is_cut_refused;
    }

    /// Drops everything that was written after the last sync.
    pub(super) fn cut_power(&self) {
        let mut faults = self.0.lock().unwrap();
        for path in std::mem::take(&mut faults.unsynced_names) {
            std::fs::remove_file(path).unwrap();
        }
        for (path, length) in std::mem::take(&mut faults.synced) {
            if let Ok(file) = OpenOptions::new().write(true).open(path) {
                file.set_len(length).unwrap();
            }
        }
    }
}

fn io_error() -> io::Error {
    io::Error::from_raw_os_error(5)
}

impl LogFiles for FaultyFiles {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        DiskFiles.create_folder(folder)
    }

    fn open_file(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let is_new = !path.exists();
        let file = DiskFiles.open_file(path)?;
        let length = file.length()?;
        let mut faults = self.0.lock().unwrap();
        faults.synced.entry(path.to_owned()).or_insert(length);
        if is_new {
            faults.unsynced_names.push(path.to_owned());
        }
        Ok(Box::new(FaultyFile { path: path.to_owned(), file, faults: self.0.clone() }))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut faults = self.0.lock().unwrap();
        if faults.failing_folder_syncs > 0 {
            faults.failing_folder_syncs -= 1;
            return Err(io_error());
        }
        faults.unsynced_names.retain(|path| path.parent() != Some(folder));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        DiskFiles.remove_file(path)
    }
}

struct FaultyFile {
    path: PathBuf,
    file: Box<dyn AppendFile>,
    faults: Arc<Mutex<Faults>>,
}

impl AppendFile for FaultyFile {
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut faults = self.faults.lock().unwrap();
        match faults.room {
            Some(room) if room < bytes.len() => {
                self.file.append(&bytes[..room])?;
                faults.room = Some(0);
                Err(io::Error::from_raw_os_error(28))
            }
            room => {
                faults.room = room.map(|room| room - bytes.len());
                self.file.append(bytes)
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        let mut faults = self.faults.lock().unwrap();
        if faults.failing_syncs > 0 {
            faults.failing_syncs -= 1;
            return Err(io_error());
        }
        let length = self.file.length()?;
        faults.synced.insert(self.path.clone(), length);
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        if self.faults.lock().unwrap().is_cut_refused {
            return Err(io_error());
        }
        self.file.cut(length)
    }
}
