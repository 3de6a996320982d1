//! An address → the form in which its spellings meet: for recognising an entry again, never for
//! display and never to be fetched.
//!
//! Dropped: the scheme, `www.`, `m.` and `amp.` before the host, the default port, user and
//! password, trackers, marks of AMP pages, a slash at the end, the fragment (unless it is a path:
//! `#!/x`, `#/x`). The host is lower case and percent-encoding is uniform: UTF-8, upper-case hex,
//! nothing encoded that need not be.

use std::fmt::Write as _;

use url::Url;

use super::link;

/// Beginnings of hosts that show the same page as the host behind them, in the order in which they
/// are taken off.
const HOST_PREFIXES: &[&str] = &["www.", "amp.", "m."];

/// Ends of paths that show the same page as the path before them.
const PATH_ENDS: &[&str] = &["/amp", "/amp.html"];

/// Parameters that ask for the same page in another dress.
const DRESSES: &[&str] = &["amp", "amp=1", "amp=true", "output=amp", "outputtype=amp"];

/// The form to compare by; `None`: it is no absolute web address.
pub(super) fn form(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut form = host(&url)?;
    if let Some(port) = url.port() {
        let _ = write!(form, ":{port}");
    }
    let path = url.path().trim_end_matches('/');
    let path = PATH_ENDS.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    push_uniform(&mut form, path.trim_end_matches('/'));
    let mut mark = '?';
    for parameter in url.query().into_iter().flat_map(|query| query.split('&')) {
        let is_dress = DRESSES.iter().any(|dress| parameter.eq_ignore_ascii_case(dress));
        if !parameter.is_empty() && !is_dress && !link::is_tracker(parameter) {
            form.push(mark);
            push_uniform(&mut form, parameter);
            mark = '&';
        }
    }
    if let Some(fragment) = url.fragment().filter(|fragment| fragment.starts_with(['!', '/'])) {
        form.push('#');
        push_uniform(&mut form, fragment);
    }
    Some(form)
}

/// Whether a form names a whole site and no page of it.
pub(super) fn is_home(form: &str) -> bool {
    !form.contains(['/', '?', '#'])
}

fn host(url: &Url) -> Option<String> {
    let mut host = url.host_str()?.trim_end_matches('.');
    for prefix in HOST_PREFIXES {
        if let Some(rest) = host.strip_prefix(prefix)
            && rest.contains('.')
        {
            host = rest;
        }
    }
    Some(host.to_owned())
}

/// Appends a part of an address with uniform percent-encoding (RFC 3986 section 6.2.2).
fn push_uniform(form: &mut String, part: &str) {
    let bytes = part.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let decoded = (*byte == b'%').then(|| hex_pair(bytes.get(at + 1..at + 3)?)).flatten();
        match decoded {
            Some(plain) if is_unreserved(plain) => form.push(char::from(plain)),
            Some(plain) => push_encoded(form, plain),
            None if byte.is_ascii() => form.push(char::from(*byte)),
            None => push_encoded(form, *byte),
        }
        at += if decoded.is_some() { 3 } else { 1 };
    }
}

fn push_encoded(form: &mut String, byte: u8) {
    // Writing into a String cannot fail.
    let _ = write!(form, "%{byte:02X}");
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
    fn spellings_meet() {
        let check = |address: &str, expected: &str| {
            assert_eq!(form(address).as_deref(), Some(expected), "{address}");
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
        assert_eq!(form("urn:x"), None);
    }

    #[test]
    fn every_row_is_dropped() {
        let page = form("https://a.example/x").unwrap();
        for prefix in HOST_PREFIXES {
            assert_eq!(form(&format!("https://{prefix}a.example/x")).unwrap(), page, "{prefix}");
        }
        for end in PATH_ENDS {
            assert_eq!(form(&format!("https://a.example/x{end}")).unwrap(), page, "{end}");
        }
        for dress in DRESSES {
            assert_eq!(form(&format!("https://a.example/x?{dress}")).unwrap(), page, "{dress}");
        }
    }

    #[test]
    fn homes_are_no_pages() {
        for (address, home) in [
            ("https://www.a.example/", true),
            ("https://a.example", true),
            ("https://a.example/x", false),
            ("https://a.example/?p=1", false),
            ("https://a.example/#!x", false),
        ] {
            assert_eq!(is_home(&form(address).unwrap()), home, "{address}");
        }
    }
}
