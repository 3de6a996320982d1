//! The values that all entries of a feed share, from the feed and from its operator, and two
//! readings that feed and entries share: links by relation, and dates.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::warning_collector::{WarningCollector, quoted};
use super::{SourceHints, absolute_url, link};
use crate::dates;
use crate::model::{ClockSetting, DateOrder, Direction, Language, Person, RawFeed, RawLink};

/// The full form of a relation in the IANA registry (RFC 4287 section 4.2.7.2).
const REGISTRY: &str = "http://www.iana.org/assignments/relation/";

/// The values that all entries share.
pub(super) struct FeedContext<'a> {
    /// The base of the feed's relative addresses: its `xml:base` resolved against the document's
    /// address, else the site's page.
    pub(super) base: Option<Url>,
    /// Whether the feed has an `xml:base`: then texts use it.
    pub(super) has_own_base: bool,
    /// The publisher's page.
    pub(super) site: Option<String>,
    /// The zone of dates without a zone.
    pub(super) zone: Option<TimeZone>,
    /// The order of day and month in numeric dates.
    dates: dates::DateOrderUsage,
    /// When the document was read.
    read_at: Option<Timestamp>,
    /// The operator's setting for the publisher's clock.
    clock: ClockSetting,
    /// The operator's setting for the language.
    pub(super) hint: Option<&'a Language>,
    /// The language that the feed states, as written.
    pub(super) stated_language: Option<String>,
    /// The feed's language after the check against the titles.
    pub(super) language: Option<Language>,
    /// The direction that the feed claims.
    pub(super) direction: Option<Direction>,
    /// The authors of the entries that name none.
    pub(super) authors: Vec<Person>,
}

impl<'a> FeedContext<'a> {
    /// Reads the context from the feed; language, direction and authors are filled in later.
    pub(super) fn from_feed(raw: &RawFeed, hints: &SourceHints<'a>) -> Self {
        let document = absolute_url::join_base(hints.url, raw.base.as_deref());
        let site = page_link(&raw.links, raw.language.as_deref(), document.as_ref());
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
            stated_language: raw.language.clone(),
            language: None,
            direction: None,
            authors: Vec::new(),
        }
    }

    /// The order of day and month, unless it is a guess.
    pub(super) fn date_order(&self) -> Option<DateOrder> {
        (!self.dates.is_guess).then_some(self.dates.order)
    }

    /// The instant of a date as written; an unreadable date gives a warning and `None`.
    pub(super) fn read_date(
        &self,
        words: Option<&str>,
        entry: Option<usize>,
        warnings: &mut WarningCollector,
    ) -> Option<Timestamp> {
        let words = words.filter(|words| !words.trim().is_empty())?;
        let context = dates::DateContext {
            zone: self.zone.as_ref(),
            order: self.dates.order,
            now: self.read_at,
        };
        let reading = dates::read_in_context(words, &context);
        let mut instant = reading.as_ref().map(|reading| reading.instant);
        if self.clock == ClockSetting::Wall
            && let Some(wall) = dates::read_wall_time(words, self.zone.as_ref(), self.dates.order)
        {
            if Some(wall) != instant {
                warnings.add("clock-corrected", entry, || {
                    format!("the zone in {} is passed over, as the settings say", quoted(words))
                });
            }
            instant = Some(wall);
        }
        for doubt in reading.into_iter().flat_map(|reading| reading.doubts) {
            self.report_doubt(&doubt, words, entry, warnings);
        }
        if instant.is_none() {
            warnings.add("unreadable-date", entry, || {
                format!("the date {} cannot be read: left out", quoted(words))
            });
        }
        if instant.is_some()
            && self.dates.is_guess
            && dates::order_evidence(words) == Some(dates::OrderEvidence::Either)
        {
            warnings.add("guessed-date-order", entry, || {
                let first = match self.dates.order {
                    DateOrder::DayFirst => "day",
                    DateOrder::MonthFirst => "month",
                };
                format!("day or month may come first in {}: taken as {first} first", quoted(words))
            });
        }
        instant
    }

    /// Reports a part of a date that was not understood or was guessed.
    fn report_doubt(
        &self,
        doubt: &dates::DateDoubt,
        words: &str,
        entry: Option<usize>,
        warnings: &mut WarningCollector,
    ) {
        match doubt {
            dates::DateDoubt::UnknownZone(_) if self.clock == ClockSetting::Wall => {}
            dates::DateDoubt::UnknownZone(name) => warnings.add("unknown-zone", entry, || {
                format!(
                    "the zone {} in {} is not known or has several meanings: the time may be wrong",
                    quoted(name),
                    quoted(words)
                )
            }),
            dates::DateDoubt::UnreadPart(part) => warnings.add("date-part-ignored", entry, || {
                format!("{} in the date {} is not understood: ignored", quoted(part), quoted(words))
            }),
            dates::DateDoubt::GuessedYear => warnings.add("guessed-year", entry, || {
                format!("the date {} has no year: the nearest past one is assumed", quoted(words))
            }),
        }
    }
}

