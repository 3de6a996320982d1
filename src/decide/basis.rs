//! `DecisionBasis`: what a decision depends on besides the document and the state of its source.

use std::collections::BTreeMap;
use std::time::Duration;

use super::schedule::Bounds;
use crate::model::{EntryId, Retention, SeenIndex, StoredEntry};

/// What is known and in force while a poll or a push is decided.
#[derive(Debug, Clone, Copy)]
pub struct DecisionBasis<'a> {
    /// The known entries of the source.
    pub known: &'a SeenIndex,
    /// Those that `DecidedFeed::entries_to_load` requested, as they are stored; pruned ones are missing.
    pub stored: &'a BTreeMap<EntryId, StoredEntry>,
    /// The operator's bounds on polling.
    pub bounds: Bounds,
    /// Hash of the source's configuration during the poll.
    pub config_hash: [u8; 16],
    /// How many entries of each source are kept.
    pub retention: Retention,
    /// Whether our own network works.
    pub network: NetworkStatus,
    /// The interval after a poll that finds nothing new while hubs push. `None`: they do not push.
    pub push_interval: Option<Duration>,
}

/// Whether our own network works, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkStatus {
    /// It works: a failure is the source's.
    Up,
    /// No server answers at all: a failure is not the source's.
    Down,
}
