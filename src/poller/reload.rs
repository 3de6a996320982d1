//! A changed configuration → a new configuration in force. Tens of thousands of sources take a second to read, to
//! compare and to schedule; meanwhile the loop feeds the watchdog, polls, and ends when a signal says so.
//!
//! | step | where |
//! | --- | --- |
//! | the files are read, checked and compared with the configuration in force | on a thread for blocking work, one read at a time |
//! | settings, outputs, moved and removed sources | in the loop, at once: what did not change costs nothing |
//! | new and changed sources are scheduled | in the loop, a slice at each turn |

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::{JoinError, JoinSet};

use super::config_change::ConfigChange;
use super::reload_summary::ReloadSummary;
use super::{ConfigLoader, Daemon, RequestedPollOutcome, RunError, log_changes, settings};
use crate::config::{Config, ConfigError};
use crate::http::AccessRules;
use crate::model::{Source, SourceId};

/// Sources that are scheduled at one turn of the loop: each costs a read from the store, and a write where its interval
/// changed.
const SOURCES_PER_TURN: usize = 200;

/// What a read of the configuration gives.
type ReadOutcome = Result<Box<ConfigChange>, ConfigError>;
/// A read of the configuration that has ended.
pub(super) type ConfigRead = Result<ReadOutcome, JoinError>;

/// What is under way about a changed configuration.
pub(super) struct Reloads {
    load_config: ConfigLoader,
    reads: JoinSet<ReadOutcome>,
    /// Whether the files changed again while they were read.
    is_outdated: bool,
    /// Sources of the configuration in force that are not scheduled yet.
    unscheduled: VecDeque<Arc<Source>>,
    /// What the configuration in force changed, until its sources are scheduled.
    summary: ReloadSummary,
}

impl Reloads {
    /// Nothing is under way; `load_config` reads the files.
    pub(super) fn new(load_config: ConfigLoader) -> Self {
        let (reads, unscheduled) = (JoinSet::new(), VecDeque::new());
        let summary = ReloadSummary::default();
        Self { load_config, reads, is_outdated: false, unscheduled, summary }
    }

    /// The next read that ends; `None`: none is running.
    pub(super) async fn next_read(&mut self) -> Option<ConfigRead> {
        self.reads.join_next().await
    }

    /// Whether sources wait for their turn.
    pub(super) fn has_unscheduled_sources(&self) -> bool {
        !self.unscheduled.is_empty()
    }

    /// `in_force` is the configuration to compare with, which only the end of this read replaces.
    fn start_read(&mut self, in_force: &Config, listen: &str) {
        if self.reads.is_empty() {
            let load_config = Arc::clone(&self.load_config);
            let (before, listen) = (in_force.clone(), listen.to_owned());
            self.reads.spawn_blocking(move || {
                Ok(Box::new(ConfigChange::compare(&before, load_config()?, &listen)))
            });
        } else {
            self.is_outdated = true;
        }
    }

    /// Puts the sources of a new configuration in line: those that it changes, and those that had no turn yet.
    fn put_in_line(&mut self, changed: Vec<Arc<Source>>, fresh: &Config) {
        let left_over = std::mem::take(&mut self.unscheduled);
        self.unscheduled = changed.into();
        if left_over.is_empty() {
            return;
        }
        let in_line: BTreeSet<SourceId> =
            self.unscheduled.iter().map(|source| source.id.clone()).collect();
        let left_over = left_over.iter().filter(|source| !in_line.contains(&source.id));
        self.unscheduled.extend(left_over.filter_map(|source| fresh.source(&source.id).cloned()));
    }
}

impl Daemon {
    /// Begins to read the configuration again.
    pub(super) fn start_reload(&mut self) {
        self.reloads.start_read(&self.config, &self.listen);
    }

