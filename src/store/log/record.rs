//! A write to the store, as a value: all that is needed to repeat it on a store in the state before it.
//!
//! The story of an entry is part of its commit although it could be derived: a store that a newer version
//! rebuilds must give every entry the story that readers have seen.

use jiff::Timestamp;

use crate::model::{
    ArchivePage, DailyTermCounts, FullTextState, PollReason, ScopeKey, SiteName, SourceId,
    StoryRecord, Subscription, SystemClock,
};
use crate::store::commit_records::CommitRecords;
use crate::store::keys::EntryPosition;
use crate::store::poll_commit::Commit;

/// What one write changes. Its fields on disk are in `record_fields`, its format number in `record_payload`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) enum LogRecord {
    /// The result of a poll.
    Commit(Box<LoggedCommit>),
    /// The time of a source's next poll, changed between two polls.
    DueTime {
        /// The source.
        source: SourceId,
        /// When it is polled next.
        due_at: Timestamp,
        /// Why then.
        reason: PollReason,
    },
    /// Entries of a source that were deleted because of their age.
    Pruned {
        /// The source.
        source: SourceId,
        /// Where the entries were.
        entries: Vec<EntryPosition>,
    },
    /// Entries that were listed in the future, moved to their correct position.
    MovedBack {
        /// The certain time at which they were moved.
        now: Timestamp,
        /// Where the entries were.
        entries: Vec<EntryPosition>,
    },
    /// The full-text state of a source.
    FullText {
        /// The source.
        source: SourceId,
        /// Its new state.
        state: FullTextState,
    },
    /// A new or changed subscription.
    Subscription(Box<Subscription>),
    /// The token of a subscription that was deleted.
    SubscriptionDeleted(crate::model::Secret),
    /// What is known about the clock of this machine.
    SystemClock(SystemClock),
    /// The permanent name of the site.
    SiteName(SiteName),
    /// Stories of entries that an earlier version stored without one.
    StoryRecords(Vec<StoryRecord>),
    /// The term counts of a day.
    TermCounts {
        /// The counts.
        counts: DailyTermCounts,
        /// The counts of earlier days are deleted.
        keep_from: i64,
    },
    /// Pages of an output's archive that were closed.
    ArchivePages {
        /// The output.
        scope: ScopeKey,
        /// The pages.
        pages: Vec<ArchivePage>,
    },
}

/// The result of a poll, with what else decides how it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) struct LoggedCommit {
    /// When it was committed.
    pub(in crate::store) now: Timestamp,
    /// How many entries of the source stay stored.
    pub(in crate::store) keep_per_source: usize,
    /// The result.
    pub(in crate::store) commit: Commit,
    /// Its records, which the log and the database share.
    pub(in crate::store) records: CommitRecords,
}
