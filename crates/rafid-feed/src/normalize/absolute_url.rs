//! An address as written → an absolute address, changed as little as possible: white space and
//! control characters are removed, a space becomes `%20`, and an address that is already absolute
//! keeps every other byte.

use std::borrow::Cow;

use url::Url;

/// A longer text is not accepted as an address: servers refuse a request line of 8 KiB (the default
/// of Apache httpd and nginx).
const LONGEST_BYTES: usize = 8 * 1024;
/// A longer base is ignored, because it would be copied into every relative address of a text; real
/// ones have fewer than 300 bytes.
const LONGEST_BASE_BYTES: usize = 2 * 1024;

/// The absolute `http` or `https` address of `words`, resolved against `base`; `None`: it
/// is not a web address.
pub(super) fn absolute_web_url(words: &str, base: Option<&Url>) -> Option<String> {
    let words = trimmed_address(words)?;
    if split_plain_url(&words).is_some() {
        return Some(words.into_owned());
    }
    let is_bare = base.is_none() && !words.contains(['/', ':', '.']);
    if is_bare {
        return None;
    }
    if let Some(rest) = words.strip_prefix("//") {
        let scheme = base.map_or("https", Url::scheme);
        return parse_absolute(&format!("{scheme}://{rest}"));
    }
    if is_bare_host(&words) {
        let scheme = base.map_or("http", Url::scheme);
        return parse_absolute(&format!("{scheme}://{words}"));
    }
    match Url::parse(&words) {
        Ok(url) => keep_spelling(&words, url),
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let joined = base?.join(&words).ok()?;
            is_web(&joined).then(|| joined.into())
        }
        Err(_) => None,
    }
}

/// Schemes of what is no page of the Web and is no other service either, sorted.
const PAGELESS_SCHEMES: [&str; 6] = ["about", "blob", "data", "file", "javascript", "vbscript"];

/// Whether words can never be the address of a page, whatever they are resolved against. An address of another
/// service (`mailto:`, `magnet:`) is no page, but no fault either.
pub(super) fn is_no_address(words: &str) -> bool {
    match Url::parse(words.trim()) {
        Ok(url) => PAGELESS_SCHEMES.contains(&url.scheme()),
        Err(error) => error != url::ParseError::RelativeUrlWithoutBase,
    }
}

/// Like [`absolute_web_url`], for links in texts: `mailto` is allowed, too.
pub(super) fn absolute_web_or_mail_url(words: &str, base: Option<&Url>) -> Option<String> {
    let mail =
        words.trim_start().get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    if mail {
        return trimmed_address(words)
            .filter(|words| Url::parse(words).is_ok())
            .map(Cow::into_owned);
    }
    absolute_web_url(words, base)
}

/// A base as written (`xml:base`), joined to the outer one. A value that cannot be a base changes
/// nothing.
pub(super) fn join_base(outer: Option<&Url>, base: Option<&str>) -> Option<Url> {
    base.filter(|base| base.len() <= LONGEST_BASE_BYTES)
        .and_then(|base| absolute_web_url(base, outer))
        .and_then(|base| Url::parse(&base).ok())
        .filter(|base| base.as_str().len() <= LONGEST_BASE_BYTES)
        .or_else(|| outer.cloned())
}

/// The host without `www.`, for display.
pub(super) fn display_host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// The host of an address and the part behind it, if there is nothing to interpret: a scheme of the
/// Web in lower case; labels of letters, digits and hyphens in lower case, the last of which begins
/// with a letter (so the host is not a number: URL Standard section 3.5); no port and no user.
/// Nearly all links have this form, and every parser leaves them unchanged.
pub(super) fn split_plain_url(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let (host, behind) = rest.split_at(end.unwrap_or(rest.len()));
    let is_label = |label: &str| {
        let is_part = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        !label.is_empty() && label.bytes().all(is_part) && !label.starts_with("xn--")
    };
    let last = host.rsplit('.').next()?;
    let is_plain = last.starts_with(|c: char| c.is_ascii_lowercase())
        && host.split('.').all(is_label)
        && !behind.contains('\\');
    is_plain.then_some((host, behind))
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn parse_absolute(words: &str) -> Option<String> {
    keep_spelling(words, Url::parse(words).ok()?)
}

/// Keeps the bytes of a plain `scheme://host…`; forms that only a browser understands
/// (`http:\\host`, `https:host`) are replaced by the parsed address.
fn keep_spelling(words: &str, url: Url) -> Option<String> {
    if !is_web(&url) {
        return None;
    }
    let after = words.get(url.scheme().len()..)?;
    let is_plain = after.strip_prefix("://").is_some_and(|host| !host.starts_with(['/', '\\']));
    Some(if is_plain && !words.contains('\\') { words.to_owned() } else { url.into() })
}

/// A host without a scheme: `www.a.example/x`.
fn is_bare_host(words: &str) -> bool {
    words.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// The words without white space around them and without line breaks; `None`: nothing is left, or
/// too much. Line breaks in the middle are dropped as in the URL Standard (section 4.4).
fn trimmed_address(words: &str) -> Option<Cow<'_, str>> {
    let is_tidy = |words: &str| words.bytes().all(|byte| byte.is_ascii_graphic());
    if words.len() > LONGEST_BYTES || !is_tidy(words) {
        return trimmed_by_character(words);
    }
    (!words.is_empty()).then_some(Cow::Borrowed(words))
}

fn trimmed_by_character(words: &str) -> Option<Cow<'_, str>> {
    let words = words.trim_matches(|c: char| c.is_whitespace() || is_junk(c));
    if words.is_empty() || words.len() > LONGEST_BYTES {
        return None;
    }
    if !words.contains(|c: char| c.is_whitespace() || is_junk(c)) {
        return Some(Cow::Borrowed(words));
    }
    let mut tidy = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            c if is_junk(c) || matches!(c, '\u{2028}' | '\u{2029}') => {}
            c if c.is_whitespace() => tidy.push_str("%20"),
            c => tidy.push(c),
        }
    }
    Some(Cow::Owned(tidy))
}

