//! The state of every scheduled source as it was stored last, and how many of them fail, counted while states
//! change: a walk over all sources after each poll would take a time that grows with the square of their number.

use std::collections::BTreeMap;
use std::ops::Deref;

use crate::model::{PollState, SourceId};

/// The stored states of the sources that are scheduled. It is read as a map.
#[derive(Debug, Default)]
pub(super) struct SourceStates {
    by_source: BTreeMap<SourceId, PollState>,
    failing: usize,
}

impl SourceStates {
    /// Replaces the state of a source, or adds it; returns the state before.
    pub(super) fn insert(&mut self, source: SourceId, state: PollState) -> Option<PollState> {
        self.failing += usize::from(is_failing(&state));
        let before = self.by_source.insert(source, state);
        self.discount(before.as_ref());
        before
    }

    /// Forgets a source.
    pub(super) fn remove(&mut self, source: &SourceId) {
        let before = self.by_source.remove(source);
        self.discount(before.as_ref());
    }

    /// The number of sources whose last poll failed.
    pub(super) fn failing_count(&self) -> usize {
        self.failing
    }

    fn discount(&mut self, before: Option<&PollState>) {
        self.failing -= usize::from(before.is_some_and(is_failing));
    }
}

/// Only for reading: every change goes through the methods above, which count.
impl Deref for SourceStates {
    type Target = BTreeMap<SourceId, PollState>;

    fn deref(&self) -> &Self::Target {
        &self.by_source
    }
}

fn is_failing(state: &PollState) -> bool {
    state.last_poll.failures > 0
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_count_follows_every_change() {
        let id = |id: &str| SourceId::new(id).unwrap();
        let state = |failures| {
            let mut state = PollState::new([0; 16], Timestamp::UNIX_EPOCH);
            state.last_poll.failures = failures;
            state
        };
        let mut states = SourceStates::default();
        for (source, failures, expected) in
            [("a", 0, 0), ("b", 1, 1), ("a", 2, 2), ("b", 3, 2), ("b", 0, 1), ("c", 9, 2)]
        {
            states.insert(id(source), state(failures));
            assert_eq!(states.failing_count(), expected, "{source} {failures}");
        }
        for (source, expected) in [("d", 2), ("a", 1), ("b", 1), ("c", 0)] {
            states.remove(&id(source));
            assert_eq!(states.failing_count(), expected, "without {source}");
        }
        assert!(states.is_empty());
    }
}
