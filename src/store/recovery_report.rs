//! What had to be done to open a store, as a value.

use std::path::PathBuf;

use jiff::Timestamp;

use super::broken_database::RestoredPart;

/// What had to be done to open a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryReport {
    /// How the database was recovered.
    pub method: RecoveryMethod,
    /// Where the damaged database was moved to; `None`: it stayed.
    pub set_aside: Option<PathBuf>,
    /// The number of records of the log that were applied.
    pub replayed: u64,
    /// The number of places in the log and the base that could not be read and that were needed.
    pub lost: u64,
    /// Whether something in the log could not be read, needed or not.
    pub is_log_damaged: bool,
}

impl RecoveryReport {
    /// How much of the database of before is in the one that is open.
    pub fn restored_part(&self) -> RestoredPart {
        match self.method {
            RecoveryMethod::StartedEmpty => RestoredPart::Nothing,
            RecoveryMethod::Salvaged { .. } => RestoredPart::Most,
            _ if self.lost > 0 => RestoredPart::Most,
            _ => RestoredPart::All,
        }
    }
}

/// How a database was recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecoveryMethod {
    /// It was intact.
    #[default]
    Intact,
    /// Without sled's snapshot and settings.
    WithoutSnapshot,
    /// From a base and the log after it.
    Rebuilt {
        /// When the base was taken; `None`: from the log alone, or unknown.
        base_taken_at: Option<Timestamp>,
    },
    /// Every record that can be read was copied.
    Salvaged {
        /// The number of copied records.
        copied: u64,
        /// The number of records and places that cannot be read.
        unreadable: u64,
    },
    /// A new database was started.
    StartedEmpty,
}
