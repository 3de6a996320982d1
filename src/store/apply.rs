//! A record of the commit log → the batches that carry it out in the database.
//!
//! Nothing is decided here: the same records in the same order give the same database. A record that is
//! applied a second time, after an interruption, changes nothing.

use sled::Tree;

use super::batch::WriteBatch;
use super::journal::ArrivalNumbers;
use super::log::LogRecord;
use super::store_error::StoreError;
use super::{
    archive_pages, commit, due, full_text_state, machine_clock, prune, site_name, story_records,
    subscriptions,
};

/// Receives the batches of a record in their order, each with whether it is the last one.
pub(super) type RecordSink<'s> = &'s mut dyn FnMut(WriteBatch<'_>, bool) -> Result<(), StoreError>;

/// Carries out one record. A batch is made when the one before it is applied.
///
/// # Errors
/// Those of `put`, `Database`, `Undecodable`.
pub(super) fn apply_record(
    tree: &Tree,
    record: &LogRecord,
    put: RecordSink<'_>,
) -> Result<(), StoreError> {
    let batch = match record {
        LogRecord::MovedBack { now, entries } => {
            // One batch for each: several entries may belong to one source, and each changes its seen
            // entries.
            for (left, entry) in (0..entries.len()).rev().zip(entries) {
                put(machine_clock::batch_of_move(tree, *entry, *now)?, left == 0)?;
            }
            return Ok(());
        }
        LogRecord::Commit(logged) => {
            let mut numbers = ArrivalNumbers::load(tree)?;
            commit::batch_of_commit(tree, logged, &mut numbers)?
        }
        LogRecord::ArchivePages { scope, pages } => {
            archive_pages::batch_of_pages(tree, *scope, pages)?
        }
        LogRecord::DueTime { source, due_at, reason } => {
            due::batch_of_due_time(tree, source, (*due_at, *reason))?
        }
        LogRecord::Pruned { source, entries } => {
            prune::batch_without_entries(tree, source, entries)?
        }
        LogRecord::FullText { source, state } => {
            full_text_state::batch_of_full_text(tree, source, state)?
        }
        LogRecord::Subscription(it) => subscriptions::batch_of_subscription(tree, it)?,
        LogRecord::SubscriptionDeleted(token) => {
            subscriptions::batch_without_subscription(tree, token)?
        }
        LogRecord::SystemClock(clock) => machine_clock::batch_of_system_clock(tree, clock)?,
        LogRecord::SiteName(name) => site_name::batch_of_site_name(tree, name),
        LogRecord::StoryRecords(records) => story_records::batch_of_story_records(tree, records)?,
        LogRecord::TermCounts { counts, keep_from } => {
            story_records::batch_of_term_counts(tree, counts, *keep_from)?
        }
    };
    put(batch, true)
}
