//! Everything that decides the features of a text → one number. Features that were computed by other rules must not
//! be compared with those of today.
//!
//! The number is a hash of the sources of these rules, computed by the compiler: any change of a table, a constant or
//! a line of code gives another one. A change that decides nothing costs one computation of the last days.

use rafid_feed::TEXT_RULES;
use rafid_feed::hash::hash_source;

/// The hash of the rules.
pub(super) const FEATURE_RULES: u64 = {
    let mut hash = TEXT_RULES;
    let mut index = 0;
    while index < SOURCES.len() {
        hash = hash_source(hash, SOURCES[index].1);
        index += 1;
    }
    hash
};

/// The files of this folder that compute features, and the versions of the crates that they use.
const SOURCES: [(&str, &[u8]); 17] = [
    ("countries", include_bytes!("countries.rs")),
    ("damping", include_bytes!("damping.rs")),
    ("entry_words", include_bytes!("entry_words.rs")),
    ("feature_bytes", include_bytes!("feature_bytes.rs")),
    ("features", include_bytes!("features.rs")),
    ("plain_texts", include_bytes!("plain_texts.rs")),
    ("recurring", include_bytes!("recurring.rs")),
    ("repetition", include_bytes!("repetition.rs")),
    ("sentence_vector", include_bytes!("sentence_vector.rs")),
    ("shingles", include_bytes!("shingles.rs")),
    ("term_hash", include_bytes!("term_hash.rs")),
    ("terms", include_bytes!("terms.rs")),
    ("text_words", include_bytes!("text_words.rs")),
    ("thresholds", include_bytes!("thresholds.rs")),
    ("vector_words", include_bytes!("vector_words.rs")),
    ("word_vectors", include_bytes!("word_vectors.rs")),
    ("Cargo.lock", include_bytes!("../../Cargo.lock")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_that_computes_features_counts() {
        let text_of = |name: &str| {
            let found = SOURCES.iter().find(|source| source.0 == name);
            found.map(|source| std::str::from_utf8(source.1).unwrap())
        };
        let mut used = BTreeSet::new();
        let mut open = vec!["feature_bytes".to_owned()];
        while let Some(name) = open.pop() {
            let text = text_of(&name).unwrap_or_else(|| panic!("{name} is not among the rules"));
            let code = text.split("#[cfg(test)]").next().unwrap();
            for part in code.split("use super::").skip(1) {
                let file: String =
                    part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if used.insert(file.clone()) {
                    open.push(file);
                }
            }
        }
        assert!(used.len() > 7, "{used:?}");
        assert_ne!(FEATURE_RULES, TEXT_RULES);
    }
}
