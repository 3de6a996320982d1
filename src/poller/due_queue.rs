//! Which source is due when: a plain ordered set, rebuilt from the store at every start.
//!
//! Instants are of the monotonic clock: setting the machine's clock neither silences a source for
//! years nor asks all of them at once.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::model::SourceId;

/// The due instants of all sources that are not being polled right now.
#[derive(Debug, Default)]
pub(super) struct DueQueue {
    order: BTreeSet<(Instant, SourceId)>,
    due: BTreeMap<SourceId, Instant>,
    in_flight: BTreeSet<SourceId>,
    /// Those that were to be put somewhere while they were away.
    rescheduled: BTreeSet<SourceId>,
}

impl DueQueue {
    /// Puts a source at an instant, or moves it there. A source that is away stays away.
    pub(super) fn schedule(&mut self, source: &SourceId, due: Instant) {
        self.remove(source);
        if self.in_flight.contains(source) {
            self.rescheduled.insert(source.clone());
        } else {
            self.due.insert(source.clone(), due);
            self.order.insert((due, source.clone()));
        }
    }

    /// Forgets a source's instant.
    pub(super) fn remove(&mut self, source: &SourceId) {
        if let Some(at) = self.due.remove(source) {
            self.order.remove(&(at, source.clone()));
        }
    }

    /// Takes the first source that is due; it is away until `back`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<SourceId> {
        let (at, source) = self.order.first()?.clone();
        if at > now {
            return None;
        }
        self.remove(&source);
        self.in_flight.insert(source.clone());
        Some(source)
    }

    /// Takes a source, due or not, for something else than a poll; it is away until `back`. `false`: it
    /// is away already.
    pub(super) fn reserve(&mut self, source: &SourceId) -> bool {
        self.remove(source);
        self.in_flight.insert(source.clone())
    }

    /// The poll of a source ended. `true`: it was to be put at another instant meanwhile.
    pub(super) fn release(&mut self, source: &SourceId) -> bool {
        self.in_flight.remove(source);
        self.rescheduled.remove(source)
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
        let mut table = DueQueue::default();
        table.schedule(&a, at(20));
        table.schedule(&b, at(10));
        assert_eq!(table.next_due(), Some(at(10)));
        assert_eq!(table.take_due(at(5)), None);
        assert_eq!(table.take_due(at(30)), Some(b.clone()));
        assert_eq!(table.take_due(at(30)), Some(a));
        assert_eq!(table.take_due(at(30)), None);
        table.schedule(&b, at(10));
        assert_eq!(table.take_due(at(30)), None, "a source that is away is not polled twice");
        assert!(table.release(&b) && !table.release(&b), "it was planned meanwhile");
        table.schedule(&b, at(40));
        table.schedule(&b, at(15));
        assert_eq!(table.next_due(), Some(at(15)));
        assert!(table.reserve(&b) && !table.reserve(&b), "away is away");
        assert_eq!(table.take_due(at(50)), None);
        table.release(&b);
        table.schedule(&b, at(15));
        table.remove(&b);
        assert_eq!(table.next_due(), None);
    }
}
