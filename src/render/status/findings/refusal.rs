//! A source that refuses our requests → its JSON and the sentences about it, with what can be done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::AccessDenied;
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// A source that refuses our requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// For the log, when it begins.
    pub const LOG_BEGIN: &str =
        "refuses our requests; write to its publisher, or look for another address";
    /// For the log, when it ends.
    pub const LOG_END: &str = "refuses our requests no longer";

    /// A refusal in the shape of the report; `succeeded_at` is when the source last answered well.
    pub fn from_refusal(refusal: &AccessDenied, succeeded_at: Option<Timestamp>) -> Self {
        Self {
            by: refusal.by.as_str().to_owned(),
            status: refusal.status,
            since: refusal.since,
            answered_before: succeeded_at.is_some(),
        }
    }

    /// For the page.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
        let (since, status) = (clock.format_instant(self.since), self.status);
        let refuses = match self.firewall() {
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

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let by = match self.firewall() {
            Some(name) => format!(" (a browser challenge of {name})"),
            None => String::new(),
        };
        let before = if self.answered_before { "it answered before" } else { "it never answered" };
        format!(
            "refuses our requests with {}{by}, first seen {}; {before}\n  write to the publisher, \
             look for another address of the same feed, or send with `headers` what the publisher \
             gave you; rafid never pretends to be a browser",
            self.status,
            relative_time(Some(self.since), now),
        )
    }

    /// The name of the firewall that refuses. `None`: the server itself does, as far as is known.
    fn firewall(&self) -> Option<&'static str> {
        match self.by.as_str() {
            "cloudflare" => Some("Cloudflare"),
            "aws-waf" => Some("AWS WAF"),
            "vercel" => Some("Vercel"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeniedBy;

    fn refused(by: DeniedBy, status: u16, answered_before: bool) -> RefusedStatus {
        let since = "2026-11-24T05:02:00Z".parse().unwrap();
        let refusal = AccessDenied { by, status, since, count: 3 };
        RefusedStatus::from_refusal(&refusal, answered_before.then_some(since))
    }

    #[test]
    fn refusals_in_arabic() {
        let check = |refused: &RefusedStatus, expected: &[&str], never: &str| {
            let line = refused.in_arabic(&LocalClock::default());
            assert!(line.contains("24 نوفمبر 2026"), "{line}");
            assert!(expected.iter().all(|words| line.contains(words)), "{line}");
            assert!(!line.contains(never), "{line}");
        };
        check(
            &refused(DeniedBy::Server, 403, true),
            &["بالرمز 403 منذ", "وكان يجيب قبل ذلك. راسل الناشر", "headers"],
            "حماية",
        );
        for (by, name) in [
            (DeniedBy::Cloudflare, "Cloudflare"),
            (DeniedBy::AwsWaf, "AWS WAF"),
            (DeniedBy::Vercel, "Vercel"),
        ] {
            check(&refused(by, 202, false), &[name, "(الرمز 202)", "ولم يُجب قط"], "كان يجيب");
        }
    }

    #[test]
    fn refusals_in_english() {
        let check = |by: DeniedBy, answered_before: bool, expected: &str| {
            let now = "2026-11-27T05:02:00Z".parse().unwrap();
            let line = refused(by, 403, answered_before).in_english(now);
            assert!(line.starts_with(expected), "{line}");
        };
        let line = "refuses our requests with 403, first seen 3 d ago; it answered before\n  write";
        check(DeniedBy::Server, true, line);
        let line = "refuses our requests with 403 (a browser challenge of Cloudflare), first seen 3 \
                    d ago; it never answered\n";
        check(DeniedBy::Cloudflare, false, line);
        for by in [DeniedBy::AwsWaf, DeniedBy::Vercel] {
            check(by, false, "refuses our requests with 403 (a browser");
        }
    }
}
