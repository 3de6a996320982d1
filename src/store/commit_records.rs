//! The result of a poll → its records, each encoded once: the commit log holds the same bytes as the database.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use super::encode::{encode_entry, encode_poll_state, encode_story_record};
use super::poll_commit::Commit;
use super::records::envelope::EncodedRecord;
use super::store_error::StoreError;

/// A group with fewer entries is encoded by the writer alone: that takes less than threads take to start.
const ENTRIES_FOR_THREADS: usize = 256;

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

    /// The records of each commit of a group, in order. Compression is half of what a pass costs the writer, so the group
    /// is shared between the processors.
    ///
    /// # Errors
    /// As for `encode`, of the first commit that has one.
    pub(super) fn encode_group(commits: &[Commit]) -> Result<Vec<Self>, StoreError> {
        let entries_count: usize = commits.iter().map(|commit| commit.entries().count()).sum();
        let threads = match entries_count {
            ..ENTRIES_FOR_THREADS => 1,
            _ => thread::available_parallelism().map_or(1, NonZero::get).min(commits.len()),
        };
        let encode_all = |commits: &[Commit]| -> Result<Vec<Self>, StoreError> {
            commits.iter().map(Self::encode).collect()
        };
        if threads < 2 {
            return encode_all(commits);
        }
        let mut shares = commits.chunks(commits.len().div_ceil(threads));
        let own = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let others: Vec<_> =
                shares.map(|share| scope.spawn(move || encode_all(share))).collect();
            let mut records = encode_all(own)?;
            for other in others {
                records.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
            }
            Ok(records)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample_store::commit_of_new_entries;

    #[test]
    fn a_group_has_the_records_of_its_commits_in_their_order() {
        for sizes in [&[1, 2][..], &[200, 100], &[1, 90, 90, 1, 90], &[300, 1], &[400]] {
            let mut first = 0;
            let commits: Vec<_> = sizes
                .iter()
                .map(|count| {
                    first += count;
                    commit_of_new_entries(first - count, *count)
                })
                .collect();
            let alone: Vec<_> =
                commits.iter().map(|commit| CommitRecords::encode(commit).unwrap()).collect();
            assert_eq!(CommitRecords::encode_group(&commits).unwrap(), alone, "{sizes:?}");
        }
    }
}
