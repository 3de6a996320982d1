//! An unknown word → the known word that was probably meant.

use strsim::osa_distance;

/// Longer words get no suggestion: no key is nearly as long.
const MAX_WORD_LETTERS: usize = 40;

/// The candidate nearest to `word`, if it is near enough: at most one slip for every three letters. A slip
/// inserts, drops or replaces a letter, or swaps two neighbors (optimal string alignment).
/// Upper case and `-` for `_` are not slips. The first of equally near candidates wins.
pub fn suggest_nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = normalize_spelling(word);
    let length = word.chars().count();
    if length > MAX_WORD_LETTERS {
        return None;
    }
    let (slips, found) = candidates
        .into_iter()
        .map(|candidate| (osa_distance(&word, &normalize_spelling(candidate)), candidate))
        .min_by_key(|(slips, _)| *slips)?;
    (slips <= (length / 3).max(1)).then_some(found)
}

fn normalize_spelling(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested() {
        let keys = ["every", "at_least", "at_most", "user_agent", "url", "cap"];
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(suggest_nearest(word, keys), expected, "{word:?}");
        };
        check("evry", Some("every"));
        check("eveyr", Some("every"));
        check("At-Least", Some("at_least"));
        check("atmost", Some("at_most"));
        check("userAgent", Some("user_agent"));
        check("ulr", Some("url"));
        check("uri", Some("url"));
        check("cpa", Some("cap"));
        check("interval", None);
        check("x", None);
        check("", None);
        check(&"every".repeat(20), None);
    }
}
