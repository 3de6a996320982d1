//! One entry in the window: what later entries are compared with, and no more.

use jiff::Timestamp;

use super::band_index::SignaturePlace;
use super::counted_term::CountedTerm;
use super::entry_words::EntryWords;
use super::features::TextFingerprint;
use super::sentence_vector::SentenceVector;
use super::term_hash::mix_bits;
use super::vector_window::VectorPlace;
use crate::model::{EntryId, SourceId, StoryArrival, StoryAssignment, StoryMethod};

/// The end of a story's chain.
pub(super) const END: u32 = u32::MAX;

/// An entry in the window.
#[derive(Debug, Clone)]
pub(super) struct WindowMember {
    pub id: EntryId,
    pub story: EntryId,
    /// `None`: its own id.
    text_group: Option<Box<EntryId>>,
    pub listed_at: Timestamp,
    /// The number of its source.
    pub source: u32,
    /// The number of the next member of its story.
    pub next_in_story: u32,
    /// The day on which its terms were counted.
    counted_on: Option<i32>,
    method: StoryMethod,
    /// Its terms with their counts, in ascending order of their hashes.
    pub terms: Box<[CountedTerm]>,
    /// Where the signature of its text is.
    pub signature: Option<SignaturePlace>,
    /// Where its vector is.
    pub vector: Option<VectorPlace>,
    /// How near everything is to it (`vector_window`), as of its arrival.
    pub closeness: f32,
    /// Its words, to see whether another entry has its text.
    pub wording: EntryWords,
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
    pub terms: Vec<CountedTerm>,
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

impl NewMember<'_> {
    /// The member.
    pub(super) fn into_member(self, places: MemberPlaces) -> WindowMember {
        let MemberPlaces { source, signature, vector } = places;
        let StoryAssignment { story, text_group, method, closeness, .. } = self.assignment;
        let wording = self.fingerprint.wording;
        // No entry is ever compared with one that has neither: its words would be of no use.
        let is_comparable = signature.is_some() || !self.terms.is_empty();
        WindowMember {
            id: self.id,
            story,
            text_group: (text_group != self.id).then(|| Box::new(text_group)),
            listed_at: self.listed_at,
            source,
            next_in_story: END,
            counted_on: self.counted_on.and_then(|day| i32::try_from(day).ok()),
            method,
            terms: self.terms.into_boxed_slice(),
            signature,
            vector,
            closeness: closeness.unwrap_or_default(),
            wording: if is_comparable { wording } else { EntryWords::default() },
        }
    }
}

impl WindowMember {
    /// What was decided about it, without the reasons.
    pub(super) fn assignment(&self) -> StoryAssignment {
        let (story, text_group, method) = (self.story, self.text_group(), self.method);
        let (score, nearest, related) = (None, None, None);
        let closeness = (self.closeness != 0.0).then_some(self.closeness);
        StoryAssignment { story, text_group, method, score, closeness, nearest, related }
    }

    /// The first entry with its text.
    pub(super) fn text_group(&self) -> EntryId {
        self.text_group.as_deref().copied().unwrap_or(self.id)
    }

    /// The day on which its terms were counted; `None`: they were not counted.
    pub(super) fn counted_on(&self) -> Option<i64> {
        self.counted_on.map(i64::from)
    }

    /// What orders the members of a story.
    pub(super) fn age(&self) -> (Timestamp, EntryId) {
        (self.listed_at, self.id)
    }

    /// Whether it is the first entry with its text in its story: of the copies of a text only the first
    /// counts, and a text that is too short for a comparison does not count.
    pub(super) fn is_first_of_text(&self) -> bool {
        !self.terms.is_empty()
    }

    /// The hours between this entry and another one.
    pub(super) fn hours_from(&self, arrival: &StoryArrival<'_>) -> f32 {
        arrival.listed_at.duration_since(self.listed_at).abs().as_secs_f32() / 3_600.0
    }

    /// The bytes that it takes itself.
    pub(super) fn own_bytes(&self) -> usize {
        size_of::<Self>() + self.text_group.as_ref().map_or(0, |_| size_of::<EntryId>())
    }

    /// The bytes of its words.
    pub(super) fn wording_bytes(&self) -> usize {
        self.wording.heap_bytes()
    }

    /// The bytes of its terms.
    pub(super) fn terms_bytes(&self) -> usize {
        size_of_val(&*self.terms)
    }
}

/// A hash of an id.
pub(super) fn hash_of_id(id: EntryId) -> u64 {
    let halves = id.to_bytes();
    halves.as_chunks().0.iter().fold(0, |hash, half| mix_bits(hash ^ u64::from_be_bytes(*half)))
}
