//! Why no source is polled for now: nothing could be stored of what a poll brings.

use jiff::Timestamp;

/// What keeps the store from taking anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// The disk is full, or a quota is used up.
    DiskFull,
    /// The file system is mounted read-only.
    ReadOnly,
    /// The folder does not belong to the user of the process any more.
    NotPermitted,
    /// The files of the store are no longer at their paths.
    StoreLost,
}

impl PauseReason {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::DiskFull, Self::ReadOnly, Self::NotPermitted, Self::StoreLost];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk-full",
            Self::ReadOnly => "read-only",
            Self::NotPermitted => "not-permitted",
            Self::StoreLost => "store-lost",
        }
    }
}

/// A pause of all polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollingPause {
    /// Why.
    pub reason: PauseReason,
    /// Since when.
    pub since: Timestamp,
    /// The error of the store, in words for the operator.
    pub message: String,
    /// The free bytes on the store's disk; `None`: unknown.
    pub free_bytes: Option<u64>,
    /// The free bytes with which polls go on; `None`: unknown.
    pub needed_bytes: Option<u64>,
}
