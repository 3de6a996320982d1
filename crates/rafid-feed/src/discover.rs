//! An HTML page → the feeds that it names (`<link rel="alternate">`, HTML Living Standard section 4.6.7),
//! links in its text that look like feeds, and the customary addresses to try when it has neither.

use url::Url;

use super::markup::{MarkupTag, MarkupToken, Scanner};

/// Only this much of a page is searched: the links are in its head.
const SEARCHED_BYTES: usize = 512 * 1024;
/// A page that names more feeds does not help to choose one.
const MOST_CANDIDATES: usize = 50;

/// Customary addresses of feeds: `/feed/` is WordPress's, `/feeds/posts/default` Blogger's.
const WELL_KNOWN: [&str; 10] = [
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/ar/rss",
    "/feeds/posts/default",
    "/feed.json",
];

/// How many of them are tried below a path, too: those of blogs and of sections of a site.
const MOST_BELOW_PATH: usize = 8;

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedCandidate {
    /// Its address, absolute `http(s)`.
    pub url: Url,
    /// The page's name for it.
    pub title: Option<String>,
    /// The media type that the page states.
    pub media_type: String,
}

/// The feeds that a page names, in the page's order, without repeats. Comment feeds come last.
pub fn feeds_in(html: &str, base: &Url) -> Vec<FeedCandidate> {
    let mut base = base.clone();
    let mut found: Vec<FeedCandidate> = Vec::new();
    for tag in start_tags(html) {
        if tag.name.eq_ignore_ascii_case("base") {
            if let Some(href) = attribute(&tag, "href")
                && let Ok(url) = base.join(href.trim())
            {
                base = url;
            }
        } else if tag.name.eq_ignore_ascii_case("link")
            && let Some(candidate) = feed_candidate(&tag, &base)
            && found.iter().all(|other| other.url != candidate.url)
        {
            found.push(candidate);
            if found.len() == MOST_CANDIDATES {
                break;
            }
        }
    }
    found.sort_by_key(|candidate| is_comments(&candidate.url));
    found
}

/// Links in a page's text whose addresses look like those of feeds, in the page's order, without repeats:
/// worth a try, not more.
pub fn feed_like_links_in(html: &str, base: &Url) -> Vec<Url> {
    let mut base = base.clone();
    let mut found: Vec<Url> = Vec::new();
    for tag in start_tags(html) {
        let Some(url) = attribute(&tag, "href").and_then(|href| base.join(href.trim()).ok()) else {
            continue;
        };
        if tag.name.eq_ignore_ascii_case("base") {
            base = url;
        } else if tag.name.eq_ignore_ascii_case("a")
            && matches!(url.scheme(), "http" | "https")
            && (is_feed_like(&url)
                || attribute(&tag, "type").is_some_and(|kind| is_feed_type(&kind)))
            && !found.contains(&url)
        {
            found.push(url);
            if found.len() == MOST_CANDIDATES {
                break;
            }
        }
    }
    found.sort_by_key(is_comments);
    found
}

/// Words in a path or a query that indicate a feed.
const FEED_WORDS: [&str; 7] = ["atom", "feed", "feeds", "rdf", "rss", "rss2", "xmlfeed"];
/// XML files that are not feeds.
const OTHER_XML: [&str; 3] = ["sitemap", "opensearch", "browserconfig"];

fn is_feed_like(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    let is_word = |word: &str| FEED_WORDS.contains(&word);
    let has_ending = match file.rsplit_once('.') {
        Some((name, "xml")) => !OTHER_XML.iter().any(|other| name.contains(other)),
        Some((_, ending)) => is_word(ending),
        None => false,
    };
    let query = url.query().unwrap_or_default().to_ascii_lowercase();
    let values = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    has_ending || path.split(['/', '.']).any(is_word) || { values }.any(is_word)
}

/// The customary addresses of a site's feeds, in the order to try them: first below the given path, as a
/// section of a site may have its own feed, then at the root.
pub fn well_known_addresses(site: &Url) -> Vec<Url> {
    let below = folder_of(site).into_iter().flat_map(|folder| {
        let own = WELL_KNOWN.iter().take(MOST_BELOW_PATH);
        own.filter_map(move |path| folder.join(path.trim_start_matches('/')).ok())
    });
    let mut all: Vec<Url> = Vec::new();
    for url in below.chain(WELL_KNOWN.iter().filter_map(|path| site.join(path).ok())) {
        if !all.contains(&url) {
            all.push(url);
        }
    }
    all
}

/// The folder of an address: the address itself, unless it names a file. `None`: the root.
fn folder_of(site: &Url) -> Option<Url> {
    let path = site.path();
    let (folders, file) = path.rsplit_once('/')?;
    let folder = if file.is_empty() || file.contains('.') {
        format!("{folders}/")
    } else {
        format!("{path}/")
    };
    let mut url = site.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&folder);
    (folder != "/").then_some(url)
}

fn feed_candidate(tag: &MarkupTag<'_>, base: &Url) -> Option<FeedCandidate> {
    let rel = attribute(tag, "rel")?;
    let is_feed_word =
        |word: &str| word.eq_ignore_ascii_case("alternate") || word.eq_ignore_ascii_case("feed");
    if !rel.split_ascii_whitespace().any(is_feed_word) {
        return None;
    }
    let media_type = attribute(tag, "type")?.trim().to_ascii_lowercase();
    if !is_feed_type(&media_type) {
        return None;
    }
    let url = base.join(attribute(tag, "href")?.trim()).ok()?;
    let title = attribute(tag, "title").filter(|title| !title.trim().is_empty());
    matches!(url.scheme(), "http" | "https").then_some(FeedCandidate { url, title, media_type })
}

