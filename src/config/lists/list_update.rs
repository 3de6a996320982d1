//! What is known of a list, and the response to a refresh of it → what is known of it now, and what changed.
//!
//! | response | what follows |
//! | --- | --- |
//! | unchanged (304, or the same feeds) | the copy stays |
//! | a list | its feeds are the copy |
//! | less than half of the feeds of the copy | the copy stays, until the list has been so short for three days |
//! | no request was sent | everything stays |
//! | nothing, something else, a list without feeds or with too many | the copy stays |
//!
//! No single answer takes away most of what is read: a server that fails often answers with a page, with half a file
//! or with an empty one.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::hash;
use rafid_feed::model::{PollHints, Validators};

use super::list_document::{ListContent, ListReadError, read_list_document};
use super::list_feeds::identify_feeds;
use crate::decide::schedule::{Bounds, PollResultKind, ScheduleInput, schedule_next_poll};
use crate::ingest::ListResponse;
use crate::model::{
    Freshness, ListCopy, ListProblem, ListProblemKind, ListedFeed, Location, RemoteList, SourceId,
    StoredList,
};

/// A list that has been short for so long is meant to be short.
const SHORT_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// The first wait after a failure while there is no copy: a machine that starts often has no network yet.
const FIRST_RETRY: Duration = Duration::from_mins(15);
/// The same while there is a copy. Both double with every failure.
const RETRY: Duration = Duration::from_hours(1);

/// What became of the copy of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListChange {
    /// It stays, and the list is good.
    Same,
    /// It stays, and the list was not requested.
    Postponed,
    /// It is another one.
    Replaced {
        /// The sources that are new.
        added: Vec<SourceId>,
        /// The sources that are gone.
        removed: Vec<SourceId>,
        /// The sources of which the list says something else.
        changed: Vec<SourceId>,
    },
    /// It stays, though the list says something else, or nothing.
    Kept(ListProblem),
}

/// A digest of where a list is: what is known of a list at another address is not known of it, but for its copy.
pub fn list_address_hash(location: &Location) -> [u8; 16] {
    hash::digest_128(location.to_string())
}

/// What is known of a list after a refresh of it.
pub fn update_list(
    list: &RemoteList,
    before: StoredList,
    response: ListResponse,
    now: Timestamp,
) -> (StoredList, ListChange) {
    let feeds = before.copy.as_ref().map_or(&[][..], |copy| &copy.feeds);
    let (found, status, freshness) = match response {
        ListResponse::NotModified { validators, freshness } => {
            (Ok(GoodList::Same(validators)), 304, freshness)
        }
        ListResponse::Postponed { freshness } => return postpone(list, before, freshness, now),
        ListResponse::Failed { message, status, freshness } => {
            (Err((ListProblemKind::Fetch, message)), status, freshness)
        }
        ListResponse::Document { document, validators, freshness } => {
            let read = read_list_document(&document);
            let read = read.map_err(|error: ListReadError| (error.kind(), error.to_string()));
            let judged = read.and_then(|content| judge_length(list, &before, content, now));
            let found = judged.map(|content| {
                let feeds = identify_feeds(&list.id, feeds, content.outlines);
                GoodList::List(ListCopy { feeds, skipped: content.skipped }, validators)
            });
            (found, 200, freshness)
        }
    };
    let failures = if found.is_err() { before.failures.saturating_add(1) } else { 0 };
    let due_at = next_refresh(list, &before, (status, freshness, failures), now);
    let checked = StoredList {
        address: list_address_hash(&list.location),
        checked_at: Some(now),
        due_at,
        waits_for_server: freshness.retry_after_seconds.is_some() || matches!(status, 429 | 503),
        failures,
        ..before
    };
    match found {
        Ok(found) => keep_good(checked, found, now),
        Err((kind, message)) => keep_last_good(checked, kind, message, now),
    }
}

/// Nothing is learned about a list whose host wants to be left alone.
fn postpone(
    list: &RemoteList,
    before: StoredList,
    freshness: Freshness,
    now: Timestamp,
) -> (StoredList, ListChange) {
    let due_at =
        schedule_refresh(list, PollResultKind::Postponed, (list.refresh, freshness, 0), now);
    (StoredList { due_at, waits_for_server: true, ..before }, ListChange::Postponed)
}

/// What a good refresh found.
enum GoodList {
    Same(Option<Validators>),
    List(ListCopy, Option<Validators>),
}

