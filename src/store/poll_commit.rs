//! The result of a poll, as a value.

use crate::model::{ObservedEntry, PollState, SourceId, StoredEntry, StoryRecord};

/// The result of one poll. It is stored completely or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The source that was polled.
    pub source: SourceId,
    /// The state for the next poll.
    pub state: PollState,
    /// Entries that were never seen before. An entry whose id is remembered nevertheless keeps its position.
    pub new: Vec<StoredEntry>,
    /// Changed entries. They are replaced in their position. One that is no longer stored stays so; one that
    /// was never seen is stored like a new one.
    pub changed: Vec<StoredEntry>,
    /// Entries that are remembered but no longer stored, to be stored again. One that is still stored stays
    /// as it is.
    pub restored: Vec<StoredEntry>,
    /// The story records of new entries. Those of entries that are not stored are ignored.
    pub story_records: Vec<StoryRecord>,
    /// Every entry of the document, new, changed or the same, in its order. Empty: no document was read.
    pub observed: Vec<ObservedEntry>,
    /// Whether `observed` is all that the source lists now. If not, the other entries stay listed.
    pub is_whole: bool,
}

impl Commit {
    /// Its new, changed and restored entries, in this order.
    pub(super) fn entries(&self) -> impl Iterator<Item = &StoredEntry> {
        self.new.iter().chain(&self.changed).chain(&self.restored)
    }
}
