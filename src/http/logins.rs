//! The credentials of a request (RFC 7617) → whether they are those of a user. A check costs memory and time by
//! intent; so their number is bounded, and each pair of name and password is checked once.
//!
//! | credentials | outcome |
//! | --- | --- |
//! | were right before | granted, without a check |
//! | were wrong before | refused, without a check |
//! | others | checked, one pair at a time; after a wrong one the next waits for a moment |
//! | others, while too many wait | 503: those who logged in before go on reading |
//!
//! What was checked is remembered as a digest under a random key, for as long as the users stay the same.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::hmac;
use ring::rand::SystemRandom;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::password::is_password;
use crate::model::{RecentlyUsed, SiteUser};

/// Checks that wait for their turn: each takes a few hundredths of a second, or the pause after a wrong one.
const MAX_WAITING: usize = 16;
/// How long a check waits for its turn: a person reloads the page sooner.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// The time after wrong credentials until the next ones are checked: four guesses a second, from all clients together.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(250);
/// Right and wrong credentials that are remembered, in each of two generations.
const MAX_REMEMBERED: usize = 256;
/// The longest credentials that are decoded, in bytes; passwords of people are shorter.
const MAX_CREDENTIALS_BYTES: usize = 1024;

/// A digest of credentials.
type CredentialDigest = Vec<u8>;

/// The users, and what is known about credentials.
pub struct Logins {
    users: Vec<SiteUser>,
    key: hmac::Key,
    known: Mutex<KnownCredentials>,
    waiting: Semaphore,
    turn: Arc<Semaphore>,
}

/// Credentials that were checked.
struct KnownCredentials {
    right: RecentlyUsed<CredentialDigest, ()>,
    wrong: RecentlyUsed<CredentialDigest, ()>,
}

/// What the credentials of a request are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginOutcome {
    /// Those of a user.
    Granted,
    /// Missing, or of no user.
    Refused,
    /// Not known: too many others wait to be checked.
    Busy,
}

impl Logins {
    /// These users, before the first login. `None`: the system has no random numbers.
    pub fn new(users: Vec<SiteUser>) -> Option<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        let (right, wrong) = (RecentlyUsed::new(MAX_REMEMBERED), RecentlyUsed::new(MAX_REMEMBERED));
        Some(Self {
            users,
            key,
            known: Mutex::new(KnownCredentials { right, wrong }),
            waiting: Semaphore::new(MAX_WAITING),
            turn: Arc::new(Semaphore::new(1)),
        })
    }

    /// Whether these are its users.
    pub fn has_users(&self, users: &[SiteUser]) -> bool {
        self.users == users
    }

    /// Checks the credentials of a request.
    pub(super) async fn check(self: &Arc<Self>, headers: &HeaderMap) -> LoginOutcome {
        let Some(sent) = parse_credentials(headers) else { return LoginOutcome::Refused };
        let digest = hmac::sign(&self.key, sent.as_bytes()).as_ref().to_vec();
        if let Some(known) = self.recall(&digest) {
            return known;
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return LoginOutcome::Busy };
        let turn = Arc::clone(&self.turn).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(TURN_TIMEOUT, turn).await else {
            return LoginOutcome::Busy;
        };
        // The same may have been checked meanwhile: feed readers open several connections.
        if let Some(known) = self.recall(&digest) {
            return known;
        }
        let logins = Arc::clone(self);
        // The turn goes with the check: a client that leaves does not begin another one.
        let checked = spawn_blocking(move || {
            let is_right = logins.are_right(&sent);
            logins.remember(digest, is_right);
            if !is_right {
                std::thread::sleep(PAUSE_AFTER_REFUSAL);
            }
            drop(turn);
            if is_right { LoginOutcome::Granted } else { LoginOutcome::Refused }
        });
        checked.await.unwrap_or(LoginOutcome::Busy)
    }

    fn recall(&self, digest: &CredentialDigest) -> Option<LoginOutcome> {
        let mut known = self.known();
        if known.right.find(digest).is_some() {
            return Some(LoginOutcome::Granted);
        }
        known.wrong.find(digest).map(|()| LoginOutcome::Refused)
    }

    /// Right credentials have a memory of their own: no flood of wrong ones makes them forgotten.
    fn remember(&self, digest: CredentialDigest, is_right: bool) {
        let mut known = self.known();
        let memory = if is_right { &mut known.right } else { &mut known.wrong };
        memory.put(digest, (), 1);
    }

    fn known(&self) -> MutexGuard<'_, KnownCredentials> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether these are a user's. A name that no user has takes as long.
    fn are_right(&self, sent: &str) -> bool {
        let Some((name, password)) = sent.split_once(':') else { return false };
        let user = self.users.iter().find(|user| user.name == name);
        let Some(compared) = user.or(self.users.first()) else { return false };
        is_password(password.as_bytes(), &compared.password) && user.is_some()
    }
}

