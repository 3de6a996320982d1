//! A list of feeds that is kept elsewhere → its JSON, and the sentences about what is wrong with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{ListProblem, ListProblemKind, RemoteList, StoredList};
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// The report on one list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListStatus {
    /// Its id.
    pub id: String,
    /// Where it is, without credentials; `None`: it is shown to the operator only.
    pub url: Option<String>,
    /// The feeds of the copy that is in force.
    pub feeds: u64,
    /// What else is in that copy.
    pub skipped: u64,
    /// When it was last refreshed; `None`: never.
    pub last_refresh: Option<Timestamp>,
    /// When it was last found good; `None`: never.
    pub last_success: Option<Timestamp>,
    /// When it is refreshed next; `None`: not known yet.
    pub next_refresh: Option<Timestamp>,
    /// Why its last good copy is in force; `None`: the copy is what it says.
    pub problem: Option<ListProblemStatus>,
}

/// Why a list cannot be used as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListProblemStatus {
    /// A stable word: `fetch`, `unreadable`, `empty`, `shrunk`, `too-long`.
    pub kind: String,
    /// The same in words, for the operator.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}

impl ListStatus {
    /// The report on a list. `known` is `None` if it was never refreshed.
    pub fn from_list(list: &RemoteList, known: Option<&StoredList>) -> Self {
        let copy = known.and_then(|known| known.copy.as_ref());
        let problem = |it: &ListProblem| ListProblemStatus {
            kind: it.kind.as_str().to_owned(),
            message: it.message.clone(),
            since: it.since,
        };
        Self {
            id: list.id.to_string(),
            url: Some(list.published_location()),
            feeds: copy.map_or(0, |copy| copy.feeds.len() as u64),
            skipped: copy.map_or(0, |copy| copy.skipped.len() as u64),
            last_refresh: known.and_then(|known| known.checked_at),
            last_success: known.and_then(|known| known.succeeded_at),
            next_refresh: known.map(|known| known.due_at),
            problem: known.and_then(|known| known.problem.as_ref()).map(problem),
        }
    }

    /// What is wrong with it, for the page; the message follows. `None`: nothing.
    pub fn in_arabic(&self, clock: &LocalClock) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let since = clock.format_instant(problem.since);
        let what = match ListProblemKind::from_name(&problem.kind) {
            Some(ListProblemKind::Empty) => "خلت القائمة من الخلاصات",
            Some(ListProblemKind::Shrunk) => "نقصت القائمة عن نصف ما كان فيها",
            Some(ListProblemKind::TooLong) => "زادت القائمة على أكثر ما تسعه قائمة",
            Some(ListProblemKind::Unreadable) => "لم يعد في عنوان القائمة ما يُقرأ قائمةَ خلاصات",
            Some(ListProblemKind::Fetch) | None => "تعذّر تنزيل القائمة",
        };
        let result = if self.last_success.is_some() {
            "فبقيت مصادرها كما كانت في آخر نسخة سليمة منها"
        } else {
            "فليس لها مصادر بعد"
        };
        Some(format!("{what} منذ {since}، {result}."))
    }

    /// The same for the terminal.
    pub fn in_english(&self, now: Timestamp) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let since = relative_time(Some(problem.since), now);
        let result = match self.last_success {
            Some(at) => format!(
                "its last good copy ({} feeds, {}) stays in force",
                self.feeds,
                relative_time(Some(at), now)
            ),
            None => "it has no sources yet".to_owned(),
        };
        Some(format!(
            "the list `{}` cannot be used (since {since}): {}\n  {result}; the next refresh is {}",
            self.id,
            problem.message,
            relative_time(self.next_refresh, now)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_words() {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let words = ["تعذّر تنزيل", "ما يُقرأ قائمةَ", "خلت القائمة", "عن نصف", "أكثر ما تسعه"];
        for (kind, expected) in ListProblemKind::ALL.into_iter().zip(words) {
            let problem = ListProblemStatus {
                kind: kind.as_str().to_owned(),
                message: "the reason".to_owned(),
                since: at,
            };
            let status = ListStatus {
                id: "dawn".to_owned(),
                feeds: 7,
                last_success: Some(at),
                next_refresh: Some(at),
                problem: Some(problem),
                ..ListStatus::default()
            };
            let line = status.in_arabic(&LocalClock::default()).unwrap();
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
            assert!(line.ends_with("آخر نسخة سليمة منها."), "{line}");
            let line = status.in_english(at).unwrap();
            let begin = "the list `dawn` cannot be used (since 0 s ago): the reason\n  its last good copy (7 feeds, 0 s ago)";
            assert!(line.starts_with(begin), "{line}");
            let fresh = ListStatus { last_success: None, ..status };
            assert!(
                fresh.in_arabic(&LocalClock::default()).unwrap().ends_with("فليس لها مصادر بعد.")
            );
            assert!(fresh.in_english(at).unwrap().contains("it has no sources yet"));
        }
        let good = ListStatus::default();
        assert_eq!((good.in_english(at), good.in_arabic(&LocalClock::default())), (None, None));
    }
}
