//! The links, dates and categories of entries as written, to explain a result: links with their
//! trackers, dropped categories included.

use url::Url;

use super::{SourceHints, absolute_url, feed_context};
use crate::model::{RawCategory, RawEntry, RawEntryValues, RawFeed};

/// The values of every entry, in document order.
pub fn raw_entry_values(raw: &RawFeed, hints: &SourceHints<'_>) -> Vec<RawEntryValues> {
    let base = absolute_url::join_base(hints.url, raw.base.as_deref());
    // As for the links of the feed: without any base, addresses are relative to the site's page.
    let site = feed_context::page_link(&raw.links, raw.language.as_deref(), base.as_ref());
    let site = site.and_then(|site| Url::parse(&site).ok());
    let language = raw.language.as_deref();
    let bases = (base.as_ref(), site.as_ref());
    raw.entries.iter().map(|entry| raw_values_of(entry, language, bases)).collect()
}

/// The values of one entry. `bases`: that of the feed, and the site's page.
fn raw_values_of(
    raw: &RawEntry,
    language: Option<&str>,
    (base, site): (Option<&Url>, Option<&Url>),
) -> RawEntryValues {
    let language = raw.language.as_deref().or(language);
    let base = absolute_url::join_base(base, raw.base.as_deref());
    let guid = raw.guid.as_deref().filter(|guid| {
        raw.guid_is_permalink != Some(false) && absolute_url::absolute_web_url(guid, None).is_some()
    });
    let link = feed_context::raw_page_link(&raw.links, language, base.as_ref()).or(guid);
    RawEntryValues {
        url: link.and_then(|link| absolute_url::absolute_web_url(link, base.as_ref().or(site))),
        link: link.map(|link| resolve_or_keep(link.trim(), base.as_ref())),
        published: raw.published.clone(),
        updated: raw.updated.clone(),
        categories: raw.categories.iter().map(category_as_written).collect(),
    }
}

/// The text of a category that is meant for people.
fn category_as_written(raw: &RawCategory) -> String {
    let label = raw.label.as_deref().filter(|label| !label.trim().is_empty());
    label.unwrap_or(&raw.term).trim().to_owned()
}

/// An address resolved against the base that the document states; unchanged if there is no base.
fn resolve_or_keep(link: &str, base: Option<&Url>) -> String {
    absolute_url::absolute_web_url(link, base).unwrap_or_else(|| {
        let joined = base.filter(|_| Url::parse(link).is_err()).and_then(|b| b.join(link).ok());
        joined.map_or_else(|| link.to_owned(), String::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RawLink;

    #[test]
    fn links_stay_as_written() {
        let check = |base: Option<&str>, link: &str, expected: &str| {
            let links = vec![RawLink { href: link.into(), ..RawLink::default() }];
            let entry = RawEntry { links, base: base.map(Into::into), ..RawEntry::default() };
            let raw = RawFeed { entries: vec![entry], ..RawFeed::default() };
            let words = raw_entry_values(&raw, &SourceHints::default());
            assert_eq!(words[0].link.as_deref(), Some(expected), "{link}");
        };
        check(None, "https://a.example/x?utm_source=rss", "https://a.example/x?utm_source=rss");
        check(None, "/x", "/x");
        check(Some("https://a.example/y/"), "x", "https://a.example/y/x");
        check(Some("https://a.example/y/"), "gemini://a.example/x", "gemini://a.example/x");
    }

    #[test]
    fn links_for_use_are_absolute() {
        let check = |site: &str, link: &str, expected: Option<&str>| {
            let link_to = |href: &str| vec![RawLink { href: href.into(), ..RawLink::default() }];
            let entry = RawEntry { links: link_to(link), ..RawEntry::default() };
            let links = link_to(site);
            let raw = RawFeed { links, entries: vec![entry], ..RawFeed::default() };
            let values = raw_entry_values(&raw, &SourceHints::default());
            assert_eq!(values[0].url.as_deref(), expected, "{link}");
            assert_eq!(values[0].link.as_deref(), Some(link));
        };
        let site = "https://a.example/";
        check(site, "x?utm_source=rss", Some("https://a.example/x?utm_source=rss"));
        check(site, "https://b.example/x", Some("https://b.example/x"));
        check(site, "javascript:open(1)", None);
        check(site, "mailto:a@a.example", None);
        check("/", "x", None);
    }
}
