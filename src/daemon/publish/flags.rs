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

/// Whether a source's word is believed, and whether that is news since it was last asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Belief {
    pub(super) is_believed: bool,
    pub(super) is_news: bool,
}

impl Flags {
    /// Whether the word of a source is believed, by the operator's or else by the source's own doing.
    pub(super) fn of(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<Belief, StoreError> {
        let told = |is_believed| Belief { is_believed, is_news: false };
        match source.labels.breaking {
            BreakingSetting::Believed => return Ok(told(true)),
            BreakingSetting::Ignored => return Ok(told(false)),
            BreakingSetting::Auto => {}
        }
        let changed_at = state.and_then(|state| state.changed_at);
        let before = self.known().get(&source.id).copied();
        if let Some((_, is_believed)) = before.filter(|(at, _)| *at == changed_at) {
            return Ok(told(is_believed));
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
        let is_news = before.is_some_and(|(_, before)| before != is_believed);
        Ok(Belief { is_believed, is_news })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<SourceId, (Option<Timestamp>, bool)>> {
        // Nothing that is half done can stand in it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
