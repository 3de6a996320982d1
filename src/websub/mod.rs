//! The subscriber's half of W3C WebSub (2018-01-23) as values: what the publisher offers, what to ask
//! a hub for, whether a hub's question is about something that we asked for, when to renew, and
//! whether a push is signed.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `offer` | `Link` headers and a feed → its topic and hubs |
//! | `ask` | a subscription → the form for its hub |
//! | `verify` | a hub's question → what to answer it |
//! | `signature` | a push, its header and the secret → whether it is the hub's |
//! | `rate` | pushes of one source → how many of them are taken |
//!
//! | from | by | to |
//! | --- | --- | --- |
//! | wanted, expired, denied | the hub's verification | active, until the lease ends |
//! | active | the hub's verification of a renewal | active, with a new end |
//! | active | the end of the lease | expired |
//! | any but leaving | the hub's denial | denied |
//! | any | the source goes, or names another topic or hub | leaving |
//! | wanted, expired, denied | the hub fails, and the publisher names another one | leaving; wanted at that one |
//! | leaving | the hub's verification, or three requests without one | forgotten |

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod hub_offer;
mod rate_limit;
mod request_form;
mod signature;
mod verification;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::model::{HubMode, PendingRequest, Subscription, SubscriptionState};

pub use hub_offer::find_hub_offer;
pub use rate_limit::PushRateLimit;
pub use request_form::request_form;
pub use signature::is_signature_valid;
pub use verification::{VerificationRequest, VerificationVerdict, answer_verification};

/// A hub that was asked is asked again after this long without a verification, then after twice as
/// long, and so on: hubs verify within seconds, busy ones within minutes.
const FIRST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// The waits stop growing here: a hub that is gone costs one request a week.
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A hub that denied is asked again after this long.
const AFTER_DENIAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Requests to end a subscription, at most: after that its pushes are answered 410, which ends it
/// at the hub as well (section 7).
const MAX_UNSUBSCRIBE_ATTEMPTS: u32 = 3;
/// A feed that names another topic or hub at every reading is followed no more often than this.
const SHORTEST_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// The hub's own words are kept up to so many letters.
const MAX_ERROR_CHARACTERS: usize = 200;

/// A source that is pushed is still polled once a day, jitter of a tenth included: hubs lose pushes.
pub const RELAXED_INTERVAL: Duration = Duration::from_hours(20);

/// What is to be done about a subscription now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionStep {
    /// Nothing.
    Wait,
    /// The hub is to be asked; call `asked` first, as some hubs verify before they answer.
    Request(HubMode),
    /// Its lease ran out: call `expire`.
    Expire,
    /// It is over; nobody needs to be told.
    Delete,
}

/// What is to be done at `now`.
pub fn next_step(subscription: &Subscription, now: Timestamp) -> SubscriptionStep {
    let is_due = subscription.next_at <= now;
    match subscription.state {
        SubscriptionState::Active { until } if until <= now => SubscriptionStep::Expire,
        SubscriptionState::Leaving
            if subscription.attempts >= MAX_UNSUBSCRIBE_ATTEMPTS && is_due =>
        {
            SubscriptionStep::Delete
        }
        SubscriptionState::Leaving if is_due => SubscriptionStep::Request(HubMode::Unsubscribe),
        _ if is_due => SubscriptionStep::Request(HubMode::Subscribe),
        _ => SubscriptionStep::Wait,
    }
}

/// The hub is being asked: from now on its verification is expected.
pub fn record_request(subscription: &mut Subscription, mode: HubMode, now: Timestamp) {
    subscription.pending_request = Some(PendingRequest { mode, at: now });
    subscription.attempts = subscription.attempts.saturating_add(1);
    let doublings = subscription.attempts.saturating_sub(1).min(16);
    let wait = FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(MAX_WAIT).min(MAX_WAIT);
    subscription.next_at = add_wait(now, wait);
}

