//! The word vectors that the configuration names → the vectors that stories are found with.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::model::StoryVectorsChoice;
use crate::story::StoryVectors;

/// The maximum size of a file of vectors: that of twice as many words as a file may have.
const MAX_VECTORS_BYTES: u64 = 16 << 20;

/// The vectors that are configured. Those of the program take the place of a file that cannot be read, and the log says
/// why: without any, many more entries would stay alone.
pub fn load_story_vectors(choice: &StoryVectorsChoice) -> StoryVectors {
    match choice {
        StoryVectorsChoice::BuiltIn => StoryVectors::default(),
        StoryVectorsChoice::Off => StoryVectors::off(),
        StoryVectorsChoice::File(path) => read_vectors(path).unwrap_or_else(|error| {
            tracing::error!(path = %path.display(), %error,
                "`vectors` of [stories] cannot be read; the vectors of the program are used");
            StoryVectors::default()
        }),
    }
}

fn read_vectors(path: &Path) -> io::Result<StoryVectors> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_VECTORS_BYTES).read_to_end(&mut bytes)?;
    StoryVectors::from_bytes(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_replaced_by_the_vectors_of_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let rules = |choice: &StoryVectorsChoice| load_story_vectors(choice).feature_rules();
        let built_in = rules(&StoryVectorsChoice::BuiltIn);
        let file = StoryVectorsChoice::File(folder.path().join("vectors.bin"));
        assert_eq!(rules(&file), built_in, "there is no such file");
        std::fs::write(folder.path().join("vectors.bin"), "RFDVEC01").unwrap();
        assert_eq!(rules(&file), built_in, "it is damaged");
        assert!(load_story_vectors(&StoryVectorsChoice::Off).vectors().is_none());
        let asset = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/story-vectors-2010-2017.bin");
        let own = StoryVectorsChoice::File(asset.into());
        let vectors = load_story_vectors(&own);
        assert_eq!(vectors.vectors().map(crate::story::WordVectors::words_count), Some(34_000));
        assert_eq!(rules(&own), built_in, "the same vectors give the same features");
    }
}