/// Control characters, and the invisible characters that copying adds.
fn is_junk(c: char) -> bool {
    c.is_control()
        || super::bidi::is_control(c)
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_be_a_page() {
        for words in
            ["javascript:alert(1)", " FILE:///c:/x", "about:blank", "http://", "https://a b/"]
        {
            assert!(is_no_address(words), "{words}");
        }
        for words in ["/n/1", "", "x", "mailto:a@b.example", "magnet:?x", "https://a.example/"] {
            assert!(!is_no_address(words), "{words}");
        }
        assert!(PAGELESS_SCHEMES.is_sorted());
    }

    fn base() -> Url {
        Url::parse("https://a.example/news/1").unwrap()
    }

    #[test]
    fn absolute_addresses_keep_their_bytes() {
        let check = |words: &str, expected: Option<&str>| {
            assert_eq!(absolute_web_url(words, None).as_deref(), expected, "{words:?}");
        };
        for kept in [
            "https://a.example",
            "HTTP://A.example/x?",
            "https://a.example/أخبار?س=1&b=%d8#ف",
            "https://a.example/%D8%A?x=<\">",
            "https://مثال.example/",
        ] {
            check(kept, Some(kept));
        }
        check(" \u{200f}https://a.example/x\r\n\t ", Some("https://a.example/x"));
        check("https://a.example/\n  x y", Some("https://a.example/%20%20x%20y"));
        check("https:a.example/x", Some("https://a.example/x"));
        check("http:\\\\a.example\\x", Some("http://a.example/x"));
        check("https:///a.example/x", Some("https://a.example/x"));
        check("//a.example/x", Some("https://a.example/x"));
        check("www.a.example/x", Some("http://www.a.example/x"));
    }

    #[test]
    fn other_texts_are_not_web_addresses() {
        for words in [
            "",
            " ",
            "x",
            "/x",
            "#f",
            "http://",
            "https:///",
            "http://a b.example/",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "feed://a.example/",
            "ftp://a.example/x",
            "mailto:x@a.example",
            "urn:uuid:1",
            "tag:a.example,2026:1",
        ] {
            assert_eq!(absolute_web_url(words, None), None, "{words:?}");
            if words.contains(':') {
                assert_eq!(absolute_web_url(words, Some(&base())), None, "{words:?}");
            }
        }
        assert_eq!(
            absolute_web_url(&format!("https://a.example/{}", "x".repeat(9_000)), None),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn a_parser_does_not_change_plain_urls(
            address in "https?://([a-z0-9-]{1,4}[.]){0,3}[a-z0-9x-]{1,4}([/?#][!-~أ-ي]{0,20})?",
        ) {
            if let Some((host, _)) = split_plain_url(&address) {
                let url = Url::parse(&address).unwrap();
                proptest::prop_assert_eq!(url.host_str(), Some(host));
                proptest::prop_assert_eq!(keep_spelling(&address, url), Some(address));
            }
        }
    }

    #[test]
    fn plain_urls_are_recognized() {
        for (address, expected) in [
            ("https://a-1.example/x?y#z", Some(("a-1.example", "/x?y#z"))),
            ("http://localhost", Some(("localhost", ""))),
            ("https://a.example\\x", None),
            ("https://a.example/\\x", None),
            ("https://A.example/", None),
            ("https://a.example:80/", None),
            ("https://me@a.example/", None),
            ("https://10.0.0.1/", None),
            ("https://a.0x10/", None),
            ("https://xn--mgbh0fb.example/", None),
            ("https://a..example/", None),
            ("https:///x", None),
            ("ftp://a.example/", None),
        ] {
            assert_eq!(split_plain_url(address), expected, "{address}");
        }
    }

    #[test]
    fn relative_addresses_are_resolved() {
        let check = |words: &str, expected: &str| {
            assert_eq!(
                absolute_web_url(words, Some(&base())).as_deref(),
                Some(expected),
                "{words:?}"
            );
        };
        check("/x", "https://a.example/x");
        check("2?a=1", "https://a.example/news/2?a=1");
        check("../صورة 1.jpg", "https://a.example/%D8%B5%D9%88%D8%B1%D8%A9%201.jpg");
        check("#f", "https://a.example/news/1#f");
        check("//b.example/x", "https://b.example/x");
    }

    #[test]
    fn bases_are_joined() {
        let outer = base();
        let check = |base: Option<&str>, expected: &str| {
            let got = join_base(Some(&outer), base).unwrap();
            assert_eq!(got.as_str(), expected, "{base:?}");
        };
        check(None, "https://a.example/news/1");
        check(Some("archive/"), "https://a.example/news/archive/");
        check(Some("https://b.example/"), "https://b.example/");
        check(Some("javascript:x"), "https://a.example/news/1");
        check(Some(&format!("/{}", "x".repeat(3_000))), "https://a.example/news/1");
        assert_eq!(join_base(None, Some("/x")), None);
    }

    #[test]
    fn mail_in_texts() {
        let check = |words: &str, expected: Option<&str>| {
            assert_eq!(absolute_web_or_mail_url(words, None).as_deref(), expected, "{words:?}");
        };
        check(" MailTo:x@a.example?subject=a b", Some("MailTo:x@a.example?subject=a%20b"));
        check("https://a.example/", Some("https://a.example/"));
        check("tel:1", None);
        assert_eq!(display_host("https://www.a.example/x").as_deref(), Some("a.example"));
    }
}
