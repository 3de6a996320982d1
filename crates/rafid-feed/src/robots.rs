//! A site's `robots.txt` → whether a page may be fetched, and how slowly (RFC 9309).
//!
//! The group for the given product applies, else the group for all. Of its rules the longest match applies,
//! and of two equally long ones the one that allows (section 2.2.2). `Crawl-delay` is not part of the RFC
//! and is respected anyway. Paths are compared in a uniform spelling: only what must be escaped is escaped,
//! in capital letters.

use url::Url;

/// Bytes that are read (RFC 9309 section 2.5: at least 500 kibibytes).
const MOST_BYTES: usize = 512 * 1024;
/// Rules of one group that are kept; the largest files have several thousand.
const MOST_RULES: usize = 10_000;
/// Bytes of a rule's path: addresses are not longer.
const LONGEST_RULE: usize = 8 * 1024;
/// Seconds of a `Crawl-delay` that are respected, at most: a longer delay means that no one may come, for
/// which there is a rule.
const MOST_DELAY_SECONDS: f64 = 3_600.0;
/// Milliseconds of a second.
const MILLIS: f64 = 1_000.0;

/// What a site allows one client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Robots {
    rules: Vec<RobotsRule>,
    crawl_delay_millis: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RobotsRule {
    is_allowing: bool,
    path: String,
}

/// The rules of one group.
#[derive(Default)]
struct RobotsGroup {
    rules: Vec<RobotsRule>,
    delay: Option<u64>,
}

impl Robots {
    /// What is allowed without a `robots.txt`: everything (section 2.3.1.3).
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// What is allowed when `robots.txt` cannot be fetched: nothing (section 2.3.1.4).
    pub fn deny_all() -> Self {
        let rules = vec![RobotsRule { is_allowing: false, path: "/".to_owned() }];
        Self { rules, crawl_delay_millis: None }
    }

    /// Reads a file for the client with this product token (`Rafid`).
    pub fn parse(text: &str, product: &str) -> Self {
        let text = &text[..text.floor_char_boundary(MOST_BYTES)];
        let (mut own, mut all) = (RobotsGroup::default(), RobotsGroup::default());
        let (mut is_own, mut is_all, mut is_named) = (false, false, false);
        let mut was_agent = false;
        for (key, value) in text.lines().filter_map(split_line) {
            let is_agent = key.eq_ignore_ascii_case("user-agent");
            if is_agent {
                if !was_agent {
                    (is_own, is_all) = (false, false);
                }
                is_own |= names_product(value, product);
                is_all |= value == "*";
                is_named |= is_own;
            }
            was_agent = is_agent || (was_agent && !is_rule(key));
            for (is_addressed, group) in [(is_own, &mut own), (is_all, &mut all)] {
                if is_addressed {
                    group.add_line(key, value);
                }
            }
        }
        let RobotsGroup { rules, delay } = if is_named { own } else { all };
        Self { rules, crawl_delay_millis: delay }
    }

    /// Whether a page may be fetched.
    pub fn allows(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let path = uniform_path(&path);
        if path == "/robots.txt" {
            return true;
        }
        let matching = self.rules.iter().filter(|rule| rule_matches(&rule.path, &path));
        let best = matching.max_by_key(|rule| (rule.path.len(), rule.is_allowing));
        best.is_none_or(|rule| rule.is_allowing)
    }

    /// Milliseconds between two requests, at least; `None`: there is no such rule.
    pub fn crawl_delay_millis(&self) -> Option<u64> {
        self.crawl_delay_millis
    }
}

impl RobotsGroup {
    fn add_line(&mut self, key: &str, value: &str) {
        let is_allowing = key.eq_ignore_ascii_case("allow");
        if is_allowing || key.eq_ignore_ascii_case("disallow") {
            // An empty rule allows everything, as having no rule does (section 2.2.2).
            if !value.is_empty() && value.len() <= LONGEST_RULE && self.rules.len() < MOST_RULES {
                self.rules.push(RobotsRule { is_allowing, path: uniform_path(value) });
            }
        } else if key.eq_ignore_ascii_case("crawl-delay") {
            self.delay = self.delay.max(value.parse().ok().and_then(to_millis));
        }
    }
}

/// A number of seconds in milliseconds, at most the limit.
fn to_millis(seconds: f64) -> Option<u64> {
    let limited =
        (seconds.is_finite() && seconds >= 0.0).then(|| seconds.min(MOST_DELAY_SECONDS))?;
    // The number is within the limit, so no significant bit is lost.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((limited * MILLIS).round() as u64)
}

/// Lines that end the list of clients of a group; others (`Sitemap`) may be anywhere.
fn is_rule(key: &str) -> bool {
    ["allow", "disallow", "crawl-delay"].iter().any(|rule| key.eq_ignore_ascii_case(rule))
}

fn split_line(line: &str) -> Option<(&str, &str)> {
    let rule = line.split('#').next().unwrap_or_default();
    let (key, value) = rule.split_once(':')?;
    Some((key.trim().trim_start_matches('\u{feff}'), value.trim()))
}

/// Section 2.2.1: the product token, in any case; a version after it is ignored.
fn names_product(value: &str, product: &str) -> bool {
    let token = value.split(['/', ' ']).next().unwrap_or_default();
    token.eq_ignore_ascii_case(product)
}

