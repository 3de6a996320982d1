//! The `url` of a source → the place of its bytes, its credentials, a form for comparing it with others,
//! and an id for a source without one.
//!
//! | written | means |
//! | --- | --- |
//! | `https://name:word@host/path` | the web; the user-info becomes an `Authorization: Basic` header |
//! | `file:name.xml`, `file:a/name.xml` | a file beside the config |
//! | `file:/a/name.xml`, `file:///a/name.xml` | a file by its whole path |

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use percent_encoding::percent_decode_str;
use rafid_feed::{hash, opml};
use url::Url;

use crate::model::{Location, PublicUrl, SourceId, make_slug};

/// Letters of an id, as `SourceId` has it.
pub(super) const ID_LETTERS: usize = 64;

/// The parts of the `url` of a source.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SourceAddress {
    /// Where the bytes are.
    pub(super) location: Location,
    /// The value of an `Authorization` header, from the user-info; a secret.
    pub(super) authorization: Option<String>,
    /// Equal for addresses that most likely lead to the same feed: without the scheme, a leading
    /// `www.`, the scheme's default port, a slash at the end, a fragment and the user-info.
    pub(super) canonical: String,
    /// An id made of the address alone, so that it stays when other sources are added or removed;
    /// `None`: the address has no letter.
    pub(super) id: Option<SourceId>,
}

/// Why a text is no `url` of a source. Messages never repeat the address: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressError {
    /// What was found and what was expected.
    pub(super) reason: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

/// Parses a `url`; relative files are in `folder`.
pub(super) fn parse_source_address(
    text: &str,
    folder: &Path,
) -> Result<SourceAddress, AddressError> {
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            parse_file_address(rest, folder)
        }
        _ => parse_web_address(text),
    }
}

fn address_error(reason: impl Into<String>, help: Option<String>) -> AddressError {
    AddressError { reason: reason.into(), help }
}

fn parse_web_address(text: &str) -> Result<SourceAddress, AddressError> {
    let mut url = Url::parse(text).map_err(|error| {
        let help = (error == url::ParseError::RelativeUrlWithoutBase)
            .then(|| format!("https://{}", text.trim_start_matches('/')))
            .filter(|whole| !text.contains('@') && Url::parse(whole).is_ok())
            .map(|whole| format!("did you mean \"{whole}\"?"));
        address_error(format!("this is no address: {error}"), help)
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        // `feed:` is an old scheme that marks the address of a feed.
        let meant = opml::web_address(text).filter(|_| !text.contains('@'));
        let help = meant.map(|address| format!("write \"{address}\""));
        let reason = format!("expected an http, https or file address, found `{}:`", url.scheme());
        return Err(address_error(reason, help));
    }
    let authorization = basic_authorization(&url);
    // Neither can fail on an address with a host, and every http address has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let canonical = canonical_form(&url);
    // An id is published: it is made of the public part of the address alone.
    let public = Url::parse(PublicUrl::redact(&url).as_str()).unwrap_or_else(|_| url.clone());
    let id = id_from_words(&id_words_of_url(&public), &self::canonical_form(&public));
    Ok(SourceAddress { authorization, canonical, id, location: Location::Web(url) })
}

/// The canonical form of a location that is parsed already.
pub(super) fn canonical_location(location: &Location) -> String {
    match location {
        Location::Web(url) => canonical_form(url),
        Location::File(path) => format!("file:{}", path.display()),
    }
}

fn canonical_form(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url.port().filter(|port| ![80, 443].contains(port));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{host}{port}{}{query}", url.path().trim_end_matches('/'))
}

fn parse_file_address(rest: &str, folder: &Path) -> Result<SourceAddress, AddressError> {
    let help = Some("write \"file:name.xml\" or \"file:///folder/name.xml\"".to_owned());
    let written = match rest.strip_prefix("//") {
        Some(whole) => whole.strip_prefix("localhost").unwrap_or(whole),
        None => rest,
    };
    if rest.starts_with("//") && !written.starts_with('/') {
        return Err(address_error("a file address names no host", help));
    }
    let decoded = percent_decode_str(written).decode_utf8_lossy();
    if decoded.ends_with('/') || decoded.trim().is_empty() || decoded.contains('\0') {
        return Err(address_error("expected the path of a file", help));
    }
    // Collecting the components drops `./` and doubled slashes, so that paths can be compared.
    let path: PathBuf = folder.join(&*decoded).components().collect();
    Ok(SourceAddress {
        authorization: None,
        canonical: format!("file:{}", path.display()),
        id: id_from_words(&split_into_words(&decoded), &decoded),
        location: Location::File(path),
    })
}

/// RFC 7617 section 2; `None` when the address has no user-info.
fn basic_authorization(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(&pair)))
}

