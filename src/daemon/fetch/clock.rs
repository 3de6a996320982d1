//! The time that a request may take → what is left of it, hop by hop.

use std::time::Duration;

use tokio::time::Instant;

use super::error::{FetchError, Waiting};

/// How much time is left for a request, and how long it may be silent.
pub(super) struct Clock {
    started_at: Instant,
    left: Duration,
    total: Duration,
    silence: Duration,
}

impl Clock {
    pub(super) fn new(total: Duration, silence: Duration) -> Self {
        Self { started_at: Instant::now(), left: total, total, silence }
    }

    /// Time runs from here on.
    pub(super) fn start(&mut self) {
        self.started_at = Instant::now();
    }

    /// Time stands still: waiting for a turn is nobody's fault.
    pub(super) fn stop(&mut self) {
        self.left = self.left.saturating_sub(self.started_at.elapsed());
    }

    /// Awaits `work`, which is nobody's fault, beside the time of the request, but no longer than a
    /// whole request may take.
    pub(super) async fn beside<T>(
        &mut self,
        waiting: Waiting,
        work: impl Future<Output = T>,
    ) -> Result<T, FetchError> {
        self.stop();
        let done = tokio::time::timeout(self.total, work).await;
        self.start();
        done.map_err(|_| FetchError::Timeout { after: self.total, waiting })
    }

    /// Awaits `work` as long as the total and the silence allow.
    pub(super) async fn within<T>(
        &self,
        waiting: Waiting,
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
    async fn what_is_waited_for_beside_takes_nothing_of_the_time() {
        let total = Duration::from_mins(1);
        let mut clock = Clock::new(total, total);
        clock.start();
        let room = clock.beside(Waiting::Room, std::future::pending::<()>()).await;
        assert_eq!(room, Err(FetchError::Timeout { after: total, waiting: Waiting::Room }));
        let nearly = total.checked_sub(Duration::from_secs(1)).unwrap();
        clock.within(Waiting::Body, tokio::time::sleep(nearly)).await.unwrap();
        let late = clock.within(Waiting::Body, tokio::time::sleep(nearly)).await;
        assert_eq!(late, Err(FetchError::Timeout { after: total, waiting: Waiting::Body }));
    }
}
