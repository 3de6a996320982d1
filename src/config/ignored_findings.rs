//! The key `ignore` of a source → the findings that are not reported of it.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::suggest::suggest_nearest;
use super::value::ConfigValue;
use crate::model::Finding;

/// Parses the list; every word must name a finding. One that is listed twice counts once.
pub(super) fn parse_ignored_findings(value: &ConfigValue<'_>) -> Result<Vec<Finding>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut found = Vec::new();
    for member in value.array("an array such as [\"quiet\", \"frozen-dates\"]")? {
        let finding = member.string().and_then(|word| {
            Finding::from_word(word).ok_or_else(|| with_suggestion(member.kind_error(), word))
        });
        found.extend(diagnostics.collect(finding));
    }
    found.sort_unstable();
    found.dedup();
    if diagnostics.0.is_empty() { Ok(found) } else { Err(diagnostics) }
}

fn with_suggestion(diagnostic: Diagnostic, word: &str) -> Diagnostic {
    match suggest_nearest(word, Finding::ALL.map(Finding::as_str)) {
        Some(near) => diagnostic.with_help(format!("did you mean \"{near}\"?")),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;
    use crate::model::Finding;

    #[test]
    fn ignored_findings_are_parsed_and_do_not_change_the_hash() {
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
