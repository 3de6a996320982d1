//! The state of the search index → its JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// The state of the search index.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchStatus {
    /// `ready`: it follows the store. `building`: results may be incomplete. `failed`: it cannot be opened, read
    /// or written, and is tried again.
    pub state: String,
    /// Entries that can be found.
    pub entries: u64,
    /// Why it fails; `None`: it does not.
    pub error: Option<String>,
    /// Since when it fails; `None`: it does not.
    pub since: Option<Timestamp>,
}

impl SearchStatus {
    /// For the page; the error follows it. `None`: it is ready.
    pub fn in_arabic(&self, clock: &LocalClock) -> Option<String> {
        match (self.since, self.state.as_str()) {
            (Some(since), _) => {
                let since = clock.format_instant(since);
                let found = if self.entries == 0 {
                    "فلا يُجاب عن عمليات البحث"
                } else {
                    "فقد تنقص نتائجه أحدث الأخبار"
                };
                Some(format!(
                    "تعذّر فهرس البحث منذ {since}، {found}. تُعاد المحاولة كل بضع دقائق، وما عدا البحث يعمل."
                ))
            }
            (None, "building") => Some("يُبنى فهرس البحث الآن، فقد تنقص نتائجه.".to_owned()),
            (None, _) => None,
        }
    }

    /// For the terminal. `None`: it does not fail.
    pub fn in_english(&self, now: Timestamp) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!("searching fails, first seen {}: {error}", relative_time(self.since, now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_in_arabic() {
        let check = |state: &str, entries: u64, since: Option<&str>, expected: Option<&str>| {
            let since = since.map(|at| at.parse().unwrap());
            let status = SearchStatus { state: state.to_owned(), entries, error: None, since };
            let line = status.in_arabic(&LocalClock::default());
            let has_words =
                line.as_deref().zip(expected).is_some_and(|(line, it)| line.contains(it));
            assert!(has_words || (line.is_none() && expected.is_none()), "{line:?}");
        };
        let at = Some("2026-11-24T05:02:00Z");
        check("ready", 3, None, None);
        check("building", 0, None, Some("يُبنى فهرس البحث"));
        check("failed", 0, at, Some("فلا يُجاب عن عمليات البحث"));
        check("failed", 3, at, Some("24 نوفمبر 2026"));
        check("failed", 3, at, Some("فقد تنقص نتائجه أحدث الأخبار"));
    }

    #[test]
    fn trouble_in_english() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(SearchStatus::default().in_english(now), None);
        let failed = SearchStatus {
            error: Some("no space".to_owned()),
            since: Some(now),
            ..SearchStatus::default()
        };
        let expected = "searching fails, first seen 0 s ago: no space";
        assert_eq!(failed.in_english(now).as_deref(), Some(expected));
    }
}
