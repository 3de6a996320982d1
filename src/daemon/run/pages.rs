//! Pages of entries that wait (full text) → asked behind a poll or a push of their source, which is away
//! meanwhile as for a poll.

use jiff::Timestamp;
use tokio::task::JoinError;

use super::crew::Ended;
use super::{Loop, RunError};
use crate::feed::model::SourceId;

/// Sources whose pages are asked at the same time: each asks for one page after the other. What more there
/// is waits for the next poll.
const SOURCES: usize = 16;

impl Loop {
    /// Asks for the pages of a source that wait, if there are any.
    pub(super) fn start_pages(&mut self, id: &SourceId, now: Timestamp) {
        let is_wanted = self.config.source(id).is_some_and(|source| source.full_text);
        if !is_wanted || self.pages.len() >= SOURCES || !self.table.take(id) {
            return;
        }
        match self.errand(id, now) {
            Some(errand) => drop(self.pages.spawn(self.crew.ask_pages(errand))),
            None => self.put_back(id, now),
        }
    }

    /// Pages of a source were asked.
    pub(super) fn take_pages(&mut self, ended: Result<Ended, JoinError>) -> Result<(), RunError> {
        let (id, kept) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "asking for pages ended badly; please report it");
                return Ok(());
            }
        };
        let now = Timestamp::now();
        self.put_back(&id, now);
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
