//! An address → a form that is the same for all its spellings: for recognizing an entry, never for
//! display and never for requests.
//!
//! Dropped: the scheme, `www.`, `m.` and `amp.` before the host, the default port, user and
//! password, trackers, marks of AMP pages, a slash at the end, the fragment (unless it is a path:
//! `#!/x`, `#/x`). The host is in lower case, and percent-encoding is uniform: UTF-8, upper-case
//! hex, only where it is required.

use url::Url;

use super::{absolute_url, link};

/// Prefixes of hosts that serve the same page as the host without them, in the order of their
/// removal.
const HOST_PREFIXES: &[&str] = &["www.", "amp.", "m."];

/// Ends of paths that serve the same page as the path without them.
const PATH_ENDS: &[&str] = &["/amp", "/amp.html"];

/// Parameters that request another format of the same page.
const ALTERNATE_FORMATS: &[&str] = &["amp", "amp=1", "amp=true", "output=amp", "outputtype=amp"];

/// The form of an address for comparing; `None`: it is not an absolute web address.
pub fn link_form(address: &str) -> Option<String> {
    let mut form = String::with_capacity(address.len());
    push_link_form(&mut form, address).then_some(form)
}

/// Appends the form; `false`: nothing is appended, as it is not an absolute web address.
pub(super) fn push_link_form(out: &mut String, address: &str) -> bool {
    let Some((host, behind)) =
        absolute_url::split_plain_url(address).filter(|(_, behind)| is_uniform(behind))
    else {
        return push_parsed(out, address);
    };
    let (behind, fragment) = behind.split_once('#').unwrap_or((behind, ""));
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    out.push_str(without_prefixes(host));
    push_path_and_query(out, path, query, fragment);
    true
}

/// The same for any address, with a URL parser.
fn push_parsed(out: &mut String, address: &str) -> bool {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host_str()?))) else {
        return false;
    };
    out.push_str(without_prefixes(host));
    if let Some(port) = url.port() {
        out.push(':');
        out.push_str(&port.to_string());
    }
    let (query, fragment) = (url.query().unwrap_or_default(), url.fragment().unwrap_or_default());
    push_path_and_query(out, url.path(), query, fragment);
    true
}

/// Whether a parser would only percent-encode the letters of other scripts behind the host, which
/// this module does, too: there are no dot segments and no signs that some parts must encode.
fn is_uniform(behind: &str) -> bool {
    let is_kept = |byte: u8| {
        !byte.is_ascii() || byte.is_ascii_alphanumeric() || b"-._~!$&()*+,;=:@/?#%".contains(&byte)
    };
    behind.bytes().all(is_kept)
        && !behind.contains("/.")
        && !behind.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"%2e"))
}

fn push_path_and_query(out: &mut String, path: &str, query: &str, fragment: &str) {
    let path = path.trim_end_matches('/');
    let path = PATH_ENDS.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    push_uniform(out, path.trim_end_matches('/'));
    let mut mark = '?';
    for parameter in query.split('&') {
        let is_format =
            ALTERNATE_FORMATS.iter().any(|format| parameter.eq_ignore_ascii_case(format));
        if !parameter.is_empty() && !is_format && !link::is_tracker(parameter) {
            out.push(mark);
            push_uniform(out, parameter);
            mark = '&';
        }
    }
    if fragment.starts_with(['!', '/']) {
        out.push('#');
        push_uniform(out, fragment);
    }
}

/// Whether a form is the home page of a site.
pub(super) fn is_home_page(form: &str) -> bool {
    !form.contains(['/', '?', '#'])
}

fn without_prefixes(host: &str) -> &str {
    let mut host = host.trim_end_matches('.');
    for prefix in HOST_PREFIXES {
        if let Some(rest) = host.strip_prefix(prefix)
            && rest.contains('.')
        {
            host = rest;
        }
    }
    host
}

