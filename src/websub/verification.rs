//! A hub's verification request at our callback → the response (W3C WebSub sections 5.2 and 5.3).
//!
//! Only a recent request of ours, for the topic that we requested, is confirmed: anyone can make a hub send a
//! verification, and must not be able to subscribe us to anything, nor end what we have.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::hash;
use url::form_urlencoded;

use super::request_form::LEASE_SECONDS;
use super::{AFTER_DENIAL, add_wait, short_hub_message};
use crate::model::{HubMode, Subscription, SubscriptionState};

/// A request that is not verified within this time no longer counts as ours: it is sent again anyway. Within
/// it, every verification is answered, however often it comes, because responses get lost.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Challenges are random words of a few dozen letters; a longer one is something else.
const LONGEST_CHALLENGE: usize = 1024;
/// Renewals are requested at this share of the lease, at the latest: time for several attempts remains.
const RENEW_AT: (u64, u64) = (3, 4);
/// Whatever the lease, no renewal is sooner than this.
const SOONEST_RENEWAL_SECONDS: u64 = 300;
/// The longest lease that is accepted: a year.
const LONGEST_LEASE_SECONDS: u64 = 365 * 24 * 3600;

/// The parameters of a GET at the callback. `None`: the hub does not send the parameter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerificationRequest {
    /// `hub.mode`.
    pub mode: Option<String>,
    /// `hub.topic`.
    pub topic: Option<String>,
    /// `hub.challenge`.
    pub challenge: Option<String>,
    /// `hub.lease_seconds`, where it is a number.
    pub lease_seconds: Option<u64>,
    /// `hub.reason`.
    pub reason: Option<String>,
}

/// The result of a hub's verification request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationVerdict {
    /// Yes: 200 with the challenge as the body.
    Confirmed(String),
    /// Yes, and the subscription is over: 200 with the challenge as the body.
    Unsubscribed(String),
    /// The request was a message that needs no challenge: 200.
    DenialRecorded,
    /// No: 404.
    Refused,
}

impl VerificationRequest {
    /// Parses a query; of a repeated name the first value counts.
    pub fn parse(query: &str) -> Self {
        let mut request = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let owned = || Some(value.clone().into_owned());
            match &*name {
                "hub.mode" if request.mode.is_none() => request.mode = owned(),
                "hub.topic" if request.topic.is_none() => request.topic = owned(),
                "hub.challenge" if request.challenge.is_none() => request.challenge = owned(),
                "hub.reason" if request.reason.is_none() => request.reason = owned(),
                "hub.lease_seconds" if request.lease_seconds.is_none() => {
                    request.lease_seconds = value.trim().parse().ok();
                }
                _ => {}
            }
        }
        request
    }
}

/// Answers a hub's verification request, and records what it says.
pub fn answer_verification(
    subscription: &mut Subscription,
    request: &VerificationRequest,
    now: Timestamp,
) -> VerificationVerdict {
    if request.topic.as_deref() != Some(subscription.topic.as_str()) {
        return VerificationVerdict::Refused;
    }
    match request.mode.as_deref() {
        Some("denied") => record_denial(subscription, request.reason.as_deref(), now),
        Some("subscribe") => confirm_subscription(subscription, HubMode::Subscribe, request, now),
        Some("unsubscribe") => {
            confirm_subscription(subscription, HubMode::Unsubscribe, request, now)
        }
        _ => VerificationVerdict::Refused,
    }
}

fn record_denial(
    subscription: &mut Subscription,
    reason: Option<&str>,
    now: Timestamp,
) -> VerificationVerdict {
    if subscription.state != SubscriptionState::Leaving {
        subscription.state = SubscriptionState::Denied;
        subscription.is_trusted = false;
        subscription.pending_request = None;
        subscription.last_error =
            Some(match reason.map(|reason| short_hub_message(subscription, reason)) {
                Some(reason) if !reason.is_empty() => reason,
                _ => "the hub gave no reason".to_owned(),
            });
        subscription.next_at = add_wait(now, AFTER_DENIAL);
    }
    VerificationVerdict::DenialRecorded
}

fn confirm_subscription(
    subscription: &mut Subscription,
    mode: HubMode,
    request: &VerificationRequest,
    now: Timestamp,
) -> VerificationVerdict {
    let is_ours = subscription
        .pending_request
        .is_some_and(|pending| pending.mode == mode && now <= add_wait(pending.at, WINDOW));
    let is_leaving = subscription.state == SubscriptionState::Leaving;
    let challenge = request.challenge.as_ref().filter(|challenge| {
        is_ours
            && is_leaving == (mode == HubMode::Unsubscribe)
            && (1..=LONGEST_CHALLENGE).contains(&challenge.len())
    });
    let Some(challenge) = challenge else { return VerificationVerdict::Refused };
    if mode == HubMode::Unsubscribe {
        return VerificationVerdict::Unsubscribed(challenge.clone());
    }
    // Hubs of older versions of the protocol may omit the lease; then it is what we requested.
    let lease = request.lease_seconds.unwrap_or(LEASE_SECONDS).min(LONGEST_LEASE_SECONDS);
    subscription.state = SubscriptionState::Active { until: add_wait(now, signed_seconds(lease)) };
    subscription.attempts = 0;
    subscription.last_error = None;
    subscription.next_at =
        add_wait(now, signed_seconds(renewal_after(lease, subscription.token.reveal())));
    VerificationVerdict::Confirmed(challenge.clone())
}

/// Between five eighths and three quarters of the lease: always the same for one subscription, so that a
/// thousand subscriptions made in one minute are not all renewed in one minute.
fn renewal_after(lease: u64, token: &str) -> u64 {
    let (numerator, denominator) = RENEW_AT;
    let latest = lease / denominator * numerator;
    (latest - lease / 8 * hash::spread(token) / 255).max(SOONEST_RENEWAL_SECONDS)
}

fn signed_seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}
