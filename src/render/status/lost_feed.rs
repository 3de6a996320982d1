//! What a source's life shows beside its failures (silence, a feed that is gone, a second copy) → the
//! report's words for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{Likeness, LostFeed, RediscoveredFeed, Silence};
use crate::render::arabic_wording::{DAYS, KNOWN_ENTRIES, LocalClock, count_in_words};

const DAY: u64 = 24 * 3600;

/// A feed that answers well and has nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SilentStatus {
    /// `quiet`: it has had nothing new for longer than its rhythm explains. `empty`: it holds no entry.
    pub kind: String,
    /// Since when.
    pub since: Timestamp,
    /// How long it may be silent without being told, in seconds; `None`: it is empty.
    pub patience_seconds: Option<u64>,
}

impl SilentStatus {
    /// A silence as the report tells it.
    pub fn from_silence(silence: Silence) -> Self {
        match silence {
            Silence::Quiet { since, patience } => {
                Self { kind: "quiet".to_owned(), since, patience_seconds: Some(patience.as_secs()) }
            }
            Silence::Empty { since } => {
                Self { kind: "empty".to_owned(), since, patience_seconds: None }
            }
        }
    }

    /// For people.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
        let since = clock.format_instant(self.since);
        match self.patience_seconds {
            Some(seconds) => {
                let patience = count_in_words(seconds.div_ceil(DAY), &DAYS);
                format!(
                    "يُقرأ بلا إخفاق، لكن لا جديد فيه منذ {since}، ولا يزيد سكوته عادةً على {patience}."
                )
            }
            None => format!("يُقرأ بلا إخفاق، لكنه خالٍ من الأخبار منذ {since}."),
        }
    }
}

/// A feed that is gone from its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostStatus {
    /// The address.
    pub address: String,
    /// When that was first seen.
    pub since: Timestamp,
    /// When it was last looked for on its site; `None`: not yet.
    pub searched_at: Option<Timestamp>,
    /// A feed that was found there and seems to be the same; the operator decides.
    pub found: Option<FoundStatus>,
}

/// A feed that is proposed instead of a lost one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundStatus {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Why it seems to be the same: `entries`, `title` or `named-only` (nothing was known of the lost one).
    pub likeness: String,
    /// How many of the entries that were last known it holds.
    pub shared_entries: u32,
}

impl LostStatus {
    /// A lost feed as the report tells it.
    pub fn from_lost_feed(lost: &LostFeed) -> Self {
        Self {
            address: lost.address.clone(),
            since: lost.since,
            searched_at: lost.searched_at,
            found: lost.rediscovered.as_ref().map(FoundStatus::from_rediscovered),
        }
    }

    /// For people; the address that is proposed stands behind it.
    pub(super) fn line(&self, clock: &LocalClock) -> String {
        let gone = format!("لم تعد الخلاصة في عنوانها منذ {}", clock.format_instant(self.since));
        match (&self.found, self.searched_at) {
            (Some(found), _) => {
                let title =
                    found.title.as_deref().map(|title| format!(" «\u{2068}{title}\u{2069}»"));
                let title = title.unwrap_or_default();
                let why = match found.likeness.as_str() {
                    "entries" => {
                        format!(
                            "، وفيها {}",
                            count_in_words(found.shared_entries.into(), &KNOWN_ENTRIES)
                        )
                    }
                    "title" => "، ولها عنوانها نفسه".to_owned(),
                    _ => String::new(),
                };
                format!(
                    "{gone}. وُجدت في موقعها خلاصة{title}{why}؛ إن كانت هي فاكتب عنوانها في ملف الإعدادات:"
                )
            }
            (None, Some(at)) => {
                format!(
                    "{gone}، وبُحث في موقعها عن عنوان جديد لها ({}) فلم يوجد.",
                    clock.format_instant(at)
                )
            }
            (None, None) => format!("{gone}."),
        }
    }
}

impl FoundStatus {
    fn from_rediscovered(found: &RediscoveredFeed) -> Self {
        let shared_entries = match found.likeness {
            Likeness::Entries(count) => count,
            Likeness::Title | Likeness::NamedOnly => 0,
        };
        Self {
            url: found.url.clone(),
            title: found.title.clone(),
            likeness: found.likeness.as_str().to_owned(),
            shared_entries,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T05:02:00Z".parse().unwrap()
    }

    #[test]
    fn silence_in_words() {
        let check = |silence: Silence, expected: &str| {
            let line = SilentStatus::from_silence(silence).line(&LocalClock::default());
            assert!(line.contains(expected) && line.contains("24 نوفمبر 2026"), "{line}");
        };
        let quiet = |days: u64| Silence::Quiet {
            since: at(),
            patience: Duration::from_secs(days * DAY - 9),
        };
        check(quiet(1), "ولا يزيد سكوته عادةً على يوم واحد.");
        check(quiet(2), "على يومين.");
        check(quiet(5), "على 5 أيام.");
        check(quiet(21), "على 21 يومًا.");
        check(quiet(300), "على 300 يوم.");
        check(Silence::Empty { since: at() }, "لكنه خالٍ من الأخبار منذ");
    }

    #[test]
    fn lost_feeds_in_words() {
        let check = |found: Option<Likeness>, searched: bool, expected: &str| {
            let lost = LostFeed {
                address: "https://a.example/rss".to_owned(),
                since: at(),
                searched_at: searched.then(at),
                rediscovered: found.map(|likeness| RediscoveredFeed {
                    url: "https://a.example/feed".to_owned(),
                    title: Some("وكالة".to_owned()),
                    likeness,
                }),
            };
            let line = LostStatus::from_lost_feed(&lost).line(&LocalClock::default());
            assert!(line.contains(expected), "{line}");
        };
        check(None, false, "2026");
        check(None, true, "فلم يوجد.");
        check(Some(Likeness::Entries(1)), true, "»، وفيها خبر معروف واحد؛ إن كانت هي");
        check(Some(Likeness::Entries(2)), true, "وفيها خبران معروفان؛");
        check(Some(Likeness::Entries(12)), true, "وفيها 12 خبرًا معروفًا؛");
        check(Some(Likeness::Title), true, "ولها عنوانها نفسه؛");
        check(Some(Likeness::NamedOnly), true, "«\u{2068}وكالة\u{2069}»؛");
    }
}