fn keep_good(checked: StoredList, found: GoodList, now: Timestamp) -> (StoredList, ListChange) {
    let checked = StoredList { succeeded_at: Some(now), problem: None, ..checked };
    match found {
        GoodList::Same(validators) => {
            let validators = validators.or_else(|| checked.validators.clone());
            (StoredList { validators, ..checked }, ListChange::Same)
        }
        GoodList::List(copy, validators) => {
            let change = match &checked.copy {
                Some(before) if *before == copy => ListChange::Same,
                before => compare_copies(before.as_ref(), &copy),
            };
            (StoredList { validators, copy: Some(copy), ..checked }, change)
        }
    }
}

fn compare_copies(before: Option<&ListCopy>, now: &ListCopy) -> ListChange {
    let by_id = |copy: &ListCopy| -> BTreeMap<SourceId, ListedFeed> {
        copy.feeds.iter().map(|feed| (feed.id.clone(), feed.clone())).collect()
    };
    let (before, now) = (before.map(by_id).unwrap_or_default(), by_id(now));
    let added = now.keys().filter(|id| !before.contains_key(*id)).cloned().collect();
    let removed = before.keys().filter(|id| !now.contains_key(*id)).cloned().collect();
    let is_other =
        |(id, feed): &(&SourceId, &ListedFeed)| before.get(*id).is_some_and(|was| was != *feed);
    let changed = now.iter().filter(is_other).map(|(id, _)| id.clone()).collect();
    ListChange::Replaced { added, removed, changed }
}

/// A problem keeps the time at which it began.
fn keep_last_good(
    checked: StoredList,
    kind: ListProblemKind,
    message: String,
    now: Timestamp,
) -> (StoredList, ListChange) {
    let earlier = checked.problem.as_ref().filter(|problem| problem.kind == kind);
    let since = earlier.map_or(now, |problem| problem.since);
    let problem = ListProblem { kind, message, since };
    let change = ListChange::Kept(problem.clone());
    (StoredList { problem: Some(problem), ..checked }, change)
}

/// A list that lost more than half of its feeds is believed only after a while.
fn judge_length(
    list: &RemoteList,
    before: &StoredList,
    content: ListContent,
    now: Timestamp,
) -> Result<ListContent, (ListProblemKind, String)> {
    let had = before.copy.as_ref().map_or(0, |copy| copy.feeds.len());
    let short_since = before
        .problem
        .as_ref()
        .filter(|problem| problem.kind == ListProblemKind::Shrunk)
        .map(|problem| problem.since);
    let is_settled = short_since.is_some_and(|since| now.duration_since(since) >= SHORT_AFTER);
    let is_same_list = before.address == list_address_hash(&list.location);
    let has = content.outlines.len();
    if has * 2 < had && is_same_list && !is_settled {
        let message = format!(
            "it names {has} feeds, and had {had}: they stay until it has been so short for {} days",
            SHORT_AFTER.as_hours() / 24
        );
        return Err((ListProblemKind::Shrunk, message));
    }
    Ok(content)
}

/// When a list is refreshed after a response.
fn next_refresh(
    list: &RemoteList,
    before: &StoredList,
    (status, freshness, failures): (u16, Freshness, u32),
    now: Timestamp,
) -> Timestamp {
    let is_file = matches!(list.location, Location::File(_));
    let outcome = match status {
        410 => PollResultKind::Gone,
        429 | 503 => PollResultKind::Throttled,
        _ if failures > 0 => PollResultKind::Failure,
        _ => PollResultKind::Success,
    };
    let first = if before.copy.is_some() { RETRY } else { FIRST_RETRY };
    // A file that cannot be read costs no one anything.
    let every = if failures > 0 && !is_file { first.min(list.refresh) } else { list.refresh };
    let outcome = if is_file { PollResultKind::Success } else { outcome };
    schedule_refresh(list, outcome, (every, freshness, failures), now)
}

/// When a list is refreshed next, by the rules for polls.
fn schedule_refresh(
    list: &RemoteList,
    outcome: PollResultKind,
    (every, freshness, failures): (Duration, Freshness, u32),
    now: Timestamp,
) -> Timestamp {
    let bounds = Bounds { every, at_least: every, at_most: list.refresh.max(RETRY * 24) };
    let input = ScheduleInput {
        now,
        source: &list.id,
        every: Some(every),
        bounds,
        pace: &PollHints::default(),
        freshness,
        recent: &[],
        seen_at: None,
        pushed: None,
        failures,
        outcome,
    };
    schedule_next_poll(&input).due_at
}

#[cfg(test)]
mod tests;