/// Whether a rule matches the beginning of a path: `*` is any text, `$` at the end is the end (section
/// 2.2.3). Linear in the path for every piece of the rule.
fn rule_matches(rule: &str, path: &str) -> bool {
    let (rule, is_whole) = rule.strip_suffix('$').map_or((rule, false), |rule| (rule, true));
    let mut pieces = rule.split('*');
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, inner)) = pieces.split_last() else { return !is_whole || rest.is_empty() };
    for piece in inner {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    if is_whole { rest.ends_with(last) } else { rest.contains(last) }
}

/// A path with every non-ASCII byte escaped, unnecessary escapes resolved, and the escapes in capital
/// letters (section 2.2.2).
fn uniform_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| hex_byte(bytes.get(at + 1..at + 3)?)).flatten();
        at += if escaped.is_some() { 3 } else { 1 };
        match escaped {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
            }
            Some(byte) => push_escape(&mut out, byte),
            None if byte.is_ascii_graphic() => out.push(char::from(*byte)),
            None => push_escape(&mut out, *byte),
        }
    }
    out
}

fn hex_byte(two: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(two).ok()?;
    (text.len() == 2).then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

fn push_escape(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 0x0F)]);
    out.extend(['%', digit(byte >> 4), digit(byte)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, expected: bool) {
        let url = Url::parse(&format!("https://news.example{path}")).unwrap();
        assert_eq!(Robots::parse(text, "Rafid").allows(&url), expected, "{text:?} {path}");
    }

    #[test]
    fn the_longest_rule_applies_and_of_two_the_one_that_allows() {
        let text = "User-agent: *\nDisallow: /news\nAllow: /news/open\nDisallow: /a$\nAllow: /b\nDisallow: /b";
        check(text, "/news/1", false);
        check(text, "/newsroom", false);
        check(text, "/news/open/1", true);
        check(text, "/", true);
        check(text, "/a", false);
        check(text, "/a/1", true);
        check(text, "/b", true);
    }

    #[test]
    fn only_the_group_of_the_product_applies() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nUser-agent: rafid/1.0\nDisallow: /private\n\
                    Sitemap: https://news.example/map\nUser-agent: RAFID\nDisallow: /more";
        check(text, "/news", true);
        check(text, "/private", false);
        check(text, "/more", false);
        check("User-agent: Rafidain\nDisallow: /", "/news", true);
        check("User-agent: Rafid\nDisallow:\nUser-agent: *\nDisallow: /", "/news", true);
        check("Disallow: /", "/news", true);
        check("User-agent: *\nSitemap: x\nUser-agent: Bing\nDisallow: /", "/news", false);
    }

    #[test]
    fn stars_and_ends() {
        let check = |rule: &str, path: &str, expected: bool| {
            assert_eq!(rule_matches(rule, path), expected, "{rule} {path}");
        };
        check("/*.pdf$", "/a/b.pdf", true);
        check("/*.pdf$", "/a/b.pdf?x", false);
        check("/*?print", "/a?print=1", true);
        check("/a*b*c", "/axxbxxc/more", true);
        check("/a*b*c", "/acb", false);
        check("*", "/x", true);
        check("/x$", "/x", true);
        check("/a*a$", "/a", false);
        check("/a**b", "/ab", true);
    }

    #[test]
    fn paths_are_compared_in_one_spelling() {
        check("User-agent: *\nDisallow: /أخبار", "/أخبار/1", false);
        check("User-agent: *\nDisallow: /%d8%A3خبار", "/أخبار/1", false);
        check("User-agent: *\nDisallow: /%6eews", "/news", false);
        check("User-agent: *\nDisallow: /a%2Fb", "/a/b", true);
        check("User-agent: *\nDisallow: /a%", "/a%", false);
    }

    #[test]
    fn comments_marks_and_mistakes() {
        check("\u{feff}User-Agent : *  # all\r\n disallow : /x # not this\r\n", "/x", false);
        check("<html>not found</html>", "/x", true);
        check("User-agent: *\nDisallow: /", "/robots.txt", true);
        let delay = |value: &str| {
            Robots::parse(&format!("User-agent: *\nCrawl-delay: {value}"), "Rafid")
                .crawl_delay_millis()
        };
        assert_eq!(delay("120"), Some(120_000));
        assert_eq!(delay("0.5"), Some(500));
        assert_eq!(delay("9999999"), Some(3_600_000));
        assert_eq!((delay("-1"), delay("NaN"), delay("soon")), (None, None, None));
    }

    #[test]
    fn without_a_file_and_without_an_answer() {
        let url = Url::parse("https://news.example/x").unwrap();
        assert!(Robots::allow_all().allows(&url));
        assert!(!Robots::deny_all().allows(&url));
    }

    #[test]
    fn floods_are_bounded() {
        let flood = format!("User-agent: *\n{}", "Disallow: /*a*a*a*a*a*b\n".repeat(30_000));
        let robots = Robots::parse(&flood, "Rafid");
        assert_eq!(robots.rules.len(), MOST_RULES);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(User-agent: \\*\n|Disallow: [/*$%a-f0-9ا-ي]{0,9}\n|[:#\n ]){0,20}", path in "/[a-f%0-9*$ا-ي]{0,20}") {
            if let Ok(url) = Url::parse(&format!("https://news.example{path}")) {
                let _ = Robots::parse(&text, "Rafid").allows(&url);
            }
        }
    }
}
