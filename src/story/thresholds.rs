//! The scores and shares that decide what joins a story. `docs/stories.md` says how they were measured.

/// The thresholds for joining stories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StorySettings {
    /// The minimum score with which an entry joins a story.
    pub merge: f32,
    /// The minimum score with which a story is called related.
    pub related: f32,
    /// Whether the features of entries have vectors.
    pub uses_vectors: bool,
}

impl StorySettings {
    /// Those of entries whose features have vectors, or have none. Chosen on the development window (`docs/stories.md`).
    pub fn new(uses_vectors: bool) -> Self {
        if uses_vectors {
            Self { merge: 0.34, related: 0.29, uses_vectors }
        } else {
            Self { merge: 0.32, related: 0.27, uses_vectors }
        }
    }
}

/// Without vectors.
impl Default for StorySettings {
    fn default() -> Self {
        Self::new(false)
    }
}

/// The minimum estimated share of common runs for two texts to be the same (measured on copies of agency
/// texts).
pub const SAME_TEXT_SHARE: f32 = 0.45;

/// The minimum number of different words for a comparison: below it, chance decides.
pub(super) const WORDS_MIN: usize = 4;

/// The number of members from which only very similar entries join a story.
pub const CROWD_SIZE: usize = 40;

/// The minimum score with which an entry joins such a story.
pub const CROWD_MERGE: f32 = 0.45;