/// Whether a media type is one of a feed.
fn is_feed_type(media_type: &str) -> bool {
    let media_type = media_type.trim().to_ascii_lowercase();
    ["rss+xml", "atom+xml", "rdf+xml", "feed+json"].iter().any(|kind| media_type.contains(kind))
        || matches!(media_type.as_str(), "text/xml" | "application/xml")
}

fn is_comments(url: &Url) -> bool {
    url.path().contains("/comments")
}

/// The start tags of the searched part of a page, including one that is cut at its end.
pub(crate) fn start_tags(html: &str) -> impl Iterator<Item = MarkupTag<'_>> {
    let end = html.floor_char_boundary(SEARCHED_BYTES);
    Scanner::new(&html[..end]).filter_map(|token| match token {
        MarkupToken::Start(tag) => Some(tag),
        MarkupToken::Unfinished(raw) => MarkupTag::broken_off(raw),
        _ => None,
    })
}

/// An attribute's value, entities resolved.
pub(crate) fn attribute(tag: &MarkupTag<'_>, searched: &str) -> Option<String> {
    let (_, value) = tag.attributes().find(|(name, _)| name.eq_ignore_ascii_case(searched))?;
    Some(htmlize::unescape_attribute(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[&str]) {
        let base = Url::parse("https://news.example/ar/").unwrap();
        let found = feeds_in(html, &base);
        let urls: Vec<_> = found.iter().map(|candidate| candidate.url.as_str()).collect();
        assert_eq!(urls, expected, "{html}");
    }

    #[test]
    fn pages_name_their_feeds_in_many_ways() {
        let rss = "type='application/rss+xml'";
        check(&format!("<link rel='alternate' {rss} href='/rss'>"), &["https://news.example/rss"]);
        check(&format!("<LINK REL=Alternate {rss} HREF=feed>"), &["https://news.example/ar/feed"]);
        check(
            &format!(
                "<base href='https://b.example/x/'><link {rss} rel='home alternate' href='f?a=1&amp;b=2'/>"
            ),
            &["https://b.example/x/f?a=1&b=2"],
        );
        check(&format!("<!-- <link rel=alternate {rss} href=/a> --><p>"), &[]);
        check(&format!("<link rel=stylesheet {rss} href=/a>"), &[]);
        check("<link rel=alternate hreflang=en href=/en>", &[]);
        check(&format!("<link rel=alternate {rss} href='javascript:x'>"), &[]);
        check(
            &format!(
                "<link rel=alternate {rss} href=/comments/feed><link rel=alternate {rss} href=/f><link rel=alternate {rss} href=/f>"
            ),
            &["https://news.example/f", "https://news.example/comments/feed"],
        );
        check(
            &format!("<a title='>' href=x><link rel=alternate {rss} title='a > b' href=/f"),
            &["https://news.example/f"],
        );
        check(
            &format!("<a title=\"x><link rel=alternate {rss} href=/f><!--> <p>"),
            &["https://news.example/f"],
        );
    }

    #[test]
    fn the_customary_addresses_are_of_the_same_site_below_the_path_first() {
        let check = |site: &str, expected: &[&str]| {
            let urls = well_known_addresses(&Url::parse(site).unwrap());
            let urls: Vec<&str> = urls.iter().map(Url::as_str).collect();
            assert!(urls.iter().all(|url| url.starts_with("https://news.example/")), "{urls:?}");
            assert_eq!(urls.first_chunk::<2>().unwrap(), expected, "{site}");
            assert!(urls.contains(&"https://news.example/feed/"), "{site}");
        };
        let below = ["https://news.example/ar/feed/", "https://news.example/ar/rss"];
        check("https://news.example/ar/index.html?x=1", &below);
        check("https://news.example/ar/", &below);
        check("https://news.example/ar", &below);
        let root = ["https://news.example/feed/", "https://news.example/rss"];
        check("https://news.example/", &root);
        check("https://news.example/index.php", &root);
        assert_eq!(
            well_known_addresses(&Url::parse("https://news.example").unwrap()).len(),
            WELL_KNOWN.len()
        );
    }

    #[test]
    fn links_of_the_text_that_look_like_feeds_are_worth_a_try() {
        let base = Url::parse("https://news.example/ar/").unwrap();
        let check = |html: &str, expected: &[&str]| {
            let urls: Vec<String> =
                feed_like_links_in(html, &base).into_iter().map(Into::into).collect();
            assert_eq!(urls, expected, "{html}");
        };
        check(
            "<a href='all.rss'>x</a><A HREF=/rss>",
            &["https://news.example/ar/all.rss", "https://news.example/rss"],
        );
        check(
            "<a href='?format=feed'><a href=/x type='application/rss+xml'>",
            &["https://news.example/ar/?format=feed", "https://news.example/x"],
        );
        check(
            "<a href=/comments/feed><a href=https://b.example/feed.xml>",
            &["https://b.example/feed.xml", "https://news.example/comments/feed"],
        );
        check("<a href=/sitemap.xml><a href=/feedback><a href=/about><a>", &[]);
        check("<a href='javascript:feed'><link href=/rss><a href=feed://x>", &[]);
    }

    proptest::proptest! {
        #[test]
        fn no_page_causes_a_panic(html in "[<>!a-z='\" /-]{0,200}|\\PC{0,100}") {
            let _ = feeds_in(&html, &Url::parse("https://a.example/").unwrap());
        }
    }
}
