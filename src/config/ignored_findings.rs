//! The setting `ignore`: the findings that are not told of a source.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::suggest::suggest_nearest;
use super::value::ConfigValue;
use crate::model::Finding;

/// Reads the list; every word must be a finding's. One that stands twice is one.
pub(super) fn parse_ignored_findings(given: &ConfigValue<'_>) -> Result<Vec<Finding>, Diagnostics> {
    let words = Finding::ALL.map(Finding::as_str);
    let what = format!("one of \"{}\"", words.join("\", \""));
    let mut mistakes = Diagnostics::default();
    let mut found = Vec::new();
    for member in given.array("an array such as [\"quiet\", \"frozen-dates\"]")? {
        let finding = member.string(&what).and_then(|word| {
            Finding::from_word(word)
                .ok_or_else(|| with_suggestion(member.expected_error(&what), word))
        });
        found.extend(mistakes.collect(finding));
    }
    found.sort_unstable();
    found.dedup();
    if mistakes.0.is_empty() { Ok(found) } else { Err(mistakes) }
}

fn with_suggestion(mistake: Diagnostic, word: &str) -> Diagnostic {
    match suggest_nearest(word, Finding::ALL.map(Finding::as_str)) {
        Some(near) => mistake.with_help(format!("did you mean \"{near}\"?")),
        None => mistake,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;
    use crate::model::Finding;

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
            assert_eq!(config.sources[0].reports(Finding::Quiet), expected.is_empty(), "{keys}");
            hashes.push(config.source_hash(&config.sources[0]));
        }
        hashes.dedup();
        assert_eq!(hashes.len(), 1);
    }
}
