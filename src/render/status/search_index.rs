//! How the search index is → the report's words for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::render::arabic_wording::LocalClock;

/// The state of the search index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchStatus {
    /// `ready`: it follows the store. `building`: what is found may be incomplete. `failed`: it could not
    /// be opened, read or written, and is tried again.
    pub state: String,
    /// Entries that can be found.
    pub entries: u64,
    /// Why it failed; `None`: it did not.
    pub error: Option<String>,
    /// Since when it has been failing; `None`: it does not.
    pub since: Option<Timestamp>,
}

impl SearchStatus {
    /// For people, where something is to be told; the error stands behind it.
    pub(super) fn line(&self, clock: &LocalClock) -> Option<String> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_in_words() {
        let check = |state: &str, entries: u64, since: Option<&str>, expected: Option<&str>| {
            let since = since.map(|at| at.parse().unwrap());
            let status = SearchStatus { state: state.to_owned(), entries, error: None, since };
            let line = status.line(&LocalClock::default());
            let is_said = line.as_deref().zip(expected).is_some_and(|(line, it)| line.contains(it));
            assert!(is_said || (line.is_none() && expected.is_none()), "{line:?}");
        };
        let at = Some("2026-11-24T05:02:00Z");
        check("ready", 3, None, None);
        check("building", 0, None, Some("يُبنى فهرس البحث"));
        check("failed", 0, at, Some("فلا يُجاب عن عمليات البحث"));
        check("failed", 3, at, Some("24 نوفمبر 2026"));
        check("failed", 3, at, Some("فقد تنقص نتائجه أحدث الأخبار"));
    }
}
