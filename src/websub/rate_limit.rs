//! Pushes of one source → how many are accepted: a token bucket.

use jiff::Timestamp;

/// Pushes in a row that are accepted at once: a newsroom's morning.
const BUCKET_SIZE: u32 = 20;
/// The bucket gains one push in this many seconds. Six a minute are more than any newsroom publishes over a
/// long time, and a refused push is delivered again or found by a poll.
const REFILL_SECONDS: i64 = 10;

/// The token bucket of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushRateLimit {
    left: u32,
    counted_at: Timestamp,
}

impl PushRateLimit {
    /// A full bucket.
    pub fn new(now: Timestamp) -> Self {
        Self { left: BUCKET_SIZE, counted_at: now }
    }

    /// Takes one push from the bucket; `false` if it is empty.
    pub fn try_take(&mut self, now: Timestamp) -> bool {
        let passed = now.as_second().saturating_sub(self.counted_at.as_second());
        let filled =
            u32::try_from((passed / REFILL_SECONDS).max(0)).unwrap_or(BUCKET_SIZE).min(BUCKET_SIZE);
        if filled > 0 || passed < 0 {
            self.left = self.left.saturating_add(filled).min(BUCKET_SIZE);
            self.counted_at = now;
        }
        let is_taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_a_flood_is_not() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        let mut rate = PushRateLimit::new(at(0));
        let taken = (0..100).filter(|_| rate.try_take(at(1))).count();
        assert_eq!(taken, 20);
        assert!(!rate.try_take(at(9)));
        assert!(rate.try_take(at(10)) && !rate.try_take(at(11)));
        assert_eq!((0..100).filter(|_| rate.try_take(at(41))).count(), 3);
        assert_eq!((0..100).filter(|_| rate.try_take(at(1_000_000))).count(), 20, "and no more");
        assert!(!rate.try_take(at(0)), "a clock that was set back brings nothing");
        assert!(rate.try_take(at(10)), "and stops nothing");
    }
}
