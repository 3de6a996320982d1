//! A refresh of a list that is kept elsewhere: what is known of it is read, the list is requested, and what is known then
//! is written. The daemon does this beside the polls, `rafid poll` before them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinSet, spawn_blocking};

use super::{RunError, settings};
use crate::config::Config;
use crate::config::lists::{ListChange, list_address_hash, update_list};
use crate::fetch::Client;
use crate::ingest::{ListResponse, fetch_list};
use crate::model::{ListProblem, Location, RemoteList, SourceId, StoredList};
use crate::store::{read_stored_list, write_stored_list};

/// A longer wait comes from a clock that was wrong: the longest that is planned is a month, and its delay.
const MAX_LIST_WAIT: SignedDuration = SignedDuration::from_hours(45 * 24);

/// The wait after a refresh that panicked (a defect of the program).
const AFTER_PANIC: SignedDuration = SignedDuration::from_hours(24);

/// Refreshes of a file that says nothing new are written this often: the status shows when there was one.
const WRITE_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Whether a list is refreshed that is not due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshMode {
    /// It is not.
    Due,
    /// It is, unless its server requested a wait.
    All,
}

/// What a refresh led to.
#[derive(Debug)]
pub(super) struct ListRefresh {
    /// The list.
    pub(super) id: SourceId,
    /// Where it is.
    pub(super) location: Location,
    /// When it is refreshed next.
    pub(super) due_at: Timestamp,
    /// When it was last refreshed; `None`: never.
    pub(super) checked_at: Option<Timestamp>,
    /// Why its copy is not what it says now.
    pub(super) problem: Option<ListProblem>,
    /// The hash of its copy; `None`: it has no copy yet.
    pub(super) copy_hash: Option<[u8; 16]>,
}

/// What refreshes of lists share.
#[derive(Clone)]
pub(super) struct ListReader {
    /// The folder of the store.
    pub(super) folder: PathBuf,
    /// The longest list in bytes.
    pub(super) max_bytes: u64,
}

impl ListReader {
    /// Refreshes a list if it is due. Never fails: a failure is a problem of the list.
    pub(super) async fn refresh(
        self,
        client: &Client,
        list: RemoteList,
        mode: RefreshMode,
    ) -> ListRefresh {
        let now = Timestamp::now();
        let (folder, id) = (self.folder.clone(), list.id.clone());
        let address = list_address_hash(&list.location);
        let known = spawn_blocking(move || read_known(&folder, &id)).await.ok().flatten();
        let known = known.unwrap_or_else(|| StoredList::new(address, now));
        let is_same_address = known.address == address;
        if is_same_address && is_waiting(&known, mode, now) {
            return describe(&list, &known);
        }
        let validators = known.validators.as_ref().filter(|_| is_same_address);
        let response = fetch_list(client, &list, validators, self.max_bytes, now).await;
        self.finish(list, known, response).await
    }

    /// Decides what the response means, and writes it; off the async threads, as a list may be long.
    async fn finish(
        self,
        list: RemoteList,
        known: StoredList,
        response: ListResponse,
    ) -> ListRefresh {
        let (folder, kept) = (self.folder, describe(&list, &known));
        let done = spawn_blocking(move || {
            let before = known.clone();
            let (after, change) = update_list(&list, known, response, Timestamp::now());
            log_change(&list, &before, &change);
            // A file is refreshed every minute: what says nothing new is written only now and then.
            let is_news = before.problem != after.problem || before.copy != after.copy;
            let is_old = |at: Timestamp| Timestamp::now().duration_since(at) >= WRITE_INTERVAL;
            let is_web = matches!(list.location, Location::Web(_));
            if (is_news || is_web || before.checked_at.is_none_or(is_old))
                && let Err(error) = write_stored_list(&folder, &list.id, &after)
            {
                tracing::error!(list = list.id.as_str(), %error, "what is known of the list cannot be written");
                return describe(&list, &StoredList { copy: before.copy, ..after });
            }
            describe(&list, &after)
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "reading a list panicked; please report it");
            // The same document would panic again.
            let due_at = Timestamp::now().checked_add(AFTER_PANIC).unwrap_or(kept.due_at);
            ListRefresh { due_at, ..kept }
        })
    }
}

