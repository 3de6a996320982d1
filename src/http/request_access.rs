//! A request → what its sender may see.
//!
//! | sender | sees |
//! | --- | --- |
//! | at the operator's own address (`admin_listen`) | all reports in full |
//! | with the store's key, where readers have no address of their own | the same, and what needs the key |
//! | on this machine, in the same case | reports in full, unless they are `off` |
//! | everyone else | the public part of what is `public` |
//!
//! Where the site has users, everyone else must be one of them, but for the checks of health, the program's own files,
//! and a private output at its secret address. A private output is found nowhere else.
//!
//! A request counts as one of this machine if its connection begins here, no proxy passed it on, and it names this
//! machine: a page elsewhere whose host name leads to a loopback address names itself.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, Uri};
use rafid_feed::hash;

use super::HttpState;
use super::access_rules::{AccessRules, ListenerKind, RequestOrigin};
use super::logins::LoginOutcome;
use super::representation::set_header;
use super::resource::{Audience, Resource};
use super::route::{self, Route};
use crate::model::{Notice, Scope, Visibility};

/// The header in which the operator's own programs send the store's key.
pub const KEY_HEADER: &str = "x-rafid-key";

/// Where private outputs are; the token follows.
const PRIVATE_FOLDER: &str = "/private/";
/// What search engines may do with a response; no RFC, but all of them read it.
const ROBOTS_HEADER: HeaderName = HeaderName::from_static("x-robots-tag");

/// What proxies add to a request that they pass on (RFC 7239, RFC 9110 section 7.6.3, and what was usual before).
const PROXY_HEADERS: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// A request's sender, before the rules of the operator.
pub(super) struct RequestAccess<'a> {
    state: &'a HttpState,
    rules: Arc<AccessRules>,
    origin: RequestOrigin,
    headers: &'a HeaderMap,
}

impl<'a> RequestAccess<'a> {
    /// The sender of a request with these headers.
    pub(super) fn new(state: &'a HttpState, origin: RequestOrigin, headers: &'a HeaderMap) -> Self {
        Self { state, rules: state.access.load_full(), origin, headers }
    }

    /// Whether the request has the store's key, at an address where the key counts. The comparison takes the same
    /// time however much of the key matches.
    pub(super) fn has_key(&self) -> bool {
        let (Some(key), Some(sent)) = (&self.state.operator_key, self.headers.get(KEY_HEADER))
        else {
            return false;
        };
        self.origin.listener != ListenerKind::Readers && hash::is_same_secret(sent, key.as_bytes())
    }

    /// Whether the sender is the operator.
    fn is_operator(&self) -> bool {
        self.origin.listener == ListenerKind::Operator || self.has_key()
    }

    /// Whether the sender is a program on this machine, where that counts.
    fn is_local(&self) -> bool {
        self.origin.listener != ListenerKind::Readers
            && self.origin.is_loopback
            && !PROXY_HEADERS.iter().any(|name| self.headers.contains_key(name))
            && names_this_machine(self.headers)
    }

