//! The newest entries of a source → whether its word that news is breaking is believed. What was counted once
//! is remembered until the source brings news.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rafid_feed::arabic::{is_breaking, is_overused};
use rafid_feed::model::BreakingSetting;

use crate::model::{PollState, Source, SourceId};
use crate::store::{LatestQuery, Store, StoreError};

/// Entries of a source that tell how it uses the word: as many as half of all feeds hold.
const MAX_CHECKED: usize = 20;

/// Whose word is believed, each with when that source brought something last.
#[derive(Debug, Default)]
pub(super) struct BreakingTrust(Mutex<HashMap<SourceId, (Option<Timestamp>, bool)>>);

impl BreakingTrust {
    /// Whether the word of a source is believed, by the operator's or else by the source's own doing.
    pub(super) fn is_trusted(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<bool, StoreError> {
        match source.labels.breaking {
            BreakingSetting::Trusted => return Ok(true),
            BreakingSetting::Ignored => return Ok(false),
            BreakingSetting::Auto => {}
        }
        let changed_at = state.and_then(|state| state.schedule.changed_at);
        let before = self.cache().get(&source.id).copied();
        if let Some((_, is_believed)) = before.filter(|(at, _)| *at == changed_at) {
            return Ok(is_believed);
        }
        let newest = store.latest_entries(&LatestQuery {
            sources: &BTreeSet::from([source.id.clone()]),
            limit: MAX_CHECKED,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        })?;
        let flagged = newest.iter().filter(|listed| is_breaking(&listed.entry)).count();
        let is_believed = !is_overused(flagged, newest.len());
        self.cache().insert(source.id.clone(), (changed_at, is_believed));
        Ok(is_believed)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, (Option<Timestamp>, bool)>> {
        // Nothing that is half done can stand in it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::StoredEntry;

    #[test]
    fn a_word_is_believed_until_it_is_worn_out() {
        let shop = sample::Shop::open();
        let flags = BreakingTrust::default();
        let mut source = sample::source("a");
        let news = |from: i64, title: &str| -> Vec<_> {
            let one = |number: i64| StoredEntry {
                listed_at: sample::at(number),
                ..sample::listed("a", &number.to_string(), &format!("{title} {number}"))
            };
            (from..from + 10).map(one).collect()
        };
        let believed = |source: &Source| {
            let state = shop.store.poll_state(&source.id).unwrap();
            flags.is_trusted(&shop.store, source, state.as_ref()).unwrap()
        };
        assert!(believed(&source), "nothing speaks against it");
        shop.keep("a", 1, news(0, "خبر"));
        assert!(believed(&source));
        shop.keep("a", 2, news(100, "عاجل: خبر"));
        shop.keep("a", 2, news(200, "عاجل: خبر"));
        assert!(!believed(&source), "most of it is said to be breaking");
        shop.keep("a", 2, news(300, "خبر"));
        assert!(!believed(&source), "as remembered until the source brings news");
        source.labels.breaking = BreakingSetting::Trusted;
        assert!(believed(&source));
        source.labels.breaking = BreakingSetting::Ignored;
        assert!(!believed(&source));
    }
}
