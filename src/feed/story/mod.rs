//! Entries in the order in which they arrive → the story that each belongs to, and why.
//!
//! 1. The same text again, whatever its headline: a *text group*, by `MinHash` over runs of three words.
//! 2. The same event in other words: a *story*, by the cosine of words and their parts over title and
//!    lead, weighted by how rare they were in the last seven days.
//!
//! Within one source only the same text is one story (`wording`): what else it writes must not disappear.
//!
//! (That an entry is the same entry again was decided before, by the station `relate`.)
//!
//! A decision is never taken back, and the same entries in the same order give the same stories. The
//! memory is a value: rebuilt from the entries of its window with what was decided about them, it
//! decides as if it had never been away. Where numbers and thresholds come from tells
//! `docs/stories.md`.

mod alike;
mod hash;
mod recurring;
mod score;
mod shingles;
mod statistics;
mod terms;
mod texts;
mod window;
mod wording;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::model::{DayOfTerms, EntryId, StoryAssignment, StoryMethod, Telling};
use score::{Nearest, Scorer};
use shingles::Signature;
use statistics::{Statistics, TermId};
use terms::Terms;

use window::{Member, Window, is_outdated};
use wording::{Again, Wording};

pub use alike::{Alike, SharedWord, alike};
pub use statistics::DAYS;
pub use texts::Texts;
pub use window::WINDOW;

/// How alike tellings must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StorySettings {
    /// The score from which an entry joins a story.
    pub merge: f32,
    /// The score from which a story is called related.
    pub related: f32,
}

/// Chosen on the development window (`docs/stories.md`).
impl Default for StorySettings {
    fn default() -> Self {
        Self { merge: 0.32, related: 0.27 }
    }
}

/// The estimated share of common runs from which a text is the same one (measured on wire copies).
pub const SAME_TEXT: f32 = 0.45;

/// Different words that an entry must have to be compared: below, chance decides.
const WORDS_MIN: usize = 4;

/// Members from which a story takes only what is surely the same.
pub const CROWD: usize = 40;

/// The score from which an entry joins such a story.
pub const CROWD_MERGE: f32 = 0.45;

/// What is known of the entries of the last days.
#[derive(Debug, Clone, Default)]
pub struct StoryMemory {
    settings: StorySettings,
    statistics: Statistics,
    window: Window,
    now: Option<Timestamp>,
    /// The days whose counts were imported.
    closed: BTreeSet<i64>,
}

impl StoryMemory {
    /// A memory without entries, which knows the counts of days that are over (`closed_day`). Then
    /// `recall` the entries of the last three days, and all that arrived on a day that is not among them.
    pub fn new(settings: StorySettings, closed_days: Vec<DayOfTerms>) -> Self {
        let closed = closed_days.iter().map(|day| day.day).collect();
        let mut statistics = Statistics::default();
        statistics.import(closed_days);
        Self { settings, statistics, closed, ..Self::default() }
    }

    /// Decides about an entry and remembers it. One that is known keeps its story; what it says now
    /// is what others are compared with from now on.
    pub fn assign(&mut self, telling: &Telling<'_>) -> StoryAssignment {
        self.move_to(telling.seen_at);
        if let Some(known) = self.window.get(telling.id).map(|member| member.assignment) {
            return self.revise(telling, known);
        }
        let said = Said::of(telling);
        let terms = Terms::of(telling.title, telling.summary, telling.text);
        if let Some(assignment) = self.without_terms(telling, &said, &terms) {
            self.remember(telling, assignment, said, Counted::default());
            return assignment;
        }
        let counted = self.count(&terms, day_of_counting(telling));
        let scorer = Scorer { window: &self.window, statistics: &self.statistics };
        let mut assignment =
            self.by_event(telling.id, scorer.nearest(telling, &said, &counted.terms));
        // The text is known in a story of which its source has another one: only the story is not its own.
        if let Some((_, member)) = self.same_text(telling, &said, |again| !again.joins()) {
            assignment.text_group = member.assignment.text_group;
        }
        self.remember(telling, assignment, said, counted);
        assignment
    }

