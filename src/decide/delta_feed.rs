//! A document that contains only new entries (RFC 3229) → what is known about the full feed stays.
//!
//! Its entries are decided like any others. What a full document shows by leaving entries out (how many
//! there are, how far back the rhythm is known) is taken from the state before.

use jiff::Timestamp;

use super::recent_dates::newest_distinct_dates;
use crate::health::duplicate_feeds;
use crate::model::{LastDocument, NewsHistory, PollSchedule, PollState, SourceHealth};

/// What is known about the full feed.
pub(super) struct FullFeedState {
    recent: Vec<Timestamp>,
    entries_count: u32,
    article_keys: Vec<u64>,
    empty_since: Option<Timestamp>,
}

impl FullFeedState {
    /// What a state knows about the full feed.
    pub(super) fn from_state(state: &PollState) -> Self {
        Self {
            recent: state.schedule.recent.clone(),
            entries_count: state.document.entries_count,
            article_keys: state.health.article_keys.clone(),
            empty_since: state.health.news.empty_since,
        }
    }

    /// The state after a document with only new entries, combined with what is known about the full feed.
    pub(super) fn merge_into(self, delta: PollState) -> PollState {
        let PollState { document, schedule, health, .. } = delta;
        // A changed entry comes again with its old date.
        let recent = newest_distinct_dates([schedule.recent, self.recent].concat());
        let entries_count = document.entries_count.max(self.entries_count);
        let mut article_keys = health.article_keys;
        duplicate_feeds::append_article_keys(&mut article_keys, self.article_keys);
        // A document with only new entries may be empty although the feed is not.
        let empty_since = health.news.empty_since.and(self.empty_since);
        let news = NewsHistory { empty_since, ..health.news };
        PollState {
            document: LastDocument { entries_count, ..document },
            schedule: PollSchedule { recent, ..schedule },
            health: SourceHealth { news, article_keys, ..health },
            ..delta
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_feed_does_not_shorten_the_full_feed() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let with_entries = |seconds: &[i64]| {
            let mut state = PollState::new([0; 16], at(0));
            state.schedule.recent = seconds.iter().copied().map(at).collect();
            state.document.entries_count = u32::try_from(seconds.len()).unwrap();
            state
        };
        let check = |full: &[i64], delta: &[i64], expected: &[i64]| {
            let before = FullFeedState::from_state(&with_entries(full));
            let state = before.merge_into(with_entries(delta));
            let recent: Vec<i64> = state.schedule.recent.iter().map(|at| at.as_second()).collect();
            assert_eq!(recent, expected);
            assert_eq!(state.document.entries_count as usize, full.len().max(delta.len()));
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
