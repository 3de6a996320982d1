//! A test → a store whose disk seems to be full, used up by a quota, or read-only, without mounting anything.

use std::io::ErrorKind;

use super::Store;
use super::disk_space::DiskRoom;

/// What a test puts in the place of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SimulatedDisk {
    /// These bytes are free, and these are needed.
    Room(DiskRoom),
    /// Every write fails with this error before anything is changed.
    Refusing(ErrorKind),
}

impl Store {
    /// From now on the store sees this disk; `None`: the real one.
    pub(crate) fn simulate_disk(&self, disk: Option<SimulatedDisk>) {
        *self.0.disk.simulated.lock().unwrap() = disk;
    }
}
