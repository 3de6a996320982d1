//! A changed configuration file → a new configuration in force. Tens of thousands of sources take a second to read and
//! to schedule; meanwhile the loop feeds the watchdog, polls, and ends when a signal says so.
//!
//! | step | where |
//! | --- | --- |
//! | the file is read and checked | on a thread for blocking work, one file at a time |
//! | settings, outputs and removed sources | in the loop, at once |
//! | new and changed sources are scheduled | in the loop, a slice at each turn |

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::{JoinError, JoinSet};

use super::{ConfigLoader, Daemon, RunError, log_changes, settings};
use crate::config::{Config, ConfigError};
use crate::model::{Source, SourceId};

/// Sources that are scheduled at one turn of the loop: each costs a read from the store.
const SOURCES_PER_TURN: usize = 500;

/// A read of the configuration that has ended.
pub(super) type ConfigRead = Result<Result<Config, ConfigError>, JoinError>;

/// What is under way about a changed configuration.
pub(super) struct Reloads {
    load_config: ConfigLoader,
    reads: JoinSet<Result<Config, ConfigError>>,
    /// Whether the file changed again while it was read.
    is_outdated: bool,
    /// Sources of the configuration in force that are not scheduled yet.
    unscheduled: VecDeque<Arc<Source>>,
}

impl Reloads {
    /// Nothing is under way; `load_config` reads the file.
    pub(super) fn new(load_config: ConfigLoader) -> Self {
        let (reads, unscheduled) = (JoinSet::new(), VecDeque::new());
        Self { load_config, reads, is_outdated: false, unscheduled }
    }

    /// The next read that ends; `None`: none is running.
    pub(super) async fn next_read(&mut self) -> Option<ConfigRead> {
        self.reads.join_next().await
    }

    /// Whether sources wait for their turn.
    pub(super) fn has_unscheduled_sources(&self) -> bool {
        !self.unscheduled.is_empty()
    }

    fn start_read(&mut self) {
        if self.reads.is_empty() {
            let load_config = Arc::clone(&self.load_config);
            self.reads.spawn_blocking(move || load_config());
        } else {
            self.is_outdated = true;
        }
    }
}

impl Daemon {
    /// Begins to read the configuration again.
    pub(super) fn start_reload(&mut self) {
        self.reloads.start_read();
    }

    /// The configuration was read: an invalid one changes nothing and is reported.
    pub(super) fn on_config_read(&mut self, read: ConfigRead) -> Result<(), RunError> {
        if std::mem::take(&mut self.reloads.is_outdated) {
            self.start_reload();
            return Ok(());
        }
        match read {
            Ok(Ok(fresh)) => self.apply_config(fresh),
            Ok(Err(error)) => {
                // The status page shows the error as well.
                self.publisher.config_refused(Some(error.to_string()));
                tracing::error!(%error, "the configuration is refused; the old one stays in force");
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a read of the configuration panicked; please report it");
                Ok(())
            }
        }
    }

    fn apply_config(&mut self, fresh: Config) -> Result<(), RunError> {
        if let Err(error) = self.jobs.reconfigure(&fresh) {
            self.publisher.config_refused(Some(error.to_string()));
            tracing::error!(%error, "the configuration cannot be used; the old one stays in force");
            return Ok(());
        }
        let waiting = self.restart_settings.pending_changes(&self.config, &fresh);
        if !waiting.is_empty() {
            let settings = waiting.join(", ");
            tracing::warn!(settings, "changed; takes effect at the next start");
        }
        let before = std::mem::replace(&mut self.config, fresh);
        let now = Timestamp::now();
        let configured = self.subscriptions.reconfigure(&self.config, now);
        self.pause_if_refused(configured)?;
        let unscheduled = std::mem::take(&mut self.reloads.unscheduled);
        let left_over = unscheduled.iter().map(|source| source.id.clone()).collect();
        self.reloads.unscheduled = self.sources_to_schedule(&before, &left_over, now)?;
        self.forget_removed_sources();
        self.end_relaxed_intervals(now);
        self.site.store(Arc::new(settings::build_site(&self.config, Some(&self.listen))));
        log_changes::warn_of_idle_rules(&self.store, &self.site.load_full());
        self.publisher.config_refused(None);
        self.publisher.changed();
        self.index_notifier.request_comparison();
        if !self.reloads.has_unscheduled_sources() {
            self.finish_reload();
        }
        Ok(())
    }

    /// The sources that are new, or whose schedule another configuration decided; `left_over` are those that it
    /// decided but that had no turn.
    fn sources_to_schedule(
        &mut self,
        before: &Config,
        left_over: &BTreeSet<SourceId>,
        now: Timestamp,
    ) -> Result<VecDeque<Arc<Source>>, RunError> {
        let is_polled_the_same = before.polling.bounds() == self.config.polling.bounds()
            && before.polling.user_agent == self.config.polling.user_agent;
        let mut found = VecDeque::new();
        for source in &self.config.sources.clone() {
            let was = before.source(&source.id);
            if was.is_some_and(|was| was.location != source.location) {
                // The subscription belongs to the feed at the old address.
                let ended = self.subscriptions.unsubscribe(&source.id, now);
                self.pause_if_refused(ended)?;
            }
            let is_same = was.is_some_and(|was| {
                // Most sources are as before, and need no hash.
                (is_polled_the_same && was == source)
                    || (before.source_hash(was) == self.config.source_hash(source)
                        && was.every == source.every
                        && before.polling.bounds() == self.config.polling.bounds())
            });
            if !is_same || left_over.contains(&source.id) {
                found.push_back(Arc::clone(source));
            }
        }
        Ok(found)
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

    fn finish_reload(&self) {
        self.count_sources();
        tracing::info!(sources = self.config.sources.len(), "the configuration was read again");
    }

    fn forget_removed_sources(&mut self) {
        let removed: Vec<SourceId> =
            self.states.keys().filter(|id| self.config.source(id).is_none()).cloned().collect();
        for id in removed {
            self.due_queue.remove(&id);
            self.states.remove(&id);
            if let Some(pass) = &mut self.initial_pass {
                pass.waiting.remove(&id);
            }
        }
        self.finish_initial_pass();
    }
}
