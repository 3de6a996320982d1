//! The subscriber's half of W3C WebSub (2018-01-23) as values: what the publisher offers, what to request
//! from a hub, whether a hub's verification is about our own request, when to renew, and whether a push is
//! signed.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `hub_offer` | `Link` headers and a feed → its topic and hubs |
//! | `request_form` | a subscription → the form for its hub |
//! | `verification` | a hub's verification request → the response |
//! | `signature` | a push, its header and the secret → whether the push is from the hub |
//! | `rate_limit` | pushes of one source → how many are accepted |
//!
//! | from | by | to |
//! | --- | --- | --- |
//! | wanted, expired, denied | the hub's verification | active, until the lease ends |
//! | active | the hub's verification of a renewal | active, with a new end |
//! | active | the end of the lease | expired |
//! | any but leaving | the hub's denial | denied |
//! | any | the source is removed, or names another topic or hub | leaving |
//! | wanted, expired, denied | the hub fails, and the publisher names another one | leaving; wanted at the other hub |
//! | leaving | the hub's verification, or three requests without one | deleted |

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

/// A hub that does not verify gets the next request after this long, then after twice as long, and so on:
/// hubs verify within seconds, busy ones within minutes.
const FIRST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// The waits stop growing here: a dead hub costs one request a week.
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A hub that denied gets the next request after this long.
const AFTER_DENIAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The maximum number of requests to end a subscription: after them its pushes are answered 410, which ends
/// it at the hub as well (section 7).
const MAX_UNSUBSCRIBE_ATTEMPTS: u32 = 3;
/// A feed that names another topic or hub at every poll is not followed more often than this.
const SHORTEST_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// A hub's own message is kept up to this length.
const MAX_ERROR_CHARACTERS: usize = 200;

/// A source that is pushed is still polled once a day, a tenth of jitter included: hubs lose pushes.
pub const RELAXED_INTERVAL: Duration = Duration::from_hours(20);

/// The next step for a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionStep {
    /// Nothing.
    Wait,
    /// Send a request to the hub. Call `record_request` first, because some hubs verify before they respond.
    Request(HubMode),
    /// The lease ran out: call `expire_lease`.
    Expire,
    /// The subscription is over; the hub needs no message.
    Delete,
}

/// The next step at `now`.
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

/// Records that a request is sent to the hub: from now on its verification is expected.
pub fn record_request(subscription: &mut Subscription, mode: HubMode, now: Timestamp) {
    subscription.pending_request = Some(PendingRequest { mode, at: now });
    subscription.attempts = subscription.attempts.saturating_add(1);
    let doublings = subscription.attempts.saturating_sub(1).min(16);
    let wait = FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(MAX_WAIT).min(MAX_WAIT);
    subscription.next_at = add_wait(now, wait);
}

/// Records that the hub refused the request, with the reason; `retry_after_seconds` is the wait that the hub
/// requests.
pub fn record_refusal(
    subscription: &mut Subscription,
    reason: &str,
    retry_after_seconds: Option<u64>,
    now: Timestamp,
) {
    subscription.last_error = Some(short_hub_message(subscription, reason));
    let wait = retry_after_seconds.map(|seconds| {
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)).min(MAX_WAIT)
    });
    if let Some(wait) = wait {
        subscription.next_at = subscription.next_at.max(add_wait(now, wait));
    }
}

/// Records that the lease ran out. The time of the next request does not change, so that a hub with very
/// short leases does not get a request each time.
pub fn expire_lease(subscription: &mut Subscription) {
    subscription.state = SubscriptionState::Expired;
    subscription.is_trusted = false;
}

/// Ends a subscription that is no longer wanted. One that no hub ever verified ends at once.
pub fn begin_unsubscribe(subscription: &mut Subscription, now: Timestamp) {
    if subscription.state == SubscriptionState::Leaving {
        return;
    }
    // A hub that has our request may still verify it; our refusal ends that. Nothing else has to be ended.
    let was_verified = matches!(subscription.state, SubscriptionState::Active { .. });
    subscription.state = SubscriptionState::Leaving;
    subscription.is_trusted = false;
    subscription.attempts = if was_verified { 0 } else { MAX_UNSUBSCRIBE_ATTEMPTS };
    subscription.next_at = now;
}

/// Whether pushes are accepted.
pub fn is_active(subscription: &Subscription, now: Timestamp) -> bool {
    matches!(subscription.state, SubscriptionState::Active { until } if until > now)
}

/// Whether the source may be polled rarely when a poll finds nothing new.
pub fn is_relaxed(subscription: &Subscription, now: Timestamp) -> bool {
    subscription.is_trusted && is_active(subscription, now)
}

/// Records a push that was signed and readable.
pub fn record_push(subscription: &mut Subscription, now: Timestamp) {
    subscription.pushed_at = Some(now);
    subscription.is_trusted = true;
}

/// Records that a poll found something new that no push delivered.
pub fn record_missed_push(subscription: &mut Subscription) {
    subscription.is_trusted = false;
}

/// Whether a subscription matches what the publisher offers now, or is too young to be replaced by another
/// one.
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

/// Another hub that the publisher names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHub<'a> {
    /// The hub.
    pub hub: &'a str,
    /// When to send the request: at once to a hub that is listed after the one that failed. After the last
    /// one, the first is tried again when the failed one would have been, so that hubs that all fail get
    /// requests more and more rarely.
    pub at: Timestamp,
}

/// The hub to try instead of one that has not verified a subscription: it refused, denied, or got two
/// requests without a result. `None`: the subscription stays with its hub.
pub fn next_hub<'a>(
    subscription: &Subscription,
    offer: &'a super::model::HubOffer,
    now: Timestamp,
) -> Option<NextHub<'a>> {
    let is_settled =
        matches!(subscription.state, SubscriptionState::Active { .. } | SubscriptionState::Leaving);
    let has_failed = subscription.last_error.is_some() || subscription.attempts > 1;
    if is_settled || !has_failed || offer.topic != subscription.topic || offer.hubs.len() < 2 {
        return None;
    }
    let position = offer.hubs.iter().position(|hub| *hub == subscription.hub)?;
    Some(match offer.hubs.get(position + 1) {
        Some(hub) => NextHub { hub, at: now },
        None => NextHub { hub: offer.hubs.first()?, at: subscription.next_at },
    })
}

/// A hub's message as one short line, without our secrets, which hubs may send back.
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
