//! The setting `ignore`: the findings that are not told of a source.

use crate::feed::model::Finding;

use super::given::Given;
use super::mistake::{Mistake, Mistakes};
use super::suggest::nearest;

/// Reads the list; every word must be a finding's. One that stands twice is one.
pub(super) fn read(given: &Given<'_>) -> Result<Vec<Finding>, Mistakes> {
    let words = Finding::ALL.map(Finding::as_str);
    let what = format!("one of \"{}\"", words.join("\", \""));
    let mut mistakes = Mistakes::default();
    let mut found = Vec::new();
    for member in given.members("an array such as [\"quiet\", \"frozen-dates\"]")? {
        let finding = member.string(&what).and_then(|word| {
            Finding::from_word(word).ok_or_else(|| suggested(member.expected(&what), word))
        });
        found.extend(mistakes.sift(finding));
    }
    found.sort_unstable();
    found.dedup();
    if mistakes.0.is_empty() { Ok(found) } else { Err(mistakes) }
}

fn suggested(mistake: Mistake, word: &str) -> Mistake {
    match nearest(word, Finding::ALL.map(Finding::as_str)) {
        Some(near) => mistake.help(format!("did you mean \"{near}\"?")),
        None => mistake,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;
    use crate::feed::model::Finding;

    #[test]
    fn what_is_not_told_is_read_and_no_part_of_what_a_document_depends_on() {
        let mut hashes = Vec::new();
        for (keys, expected) in [
            ("", &[][..]),
            ("ignore = []", &[]),
            ("ignore = [\"quiet\"]", &[Finding::Quiet]),
            (
                "ignore = [\"refused\", \"quiet\", \"hijacked\", \"frozen-dates\", \"empty\", \"quiet\"]",
                &Finding::ALL,
            ),
        ] {
            let text = format!("[[source]]\nurl = \"https://a.example/\"\n{keys}");
            let config = parse(&text, Path::new("x"), Path::new("/etc/rafid")).unwrap();
            assert_eq!(config.sources[0].ignore, expected, "{keys}");
            assert_eq!(config.sources[0].tells(Finding::Quiet), expected.is_empty(), "{keys}");
            hashes.push(config.source_hash(&config.sources[0]));
        }
        hashes.dedup();
        assert_eq!(hashes.len(), 1);
    }
}
