//! A feed of nothing but new entries (RFC 3229) → what is known of the whole feed stays.
//!
//! Its entries are decided like any others. What a whole reading would say by leaving entries out (how
//! many there are, how far the rhythm can be seen) is taken from the reading before.

use jiff::Timestamp;

use super::process_feed::MAX_RECENT;
use crate::health::duplicate_feeds;
use crate::model::PollState;

/// What was known of the whole feed.
pub(super) struct FullFeedState {
    recent: Vec<Timestamp>,
    entries_count: u32,
    marks: Vec<u64>,
    empty_since: Option<Timestamp>,
}

impl FullFeedState {
    /// Takes it out of a state that a reading is about to change.
    pub(super) fn take_from(state: &mut PollState) -> Self {
        Self {
            recent: std::mem::take(&mut state.schedule.recent),
            entries_count: state.document.entries_count,
            marks: std::mem::take(&mut state.health.article_keys),
            empty_since: state.health.news.empty_since,
        }
    }

    /// Puts it together with a part, as `state` remembers that.
    pub(super) fn merge_into(self, state: &mut PollState) {
        state.schedule.recent.extend(self.recent);
        state.schedule.recent.sort_unstable_by(|a, b| b.cmp(a));
        // An entry that was changed comes again with its old date.
        state.schedule.recent.dedup();
        state.schedule.recent.truncate(MAX_RECENT);
        state.document.entries_count = state.document.entries_count.max(self.entries_count);
        duplicate_feeds::append_article_keys(&mut state.health.article_keys, self.marks);
        // A part without an entry is no empty feed.
        state.health.news.empty_since = state.health.news.empty_since.and(self.empty_since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_nothing_about_the_rest() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let seconds = |state: &PollState| -> Vec<i64> {
            state.schedule.recent.iter().map(|at| at.as_second()).collect()
        };
        let check = |whole: &[i64], part: &[i64], expected: &[i64]| {
            let mut state = PollState::new([0; 16], at(0));
            state.schedule.recent = whole.iter().copied().map(at).collect();
            state.document.entries_count = u32::try_from(whole.len()).unwrap();
            let before = FullFeedState::take_from(&mut state);
            state.schedule.recent = part.iter().copied().map(at).collect();
            state.document.entries_count = u32::try_from(part.len()).unwrap();
            before.merge_into(&mut state);
            assert_eq!(seconds(&state), expected);
            assert_eq!(state.document.entries_count as usize, whole.len().max(part.len()));
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
