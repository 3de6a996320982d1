//! The sources of what folds and reads texts → one number, for what is computed of texts and kept: it counts as long
//! as the number is the same.

use crate::hash::hash_source;

/// A hash of all that decides how a text is folded, split into tokens, and read from markup. It is computed by the
/// compiler from the files of `arabic` and `markup` and the version of Unicode that the compiler knows.
pub const TEXT_RULES: u64 = {
    let (major, minor, update) = char::UNICODE_VERSION;
    let mut hash = hash_source(0, &[major, minor, update]);
    let mut index = 0;
    while index < SOURCES.len() {
        hash = hash_source(hash, SOURCES[index].1);
        index += 1;
    }
    hash
};

const SOURCES: [(&str, &[u8]); 14] = [
    ("arabic/boilerplate.rs", include_bytes!("arabic/boilerplate.rs")),
    ("arabic/direction.rs", include_bytes!("arabic/direction.rs")),
    ("arabic/headline_labels.rs", include_bytes!("arabic/headline_labels.rs")),
    ("arabic/letters.rs", include_bytes!("arabic/letters.rs")),
    ("arabic/match_key.rs", include_bytes!("arabic/match_key.rs")),
    ("arabic/mod.rs", include_bytes!("arabic/mod.rs")),
    ("arabic/mojibake.rs", include_bytes!("arabic/mojibake.rs")),
    ("arabic/stop_words.rs", include_bytes!("arabic/stop_words.rs")),
    ("arabic/tokens.rs", include_bytes!("arabic/tokens.rs")),
    ("arabic/word_table.rs", include_bytes!("arabic/word_table.rs")),
    ("markup/linearize.rs", include_bytes!("markup/linearize.rs")),
    ("markup/mod.rs", include_bytes!("markup/mod.rs")),
    ("markup/selectors.rs", include_bytes!("markup/selectors.rs")),
    ("markup/to_text.rs", include_bytes!("markup/to_text.rs")),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the sources themselves are listed")]
    fn every_file_of_both_folders_counts() {
        let mut found = Vec::new();
        for folder in ["arabic", "markup"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
            for file in std::fs::read_dir(path).unwrap() {
                found.push(format!("{folder}/{}", file.unwrap().file_name().to_str().unwrap()));
            }
        }
        found.sort();
        assert_eq!(SOURCES.map(|source| source.0).to_vec(), found);
    }
}
