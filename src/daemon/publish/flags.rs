//! The newest entries of a source → whether its word that news is breaking is believed. What was counted once
//! is remembered until the source brings news.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::daemon::store::{Newest, Store, StoreError};
use crate::feed::arabic::{is_breaking, is_worn_out};
use crate::feed::model::{BreakingSetting, PollState, Source, SourceId};

/// Entries of a source that tell how it uses the word: as many as half of all feeds hold.
const LOOKED_AT: usize = 20;

/// Whose word is believed, each with when that source brought something last.
#[derive(Debug, Default)]
pub(super) struct Flags(Mutex<HashMap<SourceId, (Option<Timestamp>, bool)>>);

impl Flags {
    /// Whether the word of a source is believed, by the operator's or else by the source's own doing.
    pub(super) fn of(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<bool, StoreError> {
        match source.labels.breaking {
            BreakingSetting::Believed => return Ok(true),
            BreakingSetting::Ignored => return Ok(false),
            BreakingSetting::Auto => {}
        }
        let changed_at = state.and_then(|state| state.changed_at);
        let before = self.known().get(&source.id).copied();
        if let Some((_, is_believed)) = before.filter(|(at, _)| *at == changed_at) {
            return Ok(is_believed);
        }
        let newest = store.newest(&Newest {
            sources: &BTreeSet::from([source.id.clone()]),
            limit: LOOKED_AT,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            fits: None,
        })?;
        let flagged = newest.iter().filter(|listed| is_breaking(&listed.entry)).count();
        let is_believed = !is_worn_out(flagged, newest.len());
        self.known().insert(source.id.clone(), (changed_at, is_believed));
        Ok(is_believed)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, (Option<Timestamp>, bool)>> {
        // Nothing that is half done can stand in it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::feed::model::ListedEntry;

    #[test]
    fn a_word_is_believed_until_it_is_worn_out() {
        let shop = sample::Shop::open();
        let flags = Flags::default();
        let mut source = sample::source("a");
        let news = |from: i64, title: &str| -> Vec<_> {
            let one = |number: i64| ListedEntry {
                listed_at: sample::at(number),
                ..sample::listed("a", &number.to_string(), &format!("{title} {number}"))
            };
            (from..from + 10).map(one).collect()
        };
        let believed = |source: &Source| {
            let state = shop.store.poll_state(&source.id).unwrap();
            flags.of(&shop.store, source, state.as_ref()).unwrap()
        };
        assert!(believed(&source), "nothing speaks against it");
        shop.keep("a", 1, news(0, "خبر"));
        assert!(believed(&source));
        shop.keep("a", 2, news(100, "عاجل: خبر"));
        shop.keep("a", 2, news(200, "عاجل: خبر"));
        assert!(!believed(&source), "most of it is said to be breaking");
        shop.keep("a", 2, news(300, "خبر"));
        assert!(!believed(&source), "as remembered until the source brings news");
        source.labels.breaking = BreakingSetting::Believed;
        assert!(believed(&source));
        source.labels.breaking = BreakingSetting::Ignored;
        assert!(!believed(&source));
    }
}
