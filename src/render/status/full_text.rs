//! What became of the pages of a source's entries → the report's words for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::FullTextState;
use crate::render::arabic_wording::{PAGES, count_in_words};

/// The pages of a source's entries, where the operator wants their full text; counted since the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FullTextStatus {
    /// Their text was taken.
    pub taken: u64,
    /// The feed's own text was longer and stayed.
    pub shorter: u64,
    /// They were no page of that article (a wall, a home page).
    pub other: u64,
    /// `robots.txt` forbids them.
    pub refused: u64,
    /// They could not be had or read, and were given up.
    pub failed: u64,
    /// They are still to be asked, for the first time or again.
    pub waiting: u64,
    /// What last went wrong with one of them. It is no failure of the source.
    pub last_error: Option<PageError>,
}

/// What went wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageError {
    /// Its address.
    pub url: String,
    /// What was found.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

impl FullTextStatus {
    /// What is remembered of pages as the report tells it.
    pub fn from_state(pages: &FullTextState) -> Self {
        let tally = pages.stats;
        Self {
            taken: tally.taken,
            shorter: tally.shorter,
            other: tally.other,
            refused: tally.refused,
            failed: tally.failed,
            waiting: u64::try_from(pages.pending.len()).unwrap_or(u64::MAX),
            last_error: pages.last_error.as_ref().map(|trouble| PageError {
                url: trouble.url.clone(),
                message: trouble.message.clone(),
                at: trouble.at,
            }),
        }
    }

    /// For people: what there is of each kind.
    pub(super) fn line(&self) -> String {
        let kinds = [
            (self.taken, "أُخذ نصها"),
            (self.shorter, "نص الخلاصة أوفى منها"),
            (self.other, "ليست صفحة الخبر"),
            (self.refused, "منعها robots.txt"),
            (self.failed, "تعذّرت"),
            (self.waiting, "تنتظر"),
        ];
        let told = kinds.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, what)| format!("{what}: {}", count_in_words(*count, &PAGES)))
            .collect();
        if told.is_empty() { "لا شيء بعد".to_owned() } else { told.join("، ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FullTextError, FullTextStats};

    #[test]
    fn pages_in_words() {
        let check = |tally: FullTextStats, expected: &str| {
            let pages = FullTextState { stats: tally, ..FullTextState::default() };
            assert_eq!(FullTextStatus::from_state(&pages).line(), expected);
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
    fn the_last_error_is_told() {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let url = "https://a.example/1".to_owned();
        let trouble = FullTextError { url: url.clone(), message: "no answer".to_owned(), at };
        let pages = FullTextState { last_error: Some(trouble), ..FullTextState::default() };
        let expected = PageError { url, message: "no answer".to_owned(), at };
        assert_eq!(FullTextStatus::from_state(&pages).last_error, Some(expected));
    }
}
