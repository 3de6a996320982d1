//! Pending article pages (full text) → fetched after a poll or a push of their source, which stays reserved
//! meanwhile, as for a poll.

use jiff::Timestamp;
use tokio::task::JoinError;

use super::jobs::PollEnded;
use super::{Daemon, RunError};
use crate::model::SourceId;

/// Sources whose pages are fetched at the same time: each fetches one page after another. The rest waits
/// for the next poll.
const MAX_SOURCES_AT_ONCE: usize = 16;

impl Daemon {
    /// Fetches the pending pages of a source, if there are any.
    pub(super) fn start_pending_pages(&mut self, id: &SourceId, now: Timestamp) {
        let is_wanted = self.config.source(id).is_some_and(|source| source.full_text);
        if !is_wanted
            || self.is_paused()
            || self.page_rounds.len() >= MAX_SOURCES_AT_ONCE
            || !self.due_queue.reserve(id)
        {
            return;
        }
        match self.job_for_source(id, now) {
            Some(job) => drop(self.page_rounds.spawn(self.jobs.fetch_pending_pages(job))),
            None => self.release_source(id, now),
        }
    }

    /// A fetch of pages ended.
    pub(super) fn on_pages(&mut self, ended: Result<PollEnded, JoinError>) -> Result<(), RunError> {
        let (id, stored) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "a fetch of pages panicked; please report it");
                return Ok(());
            }
        };
        let now = Timestamp::now();
        self.release_source(&id, now);
        let Some(stored) = stored else { return Ok(()) };
        let Some(report) = self.pause_if_refused(stored)? else { return Ok(()) };
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        self.publish_update(Some(&report.state), &report);
        tracing::info!(source = id.as_str(), texts = report.changed_count, "pages fetched");
        Ok(())
    }
}
