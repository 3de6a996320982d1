//! A rendition → the headers that all responses with it have, 200 and 304 alike. They are made once: a response gets a
//! copy, which counts references to the values.

use std::sync::OnceLock;

use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::cache_policy::CachePolicy;
use super::entity_tag::entity_tag;
use super::security_headers;
use crate::model::{Coding, Rendition};

/// A day: yesterday's news is better than none.
const STALE_IF_ERROR_SECONDS: u64 = 86_400;
/// The sites whose pages may read a response, and the headers that these may read.
const ALL_SITES: HeaderValue = HeaderValue::from_static("*");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("etag, link");

/// The header values of a rendition.
#[derive(Debug)]
pub(super) struct RenditionHeaders {
    identity: CodingHeaders,
    gzip: CodingHeaders,
    brotli: CodingHeaders,
    zstd: CodingHeaders,
    /// `Last-Modified`.
    pub(super) last_modified: Option<HeaderValue>,
    /// `Cache-Control` for everyone.
    shared_cache: Option<HeaderValue>,
    /// `Cache-Control` for the client's own cache.
    own_cache: Option<HeaderValue>,
    /// `Link`.
    pub(super) links: Option<HeaderValue>,
}

/// One coding of the rendition.
#[derive(Debug)]
struct CodingHeaders {
    /// The entity tag, with its quotes.
    tag: String,
    /// The headers of responses, for the policy that was needed first: a resource nearly always has the same one.
    made: OnceLock<(CachePolicy, HeaderMap)>,
}

impl RenditionHeaders {
    /// The values for a rendition.
    pub(super) fn new(rendition: &Rendition) -> Self {
        let tag =
            |coding| CodingHeaders { tag: entity_tag(rendition, coding), made: OnceLock::new() };
        Self {
            identity: tag(Coding::Identity),
            gzip: tag(Coding::Gzip),
            brotli: tag(Coding::Brotli),
            zstd: tag(Coding::Zstd),
            last_modified: header_value(format_http_date(rendition.modified_at)),
            shared_cache: header_value(shared_cache_control(rendition.max_age_seconds)),
            own_cache: header_value(format!("private, max-age={}", rendition.max_age_seconds)),
            links: rendition.links.clone().and_then(header_value),
        }
    }

    /// The entity tag of a coding, with its quotes.
    pub(super) fn tag(&self, coding: Coding) -> &str {
        &self.of_coding(coding).tag
    }

    /// The headers of a response with the rendition in a coding, but for those of its body.
    pub(super) fn response_headers(&self, policy: CachePolicy, coding: Coding) -> HeaderMap {
        let of_coding = self.of_coding(coding);
        let make = || self.make_headers(policy, &of_coding.tag);
        let (made_for, headers) = of_coding.made.get_or_init(|| (policy, make()));
        if *made_for == policy { headers.clone() } else { make() }
    }

    fn make_headers(&self, policy: CachePolicy, tag: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: Option<HeaderValue>| {
            value.map(|value| headers.insert(name, value));
        };
        let own = || match policy {
            CachePolicy::FeedGuide => self.own_cache.clone(),
            _ => self.shared_cache.clone(),
        };
        insert(header::VARY, Some(policy.vary()));
        insert(header::ETAG, header_value(tag.to_owned()));
        insert(header::CACHE_CONTROL, policy.cache_control().or_else(own));
        let last_modified = self.last_modified.clone().filter(|_| !policy.is_for_files());
        insert(header::LAST_MODIFIED, last_modified);
        insert(header::LINK, self.links.clone());
        if policy.is_for_other_sites() {
            insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, Some(ALL_SITES));
            insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, Some(EXPOSED_HEADERS));
        }
        security_headers::add_to(&mut headers);
        headers
    }

    fn of_coding(&self, coding: Coding) -> &CodingHeaders {
        match coding {
            Coding::Identity => &self.identity,
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
            Coding::Zstd => &self.zstd,
        }
    }
}

/// A value that is not valid in a header is left out.
fn header_value(text: String) -> Option<HeaderValue> {
    HeaderValue::try_from(text).ok()
}

fn shared_cache_control(max_age: u64) -> String {
    if max_age == 0 {
        return "public, max-age=0".to_owned();
    }
    format!(
        "public, max-age={max_age}, stale-while-revalidate={max_age}, \
         stale-if-error={STALE_IF_ERROR_SECONDS}"
    )
}

fn format_http_date(at: Timestamp) -> String {
    // `httpdate` cannot write earlier dates.
    httpdate::fmt_http_date(at.max(Timestamp::UNIX_EPOCH).into())
}
