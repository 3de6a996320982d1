//! Request headers → the content coding of the response, and whether the client has it already.
//!
//! RFC 9110: section 12.5.1 (`Accept`, only for HTML), 12.5.3 (`Accept-Encoding`), 13.1.2 (`If-None-Match`,
//! weak comparison, `*`), 13.1.3 (`If-Modified-Since`, only without the former), 13.1.1 (`If-Match`, strong
//! comparison), 13.1.4 (`If-Unmodified-Since`, only without the former). Among codings with the same weight,
//! brotli comes first, then zstd, then gzip. RFC 3229 section 10.5.3: `A-IM`.

use http::HeaderMap;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
};
use jiff::Timestamp;

use super::entity_tag;
use super::served_rendition::ServedRendition;
use crate::model::{Coding, Rendition};

/// The codings that we can make, with their names.
const CODINGS: [(Coding, &str); 3] =
    [(Coding::Brotli, "br"), (Coding::Zstd, "zstd"), (Coding::Gzip, "gzip")];

/// What a client may name in `Accept-Encoding`, of all that matters to us.
const NAMED_CODINGS: [&str; 5] = ["br", "zstd", "gzip", "identity", "*"];

/// RFC 3229 section 10.5.3: the instance manipulations that a client understands.
const A_IM: HeaderName = HeaderName::from_static("a-im");

/// The version of a feed that a client has, and after which entries are new to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeltaBase {
    /// Its entity tag, with its quotes.
    pub(super) tag: String,
    /// The number of the last arrival that the client has.
    pub(super) position: u64,
}

/// The name of a coding in `Content-Encoding`; `None` for the identity.
pub(super) fn coding_name(coding: Coding) -> Option<&'static str> {
    let row = CODINGS.iter().find(|row| row.0 == coding);
    row.map(|row| row.1)
}

/// The coding of `served` with the highest weight, made already or not. Identity when the client names no coding, and when it
/// refuses all of them (section 12.5.3 allows either; a response is more useful than 406).
pub(super) fn choose_coding(headers: &HeaderMap, served: &ServedRendition) -> Coding {
    let mut weights = [None; NAMED_CODINGS.len()];
    // Every reader sends this header: loops take half of the instructions that `accepted_elements` does.
    for line in headers.get_all(ACCEPT_ENCODING).iter().map(HeaderValue::as_bytes) {
        let elements = line.split(|byte| *byte == b',').filter(|_| line.is_ascii());
        for (element, weight) in elements.filter_map(parse_weighted) {
            if let Some(at) = NAMED_CODINGS.iter().position(|name| is_token(element, name)) {
                weights[at].get_or_insert(weight);
            }
        }
    }
    let [brotli, zstd, gzip, identity, any] = weights;
    // Identity is acceptable when the header does not mention it, but codings that it names come first.
    let mut best = (Coding::Identity, identity.unwrap_or(0));
    for (coding, named) in [(Coding::Gzip, gzip), (Coding::Zstd, zstd), (Coding::Brotli, brotli)] {
        let weight = named.or(any).unwrap_or(0);
        if weight > 0 && weight >= best.1 && served.offers(coding) {
            best = (coding, weight);
        }
    }
    best.0
}

/// Whether the client reads pages: it accepts HTML by name, or it accepts anything and the path has pages.
pub(super) fn wants_page(headers: &HeaderMap, has_pages: bool) -> bool {
    let weight = |names: [&str; 2]| {
        let mut accepted = accepted_elements(headers, &ACCEPT);
        let named = accepted.find(|(token, _)| names.iter().any(|name| is_token(token, name)));
        named.map(|(_, weight)| weight > 0)
    };
    let is_silent = accepted_elements(headers, &ACCEPT).next().is_none();
    let takes_any = is_silent || weight(["text/*", "*/*"]) == Some(true);
    weight(["text/html", "application/xhtml+xml"]).unwrap_or(has_pages && takes_any)
}

