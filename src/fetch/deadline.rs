//! The time that a request may take → what is left of it, hop by hop.

use std::time::Duration;

use tokio::time::Instant;

use super::fetch_error::{FetchError, TimeoutPhase};

/// How much time is left for a request, and how long the server may be silent.
pub(super) struct RequestDeadline {
    started_at: Instant,
    left: Duration,
    total: Duration,
    silence: Duration,
}

impl RequestDeadline {
    pub(super) fn new(total: Duration, silence: Duration) -> Self {
        Self { started_at: Instant::now(), left: total, total, silence }
    }

    /// Starts the time.
    pub(super) fn resume(&mut self) {
        self.started_at = Instant::now();
    }

    /// Stops the time: waiting in a queue does not count.
    pub(super) fn pause(&mut self) {
        self.left = self.left.saturating_sub(self.started_at.elapsed());
    }

    /// Awaits `work` without counting it into the time of the request, but at most as long as a whole request
    /// may take.
    pub(super) async fn excluded_from_budget<T>(
        &mut self,
        waiting: TimeoutPhase,
        work: impl Future<Output = T>,
    ) -> Result<T, FetchError> {
        self.pause();
        let done = tokio::time::timeout(self.total, work).await;
        self.resume();
        done.map_err(|_| FetchError::Timeout { after: self.total, waiting })
    }

    /// Awaits `work` as long as the total and the silence allow.
    pub(super) async fn run_within<T>(
        &self,
        waiting: TimeoutPhase,
        work: impl Future<Output = T>,
    ) -> Result<T, FetchError> {
        let end_at = self.started_at + self.left;
        let silent_at = Instant::now() + self.silence;
        let (at, after) =
            if silent_at < end_at { (silent_at, self.silence) } else { (end_at, self.total) };
        tokio::time::timeout_at(at, work).await.map_err(|_| FetchError::Timeout { after, waiting })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn excluded_waits_take_nothing_of_the_time() {
        let total = Duration::from_mins(1);
        let mut deadline = RequestDeadline::new(total, total);
        deadline.resume();
        let permit =
            deadline.excluded_from_budget(TimeoutPhase::Memory, std::future::pending::<()>()).await;
        assert_eq!(
            permit,
            Err(FetchError::Timeout { after: total, waiting: TimeoutPhase::Memory })
        );
        let nearly = total.checked_sub(Duration::from_secs(1)).unwrap();
        deadline.run_within(TimeoutPhase::Body, tokio::time::sleep(nearly)).await.unwrap();
        let late = deadline.run_within(TimeoutPhase::Body, tokio::time::sleep(nearly)).await;
        assert_eq!(late, Err(FetchError::Timeout { after: total, waiting: TimeoutPhase::Body }));
    }
}
