//! An address → the form that may be published: without user-info and without parameters that look like
//! secrets. Every published address of a source is a `PublicUrl`, so that no output can leak a secret.

use std::borrow::Cow;
use std::fmt;

use url::Url;

/// Parts of a parameter's name (without punctuation) that mean a secret anywhere in the name.
const ANYWHERE: [&str; 13] = [
    "accesskey",
    "accessid",
    "apikey",
    "bearer",
    "credential",
    "hmac",
    "jwt",
    "passphrase",
    "passw",
    "secret",
    "session",
    "signature",
    "token",
];
/// Words that mean a secret as a separate word of a name: `key`, `x-key`, `userKey`.
const ALONE: [&str; 8] = ["auth", "authorization", "key", "pass", "private", "pwd", "sig", "sign"];
/// Words that mean a secret only with a long value: `sid` is a section as often as a session.
const ALONE_AND_LONG: [&str; 3] = ["code", "hash", "sid"];
/// A value of this length cannot be guessed.
const SECRET_VALUE_CHARACTERS: usize = 16;
/// Names with one of these endings are secrets too: `authkey`, `feedkey`, `urlsig`.
const ENDINGS: [&str; 4] = ["auth", "key", "pwd", "sig"];
/// English words with one of these endings that do not mean a secret.
const HARMLESS: [&str; 6] = ["donkey", "hockey", "jockey", "monkey", "turkey", "whiskey"];
/// The levels of addresses inside addresses that are checked: a proxy of a proxy.
const MAX_NESTED_ADDRESSES: u8 = 3;

