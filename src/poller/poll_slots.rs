//! Polls under way → whether another may start: those that are stuck keep nobody waiting.
//!
//! A server that trickles holds a poll for the whole timeout. Were every poll counted until its end, a
//! few dozen of such servers would be all that is asked. So only those count that began a moment ago,
//! and the others have an end of their own.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::SourceId;

/// A poll that takes longer is stuck: nine in ten end within two seconds.
const STUCK_AFTER: Duration = Duration::from_secs(5);
/// Polls under way in all, stuck ones included, are at most so many times those at the same time. Each
/// holds less than 2 MB, as large documents wait for room of their own.
const MAX_OVERCOMMIT: usize = 4;

/// The polls that began a moment ago, oldest first.
#[derive(Debug, Default)]
pub(super) struct PollSlots(VecDeque<(Instant, SourceId)>);

impl PollSlots {
    /// A poll of a source begins.
    pub(super) fn begin(&mut self, source: &SourceId, now: Instant) {
        self.0.push_back((now, source.clone()));
    }

    /// The poll of a source ended.
    pub(super) fn end(&mut self, source: &SourceId) {
        self.0.retain(|(_, id)| id != source);
    }

    /// Whether another poll may start while so many are under way in all and `at_once` may be at the same
    /// time.
    pub(super) fn has_free_slot(&mut self, under_way: usize, at_once: usize, now: Instant) -> bool {
        while self.0.front().is_some_and(|(begun, _)| *begun + STUCK_AFTER <= now) {
            self.0.pop_front();
        }
        self.0.len() < at_once && under_way < at_once.saturating_mul(MAX_OVERCOMMIT)
    }

    /// When the next poll counts as stuck; `None`: no poll began a moment ago.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.0.front().map(|(begun, _)| *begun + STUCK_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuck_polls_keep_nobody_waiting_but_have_an_end() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let id = |number: usize| SourceId::new(&format!("s{number}")).unwrap();
        let mut berths = PollSlots::default();
        let mut under_way = 0;
        for round in 0..4 {
            for _ in 0..2 {
                assert!(berths.has_free_slot(under_way, 2, at(round * 5)), "{under_way}");
                berths.begin(&id(under_way), at(round * 5));
                under_way += 1;
            }
            assert!(!berths.has_free_slot(under_way, 2, at(round * 5 + 4)), "{under_way}");
            assert_eq!(berths.next_expiry(), Some(at(round * 5 + 5)));
        }
        assert!(!berths.has_free_slot(under_way, 2, at(1000)), "all are stuck");
        assert!(berths.has_free_slot(under_way - 1, 2, at(1000)));
    }

    #[test]
    fn a_poll_that_ended_makes_room_at_once() {
        let now = Instant::now();
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let mut berths = PollSlots::default();
        berths.begin(&a, now);
        assert!(!berths.has_free_slot(1, 1, now));
        berths.end(&b);
        assert!(!berths.has_free_slot(1, 1, now));
        berths.end(&a);
        assert!(berths.has_free_slot(0, 1, now));
        assert_eq!(berths.next_expiry(), None);
    }
}
