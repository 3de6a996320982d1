//! Why this machine's clock is doubted → the report's words for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{ClockDoubt, ClockDoubtKind};
use crate::render::arabic_wording::LocalClock;

/// A clock that is doubted: until it is confirmed, nothing is pruned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemClockStatus {
    /// What contradicts it: `hosts`, `jump`, `behind` or `ahead`.
    pub contradicted_by: String,
    /// How far it is ahead of that, in seconds; negative: behind.
    pub ahead_seconds: i64,
    /// When it was first doubted, by itself.
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

    /// For people.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
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
            let line = status.line(&LocalClock::default());
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
        };
        check(ClockDoubtKind::Hosts, "الخوادم");
        check(ClockDoubtKind::Jump, "قفزت");
        check(ClockDoubtKind::Behind, "متأخرة");
        check(ClockDoubtKind::Ahead, "متقدمة");
    }
}