/// An address that may be published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The public form of an address.
    pub fn redact(url: &Url) -> Self {
        Self(String::from(without_secrets(url.clone(), 0)))
    }

    /// The public form of an `http` or `https` address; `None`: the text is not such an address.
    pub fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| Self::redact(&url))
    }

    /// The address that the operator wants to publish, unchanged.
    pub fn from_operator(url: Url) -> Self {
        Self(url.into())
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text with every address in it replaced by its public form; the rest does not change.
    pub fn redact_in_text(text: &str) -> String {
        replace_addresses(text, |address| match Url::parse(address) {
            Ok(url) => {
                let public = without_secrets(url.clone(), 0);
                let is_same = public.query() == url.query()
                    && public.path() == url.path()
                    && public.username() == url.username()
                    && public.password() == url.password();
                if is_same { Cow::Borrowed(address) } else { Cow::Owned(public.into()) }
            }
            Err(_) => without_user_info(address),
        })
    }

    /// A text with every address, and the host of `hidden`, replaced by `instead`.
    pub fn replace_in_text(text: &str, hidden: Option<&Url>, instead: &str) -> String {
        let text = replace_addresses(text, |_| Cow::Borrowed(instead));
        match hidden.and_then(Url::host_str).map(|host| host.trim_matches(['[', ']'])) {
            Some(host) if !host.is_empty() => text.replace(host, instead),
            _ => text,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the value of a parameter is probably a secret.
fn is_secret_parameter(name: &str, value: &str) -> bool {
    let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let joined = joined.to_lowercase();
    let ends = ENDINGS.iter().any(|ending| joined.ends_with(ending));
    let is_harmless = HARMLESS.iter().any(|word| joined.ends_with(word));
    let words = split_name_words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    ANYWHERE.iter().any(|part| joined.contains(part))
        || (ends && !is_harmless)
        || has(&ALONE)
        || (has(&ALONE_AND_LONG) && value.chars().count() >= SECRET_VALUE_CHARACTERS)
        || is_web_token(value)
}

/// The words of a name: split at punctuation and at the capitals of `camelCase`.
fn split_name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (after_lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words
}

/// Whether a value is a JSON Web Token, whatever the name of its parameter.
fn is_web_token(value: &str) -> bool {
    value.starts_with("eyJ") && value.matches('.').count() == 2
}

fn without_secrets(mut url: Url, depth: u8) -> Url {
    // These cannot fail for an address with a host, and an address without a host has no user-info.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let kept = public_parameters(query, depth);
        if kept.as_deref() != Some(query) {
            url.set_query(kept.as_deref());
        }
    }
    let path = url.path();
    if path.contains(';') && !url.cannot_be_a_base() {
        let segments: Vec<String> = path.split('/').map(without_matrix_parameters).collect();
        url.set_path(&segments.join("/"));
    }
    url
}

/// A path segment without its secret parameters: `feed;jsessionid=1`.
fn without_matrix_parameters(segment: &str) -> String {
    let mut parts = segment.split(';');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let pair = part.split_once('=');
        if !pair.is_some_and(|(name, value)| {
            is_secret_parameter(&percent_decoded(name), &percent_decoded(value))
        }) {
            kept.push(';');
            kept.push_str(part);
        }
    }
    kept
}

/// The query without its secret parameters, otherwise byte for byte; `None`: nothing is left.
fn public_parameters(query: &str, depth: u8) -> Option<String> {
    let mut kept: Option<String> = None;
    let mut at: usize = 0;
    for pair in query.split(['&', ';']) {
        let separator = at.checked_sub(1).and_then(|before| query.get(before..at));
        at += pair.len() + 1;
        let Some(public) = public_parameter(pair, depth) else { continue };
        kept = Some(match kept {
            Some(before) => before + separator.unwrap_or_default() + &public,
            None => public.into_owned(),
        });
    }
    kept
}

fn public_parameter(pair: &str, depth: u8) -> Option<Cow<'_, str>> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain = percent_decoded(value);
    if pair.contains('=') && is_secret_parameter(&percent_decoded(name), &plain) {
        return None;
    }
    let begins = |scheme: &str| {
        plain.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if !(begins("http://") || begins("https://")) {
        return Some(Cow::Borrowed(pair));
    }
    // What is nested more deeply is not published.
    let inner = Url::parse(&plain).ok().filter(|_| depth < MAX_NESTED_ADDRESSES)?;
    let public = without_secrets(inner.clone(), depth + 1);
    if public == inner {
        return Some(Cow::Borrowed(pair));
    }
    let value: String = url::form_urlencoded::byte_serialize(public.as_str().as_bytes()).collect();
    Some(Cow::Owned(format!("{name}={value}")))
}

fn percent_decoded(word: &str) -> String {
    percent_encoding::percent_decode_str(word).decode_utf8_lossy().into_owned()
}

/// A text that does not parse as an address, without the part before the `@` of its authority.
fn without_user_info(address: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = address.split_once("://") else { return Cow::Borrowed(address) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => Cow::Owned(format!("{scheme}://{}", &rest[at + 1..])),
        None => Cow::Borrowed(address),
    }
}

/// A text with every address in it replaced.
fn replace_addresses<'a>(
    text: &'a str,
    mut replace: impl FnMut(&'a str) -> Cow<'a, str>,
) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_address(rest) {
        let (before, from) = rest.split_at(start);
        done.push_str(before);
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '…');
        let end = from.find(is_end).unwrap_or(from.len());
        let address = from[..end].trim_end_matches([',', '.', ':', ';', ')', ']', '}', '!']);
        done.push_str(&replace(address));
        rest = &from[address.len()..];
    }
    done.push_str(rest);
    done
}

