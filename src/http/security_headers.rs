//! The headers of a response → the same with what browsers are denied.

use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};

/// On every response: no script, no frame, no type sniffing, nothing from elsewhere.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
];

/// Adds what is missing. A header that is there stays: a private output has a stricter policy for referrers.
pub(super) fn add_to(headers: &mut HeaderMap) {
    // Only this function adds the first one, so that a second call has nothing to do.
    if headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        return;
    }
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(value);
    }
}
