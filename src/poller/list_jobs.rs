//! The lists of the configuration that are kept elsewhere → refreshes of them, beside the polls. A list with another copy
//! has the configuration read again: its sources come and go as those of a changed file do.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};

use super::Daemon;
use super::list_refresh::{ListRefresh, RefreshMode, has_other_copy, is_later, list_reader};
use crate::model::{Location, RemoteList, SourceId};

/// The lists, and the refreshes that are under way.
#[derive(Default)]
pub(super) struct ListJobs {
    plans: BTreeMap<SourceId, ListPlan>,
    refreshes: JoinSet<ListRefresh>,
}

/// What is planned for a list.
struct ListPlan {
    /// Where the list is that it is planned for.
    location: Location,
    /// When it is refreshed; `None`: a refresh is under way.
    due_at: Option<Timestamp>,
    /// When it was last refreshed; `None`: never.
    checked_at: Option<Timestamp>,
    /// How it is refreshed then; `RefreshMode::All` while a refresh is under way: it is refreshed again.
    mode: RefreshMode,
    /// Whether its copy is not what it says now.
    is_failing: bool,
}

impl ListJobs {
    /// The next refresh that ends; `None`: none is under way.
    pub(super) async fn next_refresh(&mut self) -> Option<Result<ListRefresh, JoinError>> {
        self.refreshes.join_next().await
    }

    /// Whether a list is not to be refreshed now. A list that was never planned, or is elsewhere now, is.
    fn is_waiting(&self, list: &RemoteList, now: Timestamp) -> bool {
        self.plans.get(&list.id).is_some_and(|plan| match plan.due_at {
            None => true,
            Some(due_at) => plan.location == list.location && is_later(due_at, now),
        })
    }
}

impl Daemon {
    /// Refreshes the lists that are due. While nothing can be stored, none is.
    pub(super) fn start_list_refreshes(&mut self, now: Timestamp) {
        if self.is_paused() {
            return;
        }
        let due = self.config.lists.iter().filter(|list| !self.lists.is_waiting(list, now));
        let due: Vec<RemoteList> = due.cloned().collect();
        if !due.is_empty() {
            self.count_lists();
        }
        for list in due {
            let before = self.lists.plans.get(&list.id);
            let mode = before.map_or(RefreshMode::Due, |plan| plan.mode);
            let plan = ListPlan {
                location: list.location.clone(),
                due_at: None,
                checked_at: before.and_then(|plan| plan.checked_at),
                mode: RefreshMode::Due,
                is_failing: before.is_some_and(|plan| plan.is_failing),
            };
            self.lists.plans.insert(list.id.clone(), plan);
            let (reader, resources) =
                (list_reader(&self.config), self.jobs.poll_context.load_full());
            self.lists
                .refreshes
                .spawn(async move { reader.refresh(&resources.client, list, mode).await });
        }
    }

    /// The operator wants the lists to be refreshed now: those of other servers not more often than sources are polled.
    pub(super) fn request_list_refreshes(&mut self, now: Timestamp) {
        let at_least = SignedDuration::try_from(self.config.polling.at_least).unwrap_or_default();
        for list in &self.config.lists {
            let plan = self.lists.plans.entry(list.id.clone()).or_insert_with(|| ListPlan {
                location: list.location.clone(),
                due_at: Some(now),
                checked_at: None,
                mode: RefreshMode::Due,
                is_failing: false,
            });
            let is_file = matches!(plan.location, Location::File(_));
            let is_old = |at: Timestamp| now.duration_since(at) >= at_least;
            if is_file || plan.checked_at.is_some_and(is_old) {
                plan.mode = RefreshMode::All;
                plan.due_at = plan.due_at.map(|_| now);
            }
        }
    }

    /// A refresh ended.
    pub(super) fn on_list_refresh(&mut self, ended: Result<ListRefresh, JoinError>) {
        let refresh = match ended {
            Ok(refresh) => refresh,
            Err(error) => {
                // Its list is refreshed again after the next start.
                tracing::error!(%error, "a refresh of a list panicked; please report it");
                return;
            }
        };
        if has_other_copy(&self.config, &refresh) {
            self.config_checks.request_reload();
        }
        let ListRefresh { id, location, due_at, checked_at, problem, .. } = refresh;
        let is_file = matches!(location, Location::File(_));
        // The response of a server is new enough; a file may have been read before it changed.
        let is_wanted =
            is_file && self.lists.plans.get(&id).is_some_and(|plan| plan.mode == RefreshMode::All);
        let plan = ListPlan {
            location,
            due_at: Some(if is_wanted { Timestamp::now() } else { due_at }),
            checked_at,
            mode: if is_wanted { RefreshMode::All } else { RefreshMode::Due },
            is_failing: problem.is_some(),
        };
        self.lists.plans.insert(id, plan);
        self.count_lists();
        // The status shows when lists were refreshed.
        self.publisher.polled();
    }

    /// Counts the lists for the metrics, and forgets those that the configuration no longer has.
    pub(super) fn count_lists(&mut self) {
        let lists = &self.config.lists;
        self.lists
            .plans
            .retain(|id, plan| plan.due_at.is_none() || lists.iter().any(|list| list.id == *id));
        let failing = self.lists.plans.values().filter(|plan| plan.is_failing).count();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.metrics.lists.set(number(self.config.lists.len()));
        self.metrics.lists_failing.set(number(failing));
    }
}
