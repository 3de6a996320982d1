//! A sitemap → whether it lists news (Google's news sitemaps do), and the name of the publication. Its
//! addresses are entries and are walked like those of any feed. An index of sitemaps → the first sitemaps
//! in it, so that the operator can choose one.

use url::Url;

use super::element_roles::FieldKind;
use super::entities::Entities;
use super::feed_fields::{FeedFields, FieldText};
use super::namespaces::split_prefix;
use super::tokens::{XmlToken, XmlTokens};
use crate::model::TextKind;

/// Sitemaps of an index that are shown: an error is one line, and large sites have thousands.
const MOST_SITEMAPS_SHOWN: usize = 5;
/// Bytes of an address that is shown (the protocol allows 2,048).
const LONGEST_ADDRESS: usize = 200;

/// The web addresses of sitemaps in an index: first those with `news` in their address, in the order of the
/// index.
pub(super) fn sitemaps_in_index(text: &str) -> Vec<String> {
    let mut entities = Entities::default();
    let (mut news, mut others) = (Vec::new(), Vec::new());
    let mut is_open = false;
    for (_, token) in XmlTokens::new(text) {
        let words = match token {
            XmlToken::Start { name, .. } => {
                is_open = split_prefix(name).1.eq_ignore_ascii_case("loc");
                continue;
            }
            XmlToken::End(_) => {
                is_open = false;
                continue;
            }
            XmlToken::Text(words) if is_open => entities.resolve(words),
            XmlToken::Cdata(words) if is_open => words.into(),
            _ => continue,
        };
        let Some(address) = web_address(words.trim()) else { continue };
        let says_news = address.to_ascii_lowercase().contains("news");
        let list = if says_news { &mut news } else { &mut others };
        if list.len() < MOST_SITEMAPS_SHOWN {
            list.push(address);
        }
        if news.len() == MOST_SITEMAPS_SHOWN {
            break;
        }
    }
    news.append(&mut others);
    news.truncate(MOST_SITEMAPS_SHOWN);
    news
}

/// A short web address, percent-encoded: it cannot contain control characters for a terminal.
fn web_address(words: &str) -> Option<String> {
    let url = Url::parse(words).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(String::from(url)).filter(|address| address.len() <= LONGEST_ADDRESS)
}

/// What the error message says about the sitemaps of an index.
pub(super) fn describe_sitemaps(sitemaps: &[String]) -> String {
    match sitemaps {
        [] => "it names none that could be read".to_owned(),
        sitemaps => format!("a news sitemap can be read; it names {}", sitemaps.join(", ")),
    }
}

/// Whether a sitemap lists news: an address with `news:news`, or no address at all where the namespace of
/// news is declared (a publisher without news for two days serves that).
pub(super) fn is_news_sitemap(text: &str, root_at: usize) -> bool {
    let text = text.get(root_at..).unwrap_or_default();
    let mut is_empty = true;
    for (_, token) in XmlTokens::new(text) {
        if let XmlToken::Start { name, .. } = token {
            let local = split_prefix(name).1;
            if local.eq_ignore_ascii_case("news") {
                return true;
            }
            is_empty &= !local.eq_ignore_ascii_case("url");
        }
    }
    is_empty && text.contains("schemas/sitemap-news")
}

/// Sets the feed's title and language to the first name and language of its entries' publications.
pub(super) fn set_publication(text: &str, root_at: usize, feed: &mut FeedFields<'_>) {
    let mut entities = Entities::default();
    let mut open = None;
    let (mut name, mut language) = (None, None);
    for (_, token) in XmlTokens::new(text.get(root_at..).unwrap_or_default()) {
        let words = match token {
            XmlToken::Start { name, .. } => {
                open = publication_field(name);
                continue;
            }
            XmlToken::End(_) => {
                open = None;
                continue;
            }
            XmlToken::Text(words) if open.is_some() => entities.resolve(words),
            XmlToken::Cdata(words) => words.into(),
            _ => continue,
        };
        let words = Some(words.trim()).filter(|words| !words.is_empty()).map(ToOwned::to_owned);
        match open {
            Some(FieldKind::Title) => name = name.or(words),
            Some(_) => language = language.or(words),
            None => {}
        }
        if name.is_some() && language.is_some() {
            break;
        }
    }
    if let Some(name) = name {
        feed.title.offer(0, publication_text(name));
    }
    if let Some(language) = language {
        feed.offer_text(FieldKind::Language, 0, language.into());
    }
}