/// Appends a part of an address with uniform percent-encoding (RFC 3986 section 6.2.2).
fn push_uniform(form: &mut String, part: &str) {
    let mut rest = part;
    while let Some(at) = rest.bytes().position(|byte| byte == b'%' || !byte.is_ascii()) {
        let (kept, odd) = rest.split_at(at);
        form.push_str(kept);
        let decoded =
            odd.strip_prefix('%').and_then(|behind| hex_pair(behind.as_bytes().get(..2)?));
        match decoded {
            Some(plain) if is_unreserved(plain) => form.push(char::from(plain)),
            Some(plain) => push_encoded(form, plain),
            None if odd.starts_with('%') => form.push('%'),
            None => {}
        }
        let used = if decoded.is_some() { 3 } else { odd.chars().next().map_or(1, char::len_utf8) };
        let (letter, behind) = odd.split_at(used);
        rest = behind;
        if !letter.starts_with('%') {
            letter.bytes().for_each(|byte| push_encoded(form, byte));
        }
    }
    form.push_str(rest);
}

fn push_encoded(form: &mut String, byte: u8) {
    let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
    form.extend(['%', digit(byte >> 4), digit(byte)]);
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    }
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_have_one_form() {
        let check = |address: &str, expected: &str| {
            assert_eq!(link_form(address).as_deref(), Some(expected), "{address}");
        };
        check("http://www.A.example/x/", "a.example/x");
        check("https://a.example:443/x", "a.example/x");
        check("https://a.example:8443/x", "a.example:8443/x");
        check("https://m.a.example/x?utm_source=rss&id=7#top", "a.example/x?id=7");
        check("https://www.amp.a.example/x/amp/", "a.example/x");
        check("https://a.example/x/amp.html?amp=1&OutputType=AMP&amp", "a.example/x");
        check("https://a.example/خبر", "a.example/%D8%AE%D8%A8%D8%B1");
        check("https://a.example/%d8%ae%d8%a8%d8%b1", "a.example/%D8%AE%D8%A8%D8%B1");
        check("https://a.example/%61%2f%D8%A", "a.example/a%2F%D8%A");
        check("https://user:secret@a.example./", "a.example");
        check("https://a.example/#!/news/1", "a.example#!/news/1");
        check("https://a.example/?p=1", "a.example?p=1");
        check("https://www.example/x", "www.example/x");
        check("https://amphibian.example/camp", "amphibian.example/camp");
        assert_eq!(link_form("urn:x"), None);
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_same_way(
            address in "https?://(www[.]|m[.])?[a-z]{1,4}[.]example([/?#.]|%2[eEf]|%d8|[a-z!'&=%~ أ-ي|{]){0,20}",
        ) {
            let mut parsed = String::new();
            let is_web = push_parsed(&mut parsed, &address);
            proptest::prop_assert_eq!(link_form(&address), is_web.then_some(parsed));
        }
    }

    #[test]
    fn every_row_is_dropped() {
        let page = link_form("https://a.example/x").unwrap();
        for prefix in HOST_PREFIXES {
            assert_eq!(
                link_form(&format!("https://{prefix}a.example/x")).unwrap(),
                page,
                "{prefix}"
            );
        }
        for end in PATH_ENDS {
            assert_eq!(link_form(&format!("https://a.example/x{end}")).unwrap(), page, "{end}");
        }
        for format in ALTERNATE_FORMATS {
            assert_eq!(
                link_form(&format!("https://a.example/x?{format}")).unwrap(),
                page,
                "{format}"
            );
        }
    }

    #[test]
    fn home_pages_are_recognized() {
        for (address, home) in [
            ("https://www.a.example/", true),
            ("https://a.example", true),
            ("https://a.example/x", false),
            ("https://a.example/?p=1", false),
            ("https://a.example/#!x", false),
        ] {
            assert_eq!(is_home_page(&link_form(address).unwrap()), home, "{address}");
        }
    }
}
