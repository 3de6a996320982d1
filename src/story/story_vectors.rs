//! The vectors that stories are found with: those of the program, those of a file, or none.

use std::sync::{Arc, LazyLock};

use rafid_feed::hash::digest_64;

use super::feature_rules::FEATURE_RULES;
use super::word_vectors::{WordVectors, WordVectorsError};

/// A single program works everywhere: its vectors are a part of it. `docs/stories.md` says how they were made.
static BUILT_IN: &[u8] = include_bytes!("../../assets/story-vectors-2010-2017.bin");

/// The `digest_64` of those bytes, so that no start computes it.
const BUILT_IN_DIGEST: u64 = 0x276a_541a_be6e_db87;

/// They are checked when they are first used, not at every start. (A test reads them, so they are never damaged.)
static BUILT_IN_VECTORS: LazyLock<Option<WordVectors>> =
    LazyLock::new(|| WordVectors::from_bytes(BUILT_IN).ok());

/// The vectors that stories are found with.
#[derive(Debug, Clone, Default)]
pub struct StoryVectors(Origin);

#[derive(Debug, Clone, Default)]
enum Origin {
    Off,
    #[default]
    BuiltIn,
    Other {
        vectors: Arc<WordVectors>,
        digest: u64,
    },
}

impl StoryVectors {
    /// None: words are compared alone.
    pub fn off() -> Self {
        Self(Origin::Off)
    }

    /// Those of a file.
    ///
    /// # Errors
    /// The bytes are not those of such a file, or damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, WordVectorsError> {
        let digest = digest_64(&bytes);
        let vectors = Arc::new(WordVectors::from_bytes(bytes)?);
        Ok(Self(Origin::Other { vectors, digest }))
    }

    /// The vectors; `None`: they are off.
    pub fn vectors(&self) -> Option<&WordVectors> {
        match &self.0 {
            Origin::Off => None,
            Origin::BuiltIn => BUILT_IN_VECTORS.as_ref(),
            Origin::Other { vectors, .. } => Some(vectors),
        }
    }

    /// A number for all that decides the features of entries: the rules (`FEATURE_RULES`) and these vectors.
    pub fn feature_rules(&self) -> u64 {
        let digest = match &self.0 {
            Origin::Off => 0,
            Origin::BuiltIn => BUILT_IN_DIGEST,
            Origin::Other { digest, .. } => *digest,
        };
        FEATURE_RULES ^ digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::sample_vectors::vectors_file;

    #[test]
    fn the_vectors_of_the_program_are_whole() {
        let words = StoryVectors::default().vectors().map(WordVectors::words_count);
        assert_eq!(words, Some(34_000));
        assert_eq!(digest_64(BUILT_IN), BUILT_IN_DIGEST);
    }

    #[test]
    fn features_of_other_vectors_have_other_rules() {
        let other = StoryVectors::from_bytes(vectors_file(&["a"])).unwrap();
        let all = [StoryVectors::off(), StoryVectors::default(), other];
        let rules = all.each_ref().map(StoryVectors::feature_rules);
        assert!(rules[0] != rules[1] && rules[1] != rules[2] && rules[0] != rules[2]);
        assert_eq!(all.map(|it| it.vectors().is_some()), [false, true, true]);
        assert!(StoryVectors::from_bytes(b"RFDVEC02".to_vec()).is_err());
    }
}
