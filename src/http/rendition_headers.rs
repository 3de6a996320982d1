//! A rendition → the header values that all responses with it have, made once: a response only counts references to
//! them.

use http::header::HeaderValue;
use jiff::Timestamp;

use super::entity_tag::entity_tag;
use crate::model::{Coding, Rendition};

/// A day: yesterday's news is better than none.
const STALE_IF_ERROR_SECONDS: u64 = 86_400;

/// The header values of a rendition.
#[derive(Debug)]
pub(super) struct RenditionHeaders {
    identity: TagValue,
    gzip: TagValue,
    brotli: TagValue,
    zstd: TagValue,
    /// `Last-Modified`.
    pub(super) last_modified: Option<HeaderValue>,
    /// `Cache-Control` for everyone.
    pub(super) shared_cache: Option<HeaderValue>,
    /// `Cache-Control` for the client's own cache.
    pub(super) own_cache: Option<HeaderValue>,
    /// `Link`.
    pub(super) links: Option<HeaderValue>,
}

/// The entity tag of one coding, as a text and as a header value.
#[derive(Debug)]
pub(super) struct TagValue {
    pub(super) text: String,
    pub(super) value: Option<HeaderValue>,
}

impl RenditionHeaders {
    /// The values for a rendition.
    pub(super) fn new(rendition: &Rendition) -> Self {
        let tag = |coding| TagValue::new(entity_tag(rendition, coding));
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

    /// The entity tag of a coding.
    pub(super) fn tag(&self, coding: Coding) -> &TagValue {
        match coding {
            Coding::Identity => &self.identity,
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
            Coding::Zstd => &self.zstd,
        }
    }
}

impl TagValue {
    fn new(text: String) -> Self {
        Self { value: header_value(text.clone()), text }
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
