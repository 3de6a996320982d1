//! A word that nobody knows → the known word that was probably meant.

/// Longer words are compared with nothing: no key is nearly as long.
const LONGEST: usize = 40;

/// The candidate nearest to `word`, if it is near enough: at most one slip for every three letters.
/// Upper case and `-` for `_` are no slips. Of equally near ones the first.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word: Vec<char> = spelled(word).collect();
    if word.len() > LONGEST {
        return None;
    }
    let (slips, found) = candidates
        .into_iter()
        .map(|candidate| (distance(&word, &spelled(candidate).collect::<Vec<_>>()), candidate))
        .min_by_key(|(slips, _)| *slips)?;
    (slips <= (word.len() / 3).max(1)).then_some(found)
}

fn spelled(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c })
}

/// Letters to insert, drop, replace or swap with their neighbour (optimal string alignment).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut best = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            let swapped =
                row > 0 && column > 0 && from[row - 1] == *other && *letter == to[column - 1];
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        let keys = ["every", "at_least", "at_most", "user_agent", "url", "cap"];
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(nearest(word, keys), expected, "{word:?}");
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

    #[test]
    fn slips_are_counted() {
        let check = |from: &str, to: &str, expected: usize| {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(from), &letters(to)), expected, "{from} {to}");
            assert_eq!(distance(&letters(to), &letters(from)), expected, "{to} {from}");
        };
        check("", "", 0);
        check("", "abc", 3);
        check("abc", "abc", 0);
        check("abc", "acb", 1);
        check("abc", "ab", 1);
        check("abc", "axc", 1);
        check("اقتصاد", "إقتصاد", 1);
        check("kitten", "sitting", 3);
    }
}
