//! What to request → the headers of the request.
//!
//! | header | rule |
//! | --- | --- |
//! | `User-Agent` | one for the program, or the source's own; on every hop |
//! | `Accept`, `Accept-Encoding` | feeds before pages, pages before feeds, lists, or pictures; the codings that `body` decodes |
//! | `If-None-Match`, `If-Modified-Since` | both if both were given, byte for byte, only to the address that gave them (RFC 9110 section 13.1) |
//! | `A-IM: feed` | beside `If-None-Match` for a feed: only the new entries are enough (RFC 3229; a 226 response is a part, never the whole feed) |
//! | the source's own headers, `Authorization` | only to the origin of the source's address |
//!
//! Nothing else: no `Referer`, no cookie, no `Cache-Control`, no `Range`.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, USER_AGENT,
};
use http::{HeaderMap, Method};
use rafid_feed::model::Validators;
use url::Url;

use super::fetch_error::FetchError;
use super::{Accept, FetchRequest};

/// The formats that `pictures` decodes.
const ACCEPT_PICTURE: HeaderValue =
    HeaderValue::from_static("image/webp, image/jpeg, image/png, image/gif;q=0.8, image/*;q=0.5");
const ACCEPT_FEED: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/feed+json, \
     application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, \
     text/html;q=0.1, */*;q=0.1",
);
const ACCEPT_PAGE: HeaderValue = HeaderValue::from_static(
    "text/html, application/xhtml+xml, application/atom+xml;q=0.9, application/rss+xml;q=0.9, \
     application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1",
);
/// OPML has no registered type: these are the customary ones.
const ACCEPT_LIST: HeaderValue = HeaderValue::from_static(
    "text/x-opml, application/xml;q=0.9, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.1",
);
/// RFC 3229 section 10.5.3, with the manipulation that reduces a feed to its new entries.
pub(super) const A_IM: HeaderName = HeaderName::from_static("a-im");
const FEED_IM: HeaderValue = HeaderValue::from_static("feed");
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br, zstd");

/// A longer validator is not sent back: with the other headers it would come near the 8 KB that servers
/// allow for all of them, and every response would be 431.
const MAX_VALIDATOR_BYTES: usize = 4096;

/// Headers that belong to the connection or to this program, not to a source.
const NOT_FOR_SOURCES: [(&str, &str); 12] = [
    ("a-im", "it is sent when a part will do"),
    ("connection", "it belongs to the connection"),
    ("content-length", "it belongs to the connection"),
    ("host", "it belongs to the address"),
    ("if-modified-since", "it is sent when the server gave one"),
    ("if-none-match", "it is sent when the server gave one"),
    ("keep-alive", "it belongs to the connection"),
    ("range", "a part is no document"),
    ("te", "it belongs to the connection"),
    ("transfer-encoding", "it belongs to the connection"),
    ("upgrade", "it belongs to the connection"),
    ("user-agent", "it has a setting of its own, which holds on redirects too"),
];

/// The headers of a request on all its hops.
pub(super) struct RequestHeaders<'a> {
    request: &'a FetchRequest<'a>,
    user_agent: HeaderValue,
    own: HeaderMap,
}

impl<'a> RequestHeaders<'a> {
    /// The headers of `request`, for a program with this `user_agent`. User-info in the address becomes
    /// `Authorization`, unless the source has such a header.
    pub(super) fn new(
        client: &reqwest::Client,
        request: &'a FetchRequest<'a>,
        user_agent: &HeaderValue,
    ) -> Result<Self, FetchError> {
        let mut own = HeaderMap::new();
        for (name, value) in request.headers {
            let (name, value) = parse_source_header(name, value)?;
            own.append(name, value);
        }
        if has_user_info(request.url) && !own.contains_key(AUTHORIZATION) {
            let built = client.request(Method::GET, request.url.clone()).build();
            let built =
                built.map_err(|error| FetchError::from_request_error(&error, request.url))?;
            own.extend(
                built.headers().get(AUTHORIZATION).map(|value| (AUTHORIZATION, value.clone())),
            );
        }
        let user_agent = match request.user_agent {
            Some(own) => {
                HeaderValue::from_str(own).map_err(|_| bad_header(USER_AGENT.as_str(), CHARS))?
            }
            None => user_agent.clone(),
        };
        Ok(Self { request, user_agent, own })
    }

    /// The headers for the hop to `url`, and whether the request is conditional.
    pub(super) fn for_hop(&self, url: &Url) -> (HeaderMap, bool) {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, self.user_agent.clone());
        let accept = match self.request.accept {
            Accept::Feed => ACCEPT_FEED,
            Accept::Page => ACCEPT_PAGE,
            Accept::List => ACCEPT_LIST,
            Accept::Picture => ACCEPT_PICTURE,
        };
        headers.insert(ACCEPT, accept);
        headers.insert(ACCEPT_ENCODING, CODINGS);
        if self.request.url.origin() == url.origin() {
            // `extend` replaces an existing header when a name comes for the first time.
            headers.extend(self.own.clone());
        }
        let mut is_conditional = false;
        let given = self.request.validators.filter(|given| given.url == url.as_str());
        for (name, value) in given.into_iter().flat_map(conditional_headers) {
            headers.insert(name, value);
            is_conditional = true;
        }
        // A delta is relative to the document of this tag.
        if self.request.accept == Accept::Feed && headers.contains_key(IF_NONE_MATCH) {
            headers.insert(A_IM, FEED_IM);
        }
        (headers, is_conditional)
    }
}

fn conditional_headers(given: &Validators) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    [(IF_NONE_MATCH, &given.etag), (IF_MODIFIED_SINCE, &given.last_modified)]
        .into_iter()
        .filter_map(|(name, bytes)| Some((name, echo_validator(bytes.as_deref()?)?)))
}

/// The validator as it came, or nothing: a modified one would only mislead.
fn echo_validator(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok().filter(|_| can_echo_validator(bytes))
}

/// Whether a validator is worth keeping and sending back.
pub(super) fn can_echo_validator(bytes: &[u8]) -> bool {
    (1..=MAX_VALIDATOR_BYTES).contains(&bytes.len())
}

const CHARS: &str = "it has characters that no header may have";

fn parse_source_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), FetchError> {
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad_header(name, CHARS))?;
    if let Some((_, reason)) = NOT_FOR_SOURCES.iter().find(|(refused, _)| *refused == header) {
        return Err(bad_header(name, reason));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| bad_header(name, CHARS))?;
    value.set_sensitive(true);
    Ok((header, value))
}

fn bad_header(name: &str, reason: &'static str) -> FetchError {
    FetchError::BadHeader { name: name.to_owned(), reason }
}

fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
