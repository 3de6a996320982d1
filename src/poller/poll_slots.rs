//! Running polls → whether another may start: stuck polls do not block others.
//!
//! A server that sends slowly holds a poll for the whole timeout. If every poll counted until its end, a
//! few dozen such servers would block all other sources. So only polls that began a moment ago count, and
//! the others have a separate limit.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::SourceId;

/// A poll that takes longer is stuck: nine in ten end within two seconds.
const STUCK_AFTER: Duration = Duration::from_secs(5);
/// Running polls in all, including stuck ones, are limited to this many times the configured concurrency.
/// Each holds less than 2 MB, as large documents have a memory budget of their own.
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

    /// Whether another poll may start while `under_way` polls run in all and `at_once` may run at the same
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
    fn stuck_polls_block_no_others_but_are_limited() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let id = |number: usize| SourceId::new(&format!("s{number}")).unwrap();
        let mut slots = PollSlots::default();
        let mut under_way = 0;
        for round in 0..4 {
            for _ in 0..2 {
                assert!(slots.has_free_slot(under_way, 2, at(round * 5)), "{under_way}");
                slots.begin(&id(under_way), at(round * 5));
                under_way += 1;
            }
            assert!(!slots.has_free_slot(under_way, 2, at(round * 5 + 4)), "{under_way}");
            assert_eq!(slots.next_expiry(), Some(at(round * 5 + 5)));
        }
        assert!(!slots.has_free_slot(under_way, 2, at(1000)), "all are stuck");
        assert!(slots.has_free_slot(under_way - 1, 2, at(1000)));
    }

    #[test]
    fn a_poll_that_ended_frees_its_slot_at_once() {
        let now = Instant::now();
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let mut slots = PollSlots::default();
        slots.begin(&a, now);
        assert!(!slots.has_free_slot(1, 1, now));
        slots.end(&b);
        assert!(!slots.has_free_slot(1, 1, now));
        slots.end(&a);
        assert!(slots.has_free_slot(0, 1, now));
        assert_eq!(slots.next_expiry(), None);
    }
}
