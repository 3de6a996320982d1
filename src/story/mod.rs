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

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod plain_texts;
mod recurring;
mod score;
mod shingles;
mod similarity;
mod statistics;
mod telling_words;
mod term_hash;
mod terms;
mod window;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::model::{DailyTermCounts, EntryId, StoryAssignment, StoryInput, StoryMethod};
use score::{NearestStory, Scorer};
use shingles::Signature;
use statistics::{Statistics, TermId};
use telling_words::{Repetition, TellingWords};
use terms::EntryTerms;
use window::{StoryWindow, WindowMember, is_outdated};

pub use plain_texts::PlainTexts;
pub use similarity::{SharedWord, StorySimilarity, compare_tellings};
pub use statistics::DAYS;
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
pub const SAME_TEXT_SHARE: f32 = 0.45;

/// Different words that an entry must have to be compared: below, chance decides.
const WORDS_MIN: usize = 4;

/// Members from which a story takes only what is surely the same.
pub const CROWD_SIZE: usize = 40;

/// The score from which an entry joins such a story.
pub const CROWD_MERGE: f32 = 0.45;

/// What is known of the entries of the last days.
#[derive(Debug, Clone, Default)]
pub struct StoryMemory {
    settings: StorySettings,
    statistics: Statistics,
    window: StoryWindow,
    now: Option<Timestamp>,
    /// The days whose counts were imported.
    closed: BTreeSet<i64>,
}

impl StoryMemory {
    /// A memory without entries, which knows the counts of days that are over (`closed_day`). Then
    /// `recall` the entries of the last three days, and all that arrived on a day that is not among them.
    pub fn new(settings: StorySettings, closed_days: Vec<DailyTermCounts>) -> Self {
        let closed = closed_days.iter().map(|day| day.day).collect();
        let mut statistics = Statistics::default();
        statistics.import_days(closed_days);
        Self { settings, statistics, closed, ..Self::default() }
    }

    /// Decides about an entry and remembers it. One that is known keeps its story; what it says now
    /// is what others are compared with from now on.
    pub fn assign(&mut self, telling: &StoryInput<'_>) -> StoryAssignment {
        self.advance_to(telling.seen_at);
        if let Some(known) = self.window.get(telling.id).map(|member| member.assignment) {
            return self.revise(telling, known);
        }
        let said = TextFingerprint::from_input(telling);
        let terms = EntryTerms::from_texts(telling.title, telling.summary, telling.text);
        if let Some(assignment) = self.decide_without_terms(telling, &said, &terms) {
            self.remember(telling, assignment, said, CountedTerms::default());
            return assignment;
        }
        let counted = self.count_terms(&terms, day_of_counting(telling));
        let scorer = Scorer { window: &self.window, statistics: &self.statistics };
        let mut assignment = self
            .assign_by_event(telling.id, scorer.nearest_stories(telling, &said, &counted.terms));
        // The text is known in a story of which its source has another one: only the story is not its own.
        if let Some((_, member)) =
            self.find_same_text(telling, &said, |again| !again.belongs_to_story())
        {
            assignment.text_group = member.assignment.text_group;
        }
        self.remember(telling, assignment, said, counted);
        assignment
    }

    /// Remembers an entry with what was decided about it earlier: for a memory that is rebuilt. The
    /// entries are told in the order of their arrival.
    pub fn restore(&mut self, telling: &StoryInput<'_>, assignment: StoryAssignment) {
        self.advance_to(telling.seen_at);
        let day = day_of_counting(telling).filter(|day| !self.closed.contains(day));
        let counted = self.count_again(telling, assignment, day);
        self.remember(telling, assignment, TextFingerprint::from_input(telling), counted);
    }

    /// Moves on in time: what is too old now leaves, and days before it are over.
    pub fn advance_to(&mut self, seen_at: Timestamp) {
        let now = self.now.map_or(seen_at, |now| now.max(seen_at));
        self.now = Some(now);
        while let Some(member) =
            self.window.oldest_outdated(now).and_then(|id| self.window.remove(id))
        {
            self.release_terms(&member);
        }
        self.statistics.move_to(day_number(now));
    }

    /// What a day before the latest one taught about terms, for the store to keep: it changes no
    /// more. `None`: nothing was counted on it, or it is too old or not over.
    pub fn closed_day_counts(&self, day: i64) -> Option<DailyTermCounts> {
        let is_over = self.now.is_some_and(|now| day < day_number(now));
        if is_over { self.statistics.day_counts(day) } else { None }
    }

    /// The latest day (days since 1970-01-01, UTC); `None`: nothing arrived yet.
    pub fn today(&self) -> Option<i64> {
        self.now.map(day_number)
    }

    /// Whether an entry is remembered.
    pub fn contains(&self, id: EntryId) -> bool {
        self.window.get(id).is_some()
    }

    fn revise(&mut self, telling: &StoryInput<'_>, assignment: StoryAssignment) -> StoryAssignment {
        let today = day_number(telling.seen_at);
        let Some(member) = self.window.remove(telling.id) else { return assignment };
        // A day that is over is not counted anew.
        let recounted_on = member.counted_on.filter(|day| *day == today);
        if recounted_on.is_some() {
            self.statistics.uncount(today, &member.terms);
        }
        self.release_terms(&member);
        let counted = self.count_again(telling, assignment, recounted_on);
        let counted = CountedTerms { day: member.counted_on, ..counted };
        let told = StoryInput { listed_at: member.listed_at, ..*telling };
        self.remember(&told, assignment, TextFingerprint::from_input(telling), counted);
        assignment
    }

