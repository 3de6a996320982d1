//! An HTML page → the feeds that it names (`<link rel="alternate">`, HTML Living Standard section
//! 4.6.7), and the customary addresses to try when it names none.

use url::Url;

/// Only so much of a page is looked at: links stand in the head.
const SEARCHED_BYTES: usize = 512 * 1024;
/// A page that names more feeds than this is no help.
const MOST: usize = 50;

/// Where feeds customarily are: `/feed/` is WordPress's, `/feeds/posts/default` Blogger's.
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

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its address, absolute `http(s)`.
    pub url: Url,
    /// What the page calls it.
    pub title: Option<String>,
    /// The media type the page claims.
    pub media_type: String,
}

/// The feeds that a page names, in the page's order, without repeats. Comment feeds come last.
pub fn feeds_in(html: &str, base: &Url) -> Vec<Candidate> {
    let mut base = base.clone();
    let mut found: Vec<Candidate> = Vec::new();
    for tag in Tags::of(html) {
        if tag.name.eq_ignore_ascii_case("base") {
            if let Some(href) = tag.attribute("href")
                && let Ok(url) = base.join(href.trim())
            {
                base = url;
            }
        } else if tag.name.eq_ignore_ascii_case("link")
            && let Some(candidate) = candidate(&tag, &base)
            && found.iter().all(|other| other.url != candidate.url)
        {
            found.push(candidate);
            if found.len() == MOST {
                break;
            }
        }
    }
    found.sort_by_key(|candidate| is_comments(&candidate.url));
    found
}

/// The customary addresses of a site's feeds, to be tried one after another.
pub fn well_known(site: &Url) -> Vec<Url> {
    WELL_KNOWN.iter().filter_map(|path| site.join(path).ok()).collect()
}

fn candidate(tag: &Tag<'_>, base: &Url) -> Option<Candidate> {
    let rel = tag.attribute("rel")?;
    let is_feed_word =
        |word: &str| word.eq_ignore_ascii_case("alternate") || word.eq_ignore_ascii_case("feed");
    if !rel.split_ascii_whitespace().any(is_feed_word) {
        return None;
    }
    let media_type = tag.attribute("type")?.trim().to_ascii_lowercase();
    let is_feed = ["rss+xml", "atom+xml", "rdf+xml", "feed+json"]
        .iter()
        .any(|kind| media_type.contains(kind))
        || matches!(media_type.as_str(), "text/xml" | "application/xml");
    if !is_feed {
        return None;
    }
    let url = base.join(tag.attribute("href")?.trim()).ok()?;
    let title = tag.attribute("title").filter(|title| !title.trim().is_empty());
    matches!(url.scheme(), "http" | "https").then_some(Candidate { url, title, media_type })
}

fn is_comments(url: &Url) -> bool {
    url.path().contains("/comments")
}

/// One start tag.
struct Tag<'a> {
    name: &'a str,
    rest: &'a str,
}

impl Tag<'_> {
    /// An attribute's value, entities resolved; quoted, unquoted or bare.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.rest;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end =
                rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(after) => value_of(after.trim_start()),
                None => ("", after),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(htmlize::unescape_attribute(value).into_owned());
            }
            rest = if name.is_empty() { rest.get(1..)? } else { after };
        }
    }
}

fn value_of(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let inside = text.get(1..).unwrap_or_default();
        return inside.split_once(quote).unwrap_or((inside, ""));
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// Walks a page's start tags in linear time, comments passed over.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    fn of(html: &'a str) -> Self {
        let end = (0..=SEARCHED_BYTES.min(html.len())).rev().find(|at| html.is_char_boundary(*at));
        Self { rest: html.get(..end.unwrap_or(0)).unwrap_or_default() }
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let (_, after) = self.rest.split_once('<')?;
            self.rest = after;
            if let Some(comment) = after.strip_prefix("!--") {
                self.rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            if !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let end = end_of_tag(after);
            let (tag, rest) = after.split_at(end);
            self.rest = rest;
            let cut = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
            let (name, rest) = tag.split_at(cut);
            return Some(Tag { name, rest });
        }
    }
}

/// Where a tag ends: at the first `>` outside quotes; an unclosed quote ends with the text. A quote
/// counts only behind `=`.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '>' => return at,
            None if after_equals && matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        after_equals = quote.is_none() && (c == '=' || (after_equals && c.is_ascii_whitespace()));
    }
    text.len()
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
    }

    #[test]
    fn the_customary_addresses_are_of_the_same_site() {
        let site = Url::parse("https://news.example/ar/page?x=1").unwrap();
        let urls = well_known(&site);
        assert_eq!(urls.len(), WELL_KNOWN.len());
        assert!(urls.iter().all(|url| url.as_str().starts_with("https://news.example/")));
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(html in "[<>!a-z='\" /-]{0,200}|\\PC{0,100}") {
            let _ = feeds_in(&html, &Url::parse("https://a.example/").unwrap());
        }
    }
}
