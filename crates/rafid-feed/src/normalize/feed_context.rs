//! What a feed and its operator say once for all of its entries, and the few readings that feed and
//! entries share: links by relation, dates.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::warning_collector::{WarningCollector, quoted};
use super::{SourceHints, absolute_url, link};
use crate::dates;
use crate::model::{ClockSetting, Direction, Language, Person, RawFeed, RawLink};

/// How the IANA registry spells a relation in full (RFC 4287 section 4.2.7.2).
const REGISTRY: &str = "http://www.iana.org/assignments/relation/";

/// What holds for all entries.
pub(super) struct FeedContext<'a> {
    /// Where relative addresses of the feed stand: its `xml:base` on the document's address, else
    /// the site's page.
    pub(super) base: Option<Url>,
    /// Whether the feed says an `xml:base`: then texts follow it.
    pub(super) has_own_base: bool,
    /// The publisher's page.
    pub(super) site: Option<String>,
    /// Where dates without a zone are from.
    pub(super) zone: Option<TimeZone>,
    /// How dates in numbers are written.
    dates: dates::DateOrderUsage,
    /// When the document was read.
    read_at: Option<Timestamp>,
    /// The operator's word about the publisher's clock.
    clock: ClockSetting,
    /// The operator's word about the language.
    pub(super) hint: Option<&'a Language>,
    /// The feed's language, as believed.
    pub(super) language: Option<Language>,
    /// The direction that the feed claims.
    pub(super) direction: Option<Direction>,
    /// Who wrote the entries that name nobody.
    pub(super) authors: Vec<Person>,
}

impl<'a> FeedContext<'a> {
    /// What the feed's head says; language and authors are filled in once they are known.
    pub(super) fn from_feed(raw: &RawFeed, hints: &SourceHints<'a>) -> Self {
        let document = absolute_url::join_base(hints.url, raw.base.as_deref());
        let site = page_link(&raw.links, document.as_ref());
        let base = document.or_else(|| Url::parse(site.as_deref()?).ok());
        let zone = hints.timezone.and_then(dates::parse_zone);
        Self {
            base,
            has_own_base: raw.base.is_some(),
            site,
            dates: date_order_usage(raw, zone.as_ref(), hints.date_order),
            zone,
            read_at: hints.read_at,
            clock: hints.clock,
            hint: hints.language,
            language: None,
            direction: None,
            authors: Vec::new(),
        }
    }

    /// The order of day and month, unless it is a guess.
    pub(super) fn date_order(&self) -> Option<dates::Order> {
        (!self.dates.is_guess).then_some(self.dates.order)
    }

    /// The instant of a date as written; what cannot be read is noted and absent.
    pub(super) fn read_date(
        &self,
        words: Option<&str>,
        entry: Option<usize>,
        notes: &mut WarningCollector,
    ) -> Option<Timestamp> {
        let words = words.filter(|words| !words.trim().is_empty())?;
        let mut instant = dates::read_date_in_order(words, self.zone.as_ref(), self.dates.order);
        if self.clock == ClockSetting::Wall {
            let wall = dates::read_wall_time(words, self.zone.as_ref(), self.dates.order);
            if wall != instant {
                notes.add("clock-corrected", entry, || {
                    format!("the zone in {} is passed over, as the settings say", quoted(words))
                });
            }
            instant = wall;
        }
        if instant.is_none()
            && let Some(now) = self.read_at
        {
            instant = dates::read_relative(words, now, self.zone.as_ref());
        }
        if instant.is_none() {
            notes.add("unreadable-date", entry, || {
                format!("the date {} cannot be read: left out", quoted(words))
            });
        }
        if instant.is_some()
            && self.dates.is_guess
            && dates::order_evidence(words) == Some(dates::OrderEvidence::Either)
        {
            notes.add("guessed-date-order", entry, || {
                let first = match self.dates.order {
                    dates::Order::DayFirst => "day",
                    dates::Order::MonthFirst => "month",
                };
                format!("day or month may come first in {}: taken as {first} first", quoted(words))
            });
        }
        instant
    }
}

/// A date for telling entries apart: one that is told from the moment of reading is another at the next.
pub(super) fn stable_instant(words: Option<&str>, instant: Option<Timestamp>) -> Option<Timestamp> {
    instant.filter(|_| words.is_some_and(|words| !dates::is_relative(words)))
}

/// How the feed's dates in numbers are written: by its own date and one of every entry.
fn date_order_usage(
    raw: &RawFeed,
    zone: Option<&TimeZone>,
    learnt: Option<dates::Order>,
) -> dates::DateOrderUsage {
    let of_feed = [raw.updated.as_deref(), raw.published.as_deref()];
    let of_entries = raw
        .entries
        .iter()
        .filter_map(|entry| entry.published.as_deref().or(entry.updated.as_deref()));
    let of_feed: Vec<_> = of_feed.into_iter().flatten().collect();
    dates::detect_order(&of_feed, &of_entries.collect::<Vec<_>>(), zone, learnt)
}

