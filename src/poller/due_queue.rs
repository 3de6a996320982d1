//! Which source is due when: a plain ordered set, rebuilt from the store at every start.
//!
//! Instants are of the monotonic clock: setting the machine's clock neither silences a source for
//! years nor makes all sources due at once.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::model::SourceId;

/// The due instants of all sources that are not reserved by a poll or another job.
#[derive(Debug, Default)]
pub(super) struct DueQueue {
    order: BTreeSet<(Instant, SourceId)>,
    due: BTreeMap<SourceId, Instant>,
    in_flight: BTreeSet<SourceId>,
    /// Sources that were rescheduled while they were reserved.
    rescheduled: BTreeSet<SourceId>,
}

impl DueQueue {
    /// Schedules a source at an instant, or moves it there. A reserved source stays reserved.
    pub(super) fn schedule(&mut self, source: &SourceId, due: Instant) {
        self.remove(source);
        if self.in_flight.contains(source) {
            self.rescheduled.insert(source.clone());
        } else {
            self.due.insert(source.clone(), due);
            self.order.insert((due, source.clone()));
        }
    }

    /// Removes a source's instant.
    pub(super) fn remove(&mut self, source: &SourceId) {
        if let Some(at) = self.due.remove(source) {
            self.order.remove(&(at, source.clone()));
        }
    }

    /// Takes the first source that is due; it is reserved until `release`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<SourceId> {
        let (at, source) = self.order.first()?.clone();
        if at > now {
            return None;
        }
        self.remove(&source);
        self.in_flight.insert(source.clone());
        Some(source)
    }

    /// Reserves a source, due or not, for another job than a poll, until `release`. `false`: it is reserved
    /// already.
    pub(super) fn reserve(&mut self, source: &SourceId) -> bool {
        self.remove(source);
        self.in_flight.insert(source.clone())
    }

    /// Whether a poll or another job has reserved a source.
    pub(super) fn is_reserved(&self, source: &SourceId) -> bool {
        self.in_flight.contains(source)
    }

    /// Ends the reservation of a source. `true`: it was rescheduled meanwhile.
    pub(super) fn release(&mut self, source: &SourceId) -> bool {
        self.in_flight.remove(source);
        self.rescheduled.remove(source)
    }

    /// How many sources are due.
    pub(super) fn due_count(&self, now: Instant) -> usize {
        self.order.iter().take_while(|(at, _)| *at <= now).count()
    }

    /// When the next source is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn due_sources_leave_in_order_and_only_once() {
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut queue = DueQueue::default();
        queue.schedule(&a, at(20));
        queue.schedule(&b, at(10));
        assert_eq!(queue.next_due(), Some(at(10)));
        assert_eq!([5, 10, 30].map(|now| queue.due_count(at(now))), [0, 1, 2]);
        assert_eq!(queue.take_due(at(5)), None);
        assert_eq!(queue.take_due(at(30)), Some(b.clone()));
        assert_eq!(queue.take_due(at(30)), Some(a));
        assert_eq!(queue.take_due(at(30)), None);
        queue.schedule(&b, at(10));
        assert_eq!(queue.take_due(at(30)), None, "a reserved source is not polled twice");
        assert!(queue.release(&b) && !queue.release(&b), "it was rescheduled meanwhile");
        queue.schedule(&b, at(40));
        queue.schedule(&b, at(15));
        assert_eq!(queue.next_due(), Some(at(15)));
        assert!(queue.reserve(&b) && !queue.reserve(&b), "it is reserved already");
        assert_eq!(queue.take_due(at(50)), None);
        assert!(queue.is_reserved(&b));
        queue.release(&b);
        assert!(!queue.is_reserved(&b));
        queue.schedule(&b, at(15));
        queue.remove(&b);
        assert_eq!(queue.next_due(), None);
    }
}
