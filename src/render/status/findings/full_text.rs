//! What became of the pages of a source's entries → their JSON and the sentences about them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::FullTextState;
use crate::render::arabic_wording::{PAGES, count_in_words};
use crate::render::english_wording::relative_time;

/// The pages of a source's entries, where the operator wants their full text, counted since the first one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FullTextStatus {
    /// Their text was taken.
    pub taken: u64,
    /// The feed's own text was longer and stayed.
    pub shorter: u64,
    /// They were no page of that article (a wall, a home page).
    pub other: u64,
    /// `robots.txt` forbids them.
    pub refused: u64,
    /// They could not be fetched or read, and are given up.
    pub failed: u64,
    /// They are still to be requested, for the first time or again.
    pub waiting: u64,
    /// The last failure of one of them. It does not count as a failure of the source.
    pub last_error: Option<PageError>,
}

/// The failure of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PageError {
    /// Its address.
    pub url: String,
    /// What was found.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

impl FullTextStatus {
    /// The stored state of the pages in the shape of the report.
    pub fn from_state(pages: &FullTextState) -> Self {
        let stats = pages.stats;
        Self {
            taken: stats.taken,
            shorter: stats.shorter,
            other: stats.other,
            refused: stats.refused,
            failed: stats.failed,
            waiting: u64::try_from(pages.pending.len()).unwrap_or(u64::MAX),
            last_error: pages.last_error.as_ref().map(|error| PageError {
                url: error.url.clone(),
                message: error.message.clone(),
                at: error.at,
            }),
        }
    }

    /// For the page: how many there are of each kind.
    pub fn in_arabic(&self) -> String {
        let kinds = [
            (self.taken, "أُخذ نصها"),
            (self.shorter, "نص الخلاصة أوفى منها"),
            (self.other, "ليست صفحة الخبر"),
            (self.refused, "منعها robots.txt"),
            (self.failed, "تعذّرت"),
            (self.waiting, "تنتظر"),
        ];
        let counted = kinds.iter().filter(|(count, _)| *count > 0);
        let counted: Vec<String> = counted
            .map(|(count, what)| format!("{what}: {}", count_in_words(*count, &PAGES)))
            .collect();
        if counted.is_empty() { "لا شيء بعد".to_owned() } else { counted.join("، ") }
    }

    /// For the terminal: how many there are of each kind, and the last failure.
    pub fn in_english(&self, now: Timestamp) -> String {
        let kinds = [
            (self.taken, "taken"),
            (self.shorter, "shorter than the feed"),
            (self.other, "of another text"),
            (self.refused, "refused by robots.txt"),
            (self.failed, "failed"),
            (self.waiting, "waiting"),
        ];
        let counted = kinds.iter().filter(|(count, _)| *count > 0);
        let counted: Vec<String> = counted.map(|(count, what)| format!("{count} {what}")).collect();
        let counted = if counted.is_empty() { "none yet".to_owned() } else { counted.join(", ") };
        let last = match &self.last_error {
            Some(PageError { url, message, at }) => {
                format!("\n  {message} ({})\n  {url}", relative_time(Some(*at), now))
            }
            None => String::new(),
        };
        format!("pages of entries: {counted}{last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FullTextError, FullTextStats};

    #[test]
    fn pages_in_arabic() {
        let check = |stats: FullTextStats, expected: &str| {
            let pages = FullTextState { stats, ..FullTextState::default() };
            assert_eq!(FullTextStatus::from_state(&pages).in_arabic(), expected);
        };
        check(FullTextStats::default(), "لا شيء بعد");
        check(FullTextStats { taken: 1, ..FullTextStats::default() }, "أُخذ نصها: صفحة واحدة");
        let all = FullTextStats { taken: 120, shorter: 2, other: 3, refused: 11, failed: 1 };
        check(
            all,
            "أُخذ نصها: 120 صفحة، نص الخلاصة أوفى منها: صفحتان، ليست صفحة الخبر: 3 صفحات، منعها \
             robots.txt: 11 صفحة، تعذّرت: صفحة واحدة",
        );
    }

    #[test]
    fn the_last_error_is_reported() {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let url = "https://a.example/1".to_owned();
        let error = FullTextError { url: url.clone(), message: "no answer".to_owned(), at };
        let pages = FullTextState { last_error: Some(error), ..FullTextState::default() };
        let expected = PageError { url, message: "no answer".to_owned(), at };
        assert_eq!(FullTextStatus::from_state(&pages).last_error, Some(expected));
    }

    #[test]
    fn pages_in_english() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(FullTextStatus::default().in_english(now), "pages of entries: none yet");
        let error = PageError {
            url: "https://a.example/1".to_owned(),
            message: "robots.txt forbids it".to_owned(),
            at: "1970-01-12T13:45:40Z".parse().unwrap(),
        };
        let some = FullTextStatus {
            taken: 3,
            refused: 1,
            last_error: Some(error),
            ..FullTextStatus::default()
        };
        assert_eq!(
            some.in_english(now),
            "pages of entries: 3 taken, 1 refused by robots.txt\n  robots.txt forbids it (1 min ago)\n  \
             https://a.example/1",
        );
    }
}
