//! Why the clock of this machine is doubted → the JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{ClockDoubt, ClockDoubtKind};
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// A clock that is doubted: nothing is pruned until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemClockStatus {
    /// What contradicts it: `hosts`, `jump`, `behind` or `ahead`.
    pub contradicted_by: String,
    /// How far it is ahead of that, in seconds; negative: behind.
    pub ahead_seconds: i64,
    /// When it was first doubted, by this clock.
    pub since: Timestamp,
}

impl SystemClockStatus {
    /// The doubt in the report's shape.
    pub fn from_doubt(doubt: &ClockDoubt) -> Self {
        Self {
            contradicted_by: doubt.kind.as_str().to_owned(),
            ahead_seconds: doubt.ahead_seconds,
            since: doubt.since,
        }
    }

    /// For the page.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let is = |kind: ClockDoubtKind| self.contradicted_by == kind.as_str();
        let why = if is(ClockDoubtKind::Hosts) {
            "فهي تخالف ساعات الخوادم التي تُقرأ منها المصادر"
        } else if is(ClockDoubtKind::Jump) {
            "فقد قفزت فجأة"
        } else if is(ClockDoubtKind::Behind) {
            "فهي متأخرة عن وقت آخر ما حُفظ"
        } else {
            "فهي متقدمة كثيرًا على وقت آخر ما حُفظ"
        };
        let since = clock.format_instant(self.since);
        format!(
            "يُشك في ساعة هذا الجهاز منذ {since} بحسبها: {why}. لا يُحذف أي خبر قديم حتى يتأكد الوقت."
        )
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let hours = self.ahead_seconds.unsigned_abs().div_ceil(3600);
        let by = if hours < 48 { format!("{hours} h") } else { format!("{} d", hours / 24) };
        let side = if self.ahead_seconds < 0 { "behind" } else { "ahead of" };
        let what = match self.contradicted_by.as_str() {
            "hosts" => "the clocks of several hosts",
            "jump" => "the time that has passed since it was last confirmed",
            _ => "the newest commit in the store",
        };
        let since = relative_time(Some(self.since), now);
        format!(
            "the system clock may be wrong: it is {by} {side} {what} (first seen {since}); nothing is \
             pruned until it is confirmed"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_doubt_has_its_words() {
        let at = "2026-11-24T05:02:00Z".parse().unwrap();
        let check = |kind: ClockDoubtKind, expected: &str| {
            let (ahead_seconds, steady_seconds) = (-7_200, 0);
            let doubt = ClockDoubt { kind, ahead_seconds, since: at, last_at: at, steady_seconds };
            let status = SystemClockStatus::from_doubt(&doubt);
            assert_eq!(status.ahead_seconds, -7_200);
            let line = status.in_arabic(&LocalClock::default());
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
            let line = status.in_english(at);
            assert!(line.contains("it is 2 h behind the") && line.contains("(first seen 0 s ago)"));
        };
        check(ClockDoubtKind::Hosts, "الخوادم");
        check(ClockDoubtKind::Jump, "قفزت");
        check(ClockDoubtKind::Behind, "متأخرة");
        check(ClockDoubtKind::Ahead, "متقدمة");
    }
}
