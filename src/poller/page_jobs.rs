//! Pages of entries that wait (full text) → asked behind a poll or a push of their source, which is away
//! meanwhile as for a poll.

use jiff::Timestamp;
use tokio::task::JoinError;

use super::jobs::PollEnded;
use super::{Daemon, RunError};
use crate::model::SourceId;

/// Sources whose pages are asked at the same time: each asks for one page after the other. What more there
/// is waits for the next poll.
const MAX_SOURCES_AT_ONCE: usize = 16;

impl Daemon {
    /// Asks for the pages of a source that wait, if there are any.
    pub(super) fn start_pending_pages(&mut self, id: &SourceId, now: Timestamp) {
        let is_wanted = self.config.source(id).is_some_and(|source| source.full_text);
        if !is_wanted
            || self.page_rounds.len() >= MAX_SOURCES_AT_ONCE
            || !self.due_queue.reserve(id)
        {
            return;
        }
        match self.job_for_source(id, now) {
            Some(errand) => drop(self.page_rounds.spawn(self.jobs.fetch_pending_pages(errand))),
            None => self.release_source(id, now),
        }
    }

    /// Pages of a source were asked.
    pub(super) fn on_pages(&mut self, ended: Result<PollEnded, JoinError>) -> Result<(), RunError> {
        let (id, kept) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "asking for pages ended badly; please report it");
                return Ok(());
            }
        };
        let now = Timestamp::now();
        self.release_source(&id, now);
        let Some(report) = kept.transpose()? else { return Ok(()) };
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        if report.changes_outputs() {
            self.publisher.changed();
        } else {
            self.publisher.polled();
        }
        tracing::info!(source = id.as_str(), texts = report.changed_count, "pages asked");
        Ok(())
    }
}
