//! The state of the memory of stories: not loaded, loading, loaded → the stories of commits, or none.

use std::sync::atomic::AtomicBool;

use jiff::Timestamp;

use super::super::settings;
use super::story_assigner::{StoryAssigner, was_clock_set_back};
use super::story_loading::{self, StoryLoading};
use super::story_texts::StoryTexts;
use crate::config::Config;
use crate::store::{Commit, Store, StoreError};
use crate::story::StoryVectors;

/// Whether the memory of stories is loaded.
pub(in crate::poller) enum StoryState {
    /// The last days are read before the first write.
    NotLoaded,
    /// They are being read; the first write waits for the rest.
    Loading(StoryLoading),
    /// The memory is loaded.
    Loaded(Box<StoryAssigner>),
    /// The last days could not be read: every entry is a story of its own.
    Unavailable,
}

impl StoryState {
    /// Begins to load the last days as of `now`, if any output shows stories.
    pub(in crate::poller) fn start(
        config: &Config,
        store: &Store,
        vectors: &StoryVectors,
        now: Timestamp,
    ) -> Self {
        let is_needed = settings::assigns_stories(config);
        let loading = is_needed.then(|| StoryLoading::start(store, vectors, now)).flatten();
        loading.map_or(Self::NotLoaded, Self::Loading)
    }

    /// Decides the stories of commits that arrived together; `false`: there is nothing to decide, or the
    /// memory is unavailable. `texts` were prepared; `None`: no output shows stories, so nothing is decided or
    /// kept in memory. (What is stored without a decision is decided when the memory is rebuilt.)
    pub(in crate::poller) fn assign_all(
        &mut self,
        store: &Store,
        commits: &mut [Commit],
        texts: Option<StoryTexts>,
        now: Timestamp,
    ) -> bool {
        let Some(texts) = texts else {
            *self = Self::NotLoaded;
            return false;
        };
        let is_quiet = |commit: &Commit| {
            commit.new.is_empty() && commit.restored.is_empty() && commit.changed.is_empty()
        };
        if commits.iter().all(is_quiet) {
            return false;
        }
        *self = std::mem::replace(self, Self::Unavailable).load(store, texts.vectors(), now);
        if let Self::Loaded(assigner) = self
            && assigner.latest_arrival.is_some_and(|latest| was_clock_set_back(latest, now))
        {
            *self = Self::NotLoaded.load(store, texts.vectors(), now);
        }
        let Self::Loaded(assigner) = self else { return false };
        assigner.assign_all(commits, texts, now);
        true
    }

    /// The state when the last days are loaded as of `now`, or cannot be.
    fn load(self, store: &Store, vectors: &StoryVectors, now: Timestamp) -> Self {
        let loaded = match self {
            Self::Loading(loading) => loading.wait(),
            Self::NotLoaded => {
                story_loading::load_assigner(store, vectors, now, &AtomicBool::new(false))
            }
            Self::Loaded(_) | Self::Unavailable => return self,
        };
        match loaded {
            Ok(Some(assigner)) => Self::Loaded(Box::new(assigner)),
            Ok(None) => Self::Unavailable,
            Err(error) => {
                tracing::error!(%error, "the last days cannot be read: stories are not assigned");
                Self::Unavailable
            }
        }
    }

    /// Forgets the entries that the store dropped with these commits: those of a source beyond its newest.
    pub(in crate::poller) fn forget_dropped(&mut self, commits: &[Commit], keep_per_source: usize) {
        let Self::Loaded(assigner) = self else { return };
        let has_added = |commit: &&Commit| !commit.new.is_empty() || !commit.restored.is_empty();
        for commit in commits.iter().filter(has_added) {
            assigner.memory.drop_beyond_newest(&commit.source, keep_per_source);
        }
    }

    /// Keeps what was computed of the entries of these commits, which are stored now.
    pub(in crate::poller) fn keep_features(&mut self, store: &Store) {
        if let Self::Loaded(assigner) = self {
            assigner.write_features(store);
        }
    }

    /// Stores the term counts of days that are over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(in crate::poller) fn store_closed_days(&mut self, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Loaded(assigner) => assigner.store_closed_days(store),
            Self::NotLoaded | Self::Loading(_) | Self::Unavailable => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