    /// Remembers an entry with what was decided about it earlier: for a memory that is rebuilt. The
    /// entries are told in the order of their arrival.
    pub fn recall(&mut self, telling: &Telling<'_>, assignment: StoryAssignment) {
        self.move_to(telling.seen_at);
        let day = day_of_counting(telling).filter(|day| !self.closed.contains(day));
        let counted = self.counted_again(telling, assignment, day);
        self.remember(telling, assignment, Said::of(telling), counted);
    }

    /// Moves on in time: what is too old now leaves, and days before it are over.
    pub fn move_to(&mut self, seen_at: Timestamp) {
        let now = self.now.map_or(seen_at, |now| now.max(seen_at));
        self.now = Some(now);
        while let Some(member) = self.window.outdated(now).and_then(|id| self.window.remove(id)) {
            self.release(&member);
        }
        self.statistics.move_to(day_of(now));
    }

    /// What a day before the latest one taught about terms, for the store to keep: it changes no
    /// more. `None`: nothing was counted on it, or it is too old or not over.
    pub fn closed_day(&self, day: i64) -> Option<DayOfTerms> {
        let is_over = self.now.is_some_and(|now| day < day_of(now));
        if is_over { self.statistics.day(day) } else { None }
    }

    /// The latest day (days since 1970-01-01, UTC); `None`: nothing arrived yet.
    pub fn today(&self) -> Option<i64> {
        self.now.map(day_of)
    }

    /// Whether an entry is remembered.
    pub fn knows(&self, id: EntryId) -> bool {
        self.window.get(id).is_some()
    }

    fn revise(&mut self, telling: &Telling<'_>, assignment: StoryAssignment) -> StoryAssignment {
        let today = day_of(telling.seen_at);
        let Some(member) = self.window.remove(telling.id) else { return assignment };
        // A day that is over is not counted anew.
        let recounted_on = member.counted_on.filter(|day| *day == today);
        if recounted_on.is_some() {
            self.statistics.uncount(today, &member.terms);
        }
        self.release(&member);
        let counted = self.counted_again(telling, assignment, recounted_on);
        let counted = Counted { day: member.counted_on, ..counted };
        let told = Telling { listed_at: member.listed_at, ..*telling };
        self.remember(&told, assignment, Said::of(telling), counted);
        assignment
    }

    /// What can be decided without comparing terms.
    fn without_terms(
        &self,
        telling: &Telling<'_>,
        said: &Said,
        terms: &Terms,
    ) -> Option<StoryAssignment> {
        let alone = |method| StoryAssignment {
            story: telling.id,
            text_group: telling.id,
            method,
            score: None,
            nearest: None,
            related: None,
        };
        if is_outdated(telling.listed_at, telling.seen_at) {
            return Some(alone(StoryMethod::TooOld));
        }
        if let Some((likeness, member)) = self.same_text(telling, said, Again::joins) {
            return Some(StoryAssignment {
                story: member.assignment.story,
                text_group: member.assignment.text_group,
                score: Some(likeness),
                nearest: Some(member.id),
                ..alone(StoryMethod::SameText)
            });
        }
        (terms.words_count < WORDS_MIN).then(|| alone(StoryMethod::TooShort))
    }

    /// The member whose text is most like this one and like enough; of equals the earliest. Only members of
    /// stories count that take the entry, or do not, as `is_meant` says of what it is to them.
    fn same_text(
        &self,
        telling: &Telling<'_>,
        said: &Said,
        is_meant: fn(Again) -> bool,
    ) -> Option<(f32, &Member)> {
        let signature = said.signature.as_ref()?;
        let alike = self.window.with_band_of(signature).filter_map(|member| {
            let likeness = signature.likeness(member.said.signature.as_ref()?);
            let is_same = likeness >= SAME_TEXT
                && (member.source != *telling.source
                    || said.against(telling, member) == Again::Text)
                && is_meant(self.window.takes(member.assignment.story, telling, said));
            is_same.then_some((likeness, member))
        });
        alike.max_by(|(one, first), (other, second)| {
            let age = |member: &Member| (member.listed_at, member.id);
            one.total_cmp(other).then_with(|| age(second).cmp(&age(first)))
        })
    }

