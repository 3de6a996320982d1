//! An entry's own words about where and when, for explaining what was made of them: the link with
//! its trackers, the dates and categories as written.

use url::Url;

use super::{SourceHints, absolute_url, feed_context};
use crate::model::{RawCategory, RawEntry, RawEntryValues, RawFeed};

/// The words of every entry, in document order.
pub fn raw_entry_values(raw: &RawFeed, hints: &SourceHints<'_>) -> Vec<RawEntryValues> {
    let base = absolute_url::join_base(hints.url, raw.base.as_deref());
    raw.entries.iter().map(|entry| raw_values_of(entry, base.as_ref())).collect()
}

fn raw_values_of(raw: &RawEntry, base: Option<&Url>) -> RawEntryValues {
    let base = absolute_url::join_base(base, raw.base.as_deref());
    let guid = raw.guid.as_deref().filter(|guid| {
        raw.guid_is_permalink != Some(false) && absolute_url::absolute_web_url(guid, None).is_some()
    });
    let link = feed_context::raw_page_link(&raw.links, base.as_ref()).or(guid);
    RawEntryValues {
        link: link.map(|link| resolve_or_keep(link.trim(), base.as_ref())),
        published: raw.published.clone(),
        updated: raw.updated.clone(),
        categories: raw.categories.iter().map(category_as_written).collect(),
    }
}

/// A category by the words that are meant to be read.
fn category_as_written(raw: &RawCategory) -> String {
    let label = raw.label.as_deref().filter(|label| !label.trim().is_empty());
    label.unwrap_or(&raw.term).trim().to_owned()
}

/// An address against the base that the document states; as it is where none is.
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
    fn links_are_told_as_they_were_said() {
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
}