/// Where a browser puts what it requests (W3C Fetch Metadata).
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Whether the response will be a page in a person's browser: every browser says so since 2023, and no feed
/// reader does. Scripts, frames and downloads name other destinations.
pub(super) fn opens_in_browser(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_DEST).is_some_and(|it| it.as_bytes() == b"document")
}

/// Whether a client that requests the counters reads `OpenMetrics`.
pub(super) fn names_open_metrics(headers: &HeaderMap) -> bool {
    let mut accepted = accepted_elements(headers, &ACCEPT);
    accepted.any(|(token, weight)| is_token(token, "application/openmetrics-text") && weight > 0)
}

/// The elements of a header of the `Accept` family. A line that is not ASCII counts as absent.
fn accepted_elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = (&'a [u8], u16)> + use<'a> {
    let lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let lines = lines.filter(|line| line.is_ascii());
    lines.flat_map(|line| line.split(|byte| *byte == b',')).filter_map(parse_weighted)
}

/// Whether an element names a token, which is in lower case. `x-gzip` is `gzip`.
fn is_token(element: &[u8], token: &str) -> bool {
    element.eq_ignore_ascii_case(token.as_bytes())
        || (token == "gzip" && element.eq_ignore_ascii_case(b"x-gzip"))
}

/// One element of such a header: the token and its weight in thousandths.
fn parse_weighted(element: &[u8]) -> Option<(&[u8], u16)> {
    let end = element.iter().position(|byte| *byte == b';').unwrap_or(element.len());
    let (token, parameters) = element.split_at(end);
    let token = token.trim_ascii();
    if token.is_empty() {
        return None;
    }
    let weight = if parameters.is_empty() { 1000 } else { parse_parameters(&parameters[1..])? };
    Some((token, weight))
}

/// The weight that the parameters of an element give it.
fn parse_parameters(parameters: &[u8]) -> Option<u16> {
    let parameters = str::from_utf8(parameters).ok()?.trim();
    match parameters.strip_prefix(['q', 'Q']) {
        Some(rest) => parse_weight(rest.trim_start().strip_prefix('=')?.trim()),
        None => Some(1000),
    }
}

/// A weight as section 12.4.2 writes it: `0`, `0.5`, `1.000`.
fn parse_weight(weight: &str) -> Option<u16> {
    let (integer, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match integer {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// The newest earlier version of a feed that a client has, if a document with only the new entries will do
/// (`A-IM: feed`) and the client sends a tag that was made by the same rules.
pub(super) fn delta_base(headers: &HeaderMap, feed: &Rendition) -> Option<DeltaBase> {
    let now = feed.mark?;
    let mut accepted = accepted_elements(headers, &A_IM);
    if !accepted.any(|(token, weight)| is_token(token, "feed") && weight > 0) {
        return None;
    }
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let bases = lines.flat_map(entity_tags).filter_map(|(_, tag)| {
        let mark = entity_tag::parse_feed_mark(tag)?;
        let is_earlier = mark.rules == now.rules && mark.position < now.position;
        is_earlier.then(|| DeltaBase { tag: tag.to_owned(), position: mark.position })
    });
    bases.max_by_key(|base| base.position)
}

/// The tag by which the client knows the version that `tag` names, if it has another position.
pub(super) fn known_tag<'a>(headers: &'a HeaderMap, tag: &str) -> Option<&'a str> {
    if begins_with_tag(headers, tag) {
        return None;
    }
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(entity_tags).map(|(_, known)| known);
    tags.find(|known| entity_tag::names_same_version(known, tag)).filter(|known| *known != tag)
}

/// Whether the client already has the rendition that `tag` names. `modified_at` is `None` when its time is
/// unknown; dates are not compared then.
pub(super) fn is_fresh(headers: &HeaderMap, tag: &str, modified_at: Option<Timestamp>) -> bool {
    if begins_with_tag(headers, tag) {
        return true;
    }
    let mut known = headers.get_all(IF_NONE_MATCH).iter().peekable();
    if known.peek().is_some() {
        return known.any(|line| line.to_str().is_ok_and(|line| names_tag(line, tag)));
    }
    let since = parse_date_header(headers, &IF_MODIFIED_SINCE).zip(modified_at);
    since.is_some_and(|(since, modified_at)| modified_at.as_second() <= since)
}

/// Whether the client's first known version is `tag` and nothing else: so it is for nearly every reader that polls.
fn begins_with_tag(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(IF_NONE_MATCH).is_some_and(|line| line.as_bytes() == tag.as_bytes())
}

/// Whether the rendition meets the client's preconditions (`If-Match`, `If-Unmodified-Since`).
pub(super) fn is_as_expected(
    headers: &HeaderMap,
    tag: &str,
    modified_at: Option<Timestamp>,
) -> bool {
    if headers.contains_key(IF_MATCH) {
        let mut expected = headers.get_all(IF_MATCH).iter();
        let names = |(is_strong, entry): (bool, &str)| {
            is_strong && entity_tag::names_same_version(entry, tag)
        };
        let strongly = |list: &str| list.trim() == "*" || entity_tags(list).any(names);
        return expected.any(|line| line.to_str().is_ok_and(strongly));
    }
    let since = parse_date_header(headers, &IF_UNMODIFIED_SINCE).zip(modified_at);
    since.is_none_or(|(since, modified_at)| modified_at.as_second() <= since)
}

/// The seconds of a header that is one date; any other value counts as absent.
fn parse_date_header(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let line = headers.get(name)?;
    if headers.get_all(name).iter().nth(1).is_some() {
        return None;
    }
    let date = httpdate::parse_http_date(line.to_str().ok()?).ok()?;
    Some(Timestamp::try_from(date).ok()?.as_second())
}

/// Whether a list of entity tags names `tag`, compared weakly.
fn names_tag(list: &str, tag: &str) -> bool {
    list.trim() == "*"
        || entity_tags(list).any(|(_, entry)| entity_tag::names_same_version(entry, tag))
}

/// The entity tags of a list, with their quotes, and whether each is strong. Tags may contain commas, so the
/// list is scanned. An unclosed tag ends the list.
fn entity_tags(list: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let end = start + 1 + rest[start + 1..].find('"')?;
        let (is_strong, tag) = (!rest[..start].ends_with("W/"), &rest[start..=end]);
        rest = &rest[end + 1..];
        Some((is_strong, tag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::encode_rendition;

    fn served(text: String) -> ServedRendition {
        let rendition = encode_rendition("text/plain", text, Timestamp::UNIX_EPOCH, 60);
        ServedRendition::new(std::sync::Arc::new(rendition))
    }

    #[test]
    fn codings_by_weight() {
        let served = served("خبر ".repeat(1_000));
        let check = |accept: &str, expected: Coding| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
            assert_eq!(choose_coding(&headers, &served), expected, "{accept:?}");
        };
        assert_eq!(choose_coding(&HeaderMap::new(), &served), Coding::Identity);
        check("", Coding::Identity);
        check("gzip", Coding::Gzip);
        check("x-gzip", Coding::Gzip);
        check("gzip, deflate, br, zstd", Coding::Brotli);
        check("gzip;q=1.0, br;q=0.5", Coding::Gzip);
        check("GZIP ; Q=0.1", Coding::Gzip);
        check("gzip;q=0", Coding::Identity);
        check("*", Coding::Brotli);
        check("*;q=0", Coding::Identity);
        check("br;q=0, *", Coding::Zstd);
        check("identity, gzip;q=0.5", Coding::Identity);
        check("identity;q=0.5, gzip", Coding::Gzip);
        check("identity;q=0", Coding::Identity);
        check("gzip;q=7, zstd;q=x, br;q=0.1234", Coding::Identity);
        check("deflate", Coding::Identity);
        check(",,gzip,,", Coding::Gzip);
    }

    #[test]
    fn a_coding_that_is_not_offered_is_not_chosen() {
        let tiny = served("x".to_owned());
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(choose_coding(&headers, &tiny), Coding::Identity);
    }

    #[test]
    fn conditional_requests() {
        let modified_at: Timestamp = "2026-11-24T05:02:03.7Z".parse().unwrap();
        let check = |pairs: &[(http::HeaderName, &str)], expected: bool| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
            let fresh = is_fresh(&headers, "\"abc-gz\"", Some(modified_at));
            assert_eq!(fresh, expected, "{pairs:?}");
        };
        let (same, older) = ("Tue, 24 Nov 2026 05:02:03 GMT", "Tue, 24 Nov 2026 05:02:02 GMT");
        check(&[], false);
        check(&[(IF_NONE_MATCH, "\"abc-gz\"")], true);
        check(&[(IF_NONE_MATCH, "W/\"abc-gz\"")], true);
        check(&[(IF_NONE_MATCH, "\"x\", W/\"a,b\" ,\"abc-gz\"")], true);
        check(&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc-gz\"")], true);
        check(&[(IF_NONE_MATCH, "*")], true);
        check(&[(IF_NONE_MATCH, "\"abc\"")], false);
        check(&[(IF_NONE_MATCH, "abc-gz")], false);
        check(&[(IF_NONE_MATCH, "\"abc-gz")], false);
        check(&[(IF_MODIFIED_SINCE, same)], true);
        check(&[(IF_MODIFIED_SINCE, older)], false);
        check(&[(IF_MODIFIED_SINCE, "yesterday")], false);
        check(&[(IF_MODIFIED_SINCE, "Tuesday, 24-Nov-26 05:02:03 GMT")], true);
        check(&[(IF_MODIFIED_SINCE, "Tue Nov 24 05:02:03 2026")], true);
        check(&[(IF_MODIFIED_SINCE, "Tue, 24 Nov 2026 05:02:03 +0300")], false);
        check(&[(IF_MODIFIED_SINCE, "Fri, 24 Nov 99999 05:02:03 GMT")], false);
        check(&[(IF_MODIFIED_SINCE, same), (IF_MODIFIED_SINCE, same)], false);
        check(&[(IF_NONE_MATCH, "")], false);
        check(&[(IF_NONE_MATCH, &"\"x\",".repeat(5_000))], false);
        check(&[(IF_NONE_MATCH, &format!("{}\"abc-gz\"", "\"x\", ".repeat(5_000)))], true);
        check(&[(IF_NONE_MATCH, &"\"".repeat(9_999))], false);
        check(&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, same)], false);
    }

    #[test]
    fn preconditions() {
        let modified_at: Timestamp = "2026-11-24T05:02:03.7Z".parse().unwrap();
        let check = |pairs: &[(HeaderName, &str)], expected: bool| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
            let holds = is_as_expected(&headers, "\"abc-gz\"", Some(modified_at));
            assert_eq!(holds, expected, "{pairs:?}");
        };
        let (same, older) = ("Tue, 24 Nov 2026 05:02:03 GMT", "Tue, 24 Nov 2026 05:02:02 GMT");
        check(&[], true);
        check(&[(IF_MATCH, "*")], true);
        check(&[(IF_MATCH, "\"x\", \"abc-gz\"")], true);
        check(&[(IF_MATCH, "W/\"abc-gz\"")], false);
        check(&[(IF_MATCH, "\"abc\"")], false);
        check(&[(IF_MATCH, "")], false);
        check(&[(IF_UNMODIFIED_SINCE, same)], true);
        check(&[(IF_UNMODIFIED_SINCE, older)], false);
        check(&[(IF_UNMODIFIED_SINCE, "yesterday")], true);
        check(&[(IF_MATCH, "*"), (IF_UNMODIFIED_SINCE, older)], true);
    }
}