    /// By the story that came nearest, and the nearest of those that take the entry. Where the source itself
    /// told of the nearest event in another text, this is news beside it, and of no event that is less near.
    fn by_event(&self, id: EntryId, found: [Option<Nearest>; 2]) -> StoryAssignment {
        let [nearest, open] = found;
        let merge = |nearest: &Nearest| {
            if nearest.size < CROWD {
                self.settings.merge
            } else {
                self.settings.merge.max(CROWD_MERGE)
            }
        };
        let is_beside = nearest.is_some_and(|nearest| {
            nearest.takes == Again::OtherText && nearest.score >= merge(&nearest)
        });
        let joined = open.filter(|open| open.score >= merge(open) && !is_beside);
        let nearest = joined.or(nearest);
        let is_related =
            |nearest: &Nearest| joined.is_none() && nearest.score >= self.settings.related;
        StoryAssignment {
            story: joined.map_or(id, |joined| joined.story),
            text_group: id,
            method: if joined.is_some() { StoryMethod::SameEvent } else { StoryMethod::First },
            score: nearest.map(|nearest| nearest.score),
            nearest: nearest.map(|nearest| nearest.member),
            related: nearest.filter(is_related).map(|nearest| nearest.story),
        }
    }

    /// The terms of an entry about which was decided, if it stands for its text in its story.
    fn counted_again(
        &mut self,
        telling: &Telling<'_>,
        assignment: StoryAssignment,
        day: Option<i64>,
    ) -> Counted {
        match assignment.method {
            StoryMethod::First | StoryMethod::SameEvent => {
                self.count(&Terms::of(telling.title, telling.summary, telling.text), day)
            }
            StoryMethod::SameText | StoryMethod::TooShort | StoryMethod::TooOld => {
                Counted::default()
            }
        }
    }

    /// Numbers terms, and counts them on a day if one is given.
    fn count(&mut self, terms: &Terms, day: Option<i64>) -> Counted {
        let numbered =
            terms.counts.iter().map(|(hash, count)| (self.statistics.hold(*hash), *count));
        let terms: Vec<(TermId, u8)> = numbered.collect();
        if let Some(day) = day {
            self.statistics.count(day, &terms);
        }
        Counted { terms, day }
    }

    fn remember(
        &mut self,
        telling: &Telling<'_>,
        assignment: StoryAssignment,
        said: Said,
        counted: Counted,
    ) {
        let member = Member {
            id: telling.id,
            source: telling.source.clone(),
            listed_at: telling.listed_at,
            counted_on: counted.day,
            assignment,
            said,
            terms: counted.terms,
        };
        if assignment.method == StoryMethod::TooOld {
            self.release(&member);
        } else {
            self.window.insert(member);
        }
    }

    fn release(&mut self, member: &Member) {
        for (id, _) in &member.terms {
            self.statistics.release(*id);
        }
    }
}

/// An entry's terms by their numbers, and the day they were counted on; `None`: they were not.
#[derive(Debug, Default)]
struct Counted {
    terms: Vec<(TermId, u8)>,
    day: Option<i64>,
}

/// What an entry says, as far as it shows whether another one says the same.
#[derive(Debug, Clone)]
struct Said {
    /// The signature of its text; `None`: it is too short.
    signature: Option<Signature>,
    wording: Wording,
}

impl Said {
    fn of(telling: &Telling<'_>) -> Self {
        let text = text_of(telling);
        Self { signature: Signature::of(text), wording: Wording::of(telling, text) }
    }

    /// What it is to a member of the same source.
    fn against(&self, telling: &Telling<'_>, earlier: &Member) -> Again {
        let signatures = [self.signature.as_ref(), earlier.said.signature.as_ref()];
        self.wording.against(&earlier.said.wording, signatures, earlier.hours_from(telling))
    }
}

/// The text by which copies are known: the full one, else the short one.
fn text_of<'a>(telling: &Telling<'a>) -> &'a str {
    if telling.text.trim().is_empty() { telling.summary } else { telling.text }
}

/// The day on which an entry's terms are counted; `None`: it leaves the window before that day is over, so
/// that later nobody could tell what it taught.
fn day_of_counting(telling: &Telling<'_>) -> Option<i64> {
    let day = day_of(telling.seen_at);
    let end = Timestamp::from_second((day + 1).saturating_mul(DAY_SECONDS)).ok()?;
    (!is_outdated(telling.listed_at, end)).then_some(day)
}

const DAY_SECONDS: i64 = 86_400;

/// Days since 1970-01-01, UTC.
fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}

#[cfg(test)]
mod tests;