/// Prefixes of hosts that serve feeds, telephones or all visitors.
const GENERIC_HOST_PREFIXES: [&str; 4] = ["feeds.", "m.", "rss.", "www."];

/// Words of a path that mean "feed" but do not identify it. Sorted.
const GENERIC_PATH_WORDS: [&str; 14] = [
    "aspx", "atom", "default", "feed", "feeds", "htm", "html", "index", "json", "php", "rdf",
    "rss", "rss2", "xml",
];

fn id_words_of_url(url: &Url) -> Vec<String> {
    let mut host = url.host_str().unwrap_or_default();
    while let Some(rest) = GENERIC_HOST_PREFIXES.iter().find_map(|noise| host.strip_prefix(noise)) {
        if !rest.contains('.') {
            break;
        }
        host = rest;
    }
    let mut list = vec![host.to_owned()];
    list.extend(url.port().map(|port| port.to_string()));
    list.extend(split_into_words(&percent_decode_str(url.path()).decode_utf8_lossy()));
    list.extend(split_into_words(
        &percent_decode_str(url.query().unwrap_or_default()).decode_utf8_lossy(),
    ));
    list
}

/// The words of a path or a query that identify a feed.
fn split_into_words(path: &str) -> Vec<String> {
    path.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| {
            !word.is_empty() && GENERIC_PATH_WORDS.binary_search(&word.as_str()).is_err()
        })
        .collect()
}

/// Joins words to an id. A long id keeps its beginning and a hash of the whole address; without an
/// identifying word the id is made of the whole address.
fn id_from_words(words: &[String], whole: &str) -> Option<SourceId> {
    let joined = words.join("-");
    let slug = make_slug(&joined);
    let (joined, slug) =
        if slug.is_empty() { (whole, make_slug(whole)) } else { (joined.as_str(), slug) };
    let short = SourceId::new(&slug).ok()?;
    if joined.chars().count() <= ID_LETTERS {
        return Some(short);
    }
    hashed_id(short.as_str(), whole, ID_LETTERS)
}

