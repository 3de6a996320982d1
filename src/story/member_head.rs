//! What has the same size for all entries of the window: their ids, times, and where the rest of them is.

use jiff::Timestamp;

use super::signature_window::SignaturePlace;
use super::vector_window::VectorPlace;
use crate::model::{EntryId, StoryMethod};

/// The end of a story's chain.
pub(super) const END: u32 = u32::MAX;
/// The place of what there is not.
pub(super) const NO_PLACE: u32 = u32::MAX;
/// The day on which what was not counted was counted.
pub(super) const NOT_COUNTED: i32 = i32::MIN;

/// What all members have.
#[derive(Debug, Clone)]
pub(super) struct MemberHead {
    pub id: EntryId,
    /// In milliseconds.
    pub listed_at: i64,
    /// The number of its source.
    pub source: u32,
    /// The number of the next member of its story.
    pub next_in_story: u32,
    /// How near everything is to it (`vector_window`), as of its arrival.
    pub closeness: f32,
    /// The day on which its terms were counted.
    pub counted_on: i32,
    /// Where the signature of its text is, and its vector.
    pub signature: SignaturePlace,
    pub vector: VectorPlace,
    /// The first of its units in the arena of its block.
    pub start: u32,
    /// All of its units.
    pub units: u32,
    /// The units of its words.
    pub words_units: u32,
    pub method: StoryMethod,
    /// Whether its units begin with the id of its story, and with that of its text group: they are not its own id.
    pub has_story: bool,
    pub has_group: bool,
    pub has_left: bool,
}

impl MemberHead {
    /// What orders the members of a story.
    pub(super) fn age(&self) -> (i64, EntryId) {
        (self.listed_at, self.id)
    }

    /// When it was published, as far as that is believed.
    pub(super) fn listed_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.listed_at).unwrap_or_default()
    }

    /// Where the signature of its text is; `None`: the text is too short.
    pub(super) fn signature(&self) -> Option<SignaturePlace> {
        (self.signature != NO_PLACE).then_some(self.signature)
    }

    /// Where its vector is; `None`: it has none.
    pub(super) fn vector(&self) -> Option<VectorPlace> {
        (self.vector != NO_PLACE).then_some(self.vector)
    }

    /// The day on which its terms were counted; `None`: they were not counted.
    pub(super) fn counted_on(&self) -> Option<i64> {
        (self.counted_on != NOT_COUNTED).then_some(i64::from(self.counted_on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_takes_a_line_of_the_cache() {
        assert_eq!(size_of::<MemberHead>(), 64);
    }
}
