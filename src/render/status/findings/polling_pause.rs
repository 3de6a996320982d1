//! Why no source is polled → its JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{PauseReason, PollingPause};
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// A pause of all polls, because nothing could be stored of what they bring.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PollingPauseStatus {
    /// Why: `disk-full`, `read-only`, `not-permitted` or `store-lost`.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// The error of the store.
    pub error: String,
    /// The free bytes on the store's disk when polls were last checked; `None`: unknown.
    pub free_bytes: Option<u64>,
    /// The free bytes with which polls go on; `None`: unknown.
    pub needed_bytes: Option<u64>,
}

impl PollingPauseStatus {
    /// The pause in the report's shape.
    pub fn from_pause(pause: &PollingPause) -> Self {
        Self {
            reason: pause.reason.as_str().to_owned(),
            since: pause.since,
            error: pause.message.clone(),
            free_bytes: pause.free_bytes,
            needed_bytes: pause.needed_bytes,
        }
    }

    /// For the page; the error follows it.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let is = |reason: PauseReason| self.reason == reason.as_str();
        let (why, until) = if is(PauseReason::DiskFull) {
            ("لامتلاء القرص", "متى توافرت مساحة كافية")
        } else if is(PauseReason::ReadOnly) {
            ("لأن القرص لا يقبل الكتابة", "متى قبلها")
        } else if is(PauseReason::NotPermitted) {
            ("لأن صلاحيات المجلد لا تسمح بالكتابة", "متى سمحت بها")
        } else {
            ("لأن المخزن ليس في مكانه", "متى عاد إليه")
        };
        let since = clock.format_instant(self.since);
        format!(
            "توقفت قراءة المصادر منذ {since} {why}. وما حُفظ من قبل يُنشر ويُبحث فيه كالمعتاد، \
             وتُستأنف القراءة تلقائيًا {until}."
        )
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let since = relative_time(Some(self.since), now);
        format!(
            "no source is polled (since {since}): {}\n  what is stored is served, and polls go on by themselves",
            self.error
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words() {
        let at: Timestamp = "2026-11-24T05:02:00Z".parse().unwrap();
        let words = ["لامتلاء القرص", "لا يقبل الكتابة", "صلاحيات المجلد", "ليس في مكانه"];
        for (reason, expected) in PauseReason::ALL.into_iter().zip(words) {
            let status = PollingPauseStatus::from_pause(&PollingPause {
                reason,
                since: at,
                message: "the disk says no".to_owned(),
                free_bytes: Some(5),
                needed_bytes: Some(9),
            });
            assert_eq!((status.free_bytes, status.needed_bytes), (Some(5), Some(9)));
            let line = status.in_arabic(&LocalClock::default());
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
            let line = status.in_english(at);
            assert!(line.starts_with("no source is polled (since 0 s ago): the disk says no\n"));
        }
    }
}
