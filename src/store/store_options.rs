//! Where a store is, and what it may take of memory and disk.

use std::path::PathBuf;
use std::sync::Arc;

use super::opening_progress::OpeningProgress;

/// The space that the log and the bases may take, in percent of the database's.
const RECOVERY_PERCENT: u16 = 60;

/// Where a store is and how much memory and space it may use.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The store's folder. If it is missing, it is created, accessible only to this user.
    pub folder: PathBuf,
    /// The size of the database's cache. The process uses about twice as much, and 0.1 KB per entry
    /// (`docs/performance.md`).
    pub cache_bytes: u64,
    /// The space that the commit log and the bases may take, in percent of the database's own; `None`: the
    /// store has neither, and a damaged database is lost.
    pub recovery_percent: Option<u16>,
    /// The address that this process serves, for other commands; `None`: it serves nothing.
    pub serves: Option<String>,
    /// Is called from time to time while a store is recovered or a base is written, which may take minutes.
    pub on_progress: fn(),
    /// How far a recovery is, for those who wait for it.
    pub opening: Arc<OpeningProgress>,
}

impl StoreOptions {
    /// A store in `folder` with a cache of 32 MiB. A first pass over a thousand feeds takes a tenth more of a processor with
    /// 16 MiB, which save no memory at a million entries, and no less with 64 (`docs/performance.md`).
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            cache_bytes: 32 * 1024 * 1024,
            recovery_percent: Some(RECOVERY_PERCENT),
            serves: None,
            on_progress: || {},
            opening: Arc::default(),
        }
    }
}