/// The request was not taken, in these words; `retry_after_seconds` is what the hub asks to wait.
pub fn record_refusal(
    subscription: &mut Subscription,
    why: &str,
    retry_after_seconds: Option<u64>,
    now: Timestamp,
) {
    subscription.last_error = Some(short_hub_message(subscription, why));
    let wait = retry_after_seconds.map(|seconds| {
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)).min(MAX_WAIT)
    });
    if let Some(wait) = wait {
        subscription.next_at = subscription.next_at.max(add_wait(now, wait));
    }
}

/// The lease ran out. The next request stays when it was planned, so that a hub with leases of a
/// moment is not asked every moment.
pub fn expire_lease(subscription: &mut Subscription) {
    subscription.state = SubscriptionState::Expired;
    subscription.is_trusted = false;
}

/// It is not wanted any more. What no hub ever verified is over at once.
pub fn begin_unsubscribe(subscription: &mut Subscription, now: Timestamp) {
    if subscription.state == SubscriptionState::Leaving {
        return;
    }
    // A hub that was asked may still verify; our refusal ends that. There is nothing to end.
    let was_verified = matches!(subscription.state, SubscriptionState::Active { .. });
    subscription.state = SubscriptionState::Leaving;
    subscription.is_trusted = false;
    subscription.attempts = if was_verified { 0 } else { MAX_UNSUBSCRIBE_ATTEMPTS };
    subscription.next_at = now;
}

/// Whether pushes are taken.
pub fn is_active(subscription: &Subscription, now: Timestamp) -> bool {
    matches!(subscription.state, SubscriptionState::Active { until } if until > now)
}

/// Whether the source may be polled rarely, if the poll finds nothing new.
pub fn is_relaxed(subscription: &Subscription, now: Timestamp) -> bool {
    subscription.is_trusted && is_active(subscription, now)
}

/// A push was signed and read.
pub fn record_push(subscription: &mut Subscription, now: Timestamp) {
    subscription.pushed_at = Some(now);
    subscription.is_trusted = true;
}

/// A poll found something new that no push had brought.
pub fn record_missed_push(subscription: &mut Subscription) {
    subscription.is_trusted = false;
}

/// Whether a subscription is what the publisher offers now, or is too young to be given up for
/// another one.
pub fn matches_offer(
    subscription: &Subscription,
    offer: Option<&super::model::HubOffer>,
    now: Timestamp,
) -> bool {
    let is_offered = offer.is_some_and(|offer| {
        offer.topic == subscription.topic && offer.hubs.contains(&subscription.hub)
    });
    is_offered || now < add_wait(subscription.made_at, SHORTEST_LIFE)
}

/// Another of the hubs that a publisher names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHub<'a> {
    /// The hub.
    pub hub: &'a str,
    /// When it is to be asked: at once if it is named behind the one that failed; the first again
    /// when that one would have been, so that hubs that all fail are asked ever more rarely.
    pub at: Timestamp,
}

/// The hub to be asked instead of one that has not verified a subscription: it refused or denied, or
/// was asked twice for nothing. `None`: the subscription stays where it is.
pub fn next_hub<'a>(
    subscription: &Subscription,
    offer: &'a super::model::HubOffer,
    now: Timestamp,
) -> Option<NextHub<'a>> {
    let stands =
        matches!(subscription.state, SubscriptionState::Active { .. } | SubscriptionState::Leaving);
    let has_failed = subscription.last_error.is_some() || subscription.attempts > 1;
    if stands || !has_failed || offer.topic != subscription.topic || offer.hubs.len() < 2 {
        return None;
    }
    let place = offer.hubs.iter().position(|hub| *hub == subscription.hub)?;
    Some(match offer.hubs.get(place + 1) {
        Some(hub) => NextHub { hub, at: now },
        None => NextHub { hub: offer.hubs.first()?, at: subscription.next_at },
    })
}

/// A hub's words as one short line, without our secrets, which hubs may repeat to us.
fn short_hub_message(subscription: &Subscription, words: &str) -> String {
    let masked =
        words.replace(subscription.secret.reveal(), "…").replace(subscription.token.reveal(), "…");
    let line = |c: char| if c.is_control() { ' ' } else { c };
    masked.chars().map(line).take(MAX_ERROR_CHARACTERS).collect::<String>().trim().to_owned()
}

fn add_wait(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
