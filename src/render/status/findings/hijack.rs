//! A feed that somebody else seems to write → its JSON and the sentences about it, with what can be done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::HijackFinding;
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// The share of Arabic letters is named where it fell by at least this many percentage points.
const REPORTED_POINTS: u8 = 30;

/// A feed that somebody else seems to write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HijackedStatus {
    /// When that was first seen.
    pub since: Timestamp,
    /// The share of Arabic letters before, in percent.
    pub arabic_percent_before: u8,
    /// The same for the newest entries at that time.
    pub arabic_percent_now: u8,
    /// Words that were found in them, the most frequent first; empty: only the script shows it.
    pub words: Vec<String>,
}

impl HijackedStatus {
    /// For the log, when it begins.
    pub const LOG_BEGIN: &str = "somebody else seems to write it; look at its site";
    /// For the log, when it ends.
    pub const LOG_END: &str = "writes as before again";

    /// A hijacked feed in the shape of the report.
    pub fn from_finding(hijacked: &HijackFinding) -> Self {
        Self {
            since: hijacked.since,
            arabic_percent_before: hijacked.arabic_before,
            arabic_percent_now: hijacked.arabic_now,
            words: hijacked.words.clone(),
        }
    }

    /// For the page.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let since = clock.format_instant(self.since);
        let (before, now) = (self.arabic_percent_before, self.arabic_percent_now);
        let mut found = Vec::new();
        if now.saturating_add(REPORTED_POINTS) <= before || self.words.is_empty() {
            found.push(format!("كانت الحروف العربية {before} في المئة من حروفه فصارت {now}"));
        }
        if !self.words.is_empty() {
            let words = self.words.iter().map(|word| format!("«\u{2068}{word}\u{2069}»"));
            found.push(format!("في جديده {}", words.collect::<Vec<_>>().join(" و")));
        }
        format!(
            "يبدو أن غير صاحبه صار يكتبه منذ {since}: {}. افتح موقعه وتحقق: فإن صح ذلك فاحذفه أو اكتب \
             عنوانه الجديد، وإن كان صاحبه هو من غيّره فاكتب في إعداداته \u{2068}ignore = [\"hijacked\"]\u{2069}.",
            found.join("، و")
        )
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let (before, after) = (self.arabic_percent_before, self.arabic_percent_now);
        let words = match self.words.as_slice() {
            [] => String::new(),
            words => format!("; it says {}", words.join(", ")),
        };
        format!(
            "somebody else seems to write it, first seen {}: {before} % of its letters were Arabic, \
             now {after} %{words}\n  look at its site; remove it or give its new url, or say ignore = \
             [\"hijacked\"] if its publisher changed it",
            relative_time(Some(self.since), now),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hijacked(before: u8, now: u8, words: &[&str]) -> HijackedStatus {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let since = "2026-11-24T05:02:00Z".parse().unwrap();
        let finding = HijackFinding { since, arabic_before: before, arabic_now: now, words };
        HijackedStatus::from_finding(&finding)
    }

    #[test]
    fn hijacked_feeds_in_arabic() {
        let check = |before: u8, now: u8, words: &[&str], expected: &[&str], never: &[&str]| {
            let line = hijacked(before, now, words).in_arabic(&LocalClock::default());
            assert!(line.contains("24 نوفمبر 2026"), "{line}");
            assert!(expected.iter().all(|words| line.contains(words)), "{line}");
            assert!(!never.iter().any(|words| line.contains(words)), "{line}");
        };
        let shares = "98 في المئة من حروفه فصارت 2، وفي جديده «\u{2068}slot gacor\u{2069}» و«";
        check(98, 2, &["slot gacor", "togel"], &[shares, "ignore = [\"hijacked\"]"], &[]);
        check(98, 2, &[], &["فصارت 2. افتح"], &["في جديده"]);
        check(98, 97, &["العاب كازينو"], &["2026", ": في جديده «"], &["في المئة"]);
    }

    #[test]
    fn hijacked_feeds_in_english() {
        let now = "2026-11-27T05:02:00Z".parse().unwrap();
        let line = "somebody else seems to write it, first seen 3 d ago: 98 % of its letters were \
                    Arabic, now 2 %; it says slot gacor, togel\n  look at its site;";
        let with_words = hijacked(98, 2, &["slot gacor", "togel"]).in_english(now);
        assert!(with_words.starts_with(line), "{with_words}");
        let without = hijacked(98, 2, &[]).in_english(now);
        assert!(without.starts_with(&line.replace("; it says slot gacor, togel", "")), "{without}");
    }
}
