//! A disk that takes nothing → a pause: no poll starts, because its answer could not be stored, and a validator that
//! was used up for nothing costs entries. Everything else goes on, and so do polls by themselves, once there is room.
//!
//! | while polls pause | what happens |
//! | --- | --- |
//! | a poll that runs already | its result is refused; it is polled again after `at_least`, with its old validators |
//! | a push, a verification of a hub | 503: hubs send again |
//! | a push that was accepted before | it waits, in memory |
//! | pages of articles, requests to hubs, pruning | they wait |
//! | serving, searches, the status, a new configuration | as always |

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::event_loop::to_monotonic;
use super::{Daemon, RunError};
use crate::model::{PauseReason, PollingPause, SourceId};
use crate::store::StoreError;

impl Daemon {
    /// Whether nothing is polled at present.
    pub(super) fn is_paused(&self) -> bool {
        self.pause.is_some()
    }

    /// Checks whether the store takes anything: begins a pause, or ends it.
    pub(super) fn check_store(&mut self, now: Timestamp) -> Result<(), RunError> {
        let room = self.store.disk_room().map(|room| room.free_bytes);
        let free = room.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        self.metrics.store_free_bytes.set(free);
        if !self.is_paused() {
            if let Err(error) = self.store.check_writable() {
                self.pause_polling(&error, now);
            }
            return Ok(());
        }
        match self.store.check_writable_again() {
            Err(error) => {
                self.pause_polling(&error, now);
                Ok(())
            }
            Ok(()) => self.resume_polling(now),
        }
    }

    /// The result of something that writes; `None`: the disk refused it, and polls pause.
    pub(super) fn pause_if_refused<T>(
        &mut self,
        written: Result<T, RunError>,
    ) -> Result<Option<T>, RunError> {
        match written {
            Ok(done) => Ok(Some(done)),
            Err(RunError::Store(error)) if error.pause_reason().is_some() => {
                self.pause_polling(&error, Timestamp::now());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A poll was answered, and the disk refused what it brought: the source is polled again after the shortest wait
    /// that its publisher was promised.
    pub(super) fn repeat_refused_poll(&mut self, id: &SourceId, now: Timestamp) {
        let wait = SignedDuration::try_from(self.config.polling.at_least).unwrap_or_default();
        let due = now.checked_add(wait).unwrap_or(now);
        self.due_queue.schedule(id, to_monotonic(due, now));
    }

    fn pause_polling(&mut self, error: &StoreError, now: Timestamp) {
        // The system does not even report where the store is.
        let reason = error.pause_reason().unwrap_or(PauseReason::StoreLost);
        let before = self.pause.take();
        let room = self.store.disk_room();
        let pause = PollingPause {
            reason,
            since: before.as_ref().map_or(now, |pause| pause.since),
            message: error.to_string(),
            free_bytes: room.map(|room| room.free_bytes),
            needed_bytes: room.map(crate::store::DiskRoom::bytes_to_go_on),
        };
        if before.as_ref() != Some(&pause) {
            self.health.set_pause(Some(reason));
            self.metrics.polling_paused.set(1);
            self.publisher.polling_paused(Some(pause.clone()));
        }
        // Logged last: a reader of the log already finds the new state.
        if before.is_none_or(|pause| pause.reason != reason) {
            if reason == PauseReason::StoreLost {
                tracing::error!(%error, "the store is not where it was");
            } else {
                tracing::error!(%error, "nothing can be stored: polls pause");
            }
        }
        self.pause = Some(pause);
    }

    /// Polls go on, and what was refused meanwhile is done now.
    fn resume_polling(&mut self, now: Timestamp) -> Result<(), RunError> {
        let Some(before) = self.pause.take() else { return Ok(()) };
        self.health.set_pause(None);
        self.metrics.polling_paused.set(0);
        self.publisher.polling_paused(None);
        if before.reason == PauseReason::StoreLost {
            tracing::info!("the store is where it was again");
        } else {
            tracing::info!("the store can be written again: polls go on");
        }
        let address = self.config.site.address.as_ref().map(Url::as_str);
        let named = self.store.ensure_site_name(address).map_err(RunError::from);
        self.pause_if_refused(named)?;
        let configured = self.subscriptions.reconfigure(&self.config, now);
        self.pause_if_refused(configured)?;
        Ok(())
    }
}

/// A disk that takes nothing at the start ends nothing: polls pause then, and it is tried again at their end.
pub(super) fn ignore_refusal<E: Into<RunError>>(written: Result<(), E>) -> Result<(), RunError> {
    match written.map_err(Into::into) {
        Err(RunError::Store(error)) if error.pause_reason().is_some() => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
