//! Findings of the normalization → one warning per kind, with a count.

use crate::model::{Stage, Warning};

/// The most characters of a published value that a warning quotes.
const MOST_QUOTED: usize = 60;

/// The warnings so far.
#[derive(Debug, Default)]
pub(super) struct WarningCollector {
    warnings: Vec<Warning>,
}

impl WarningCollector {
    /// Records one finding: the first of its code is described in full, the others are counted.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        if let Some(known) = self.warnings.iter_mut().find(|warning| warning.code == code) {
            known.count += 1;
            return;
        }
        let mut warning = Warning::new(Stage::Normalize, code, detail());
        warning.entry = entry;
        self.warnings.push(warning);
    }

    /// Records one finding about `count` things at once.
    pub(super) fn add_many(&mut self, code: &'static str, count: usize, detail: String) {
        self.warnings.push(Warning::new(Stage::Normalize, code, detail).times(count));
    }

    /// The warnings, in the order of their first finding.
    pub(super) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }
}

/// A published value as a warning quotes it: short and on one line.
pub(super) fn quoted(words: &str) -> String {
    let mut short = String::new();
    for c in words.chars().take(MOST_QUOTED) {
        // Invisible characters are written as escapes; marks on letters belong to the words.
        if c.is_control()
            || c == '"'
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        {
            short.extend(c.escape_default());
        } else {
            short.push(c);
        }
    }
    let more = if words.chars().nth(MOST_QUOTED).is_some() { "…" } else { "" };
    format!("\"{short}\"{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_findings_are_one_warning() {
        let mut warnings = WarningCollector::default();
        warnings.add("unreadable-date", Some(3), || "first".to_owned());
        warnings.add("body-cut", None, || "other".to_owned());
        warnings.add("unreadable-date", Some(4), || "second".to_owned());
        let warnings = warnings.into_warnings();
        let shown: Vec<_> = warnings.iter().map(|w| (w.code, w.entry, w.count)).collect();
        assert_eq!(shown, [("unreadable-date", Some(3), 2), ("body-cut", None, 1)]);
        assert_eq!(warnings[0].detail, "first");
    }

    #[test]
    fn words_are_quoted_short() {
        assert_eq!(quoted("a\n\"b"), "\"a\\n\\\"b\"");
        assert!(quoted(&"س".repeat(1_000)).chars().count() < 70);
    }
}
