//! What was found out about a source (somebody else writes it, its dates say nothing, it refuses us) → the
//! report's words for it, with what can be done.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{AccessDenied, FrozenDates, HijackFinding};
use crate::render::arabic_wording::LocalClock;

/// The share of Arabic letters is told where it fell by so many points of a hundred.
const REPORTED_POINTS: u8 = 30;

/// A feed that somebody else seems to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HijackedStatus {
    /// When that was first seen.
    pub since: Timestamp,
    /// The share of Arabic letters before, in percent.
    pub arabic_percent_before: u8,
    /// The same of the newest entries then.
    pub arabic_percent_now: u8,
    /// Words that were found in them, the most frequent first; none: the script tells alone.
    pub words: Vec<String>,
}

impl HijackedStatus {
    /// A hijacked feed as the report tells it.
    pub fn from_finding(hijacked: &HijackFinding) -> Self {
        Self {
            since: hijacked.since,
            arabic_percent_before: hijacked.arabic_before,
            arabic_percent_now: hijacked.arabic_now,
            words: hijacked.words.clone(),
        }
    }

    /// For people.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
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
}

/// Dates that say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrozenStatus {
    /// `still`: entries keep coming, and the newest date stands still. `stamped`: every document dates all
    /// of its entries anew.
    pub kind: String,
    /// When the first of those entries, or the first such document, came.
    pub since: Timestamp,
    /// The date that stands still; `None`: they are stamped.
    pub newest: Option<Timestamp>,
}

impl FrozenStatus {
    /// Frozen dates as the report tells them.
    pub fn from_finding(frozen: FrozenDates) -> Self {
        match frozen {
            FrozenDates::Still { since, newest } => {
                Self { kind: "still".to_owned(), since, newest: Some(newest) }
            }
            FrozenDates::Stamped { since } => {
                Self { kind: "stamped".to_owned(), since, newest: None }
            }
        }
    }

    /// For people.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
        let since = clock.format_instant(self.since);
        match self.newest {
            Some(newest) => format!(
                "أخباره تتوالى، وأحدث تاريخ تذكره ({}) لم يتقدّم منذ {since}، فيُرتَّب جديدها بوقت ظهوره.",
                clock.format_instant(newest)
            ),
            None => format!(
                "صار منذ {since} يؤرّخ أخباره كلها من جديد كلما صنع خلاصته، فتبقى مرتّبة بوقت ظهورها أول مرة."
            ),
        }
    }
}

/// A source that refuses our requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedStatus {
    /// Who refuses: `server`, `cloudflare`, `aws-waf` or `vercel`.
    pub by: String,
    /// The HTTP status of the last refusal.
    pub status: u16,
    /// When the first came.
    pub since: Timestamp,
    /// Whether it ever answered well.
    pub answered_before: bool,
}

impl RefusedStatus {
    /// A refusal as the report tells it; `succeeded_at` is when the source last answered well.
    pub fn from_refusal(refusal: &AccessDenied, succeeded_at: Option<Timestamp>) -> Self {
        Self {
            by: refusal.by.as_str().to_owned(),
            status: refusal.status,
            since: refusal.since,
            answered_before: succeeded_at.is_some(),
        }
    }

    /// For people.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
        let (since, status) = (clock.format_instant(self.since), self.status);
        let name = match self.by.as_str() {
            "cloudflare" => Some("Cloudflare"),
            "aws-waf" => Some("AWS WAF"),
            "vercel" => Some("Vercel"),
            _ => None,
        };
        let refuses = match name {
            Some(name) => format!(
                "تعترض طلباتنا منذ {since} حماية \u{2068}{name}\u{2069} باختبار لا يجتازه إلا متصفّح \
                 (الرمز {status})"
            ),
            None => format!("يردّ خادمه طلباتنا بالرمز {status} منذ {since}"),
        };
        let before = if self.answered_before {
            "وكان يجيب قبل ذلك"
        } else {
            "ولم يُجب قط"
        };
        format!(
            "{refuses}، {before}. راسل الناشر ليأذن لبرامج الخلاصات، أو ابحث عن عنوان آخر للخلاصة نفسها، أو \
             اكتب في headers ما أعطاك من مفتاح. أما التنكّر في هيئة متصفّح فلا يفعله «رافد»."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeniedBy;

    fn at() -> Timestamp {
        "2026-11-24T05:02:00Z".parse().unwrap()
    }

    fn check(line: &str, expected: &[&str], never: &[&str]) {
        assert!(line.contains("24 نوفمبر 2026"), "{line}");
        for words in expected {
            assert!(line.contains(words), "{words} in {line}");
        }
        for words in never {
            assert!(!line.contains(words), "{words} in {line}");
        }
    }

    #[test]
    fn hijacked_feeds_in_words() {
        let line = |before: u8, now: u8, words: &[&str]| {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            let hijacked =
                HijackFinding { since: at(), arabic_before: before, arabic_now: now, words };
            HijackedStatus::from_finding(&hijacked).line(&LocalClock::default())
        };
        let both = line(98, 2, &["slot gacor", "togel"]);
        let shares = "98 في المئة من حروفه فصارت 2، وفي جديده «\u{2068}slot gacor\u{2069}» و«";
        check(&both, &[shares, "ignore = [\"hijacked\"]"], &[]);
        check(&line(98, 2, &[]), &["فصارت 2. افتح"], &["في جديده"]);
        check(&line(98, 97, &["العاب كازينو"]), &["2026", ": في جديده «"], &["في المئة"]);
    }

    #[test]
    fn frozen_dates_in_words() {
        let newest = "2019-01-02T00:00:00Z".parse().unwrap();
        let still = FrozenStatus::from_finding(FrozenDates::Still { since: at(), newest });
        assert_eq!((still.kind.as_str(), still.newest), ("still", Some(newest)));
        check(&still.line(&LocalClock::default()), &["2 يناير 2019", "لم يتقدّم منذ"], &[]);
        let stamped = FrozenStatus::from_finding(FrozenDates::Stamped { since: at() });
        assert_eq!((stamped.kind.as_str(), stamped.newest), ("stamped", None));
        check(&stamped.line(&LocalClock::default()), &["كلما صنع خلاصته"], &[]);
    }

    #[test]
    fn refusals_in_words() {
        let line = |by: DeniedBy, status: u16, succeeded_at: Option<Timestamp>| {
            let refusal = AccessDenied { by, status, since: at(), count: 3 };
            RefusedStatus::from_refusal(&refusal, succeeded_at).line(&LocalClock::default())
        };
        let server = line(DeniedBy::Server, 403, Some(at()));
        check(
            &server,
            &["بالرمز 403 منذ", "وكان يجيب قبل ذلك. راسل الناشر", "headers"],
            &["حماية"],
        );
        for (by, name) in [
            (DeniedBy::Cloudflare, "Cloudflare"),
            (DeniedBy::AwsWaf, "AWS WAF"),
            (DeniedBy::Vercel, "Vercel"),
        ] {
            check(&line(by, 202, None), &[name, "(الرمز 202)", "ولم يُجب قط"], &["كان يجيب"]);
        }
    }
}
