//! A `LogRecord` ↔ its fields. The records of a poll are in it as the database stores them; others as their
//! fields, with the version of the record beside them.

use serde::{Deserialize, Serialize};

use super::commit_fields::CommitFieldsV2;
use super::earlier_commit::CommitFieldsV1;
use super::record::LogRecord;
use super::versioned_fields::{PositionV1, StoryFieldsV1, VersionedFields, source_of};
use crate::model::{ArchivePage, ScopeKey, Secret, SiteName};
use crate::store::commit_records::CommitRecords;
use crate::store::keys::EntryPosition;
use crate::store::records::field_bytes::to_field_bytes;
use crate::store::records::{
    RecordError, archive_page, full_text, instant_of, machine_clock, poll_state, story_record,
    subscription,
};

/// The order of the kinds is part of the format: a new one is added at the end.
#[derive(Serialize, Deserialize)]
enum LogRecordFields<'a> {
    /// The result of a poll in format 1.
    #[serde(skip_serializing)]
    EarlierCommit(#[serde(borrow)] CommitFieldsV1<'a>),
    DueTime {
        source: &'a str,
        due_ms: i64,
        reason: u8,
    },
    Pruned {
        source: &'a str,
        entries: Vec<PositionV1>,
    },
    MovedBack {
        now_ms: i64,
        entries: Vec<PositionV1>,
    },
    FullText {
        source: &'a str,
        #[serde(borrow)]
        state: VersionedFields<'a>,
    },
    Subscription(#[serde(borrow)] VersionedFields<'a>),
    SubscriptionDeleted(&'a str),
    SystemClock(#[serde(borrow)] VersionedFields<'a>),
    GeneratedSiteName([u8; 16]),
    AddressSiteName(&'a str),
    StoryRecords(#[serde(borrow)] Vec<StoryFieldsV1<'a>>),
    TermCounts {
        #[serde(borrow)]
        counts: VersionedFields<'a>,
        keep_from: i64,
    },
    ArchivePages {
        scope: [u8; 16],
        /// Number, first and last arrival, kind.
        pages: Vec<(u32, u64, u64, u8)>,
    },
    /// Since format 2.
    Commit(#[serde(borrow)] CommitFieldsV2<'a>),
}

/// The fields of a record.
///
/// # Errors
/// `Shape`.
pub(super) fn encode(record: &LogRecord) -> Result<Vec<u8>, RecordError> {
    let positions =
        |entries: &[EntryPosition]| entries.iter().copied().map(PositionV1::of).collect();
    let fields = match record {
        LogRecord::Commit(logged) => LogRecordFields::Commit(CommitFieldsV2::of(logged)),
        LogRecord::DueTime { source, due_at, reason } => LogRecordFields::DueTime {
            source: source.as_str(),
            due_ms: due_at.as_millisecond(),
            reason: poll_state::reason_code(*reason),
        },
        LogRecord::Pruned { source, entries } => {
            LogRecordFields::Pruned { source: source.as_str(), entries: positions(entries) }
        }
        LogRecord::MovedBack { now, entries } => {
            LogRecordFields::MovedBack { now_ms: now.as_millisecond(), entries: positions(entries) }
        }
        LogRecord::FullText { source, state } => LogRecordFields::FullText {
            source: source.as_str(),
            state: VersionedFields::new(full_text::VERSION, full_text::encode(state)?)?,
        },
        LogRecord::Subscription(it) => LogRecordFields::Subscription(VersionedFields::new(
            subscription::VERSION,
            subscription::encode(it)?,
        )?),
        LogRecord::SubscriptionDeleted(token) => {
            LogRecordFields::SubscriptionDeleted(token.reveal())
        }
        LogRecord::SystemClock(clock) => LogRecordFields::SystemClock(VersionedFields::new(
            machine_clock::VERSION,
            machine_clock::encode(clock)?,
        )?),
        LogRecord::SiteName(SiteName::Generated(name)) => LogRecordFields::GeneratedSiteName(*name),
        LogRecord::SiteName(SiteName::Address(base)) => LogRecordFields::AddressSiteName(base),
        LogRecord::StoryRecords(records) => LogRecordFields::StoryRecords(
            records.iter().map(StoryFieldsV1::of).collect::<Result<_, _>>()?,
        ),
        LogRecord::TermCounts { counts, keep_from } => LogRecordFields::TermCounts {
            counts: VersionedFields::new(
                story_record::DAY_VERSION,
                story_record::encode_day(counts)?,
            )?,
            keep_from: *keep_from,
        },
        LogRecord::ArchivePages { scope, pages } => {
            let fields = |page: &ArchivePage| {
                (page.number, page.from, page.to, archive_page::kind_code(page.kind))
            };
            LogRecordFields::ArchivePages {
                scope: scope.0,
                pages: pages.iter().map(fields).collect(),
            }
        }
    };
    Ok(to_field_bytes(&fields, expected_bytes(record))?)
}

/// About the length of a record's fields.
fn expected_bytes(record: &LogRecord) -> usize {
    match record {
        LogRecord::Commit(logged) => {
            let CommitRecords { state, entries, stories } = &logged.records;
            let records = entries.iter().chain(stories).chain([state]);
            let observed = logged.commit.observed.len();
            records.map(|it| it.value.len() + USUAL_BYTES_BESIDE).sum::<usize>()
                + (1 + observed) * USUAL_BYTES_BESIDE
        }
        _ => USUAL_BYTES_BESIDE,
    }
}

/// What is beside the record of an entry, of a story, and of an observed entry.
const USUAL_BYTES_BESIDE: usize = 64;

/// The record with these fields.
///
/// # Errors
/// `Version` when a part of it has a version that this program does not know; `Shape`, `Field`.
pub(super) fn decode(fields: &[u8]) -> Result<LogRecord, RecordError> {
    let positions =
        |entries: Vec<PositionV1>| entries.into_iter().map(PositionV1::to_position).collect();
    Ok(match postcard::from_bytes(fields)? {
        LogRecordFields::EarlierCommit(commit) => {
            LogRecord::Commit(Box::new(commit.into_commit()?))
        }
        LogRecordFields::Commit(commit) => LogRecord::Commit(Box::new(commit.into_commit()?)),
        LogRecordFields::DueTime { source, due_ms, reason } => LogRecord::DueTime {
            source: source_of(source)?,
            due_at: instant_of(due_ms, "due_at")?,
            reason: poll_state::reason_of(reason)?,
        },
        LogRecordFields::Pruned { source, entries } => {
            LogRecord::Pruned { source: source_of(source)?, entries: positions(entries) }
        }
        LogRecordFields::MovedBack { now_ms, entries } => {
            LogRecord::MovedBack { now: instant_of(now_ms, "now")?, entries: positions(entries) }
        }
        LogRecordFields::FullText { source, state } => LogRecord::FullText {
            source: source_of(source)?,
            state: full_text::decode(state.version, state.bytes())?,
        },
        LogRecordFields::Subscription(it) => {
            LogRecord::Subscription(Box::new(subscription::decode(it.version, it.bytes())?))
        }
        LogRecordFields::SubscriptionDeleted(token) => {
            LogRecord::SubscriptionDeleted(Secret::new(token))
        }
        LogRecordFields::SystemClock(clock) => {
            LogRecord::SystemClock(machine_clock::decode(clock.version, clock.bytes())?)
        }
        LogRecordFields::GeneratedSiteName(name) => LogRecord::SiteName(SiteName::Generated(name)),
        LogRecordFields::AddressSiteName(base) => {
            LogRecord::SiteName(SiteName::Address(base.to_owned()))
        }
        LogRecordFields::StoryRecords(records) => LogRecord::StoryRecords(
            records.into_iter().map(StoryFieldsV1::into_record).collect::<Result<_, _>>()?,
        ),
        LogRecordFields::TermCounts { counts, keep_from } => LogRecord::TermCounts {
            counts: story_record::decode_day(counts.version, counts.bytes())?,
            keep_from,
        },
        LogRecordFields::ArchivePages { scope, pages } => {
            let page = |(number, from, to, code)| {
                Ok(ArchivePage { number, from, to, kind: archive_page::kind_of(code)? })
            };
            let pages = pages.into_iter().map(page).collect::<Result<_, RecordError>>()?;
            LogRecord::ArchivePages { scope: ScopeKey(scope), pages }
        }
    })
}

#[cfg(test)]
pub(super) mod tests;
