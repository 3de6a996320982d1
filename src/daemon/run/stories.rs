//! New entries, one after another → the story of each. The memory of the last days is rebuilt from the
//! store at the start, so that the same entries in the same order give the same stories, also after a
//! restart.

use jiff::{SignedDuration, Timestamp};

use crate::daemon::store::{Commit, Store, StoreError};
use crate::feed::model::{ListedEntry, StoryMethod, Told};
use crate::feed::story::{StoryMemory, StorySettings, Texts};

/// How far back entries are looked at again at the start: as far as a story may reach.
const WINDOW: SignedDuration = SignedDuration::from_hours(72);
/// Days whose terms are kept: those that weigh a word, and the one that is not over.
const DAYS: i64 = 8;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The memory of stories on its way.
pub(super) enum Stories {
    /// Nothing was written yet: the last days are read when something is.
    Unread,
    /// Whoever decides is there.
    Read(Box<Desk>),
    /// The last days could not be read: entries stand alone.
    Broken,
}

impl Stories {
    /// Decides about the entries of a commit; `false`: there are none, or nobody can.
    pub(super) fn decide(&mut self, store: &Store, commit: &mut Commit, now: Timestamp) -> bool {
        if commit.new.is_empty() && commit.changed.is_empty() {
            return false;
        }
        if matches!(self, Self::Unread) {
            *self = match Desk::open(store, now) {
                Ok(desk) => Self::Read(Box::new(desk)),
                Err(error) => {
                    tracing::error!(%error, "the last days cannot be read: nothing is compared");
                    Self::Broken
                }
            };
        }
        let Self::Read(desk) = self else { return false };
        desk.decide(commit, now);
        true
    }

    /// Keeps what was learnt on a day that is over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn close_days(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Read(desk) => desk.close_days(store, now),
            Self::Unread | Self::Broken => Ok(()),
        }
    }
}

/// Who decides about stories: the writer has it, and nobody else.
pub(super) struct Desk {
    memory: StoryMemory,
    /// The last day on which something arrived.
    today: Option<i64>,
}

impl Desk {
    /// Rebuilds the memory of the last days as of `now`. Entries that were kept by a version that knew no
    /// stories are decided about now, in the order in which they arrived.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    fn open(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        let memory = StoryMemory::new(StorySettings::default(), store.days_of_terms()?);
        let mut desk = Self { memory, today: None };
        let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let mut entries = store.listed_since(since)?;
        entries.sort_by_key(|listed| (listed.first_seen_at, listed.listed_at, listed.id));
        let mut late = Vec::new();
        for listed in &entries {
            let texts = Texts::of(listed);
            match store.told(listed.id)? {
                Some(told) => {
                    desk.memory.recall(&texts.telling(told.seen_at), told.assignment);
                }
                None => late.push(desk.tell(listed, listed.first_seen_at)),
            }
        }
        store.keep_told(&late)?;
        Ok(desk)
    }

    /// Decides about the new entries of a commit, in their order, and remembers what changed.
    fn decide(&mut self, commit: &mut Commit, now: Timestamp) {
        commit.told = commit.new.iter().map(|listed| self.tell(listed, now)).collect();
        for listed in &commit.changed {
            // It keeps its story; others are compared with what it says now.
            if self.memory.knows(listed.id) {
                self.memory.assign(&Texts::of(listed).telling(now));
            }
        }
    }

    fn tell(&mut self, listed: &ListedEntry, seen_at: Timestamp) -> Told {
        let texts = Texts::of(listed);
        let assignment = self.memory.assign(&texts.telling(seen_at));
        if assignment.method == StoryMethod::SameEvent || assignment.method == StoryMethod::SameText
        {
            tracing::debug!(entry = %listed.id, story = %assignment.story,
                method = assignment.method.as_str(), score = assignment.score, "told before");
        }
        Told {
            id: listed.id,
            source: listed.source.clone(),
            listed_at: listed.listed_at,
            seen_at,
            assignment,
        }
    }

    /// Keeps what was learnt on a day that is over, if one is since this was last called.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn close_days(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let today = now.as_second().div_euclid(DAY_SECONDS);
        let before = self.today.replace(today);
        if let Some(day) = before.filter(|before| *before < today)
            && let Some(terms) = self.memory.closed_day(day)
        {
            store.keep_day_of_terms(&terms, today - DAYS)?;
        }
        Ok(())
    }
}
