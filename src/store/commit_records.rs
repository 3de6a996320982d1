//! The result of a poll → its records, each encoded once: the commit log holds the same bytes as the database.

use super::encode::{encode_entry, encode_poll_state, encode_story_record};
use super::poll_commit::Commit;
use super::records::envelope::EncodedRecord;
use super::store_error::StoreError;

/// The records of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CommitRecords {
    /// The poll state.
    pub(super) state: EncodedRecord,
    /// The entries, in the order of `Commit::entries`.
    pub(super) entries: Vec<EncodedRecord>,
    /// The story records, in their order.
    pub(super) stories: Vec<EncodedRecord>,
}

impl CommitRecords {
    /// The records of a commit.
    ///
    /// # Errors
    /// `Unencodable` when one is too long.
    pub(super) fn encode(commit: &Commit) -> Result<Self, StoreError> {
        let entries = commit.entries().map(|listed| encode_entry(listed, &commit.source));
        Ok(Self {
            state: encode_poll_state(&commit.source, &commit.state)?,
            entries: entries.collect::<Result<_, _>>()?,
            stories: commit
                .story_records
                .iter()
                .map(encode_story_record)
                .collect::<Result<_, _>>()?,
        })
    }
}
