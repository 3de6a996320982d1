//! A feed that is gone from its address, and where it may be now → its JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Likeness, LostFeed, RediscoveredFeed};
use crate::render::arabic_wording::{KNOWN_ENTRIES, count_in_words};
use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// A feed that is gone from its address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LostStatus {
    /// The address.
    pub address: String,
    /// When that was first seen.
    pub since: Timestamp,
    /// When its site was last searched for it; `None`: not yet.
    pub searched_at: Option<Timestamp>,
    /// A feed that was found there and seems to be the same one; the operator decides.
    pub found: Option<FoundStatus>,
}

/// A feed that is proposed instead of a lost one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundStatus {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Why it seems to be the same: `entries`, `title` or `named-only` (nothing is known of the lost one).
    pub likeness: String,
    /// How many of the last known entries it holds.
    pub shared_entries: u32,
}

impl LostStatus {
    /// For the log, when a feed is found instead.
    pub const LOG_FOUND: &str =
        "gone from its address and found on its site; to adopt it, change its url";

    /// A lost feed in the shape of the report.
    pub fn from_lost_feed(lost: &LostFeed) -> Self {
        Self {
            address: lost.address.clone(),
            since: lost.since,
            searched_at: lost.searched_at,
            found: lost.rediscovered.as_ref().map(FoundStatus::from_rediscovered),
        }
    }

    /// For the page; the address that is proposed follows it.
    pub fn in_arabic(&self, clock: &LocalClock) -> String {
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

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let since = relative_time(Some(self.since), now);
        let gone = format!("gone from its address, first seen {since}");
        match (&self.found, self.searched_at) {
            (Some(found), _) => {
                let (url, why) = (&found.url, found.likeness_in_english());
                format!("{gone}; found at {url} ({why}): to take it, write\n  url = \"{url}\"")
            }
            (None, Some(at)) => {
                let at = relative_time(Some(at), now);
                format!("{gone}; its site names no such feed (requested {at})")
            }
            (None, None) => gone,
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

    /// Why it seems to be the same feed.
    fn likeness_in_english(&self) -> String {
        match self.likeness.as_str() {
            "entries" => format!("it holds {} of its known entries", self.shared_entries),
            "title" => "it has the same title".to_owned(),
            _ => "its site names it".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T05:02:00Z".parse().unwrap()
    }

    #[test]
    fn lost_feeds_in_arabic() {
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
            let line = LostStatus::from_lost_feed(&lost).in_arabic(&LocalClock::default());
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

    #[test]
    fn lost_feeds_in_english() {
        let check = |found: Option<&str>, searched: bool, expected: &str| {
            let found = found.map(|likeness| FoundStatus {
                url: "https://a.example/feed".to_owned(),
                title: None,
                likeness: likeness.to_owned(),
                shared_entries: 5,
            });
            let address = "https://a.example/rss".to_owned();
            let searched_at = searched.then(at);
            let lost = LostStatus { address, since: at(), searched_at, found };
            let line = lost.in_english("2026-11-27T05:02:00Z".parse().unwrap());
            let rest = line.strip_prefix("gone from its address, first seen 3 d ago");
            assert_eq!(rest, Some(expected));
        };
        check(None, false, "");
        check(None, true, "; its site names no such feed (requested 3 d ago)");
        for (likeness, why) in [
            ("entries", "it holds 5 of its known entries"),
            ("title", "it has the same title"),
            ("named-only", "its site names it"),
        ] {
            let expected = format!(
                "; found at https://a.example/feed ({why}): to take it, write\n  url = \
                 \"https://a.example/feed\""
            );
            check(Some(likeness), true, &expected);
        }
    }
}