    fn may_see(&self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Local => self.is_operator() || self.is_local(),
            Visibility::Off => self.is_operator(),
        }
    }

    /// Whether the sender may see the counters.
    pub(super) fn may_see_metrics(&self) -> bool {
        self.may_see(self.rules.metrics)
    }

    /// The resource as the sender may see it; `None`: it does not exist for the sender.
    pub(super) fn permit(&self, resource: Resource) -> Option<Resource> {
        let audience = || {
            let is_known = self.is_operator() || self.is_local();
            if is_known { Audience::Operator } else { Audience::Public }
        };
        let permitted = match resource {
            Resource::Status { failing_only, order, .. } => {
                Resource::Status { failing_only, order, audience: audience() }
            }
            Resource::StatusJson { .. } => Resource::StatusJson { audience: audience() },
            other => return Some(other),
        };
        self.may_see(self.rules.status).then_some(permitted)
    }

    /// The route of an address: below the path of the public base address for proxies that leave it in place, else
    /// as it is.
    pub(super) fn find_route(&self, uri: &Uri) -> FoundRoute {
        let below = self.state.cache.path_below_base(uri.path());
        let below = below.map(|path| self.route_of_path(path, uri.query()));
        let found = below.filter(|found| found.route != Route::NotFound);
        found.unwrap_or_else(|| self.route_of_path(uri.path(), uri.query()))
    }

    fn route_of_path(&self, path: &str, query: Option<&str>) -> FoundRoute {
        if let Some(rest) = path.strip_prefix(PRIVATE_FOLDER) {
            let route = self.private_route(rest, query);
            return FoundRoute { is_private: route != Route::NotFound, route };
        }
        let route = route::parse_route(path, query);
        let is_hidden = match &route {
            Route::Rendered(resource) => resource.scope().is_some_and(|scope| self.hides(scope)),
            _ => false,
        };
        FoundRoute { route: if is_hidden { Route::NotFound } else { route }, is_private: false }
    }

    /// Whether an output is not at the address that its id makes.
    fn hides(&self, scope: &Scope) -> bool {
        matches!(scope, Scope::Output(id) if self.rules.private_outputs.contains_key(id))
    }

    /// The route of the path below the folder of private outputs.
    fn private_route(&self, path: &str, query: Option<&str>) -> Route {
        let (token, file) = match path.split_once('/') {
            Some((token, file)) => (token, Some(file)),
            None => (path, None),
        };
        match (self.rules.output_of_token(token), file) {
            (None, _) => Route::NotFound,
            (Some(_), None) => Route::Redirect(format!("{token}/")),
            (Some(id), Some(file)) => route::parse_route(&format!("/output/{id}/{file}"), query),
        }
    }

    /// Why the sender gets nothing at a route; `None`: the sender is a user of the site, or needs not be one.
    pub(super) async fn check_login(&self, found: &FoundRoute) -> Option<Notice> {
        let logins = self.rules.logins.as_ref()?;
        let is_open = matches!(found.route, Route::Healthz | Route::Readyz | Route::File { .. });
        if is_open || found.is_private || self.is_operator() {
            return None;
        }
        match logins.check(self.headers).await {
            LoginOutcome::Granted => None,
            LoginOutcome::Refused => Some(Notice::Unauthorized),
            LoginOutcome::Busy => Some(Notice::LoginBusy),
        }
    }

    /// Whether the site has users: strangers get no page that says what it holds.
    pub(super) fn has_users(&self) -> bool {
        self.rules.logins.is_some()
    }

    /// Who may store and show a response at a route.
    pub(super) fn privacy_of(&self, found: &FoundRoute) -> ResponsePrivacy {
        if found.is_private {
            ResponsePrivacy::SecretAddress
        } else if self.has_users() && !matches!(found.route, Route::File { .. }) {
            ResponsePrivacy::Users
        } else {
            ResponsePrivacy::Open
        }
    }
}

/// A route, and whether its address is a secret.
pub(super) struct FoundRoute {
    pub(super) route: Route,
    /// It is a private output at its secret address.
    pub(super) is_private: bool,
}

/// Who may store and show a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponsePrivacy {
    /// Everyone, as the response itself says.
    Open,
    /// No cache on the way.
    Users,
    /// No cache on the way, and no search engine; no other site may learn the address.
    SecretAddress,
}

impl ResponsePrivacy {
    /// Adds what a response must say.
    pub(super) fn mark(self, response: &mut Response<Body>) {
        if self == Self::Open {
            return;
        }
        let headers = response.headers_mut();
        if let Some(public) = headers.get(header::CACHE_CONTROL)
            && let Some(rest) = public.to_str().ok().and_then(|it| it.strip_prefix("public"))
        {
            let own = rest.split(", stale-").next().unwrap_or_default();
            set_header(headers, header::CACHE_CONTROL, &format!("private{own}"));
        }
        if self == Self::SecretAddress {
            headers.insert(ROBOTS_HEADER, HeaderValue::from_static("noindex, nofollow"));
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
    }
}

/// Whether a request names an address of IP or `localhost` as its host, or none.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let end = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    let name = &host[..end.unwrap_or(host.len())];
    let is_address = |name: &str| name.parse::<IpAddr>().is_ok();
    name.eq_ignore_ascii_case("localhost") || is_address(name.trim_matches(['[', ']']))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http::{DaemonHealth, RenditionCache};