/// The position of the next address.
fn next_address(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("://").map(|at| at + from) {
        let before = text.as_bytes().get(..at)?;
        let ends_in = |scheme: &[u8]| {
            let start = at.checked_sub(scheme.len())?;
            before.get(start..)?.eq_ignore_ascii_case(scheme).then_some(start)
        };
        if let Some(start) = ends_in(b"https").or_else(|| ends_in(b"http")) {
            return Some(start);
        }
        from = at + 3;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_addresses_are_not_published() {
        let check = |address: &str, expected: &str| {
            let public = PublicUrl::parse(address).unwrap();
            assert_eq!(public.as_str(), format!("https://a.example{expected}"), "{address}");
        };
        for name in [
            "token",
            "TOKEN",
            "access_token",
            "feed_token",
            "rssToken",
            "key",
            "Key",
            "api_key",
            "apikey",
            "X-Api-Key",
            "x-key",
            "feedkey",
            "userKey",
            "auth",
            "auth_key",
            "authkey",
            "sig",
            "sign",
            "signature",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "AWSAccessKeyId",
            "secret",
            "client-secret",
            "password",
            "passwd",
            "pass",
            "pwd",
            "passphrase",
            "session",
            "PHPSESSIONID",
            "session_id",
            "hmac",
            "jwt",
            "bearer",
            "%74oken",
            "private",
            "credentials",
            "authorization",
            "user[token]",
        ] {
            check(&format!("https://a.example/f?a=1&{name}=s3cret&b=%d8"), "/f?a=1&b=%d8");
            check(&format!("https://a.example/f?{name}=s3cret"), "/f");
        }
        check("https://a.example/f?sid=0123456789abcdef&x=1", "/f?x=1");
        check("https://me:s3cret@a.example/f?x=1", "/f?x=1");
        check("https://me@a.example/f#top", "/f");
        check("https://a.example/f?a=1;token=s;b=2", "/f?a=1;b=2");
        check("https://a.example/f?a;b&c=1", "/f?a;b&c=1");
        check("https://a.example/f;jsessionid=A1;v=2/x?y", "/f;v=2/x?y");
        check("https://a.example/f?t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln&x=1", "/f?x=1");
    }

    #[test]
    fn what_is_no_secret_stays_byte_for_byte() {
        for address in [
            "https://a.example/feed?cat=7&monkey=1&keyword=x&keywords=y&author=z&passage=2",
            "https://a.example/?feed=rss2&design=1&compass=n&hockey=1&tag=%d8%a3+b",
            "https://a.example/feed?token",
            "https://a.example/rss?sid=7&code=EG&hash=1",
            "https://a.example/a;b=1/c?",
            "https://a.example/?u=https%3A%2F%2Fb.example%2Ff%3Fx%3D1",
        ] {
            assert_eq!(PublicUrl::parse(address).unwrap().as_str(), address);
        }
        assert_eq!(PublicUrl::parse("file:///etc/x"), None);
        assert_eq!(PublicUrl::parse("x"), None);
    }

    #[test]
    fn addresses_within_addresses_are_looked_into() {
        let check = |inner: &str, expected: &str| {
            let outer = |inner: &str| {
                let inner: String =
                    url::form_urlencoded::byte_serialize(inner.as_bytes()).collect();
                format!("https://a.example/?u={inner}&x=1")
            };
            let public = PublicUrl::parse(&outer(inner)).unwrap();
            assert_eq!(public.as_str(), outer(expected), "{inner}");
        };
        check("https://me:s3cret@b.example/f", "https://b.example/f");
        check("https://b.example/f?x=1&token=s3cret", "https://b.example/f?x=1");
    }

    #[test]
    fn addresses_in_texts_are_published_ones() {
        let check = |text: &str, expected: &str| {
            assert_eq!(PublicUrl::redact_in_text(text), expected, "{text}");
        };
        check(
            "https://a.example/f?token=s3cret answered 404 not found",
            "https://a.example/f answered 404 not found",
        );
        check("see HTTPS://me:pw@a.example/x, then", "see https://a.example/x, then");
        check("(http://a.example/?key=1)", "(http://a.example/)");
        check("no connection: HTTP://A.example/X", "no connection: HTTP://A.example/X");
        check("a http://me:p@b c", "a http://b/ c");
        check("خبر http://me@[bad/x?y", "خبر http://[bad/x?y");
        check("ftp:// and :// and http", "ftp:// and :// and http");
        let url = Url::parse("https://a.example/f").unwrap();
        let hidden = PublicUrl::replace_in_text(
            "https://a.example/f?x leads to http://b.example/; a.example is gone",
            Some(&url),
            "(private)",
        );
        assert_eq!(hidden, "(private) leads to (private); (private) is gone");
    }
}
