//! The headers of a response → the service in front of the server that sent it instead.

use std::fmt;

use http::HeaderMap;

/// A service in front of the server that lets only browsers through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waf {
    /// A challenge of Cloudflare.
    Cloudflare,
    /// A challenge of AWS WAF.
    AwsWaf,
    /// A challenge of Vercel's firewall.
    Vercel,
}

/// Response headers that mark a challenge, as the services document them (AWS sends it with 202 or 405,
/// Vercel with 429 or 403, Cloudflare with 403 or 503).
const CHALLENGES: [(&str, &str, Waf); 4] = [
    ("cf-mitigated", "challenge", Waf::Cloudflare),
    ("x-amzn-waf-action", "captcha", Waf::AwsWaf),
    ("x-amzn-waf-action", "challenge", Waf::AwsWaf),
    ("x-vercel-mitigated", "challenge", Waf::Vercel),
];

impl Waf {
    /// The service that responded instead of the server; `None`: no header marks one.
    pub(super) fn detect(headers: &HeaderMap) -> Option<Self> {
        let has_header = |name: &str, value: &str| {
            headers
                .get(name)
                .is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
        };
        CHALLENGES.iter().find(|(name, value, _)| has_header(name, value)).map(|(.., waf)| *waf)
    }
}

impl fmt::Display for Waf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cloudflare => "Cloudflare",
            Self::AwsWaf => "AWS WAF",
            Self::Vercel => "Vercel",
        })
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn every_challenge_is_detected() {
        for (name, value, waf) in CHALLENGES {
            let mut headers = HeaderMap::new();
            let name = HeaderName::from_static(name);
            headers.insert(&name, HeaderValue::from_static(value));
            assert_eq!(Waf::detect(&headers), Some(waf), "{name}");
            headers.insert(&name, HeaderValue::from_static("other"));
            assert_eq!(Waf::detect(&headers), None, "{name}");
        }
    }
}
