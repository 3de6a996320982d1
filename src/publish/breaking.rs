//! The newest entries of a source → whether its breaking-news label is trusted. A result is cached until the
//! source publishes something new.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rafid_feed::arabic::{is_breaking, is_overused};
use rafid_feed::model::BreakingSetting;

use crate::model::{PollState, Source, SourceId};
use crate::store::{LatestQuery, Store, StoreError};

/// The newest entries of a source that are checked for the label: as many as half of all feeds hold.
const MAX_CHECKED: usize = 20;

/// Whether the label of each source is trusted, with the time of the source's last change.
#[derive(Debug, Default)]
pub(super) struct BreakingTrust(Mutex<HashMap<SourceId, (Option<Timestamp>, bool)>>);

impl BreakingTrust {
    /// Whether the label of a source is trusted: as the operator configured it, else as the source's own use
    /// of it shows.
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
        if let Some((_, is_trusted)) = before.filter(|(at, _)| *at == changed_at) {
            return Ok(is_trusted);
        }
        let newest = store.latest_shared(&LatestQuery {
            sources: &BTreeSet::from([source.id.clone()]),
            limit: MAX_CHECKED,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        })?;
        let flagged = newest.iter().filter(|listed| is_breaking(&listed.entry)).count();
        let is_trusted = !is_overused(flagged, newest.len());
        self.cache().insert(source.id.clone(), (changed_at, is_trusted));
        Ok(is_trusted)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, (Option<Timestamp>, bool)>> {
        // A panic cannot leave this map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::StoredEntry;

    #[test]
    fn a_label_is_trusted_until_it_is_overused() {
        let shop = sample::TestStore::open();
        let trust = BreakingTrust::default();
        let mut source = sample::source("a");
        let news = |from: i64, title: &str| -> Vec<_> {
            let one = |number: i64| StoredEntry {
                listed_at: sample::at(number),
                ..sample::listed("a", &number.to_string(), &format!("{title} {number}"))
            };
            (from..from + 10).map(one).collect()
        };
        let trusted = |source: &Source| {
            let state = shop.store.poll_state(&source.id).unwrap();
            trust.is_trusted(&shop.store, source, state.as_ref()).unwrap()
        };
        assert!(trusted(&source), "no evidence against it");
        shop.keep("a", 1, news(0, "خبر"));
        assert!(trusted(&source));
        shop.keep("a", 2, news(100, "عاجل: خبر"));
        shop.keep("a", 2, news(200, "عاجل: خبر"));
        assert!(!trusted(&source), "most of its news is labeled");
        shop.keep("a", 2, news(300, "خبر"));
        assert!(!trusted(&source), "cached until the source has news");
        source.labels.breaking = BreakingSetting::Trusted;
        assert!(trusted(&source));
        source.labels.breaking = BreakingSetting::Ignored;
        assert!(!trusted(&source));
    }
}