    /// What can be decided without comparing terms.
    fn decide_without_terms(
        &self,
        telling: &StoryInput<'_>,
        said: &TextFingerprint,
        terms: &EntryTerms,
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
        if let Some((likeness, member)) =
            self.find_same_text(telling, said, Repetition::belongs_to_story)
        {
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
    fn find_same_text(
        &self,
        telling: &StoryInput<'_>,
        said: &TextFingerprint,
        is_meant: fn(Repetition) -> bool,
    ) -> Option<(f32, &WindowMember)> {
        let signature = said.signature.as_ref()?;
        let alike = self.window.with_band_of(signature).filter_map(|member| {
            let likeness = signature.estimated_overlap(member.fingerprint.signature.as_ref()?);
            let is_same = likeness >= SAME_TEXT_SHARE
                && (member.source != *telling.source
                    || said.compare_with(telling, member) == Repetition::Text)
                && is_meant(self.window.compare_with_source(
                    member.assignment.story,
                    telling,
                    said,
                ));
            is_same.then_some((likeness, member))
        });
        alike.max_by(|(one, first), (other, second)| {
            let age = |member: &WindowMember| (member.listed_at, member.id);
            one.total_cmp(other).then_with(|| age(second).cmp(&age(first)))
        })
    }

    /// By the story that came nearest, and the nearest of those that take the entry. Where the source itself
    /// told of the nearest event in another text, this is news beside it, and of no event that is less near.
    fn assign_by_event(&self, id: EntryId, found: [Option<NearestStory>; 2]) -> StoryAssignment {
        let [nearest, open] = found;
        let merge = |nearest: &NearestStory| {
            if nearest.size < CROWD_SIZE {
                self.settings.merge
            } else {
                self.settings.merge.max(CROWD_MERGE)
            }
        };
        let is_beside = nearest.is_some_and(|nearest| {
            nearest.repetition == Repetition::OtherText && nearest.score >= merge(&nearest)
        });
        let joined = open.filter(|open| open.score >= merge(open) && !is_beside);
        let nearest = joined.or(nearest);
        let is_related =
            |nearest: &NearestStory| joined.is_none() && nearest.score >= self.settings.related;
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
    fn count_again(
        &mut self,
        telling: &StoryInput<'_>,
        assignment: StoryAssignment,
        day: Option<i64>,
    ) -> CountedTerms {
        match assignment.method {
            StoryMethod::First | StoryMethod::SameEvent => self.count_terms(
                &EntryTerms::from_texts(telling.title, telling.summary, telling.text),
                day,
            ),
            StoryMethod::SameText | StoryMethod::TooShort | StoryMethod::TooOld => {
                CountedTerms::default()
            }
        }
    }

    /// Numbers terms, and counts them on a day if one is given.
    fn count_terms(&mut self, terms: &EntryTerms, day: Option<i64>) -> CountedTerms {
        let numbered =
            terms.counts.iter().map(|(hash, count)| (self.statistics.acquire_id(*hash), *count));
        let terms: Vec<(TermId, u8)> = numbered.collect();
        if let Some(day) = day {
            self.statistics.count(day, &terms);
        }
        CountedTerms { terms, day }
    }

    fn remember(
        &mut self,
        telling: &StoryInput<'_>,
        assignment: StoryAssignment,
        said: TextFingerprint,
        counted: CountedTerms,
    ) {
        let member = WindowMember {
            id: telling.id,
            source: telling.source.clone(),
            listed_at: telling.listed_at,
            counted_on: counted.day,
            assignment,
            fingerprint: said,
            terms: counted.terms,
        };
        if assignment.method == StoryMethod::TooOld {
            self.release_terms(&member);
        } else {
            self.window.insert(member);
        }
    }

    fn release_terms(&mut self, member: &WindowMember) {
        for (id, _) in &member.terms {
            self.statistics.release_id(*id);
        }
    }
}

/// An entry's terms by their numbers, and the day they were counted on; `None`: they were not.
#[derive(Debug, Default)]
struct CountedTerms {
    terms: Vec<(TermId, u8)>,
    day: Option<i64>,
}

/// What an entry says, as far as it shows whether another one says the same.
#[derive(Debug, Clone)]
struct TextFingerprint {
    /// The signature of its text; `None`: it is too short.
    signature: Option<Signature>,
    wording: TellingWords,
}

impl TextFingerprint {
    fn from_input(telling: &StoryInput<'_>) -> Self {
        let text = comparable_text(telling);
        Self {
            signature: Signature::from_text(text),
            wording: TellingWords::from_input(telling, text),
        }
    }

    /// What it is to a member of the same source.
    fn compare_with(&self, telling: &StoryInput<'_>, earlier: &WindowMember) -> Repetition {
        let signatures = [self.signature.as_ref(), earlier.fingerprint.signature.as_ref()];
        self.wording.compare_with(
            &earlier.fingerprint.wording,
            signatures,
            earlier.hours_from(telling),
        )
    }
}

/// The text by which copies are known: the full one, else the short one.
fn comparable_text<'a>(telling: &StoryInput<'a>) -> &'a str {
    if telling.text.trim().is_empty() { telling.summary } else { telling.text }
}

/// The day on which an entry's terms are counted; `None`: it leaves the window before that day is over, so
/// that later nobody could tell what it taught.
fn day_of_counting(telling: &StoryInput<'_>) -> Option<i64> {
    let day = day_number(telling.seen_at);
    let end = Timestamp::from_second((day + 1).saturating_mul(DAY_SECONDS)).ok()?;
    (!is_outdated(telling.listed_at, end)).then_some(day)
}

const DAY_SECONDS: i64 = 86_400;

/// Days since 1970-01-01, UTC.
fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}

#[cfg(test)]
mod tests;