/// The first page among alternates, trackers removed: those that say they are HTML, then those that
/// say nothing, then other forms.
pub(super) fn page_link(links: &[RawLink], base: Option<&Url>) -> Option<String> {
    if let [link @ RawLink { rel: None, .. }] = links {
        return link::canonical_link(&link.href, base);
    }
    alternates(links).find_map(|found| link::canonical_link(&found.href, base))
}

/// The same page as it was said; when none can be used, the first that was said.
pub(super) fn raw_page_link<'a>(links: &'a [RawLink], base: Option<&Url>) -> Option<&'a str> {
    let usable = alternates(links).find(|link| link::canonical_link(&link.href, base).is_some());
    usable.or_else(|| alternates(links).next()).map(|link| link.href.as_str())
}

fn alternates(links: &[RawLink]) -> impl Iterator<Item = &RawLink> {
    let of_form = |form: LinkTargetKind| {
        links.iter().filter(move |link| {
            has_relation(link, "alternate") && LinkTargetKind::from_link(link) == form
        })
    };
    of_form(LinkTargetKind::Page)
        .chain(of_form(LinkTargetKind::Unspecified))
        .chain(of_form(LinkTargetKind::Other))
}

/// What a link says about what it leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LinkTargetKind {
    Page,
    Unspecified,
    Other,
}

impl LinkTargetKind {
    fn from_link(link: &RawLink) -> Self {
        match &link.media_type {
            Some(media_type) if media_type.contains("html") => Self::Page,
            Some(_) => Self::Other,
            None => Self::Unspecified,
        }
    }
}

/// The web addresses of all links of a relation, in their order, unchanged.
pub(super) fn links_with_relation<'a>(
    links: &'a [RawLink],
    wanted: &'a str,
    base: Option<&'a Url>,
) -> impl Iterator<Item = String> + 'a {
    links
        .iter()
        .filter(move |link| has_relation(link, wanted))
        .filter_map(move |link| absolute_url::absolute_web_url(&link.href, base))
}

fn has_relation(link: &RawLink, relation: &str) -> bool {
    let Some(said) = link.rel.as_deref().map(str::trim) else { return relation == "alternate" };
    said.strip_prefix(REGISTRY).unwrap_or(said).eq_ignore_ascii_case(relation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(rel: &str, media_type: &str, href: &str) -> RawLink {
        let said = |words: &str| (!words.is_empty()).then(|| words.to_owned());
        RawLink {
            href: href.into(),
            rel: said(rel),
            media_type: said(media_type),
            ..RawLink::default()
        }
    }

    #[test]
    fn the_page_among_the_links() {
        let base = Url::parse("https://a.example/feed").unwrap();
        let check = |links: &[RawLink], expected: Option<&str>| {
            assert_eq!(page_link(links, Some(&base)).as_deref(), expected, "{links:?}");
        };
        check(&[link("", "", "/x?utm_source=rss")], Some("https://a.example/x"));
        check(
            &[
                link("self", "", "/feed"),
                link("alternate", "application/json", "/json"),
                link("ALTERNATE", "text/html", "/html"),
            ],
            Some("https://a.example/html"),
        );
        check(&[link("alternate", "application/json", "/json")], Some("https://a.example/json"));
        check(&[link(&format!("{REGISTRY}alternate"), "", "/x")], Some("https://a.example/x"));
        check(&[link("", "", "javascript:x"), link("", "", "/y")], Some("https://a.example/y"));
        check(&[link("related", "", "/x")], None);
    }

    #[test]
    fn relative_addresses_stand_somewhere() {
        let around = |base: Option<&str>, url: Option<&str>, site: &str| {
            let raw = RawFeed {
                base: base.map(str::to_owned),
                links: vec![link("", "", site)],
                ..RawFeed::default()
            };
            let url = url.map(|url| Url::parse(url).unwrap());
            let hints = SourceHints { url: url.as_ref(), ..SourceHints::default() };
            FeedContext::from_feed(&raw, &hints)
                .base
                .map(|base| base.to_string())
                .unwrap_or_default()
        };
        let (document, site) = ("https://feeds.example/a", "https://a.example/");
        assert_eq!(around(None, Some(document), site), document);
        assert_eq!(around(Some("/b/"), Some(document), site), "https://feeds.example/b/");
        assert_eq!(around(None, None, site), site);
        assert_eq!(around(None, None, "/x"), "");
    }
}