/// A date that may identify an entry: a relative date changes with every poll, so it may not.
pub(super) fn stable_instant(words: Option<&str>, instant: Option<Timestamp>) -> Option<Timestamp> {
    instant.filter(|_| words.is_some_and(|words| !dates::is_relative(words)))
}

/// The order of day and month in the feed's dates, from its own dates and one date of every entry.
fn date_order_usage(
    raw: &RawFeed,
    zone: Option<&TimeZone>,
    learned: Option<DateOrder>,
) -> dates::DateOrderUsage {
    let of_feed = [raw.updated.as_deref(), raw.published.as_deref()];
    let of_entries = raw
        .entries
        .iter()
        .filter_map(|entry| entry.published.as_deref().or(entry.updated.as_deref()));
    let of_feed: Vec<_> = of_feed.into_iter().flatten().collect();
    dates::detect_order(&of_feed, &of_entries.collect::<Vec<_>>(), zone, learned)
}

/// The first usable page among the `alternate` links, without trackers: first the links declared as
/// HTML, of these first those in the language that the document states; then those without a type, then the
/// others.
pub(super) fn page_link(
    links: &[RawLink],
    language: Option<&str>,
    base: Option<&Url>,
) -> Option<String> {
    if let [link @ RawLink { rel: None, .. }] = links {
        return link::canonical_link(&link.href, base);
    }
    alternates(links, language).find_map(|found| link::canonical_link(&found.href, base))
}

/// The same link as written; if none is usable, the first of them.
pub(super) fn raw_page_link<'a>(
    links: &'a [RawLink],
    language: Option<&str>,
    base: Option<&Url>,
) -> Option<&'a str> {
    let mut usable =
        alternates(links, language).filter(|it| link::canonical_link(&it.href, base).is_some());
    let found = usable.next().or_else(|| alternates(links, language).next());
    found.map(|link| link.href.as_str())
}

fn alternates<'a>(
    links: &'a [RawLink],
    language: Option<&str>,
) -> impl Iterator<Item = &'a RawLink> {
    let of_form = |form: LinkTargetKind| {
        links.iter().filter(move |link| {
            has_relation(link, "alternate") && LinkTargetKind::from_link(link) == form
        })
    };
    let is_own = move |link: &&RawLink| {
        let stated = link.hreflang.as_deref();
        language.zip(stated).is_some_and(|(own, stated)| is_same_language(own, stated))
    };
    of_form(LinkTargetKind::Page)
        .filter(is_own)
        .chain(of_form(LinkTargetKind::Page))
        .chain(of_form(LinkTargetKind::Unspecified))
        .chain(of_form(LinkTargetKind::Other))
}

/// Whether two tags are of one language, whatever its country (`ar`, `ar-EG`).
fn is_same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &'_ str| tag.trim().split(['-', '_']).next().map(str::to_ascii_lowercase);
    primary(one) == primary(other)
}

/// The type of a link's target, as declared.
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

/// The web addresses of all links with a relation, in their order, unchanged.
pub(super) fn links_with_relation<'a>(
    links: &'a [RawLink],
    relation: &'a str,
    base: Option<&'a Url>,
) -> impl Iterator<Item = String> + 'a {
    links
        .iter()
        .filter(move |link| has_relation(link, relation))
        .filter_map(move |link| absolute_url::absolute_web_url(&link.href, base))
}

fn has_relation(link: &RawLink, relation: &str) -> bool {
    let Some(rel) = link.rel.as_deref().map(str::trim) else { return relation == "alternate" };
    rel.strip_prefix(REGISTRY).unwrap_or(rel).eq_ignore_ascii_case(relation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(rel: &str, media_type: &str, href: &str) -> RawLink {
        let non_empty = |words: &str| (!words.is_empty()).then(|| words.to_owned());
        RawLink {
            href: href.into(),
            rel: non_empty(rel),
            media_type: non_empty(media_type),
            ..RawLink::default()
        }
    }

    #[test]
    fn the_page_among_the_links() {
        let base = Url::parse("https://a.example/feed").unwrap();
        let check = |links: &[RawLink], expected: Option<&str>| {
            assert_eq!(
                page_link(links, Some("ar-EG"), Some(&base)).as_deref(),
                expected,
                "{links:?}"
            );
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
        let in_language = |language: &str, href: &str| RawLink {
            hreflang: Some(language.into()),
            ..link("alternate", "text/html", href)
        };
        let both = [in_language("en", "/en"), in_language("AR", "/ar")];
        check(&both, Some("https://a.example/ar"));
        check(&both[..1], Some("https://a.example/en"));
        assert_eq!(raw_page_link(&both, Some("ar"), Some(&base)), Some("/ar"));
        assert_eq!(raw_page_link(&both, None, Some(&base)), Some("/en"));
    }

    #[test]
    fn the_base_of_relative_addresses() {
        let base_of = |base: Option<&str>, url: Option<&str>, site: &str| {
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
        assert_eq!(base_of(None, Some(document), site), document);
        assert_eq!(base_of(Some("/b/"), Some(document), site), "https://feeds.example/b/");
        assert_eq!(base_of(None, None, site), site);
        assert_eq!(base_of(None, None, "/x"), "");
    }
}