fn describe(list: &RemoteList, known: &StoredList) -> ListRefresh {
    ListRefresh {
        id: list.id.clone(),
        location: list.location.clone(),
        due_at: known.due_at,
        checked_at: known.checked_at,
        problem: known.problem.clone(),
        copy_hash: known.copy.as_ref().map(crate::model::ListCopy::hash),
    }
}

/// What is known of a list. A damaged file is as good as none: the list is requested again.
fn read_known(folder: &Path, id: &SourceId) -> Option<StoredList> {
    read_stored_list(folder, id).unwrap_or_else(|error| {
        tracing::warn!(list = id.as_str(), %error, "what is known of the list cannot be read");
        None
    })
}

fn is_waiting(known: &StoredList, mode: RefreshMode, now: Timestamp) -> bool {
    is_later(known.due_at, now) && (mode == RefreshMode::Due || known.waits_for_server)
}

/// Whether a refresh is planned for later; a time that no correct clock could have planned is now.
pub(super) fn is_later(due_at: Timestamp, now: Timestamp) -> bool {
    let wait = due_at.duration_since(now);
    wait > SignedDuration::ZERO && wait < MAX_LIST_WAIT
}

/// A problem is logged when it begins, and its end.
fn log_change(list: &RemoteList, before: &StoredList, change: &ListChange) {
    let id = list.id.as_str();
    let url = list.published_location();
    match change {
        ListChange::Same if before.problem.is_some() => {
            tracing::info!(list = id, url, "the list is good again, and the same as before");
        }
        ListChange::Postponed => {
            tracing::debug!(list = id, url, "the host of the list wants to be left alone");
        }
        ListChange::Same => tracing::debug!(list = id, url, "the list has not changed"),
        ListChange::Replaced { added, removed, changed } => tracing::info!(
            list = id,
            url,
            added = added.len(),
            removed = removed.len(),
            changed = changed.len(),
            "the list has changed"
        ),
        ListChange::Kept(problem) => {
            let is_new = before.problem.as_ref().is_none_or(|was| was.kind != problem.kind);
            let error = &problem.message;
            let copy = if before.copy.is_some() { "its last good copy" } else { "nothing" };
            if is_new {
                tracing::warn!(list = id, url, error, in_force = copy, "the list cannot be used");
            } else {
                tracing::debug!(list = id, url, error, "the list still cannot be used");
            }
        }
    }
}

/// Refreshes the lists of a configuration that are due, or all of them. Returns whether a copy is another one than
/// the configuration was made with.
///
/// # Errors
/// When the client cannot be set up.
pub async fn refresh_lists(config: &Config, is_all: bool) -> Result<bool, RunError> {
    let client = Arc::new(Client::new(&settings::fetch_settings(config))?);
    let reader = list_reader(config);
    let mode = if is_all { RefreshMode::All } else { RefreshMode::Due };
    let mut refreshes = JoinSet::new();
    for list in config.lists.iter().cloned() {
        let (client, reader) = (Arc::clone(&client), reader.clone());
        refreshes.spawn(async move { reader.refresh(&client, list, mode).await });
    }
    let mut is_other = false;
    while let Some(refresh) = refreshes.join_next().await {
        is_other |= refresh.is_ok_and(|refresh| has_other_copy(config, &refresh));
    }
    Ok(is_other)
}

/// What refreshes of the lists of a configuration share.
pub(super) fn list_reader(config: &Config) -> ListReader {
    ListReader { folder: config.store.path.clone(), max_bytes: config.polling.max_bytes }
}

/// Whether the copy that a refresh found is another one than the configuration was made with.
pub(super) fn has_other_copy(config: &Config, refresh: &ListRefresh) -> bool {
    let list = config.lists.iter().find(|list| list.id == refresh.id);
    list.is_some_and(|list| list.copy_hash != refresh.copy_hash)
}