/// Leaves out the users and the key.
impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").field("users", &self.users.len()).finish_non_exhaustive()
    }
}

/// The credentials `name:password` of a request; `None`: it has none, or in another form.
fn parse_credentials(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, packed) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || packed.len() > MAX_CREDENTIALS_BYTES {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(packed.trim()).ok()?;
    String::from_utf8(bytes).ok().filter(|sent| sent.contains(':'))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::model::PasswordHash;

    /// A user whose password is `secret`, at the least cost.
    fn user(name: &str) -> SiteUser {
        let text = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA";
        let cheap = PasswordHash::parse(text).unwrap();
        let output = crate::http::password::compute_output(b"secret", &cheap).unwrap();
        SiteUser { name: name.to_owned(), password: PasswordHash { output, ..cheap } }
    }

    fn logins() -> Arc<Logins> {
        Arc::new(Logins::new(vec![user("layla"), user("عمر")]).unwrap())
    }

    fn sent(credentials: &str) -> HeaderMap {
        let value = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_those_of_a_user_or_not() {
        let logins = logins();
        for (credentials, expected) in [
            ("layla:secret", LoginOutcome::Granted),
            ("عمر:secret", LoginOutcome::Granted),
            ("layla:secre", LoginOutcome::Refused),
            ("layla:", LoginOutcome::Refused),
            (":secret", LoginOutcome::Refused),
            ("Layla:secret", LoginOutcome::Refused),
            ("no one:secret", LoginOutcome::Refused),
        ] {
            for _ in 0..2 {
                assert_eq!(logins.check(&sent(credentials)).await, expected, "{credentials}");
            }
        }
        for value in ["", "Basic", "Basic !", "Bearer bGF5bGE6c2VjcmV0", "Basic bGF5bGE="] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(logins.check(&headers).await, LoginOutcome::Refused, "{value}");
        }
        let long = format!("layla:{}", "a".repeat(2_000));
        assert_eq!(logins.check(&sent(&long)).await, LoginOutcome::Refused);
        assert_eq!(logins.check(&HeaderMap::new()).await, LoginOutcome::Refused);
    }

    #[tokio::test]
    async fn while_checks_wait_only_those_who_logged_in_before_are_admitted() {
        let logins = logins();
        assert_eq!(logins.check(&sent("layla:secret")).await, LoginOutcome::Granted);
        assert_eq!(logins.check(&sent("layla:wrong")).await, LoginOutcome::Refused);
        let all = logins.waiting.try_acquire_many(u32::try_from(MAX_WAITING).unwrap()).unwrap();
        assert_eq!(logins.check(&sent("عمر:secret")).await, LoginOutcome::Busy);
        assert_eq!(logins.check(&sent("layla:secret")).await, LoginOutcome::Granted);
        assert_eq!(logins.check(&sent("layla:wrong")).await, LoginOutcome::Refused);
        drop(all);
        assert_eq!(logins.check(&sent("عمر:secret")).await, LoginOutcome::Granted);
    }

    #[tokio::test]
    async fn a_flood_of_wrong_credentials_displaces_no_right_ones() {
        let logins = logins();
        assert_eq!(logins.check(&sent("layla:secret")).await, LoginOutcome::Granted);
        for number in 0..3 * MAX_REMEMBERED {
            logins.remember(number.to_be_bytes().to_vec(), false);
        }
        let all = logins.waiting.try_acquire_many(u32::try_from(MAX_WAITING).unwrap()).unwrap();
        assert_eq!(logins.check(&sent("layla:secret")).await, LoginOutcome::Granted);
        let known = logins.known();
        assert!(known.wrong.len() <= 2 * MAX_REMEMBERED);
        drop((known, all));
    }
}