/// An id of `most_letters` at most: the beginning of a word, and a hash of the whole address, which no other address has.
/// `None`: the word does not begin with a letter or a digit.
pub(super) fn hashed_id(word: &str, whole: &str, most_letters: usize) -> Option<SourceId> {
    const HASH_LETTERS: usize = 8;
    let kept: String = word.chars().take(most_letters - HASH_LETTERS - 1).collect();
    let tail = hash::short_hex(whole, HASH_LETTERS);
    SourceId::new(&format!("{}-{tail}", kept.trim_end_matches('-'))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web_id(url: &str) -> String {
        parse_source_address(url, Path::new("/etc")).unwrap().id.unwrap().as_str().to_owned()
    }

    #[test]
    fn ids_come_from_the_whole_address_alone() {
        let check = |url: &str, expected: &str| assert_eq!(web_id(url), expected, "{url}");
        check("https://www.hespress.com/feed", "hespress-com");
        check("http://hespress.com/rss/", "hespress-com");
        check("https://feeds.bbci.co.uk/arabic/rss.xml", "bbci-co-uk-arabic");
        check("https://rss.dw.com/rdf/rss-ar-all", "dw-com-ar-all");
        check("https://m.www.a.example/feed.xml", "a-example");
        check("https://www.example/", "www-example");
        check("https://a.example:8443/x", "a-example-8443-x");
        check("https://a.example/?feed=rss2&cat=7", "a-example-cat-7");
        check("https://a.example/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/", "a-example-اقتصاد");
        check("http://[::1]:81/x", "1-81-x");
        check("https://a.example/x?token=s3cret&cat=7", "a-example-x-cat-7");
        check("file:data/اقتصاد.xml", "data-اقتصاد");
        check("file:///srv/Feed.xml", "srv");
        check("file:feed.xml", "feed-xml");
        let long = format!("https://a.example/{}", "x/".repeat(80));
        assert_eq!(web_id(&long).chars().count(), 64);
        assert_ne!(web_id(&long), web_id(&format!("{long}y")));
        assert_eq!(web_id(&long), web_id(&long.replace("https://", "http://www.")));
        assert!(GENERIC_PATH_WORDS.is_sorted());
    }

    #[test]
    fn addresses_that_lead_to_the_same_feed_compare_equal() {
        let canonical =
            |url: &str| parse_source_address(url, Path::new("/etc/rafid")).unwrap().canonical;
        for same in [
            "http://a.example/x",
            "https://WWW.a.example:443/x/",
            "http://a.example:80/x#y",
            "https://me:secret@a.example./x",
        ] {
            assert_eq!(canonical(same), "a.example/x", "{same}");
        }
        for other in [
            "https://a.example/X",
            "https://a.example/x?y",
            "https://a.example:8080/x",
            "https://b.a.example/x",
            "file:x",
        ] {
            assert_ne!(canonical(other), "a.example/x", "{other}");
        }
        for same in ["file:a/b.xml", "file:./a//b.xml", "file:///etc/rafid/a/b.xml"] {
            assert_eq!(canonical(same), "file:/etc/rafid/a/b.xml", "{same}");
        }
    }

    #[test]
    fn user_info_becomes_a_header_and_leaves_the_address() {
        let check = |url: &str, expected: &str| {
            let address = parse_source_address(url, Path::new("/")).unwrap();
            assert_eq!(address.authorization.as_deref(), Some(expected), "{url}");
            assert_eq!(address.location.to_string(), "https://a.example/x");
        };
        // The first is the example of RFC 7617 section 2.
        check("https://Aladdin:open%20sesame@a.example/x", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        check("https://a@a.example/x", "Basic YTo=");
        check("https://:b@a.example/x", "Basic OmI=");
        check("https://%D8%A3:b@a.example/x", "Basic 2KM6Yg==");
        assert_eq!(
            parse_source_address("https://a.example/x", Path::new("/")).unwrap().authorization,
            None
        );
    }

    #[test]
    fn files_are_found_beside_the_config_or_by_their_whole_path() {
        let check = |url: &str, expected: Option<&str>| {
            let location =
                parse_source_address(url, Path::new("/etc/rafid")).ok().map(|a| a.location);
            assert_eq!(location, expected.map(|path| Location::File(path.into())), "{url}");
        };
        check("file:a.xml", Some("/etc/rafid/a.xml"));
        check("FILE:b/a%20b.xml", Some("/etc/rafid/b/a b.xml"));
        check("file:/srv/a.xml", Some("/srv/a.xml"));
        check("file:///srv/a.xml", Some("/srv/a.xml"));
        check("file://localhost/srv/a.xml", Some("/srv/a.xml"));
        for bad in ["file:", "file://", "file://host/a.xml", "file:a/", "file:%00", "file:///"] {
            check(bad, None);
        }
    }

    #[test]
    fn an_error_explains_why_a_text_is_no_address() {
        let check = |url: &str, reason: &str, help: Option<&str>| {
            let bad = parse_source_address(url, Path::new("/")).err().unwrap();
            assert_eq!((bad.reason.as_str(), bad.help.as_deref()), (reason, help), "{url}");
        };
        check(
            "a.example/feed",
            "this is no address: relative URL without a base",
            Some("did you mean \"https://a.example/feed\"?"),
        );
        check("https://", "this is no address: empty host", None);
        check("https://a b/", "this is no address: invalid international domain name", None);
        check(
            "me:secret@a.example/x",
            "expected an http, https or file address, found `me:`",
            None,
        );
        check("ftp://a.example/x", "expected an http, https or file address, found `ftp:`", None);
        check(
            "feed://a.example/x",
            "expected an http, https or file address, found `feed:`",
            Some("write \"http://a.example/x\""),
        );
    }
}
