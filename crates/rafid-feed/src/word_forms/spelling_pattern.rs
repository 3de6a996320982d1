//! A row of `spellings.txt` → the spellings that it stands for: `(x)` is optional, `[xy]` is one of the letters, a capital is
//! one of the letters that Arabic has for a foreign sound.

/// The letters that foreign sounds are written with.
const SOUNDS: [(char, &[&str]); 3] =
    [('G', &["غ", "ج", "ق", "ك"]), ('T', &["ت", "ط"]), ('S', &["س", "ص"])];

/// All spellings of a pattern. A bracket that is not closed reaches to the end.
pub(super) fn expand_pattern(pattern: &str) -> Vec<String> {
    let mut spellings = vec![String::new()];
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let (choices, after): (Vec<&str>, &str) = match first {
            '(' => {
                let (inner, after) = behind.split_once(')').unwrap_or((behind, ""));
                (vec!["", inner], after)
            }
            '[' => {
                let (inner, after) = behind.split_once(']').unwrap_or((behind, ""));
                (inner.split_inclusive(|_: char| true).collect(), after)
            }
            '_' => (vec![" "], behind),
            _ => {
                let sound = SOUNDS.iter().find(|(sound, _)| *sound == first);
                let own = &rest[..first.len_utf8()];
                (sound.map_or_else(|| vec![own], |(_, letters)| letters.to_vec()), behind)
            }
        };
        spellings = spellings
            .iter()
            .flat_map(|start| choices.iter().map(move |choice| format!("{start}{choice}")))
            .collect();
        rest = after;
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_expands() {
        let check = |pattern: &str, expected: &[&str]| {
            assert_eq!(expand_pattern(pattern), expected, "{pattern}");
        };
        check("بوتن", &["بوتن"]);
        check("بوت(ي)ن", &["بوتن", "بوتين"]);
        check("[غج]ول", &["غول", "جول"]);
        check("Tن", &["تن", "طن"]);
        check("نيو_يورك", &["نيو يورك"]);
        check("(ا)S", &["س", "ص", "اس", "اص"]);
    }
}