    const KEY: &str = "0123456789abcdef";

    fn state(rules: AccessRules) -> HttpState {
        let health = Arc::new(DaemonHealth::new(Timestamp::UNIX_EPOCH));
        let cache = Arc::new(RenditionCache::default());
        let state = HttpState::without_store(cache, health, || Timestamp::UNIX_EPOCH);
        state.access.store(Arc::new(rules));
        HttpState { operator_key: Some(KEY.into()), ..state }
    }

    /// What the sender of a request sees of the status: `-` nothing, `p` the public part, `o` everything; and whether
    /// it may see the counters, which have the same visibility.
    fn seen(visibility: Visibility, origin: RequestOrigin, headers: &[(&str, &str)]) -> char {
        let rules =
            AccessRules { status: visibility, metrics: visibility, ..AccessRules::default() };
        let state = state(rules);
        let pairs = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        });
        let headers: HeaderMap = pairs.collect();
        let access = RequestAccess::new(&state, origin, &headers);
        let status = access.permit(Resource::StatusJson { audience: Audience::Public });
        assert_eq!(access.may_see_metrics(), status.is_some());
        match status {
            None => '-',
            Some(Resource::StatusJson { audience: Audience::Operator }) => 'o',
            Some(_) => 'p',
        }
    }

    #[test]
    fn reports_are_shown_by_address_key_and_machine() {
        use ListenerKind::{Operator, Readers, Sole};
        let host = ("host", "127.0.0.1:8080");
        let key = ("x-rafid-key", KEY);
        let proxied = ("x-forwarded-for", "192.0.2.1");
        // Where it arrives, from this machine or not, its headers; what is seen of a public, a local and an off report.
        for (listener, is_loopback, headers, expected) in [
            (Sole, true, vec![host], "oo-"),
            (Sole, true, vec![("host", "LOCALHOST")], "oo-"),
            (Sole, true, vec![("host", "[::1]:80")], "oo-"),
            (Sole, true, vec![], "oo-"),
            (Sole, true, vec![("host", "rebound.example")], "p--"),
            (Sole, true, vec![host, proxied], "p--"),
            (Sole, true, vec![host, ("forwarded", "for=192.0.2.1")], "p--"),
            (Sole, true, vec![host, ("via", "1.1 cache")], "p--"),
            (Sole, false, vec![host], "p--"),
            (Sole, false, vec![host, key], "ooo"),
            (Sole, true, vec![host, proxied, key], "ooo"),
            (Sole, false, vec![host, ("x-rafid-key", "0123456789abcdee")], "p--"),
            (Readers, true, vec![host], "p--"),
            (Readers, true, vec![host, key], "p--"),
            (Operator, true, vec![host], "ooo"),
            (Operator, false, vec![("host", "a"), proxied], "ooo"),
        ] {
            let origin = RequestOrigin { listener, is_loopback };
            let all = [Visibility::Public, Visibility::Local, Visibility::Off];
            let found: String = all.into_iter().map(|it| seen(it, origin, &headers)).collect();
            assert_eq!(found, expected, "{listener:?} {is_loopback} {headers:?}");
        }
    }

    #[test]
    fn a_connection_of_this_machine_is_known_in_both_families() {
        for (peer, expected) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
        ] {
            let origin = RequestOrigin::new(ListenerKind::Sole, peer.parse().ok());
            assert_eq!(origin.is_loopback, expected, "{peer}");
        }
        assert!(!RequestOrigin::new(ListenerKind::Sole, None).is_loopback);
    }
}
