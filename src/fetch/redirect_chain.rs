//! Redirects → the next address, checked and recorded.
//!
//! RFC 9110 section 15.4: 301, 302, 303, 307 and 308 are followed with GET. At most ten in a row, and
//! never to an address that was requested before. Nothing is remembered here: `decide` decides what a
//! permanent redirect means.

use std::fmt::Write;

use url::Url;

use super::FollowedRedirect;
use super::fetch_error::{FetchError, redacted};

/// Two more than any real chain needs (http to https, to www, to a CDN, …); RFC 9110 section 15.4
/// requires only some limit.
const MAX_REDIRECTS: usize = 10;

/// The way from the source's address to the one that responds.
#[derive(Debug)]
pub(super) struct RedirectChain {
    current: Url,
    hops: Vec<FollowedRedirect>,
}

/// Whether a response with this status is a redirect.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The address as it is requested, compared and remembered: without user-info and fragment.
pub(super) fn without_user_info_and_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        // Both fail only for addresses without a host, which have no user-info.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    url
}

impl RedirectChain {
    /// Starts at the source's address.
    pub(super) fn new(start: &Url) -> Self {
        Self { current: without_user_info_and_fragment(start.clone()), hops: Vec::new() }
    }

    /// The address to request now.
    pub(super) fn current(&self) -> &Url {
        &self.current
    }

    /// The address and the redirects that led to it.
    pub(super) fn into_parts(self) -> (Url, Vec<FollowedRedirect>) {
        (self.current, self.hops)
    }

    /// Follows a response with this status and `Location` header.
    pub(super) fn follow(
        &mut self,
        status: u16,
        location: Option<&[u8]>,
    ) -> Result<(), FetchError> {
        let url = redacted(&self.current);
        let bad = |reason: String| FetchError::BadRedirect { status, url: url.clone(), reason };
        let next = match location.map(decode_location) {
            None => return Err(bad("it has no `Location`".to_owned())),
            Some(text) if text.trim().is_empty() => {
                return Err(bad("its `Location` is empty".to_owned()));
            }
            Some(text) => self.current.join(&text).map_err(|error| bad(error.to_string()))?,
        };
        // RFC 9110 section 4.2.4: an address with user-info from an untrusted server is a trap.
        if !next.username().is_empty() || next.password().is_some() {
            return Err(bad("its `Location` has user-info, expected none".to_owned()));
        }
        let next = without_user_info_and_fragment(next);
        if next == self.current || self.hops.iter().any(|hop| hop.from == next) {
            return Err(FetchError::RedirectLoop { url: redacted(&next) });
        }
        if self.hops.len() == MAX_REDIRECTS {
            return Err(FetchError::TooManyRedirects { count: MAX_REDIRECTS });
        }
        let from = std::mem::replace(&mut self.current, next.clone());
        self.hops.push(FollowedRedirect { status, from, to: next });
        Ok(())
    }
}

/// Servers send raw UTF-8 in `Location`, which the address parser encodes; bytes of any other charset
/// are encoded one by one, as browsers do.
fn decode_location(location: &[u8]) -> String {
    match std::str::from_utf8(location) {
        Ok(text) => text.to_owned(),
        Err(_) => location.iter().fold(String::new(), |mut text, byte| {
            if byte.is_ascii() {
                text.push(char::from(*byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(text, "%{byte:02X}");
            }
            text
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn locations_resolve_against_the_address() {
        let check = |location: &[u8], expected: &str| {
            let mut chain = RedirectChain::new(&url("http://a.example/dir/feed?x=1"));
            chain.follow(302, Some(location)).unwrap();
            assert_eq!(chain.current().as_str(), expected, "{}", String::from_utf8_lossy(location));
        };
        check(b"https://b.example/", "https://b.example/");
        check(b"rss", "http://a.example/dir/rss");
        check(b"/rss", "http://a.example/rss");
        check(b"?y=2", "http://a.example/dir/feed?y=2");
        check(b"//b.example/rss", "http://b.example/rss");
        check(b" /rss ", "http://a.example/rss");
        check(b"/a b", "http://a.example/a%20b");
        check(b"/rss#top", "http://a.example/rss");
        check("/أخبار".as_bytes(), "http://a.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1");
        check("http://موقع.example/".as_bytes(), "http://xn--4gbrim.example/");
        // خبر in windows-1256.
        check(&[b'/', 0xce, 0xc8, 0xd1], "http://a.example/%CE%C8%D1");
    }

    #[test]
    fn redirects_without_a_usable_target() {
        let check = |location: Option<&[u8]>, expected: &str| {
            let mut chain = RedirectChain::new(&url("http://me:secret@a.example/"));
            let error = chain.follow(301, location).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert_eq!(chain.current(), &url("http://a.example/"));
        };
        let start = "http://a.example/ answered 301 with no address to go to: ";
        check(None, &format!("{start}it has no `Location`"));
        check(Some(b""), &format!("{start}its `Location` is empty"));
        check(Some(b"http://"), &format!("{start}empty host"));
        let user = format!("{start}its `Location` has user-info, expected none");
        check(Some(b"http://user:secret@b.example/"), &user);
        check(Some(b"//user@a.example/x"), &user);
        check(Some(b"https://:secret@a.example/"), &user);
        check(Some(b"http://a:b:c/"), &format!("{start}invalid port number"));
        check(Some(b"/#top"), "the redirects come back to http://a.example/");
    }

    #[test]
    fn loops_and_endless_chains_are_stopped() {
        let mut chain = RedirectChain::new(&url("http://a.example/0"));
        for index in 1..=MAX_REDIRECTS {
            chain.follow(302, Some(format!("/{index}").as_bytes())).unwrap();
        }
        let back = FetchError::RedirectLoop { url: "http://a.example/3".to_owned() };
        assert_eq!(chain.follow(302, Some(b"/3")), Err(back));
        let further = chain.follow(302, Some(b"/further"));
        assert_eq!(further, Err(FetchError::TooManyRedirects { count: MAX_REDIRECTS }));
        let (current, hops) = chain.into_parts();
        assert_eq!(current, url("http://a.example/10"));
        assert_eq!(hops.len(), MAX_REDIRECTS);
        assert_eq!(hops[9].from, url("http://a.example/9"));
        assert_eq!(hops[9].to, current);
    }
}
