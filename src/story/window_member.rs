//! One entry in the window: what later entries are compared with, and no more.

use jiff::Timestamp;

use super::counted_term::CountedTerm;
use super::entry_words::EntryWords;
use super::features::TextFingerprint;
use super::member_head::MemberHead;
use super::sentence_vector::SentenceVector;
use super::signature_window::SignaturePlace;
use super::statistics::Statistics;
use super::term_hash::mix_bits;
use super::vector_window::VectorPlace;
use super::word_units::WordUnits;
use super::wording_units::{countries_in_units, read_wording};
use crate::model::{EntryId, SourceId, StoryArrival, StoryAssignment};

/// An entry in the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct WindowMember<'w> {
    /// What has the same size for all.
    pub head: &'w MemberHead,
    pub story: EntryId,
    /// The first entry with its text.
    pub text_group: EntryId,
    /// Its words with their counts, and its words for comparisons within its source.
    pub units: &'w [u16],
}

/// An entry that becomes a member.
#[derive(Debug)]
pub(super) struct NewMember<'a> {
    pub id: EntryId,
    pub source: &'a SourceId,
    pub listed_at: Timestamp,
    /// The day on which its terms were counted; `None`: they were not counted.
    pub counted_on: Option<i64>,
    pub assignment: StoryAssignment,
    pub fingerprint: TextFingerprint,
    /// Its words in ascending order.
    pub words: &'a [CountedTerm],
    /// `None` for an entry that is compared with no other by its words.
    pub vector: Option<SentenceVector>,
}

/// Where parts of a member are, which other structures hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemberPlaces {
    /// The number of its source.
    pub source: u32,
    pub signature: Option<SignaturePlace>,
    pub vector: Option<VectorPlace>,
}

/// What is needed of a member that has left.
#[derive(Debug, Clone)]
pub(super) struct FormerMember {
    pub listed_at: Timestamp,
    /// The day on which its terms were counted; `None`: they were not counted.
    pub counted_on: Option<i64>,
    /// Its words in ascending order.
    pub words: Vec<CountedTerm>,
}

impl<'w> WindowMember<'w> {
    pub(super) fn id(&self) -> EntryId {
        self.head.id
    }

    /// What was decided about it, without the reasons.
    pub(super) fn assignment(&self) -> StoryAssignment {
        let (story, text_group, method) = (self.story, self.text_group, self.head.method);
        let (score, nearest, related) = (None, None, None);
        let closeness = (self.head.closeness != 0.0).then_some(self.head.closeness);
        StoryAssignment { story, text_group, method, score, closeness, nearest, related }
    }

    /// What orders the members of a story.
    pub(super) fn age(&self) -> (i64, EntryId) {
        self.head.age()
    }

    /// When it was published, as far as that is believed.
    pub(super) fn listed_at(&self) -> Timestamp {
        self.head.listed_at()
    }

    /// Whether it is the first entry with its text in its story: of the copies of a text only the first
    /// counts, and a text that is too short for a comparison does not count.
    pub(super) fn is_first_of_text(&self) -> bool {
        self.head.words_units > 0
    }

    /// Its words in ascending order.
    pub(super) fn words(&self) -> WordUnits<'w> {
        WordUnits::new(self.units.get(..self.head.words_units as usize).unwrap_or_default())
    }

    /// Its words, to see whether another entry has its text.
    pub(super) fn wording(&self, statistics: &Statistics) -> EntryWords {
        read_wording(self.wording_units(), self.words().map(|word| statistics.hash_of(word.id())))
    }

    /// The numbers of the countries that its title names.
    pub(super) fn countries(&self) -> &'w [u16] {
        countries_in_units(self.wording_units())
    }

    fn wording_units(&self) -> &'w [u16] {
        self.units.get(self.head.words_units as usize..).unwrap_or_default()
    }

    /// The hours between this entry and another one.
    pub(super) fn hours_from(&self, arrival: &StoryArrival<'_>) -> f32 {
        arrival.listed_at.duration_since(self.listed_at()).abs().as_secs_f32() / 3_600.0
    }

    /// What is needed of it when it has left.
    pub(super) fn to_former(self) -> FormerMember {
        let (listed_at, counted_on) = (self.listed_at(), self.head.counted_on());
        FormerMember { listed_at, counted_on, words: self.words().collect() }
    }
}

/// A hash of an id.
pub(super) fn hash_of_id(id: EntryId) -> u64 {
    let halves = id.to_bytes();
    halves.as_chunks().0.iter().fold(0, |hash, half| mix_bits(hash ^ u64::from_be_bytes(*half)))
}