fn publication_field(name: &str) -> Option<FieldKind> {
    let (prefix, local) = split_prefix(name);
    match local.to_ascii_lowercase().as_str() {
        "name" if !prefix.is_empty() => Some(FieldKind::Title),
        "language" if !prefix.is_empty() => Some(FieldKind::Language),
        _ => None,
    }
}

fn publication_text(value: String) -> FieldText<'static> {
    FieldText {
        value: value.into(),
        kind: TextKind::Unspecified,
        language: None,
        direction: None,
        base: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RepairError, repair};
    use super::*;

    #[test]
    fn sitemaps_with_and_without_news() {
        let check = |inside: &str, expected: bool| {
            assert_eq!(is_news_sitemap(inside, 0), expected, "{inside}");
        };
        let declared = "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>";
        check(&format!("{declared}<url><loc>x</loc><n:news/></url>"), true);
        check(&format!("{declared}</urlset>"), true);
        check(&format!("{declared}<url><loc>x</loc></url>"), false);
        check("<urlset></urlset>", false);
        check("<urlset><URL><news:NEWS>", true);
        assert_eq!(
            repair("<urlset><url><loc>x</loc></url></urlset>"),
            Err(RepairError::SitemapWithoutNews)
        );
    }

    #[test]
    fn an_index_lists_its_news_sitemaps_first() {
        let check = |inside: &str, expected: &[&str]| {
            let text = format!("<sitemapindex>{inside}</sitemapindex>");
            assert_eq!(sitemaps_in_index(&text), expected, "{inside}");
        };
        check("", &[]);
        check(
            "<sitemap><loc> https://a.example/pages.xml?a=1&amp;b=2\n</loc><lastmod>2026</lastmod>\
             </sitemap><sitemap><loc><![CDATA[https://a.example/News.xml]]></loc></sitemap>",
            &["https://a.example/News.xml", "https://a.example/pages.xml?a=1&b=2"],
        );
        check("<sitemap><s:LOC>https://a.example/1</s:LOC>", &["https://a.example/1"]);
        check("<loc>javascript:news</loc><loc>/news.xml</loc><loc></loc>", &[]);
        check("<loc>https://a.example/\u{202e}</loc>", &["https://a.example/%E2%80%AE"]);
        check(&format!("<loc>https://a.example/{}</loc>", "x".repeat(300)), &[]);
        let first: Vec<String> = (0..5).map(|n| format!("https://a.example/{n}")).collect();
        let first: Vec<&str> = first.iter().map(String::as_str).collect();
        let many =
            format!("<loc>{}</loc>", first.join("</loc><loc>")) + "<loc>https://x.example/</loc>";
        check(&many, &first);
        let last = ["https://a.example/news", first[0], first[1], first[2], first[3]];
        check(&format!("{many}<loc>https://a.example/news</loc>"), &last);
    }

    #[test]
    fn the_first_publication_names_the_feed() {
        let mut feed = FeedFields::default();
        let text = "<urlset><url><news:news><news:publication><news:name> أ &amp; ب </news:name>\
                    <news:language>ar</news:language></news:publication></news:news></url>\
                    <url><news:name>ج</news:name></url>";
        set_publication(text, 0, &mut feed);
        assert_eq!(
            feed.title.take_best().map(|title| title.value.into_owned()),
            Some("أ & ب".into())
        );
        assert_eq!(feed.take_text(FieldKind::Language).as_deref(), Some("ar"));
    }
}