    /// The configuration was read: an invalid one changes nothing and is reported.
    pub(super) fn on_config_read(&mut self, read: ConfigRead) -> Result<(), RunError> {
        if std::mem::take(&mut self.reloads.is_outdated) {
            self.start_reload();
            return Ok(());
        }
        match read {
            Ok(Ok(change)) => self.apply_config(*change),
            Ok(Err(error)) => {
                // The status page shows the error as well.
                self.report_config_error(Some(error.to_string()));
                tracing::error!(%error, "the configuration is refused; the old one stays in force");
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a read of the configuration panicked; please report it");
                Ok(())
            }
        }
    }

    fn apply_config(&mut self, change: ConfigChange) -> Result<(), RunError> {
        let ConfigChange { fresh, site, changed, moved, removed, refetches, summary } = change;
        let access = match self.prepare(&fresh, refetches) {
            Ok(access) => access,
            Err(reason) => {
                self.report_config_error(Some(reason.clone()));
                tracing::error!(error = %reason, "the configuration cannot be used; the old one stays in force");
                return Ok(());
            }
        };
        let waiting = self.restart_settings.pending_changes(&self.config, &fresh);
        if !waiting.is_empty() {
            let settings = waiting.join(", ");
            tracing::warn!(settings, "changed; takes effect at the next start");
        }
        let before = std::mem::replace(&mut self.config, fresh);
        let now = Timestamp::now();
        let configured = self.subscriptions.reconfigure(&self.config, now);
        self.pause_if_refused(configured)?;
        for id in &moved {
            // The subscription belongs to the feed at the old address.
            let ended = self.subscriptions.unsubscribe(id, now);
            self.pause_if_refused(ended)?;
        }
        self.reloads.put_in_line(changed, &self.config);
        self.reloads.summary = summary;
        self.forget_sources(&removed);
        self.end_relaxed_intervals(now);
        self.access.store(Arc::new(access));
        let site = Arc::new(site);
        let site_before = self.site.swap(Arc::clone(&site));
        log_changes::warn_of_idle_rules(&self.store, &site);
        self.report_config_error(None);
        self.publisher.changed();
        self.index_notifier.request_comparison();
        // Tens of thousands of sources take a while to be freed.
        drop(tokio::task::spawn_blocking(move || drop((before, site_before))));
        if !self.reloads.has_unscheduled_sources() {
            self.finish_reload();
        }
        Ok(())
    }

    /// What may fail about a new configuration, before anything else of it is in force: who may see what, and the
    /// clients, which keep their connections while their settings stay. An error is what the operator reads.
    fn prepare(&self, fresh: &Config, refetches: bool) -> Result<AccessRules, String> {
        let access = settings::access_rules(fresh, &self.access.load());
        let access = access.map_err(|error| error.to_string())?;
        if refetches {
            let reconfigured = self.jobs.reconfigure(fresh);
            let reconfigured = reconfigured.and_then(|()| self.pictures.reconfigure(fresh));
            reconfigured.map_err(|error| error.to_string())?;
        }
        Ok(access)
    }

    /// Schedules the next sources of a new configuration.
    pub(super) fn schedule_reloaded_sources(&mut self) -> Result<(), RunError> {
        if !self.reloads.has_unscheduled_sources() {
            return Ok(());
        }
        let now = Timestamp::now();
        for _ in 0..SOURCES_PER_TURN {
            let Some(source) = self.reloads.unscheduled.pop_front() else { break };
            self.schedule_source(&source, now)?;
        }
        if !self.reloads.has_unscheduled_sources() {
            self.finish_reload();
        }
        Ok(())
    }

    fn finish_reload(&mut self) {
        self.count_sources();
        self.count_lists();
        self.report_sources(Timestamp::now());
        std::mem::take(&mut self.reloads.summary).log(self.config.sources.len());
    }

    fn forget_sources(&mut self, removed: &[SourceId]) {
        for id in removed {
            self.due_queue.remove(id);
            self.states.remove(id);
            self.requested_polls.on_refused(id, RequestedPollOutcome::Unknown);
            if let Some(pass) = &mut self.initial_pass {
                pass.waiting.remove(id);
            }
        }
        self.finish_initial_pass();
    }
}
