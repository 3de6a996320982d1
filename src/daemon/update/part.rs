//! A feed of nothing but new entries (RFC 3229) → what is known of the whole feed stays.
//!
//! Its entries are decided like any others. What a whole reading would say by leaving entries out (how
//! many there are, how far the rhythm can be seen) is taken from the reading before.

use jiff::Timestamp;

use super::take::RECENT;
use crate::feed::likeness;
use crate::feed::model::PollState;

/// What was known of the whole feed.
pub(super) struct Whole {
    recent: Vec<Timestamp>,
    entries_count: u32,
    marks: Vec<u64>,
    empty_since: Option<Timestamp>,
}

impl Whole {
    /// Takes it out of a state that a reading is about to change.
    pub(super) fn of(state: &mut PollState) -> Self {
        Self {
            recent: std::mem::take(&mut state.recent),
            entries_count: state.entries_count,
            marks: std::mem::take(&mut state.life.marks),
            empty_since: state.life.empty_since,
        }
    }

    /// Puts it together with a part, as `state` remembers that.
    pub(super) fn keep(self, state: &mut PollState) {
        state.recent.extend(self.recent);
        state.recent.sort_unstable_by(|a, b| b.cmp(a));
        // An entry that was changed comes again with its old date.
        state.recent.dedup();
        state.recent.truncate(RECENT);
        state.entries_count = state.entries_count.max(self.entries_count);
        likeness::add(&mut state.life.marks, self.marks);
        // A part without an entry is no empty feed.
        state.life.empty_since = state.life.empty_since.and(self.empty_since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_nothing_about_the_rest() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let seconds = |state: &PollState| -> Vec<i64> {
            state.recent.iter().map(|at| at.as_second()).collect()
        };
        let check = |whole: &[i64], part: &[i64], expected: &[i64]| {
            let mut state = PollState::new([0; 16], at(0));
            state.recent = whole.iter().copied().map(at).collect();
            state.entries_count = u32::try_from(whole.len()).unwrap();
            let before = Whole::of(&mut state);
            state.recent = part.iter().copied().map(at).collect();
            state.entries_count = u32::try_from(part.len()).unwrap();
            before.keep(&mut state);
            assert_eq!(seconds(&state), expected);
            assert_eq!(state.entries_count as usize, whole.len().max(part.len()));
        };
        check(&[5, 4, 3], &[6], &[6, 5, 4, 3]);
        check(&[5, 4, 3], &[], &[5, 4, 3]);
        check(&[5, 4, 3], &[4], &[5, 4, 3]);
        check(&[], &[2, 1], &[2, 1]);
        let many: Vec<i64> = (0..32).rev().collect();
        let most: Vec<i64> = (1..33).rev().collect();
        check(&many, &[32], &most);
    }
}
