//! A hub's question at our callback → the answer (W3C WebSub sections 5.2 and 5.3).
//!
//! Only what we asked for lately, for the topic that we asked for, is confirmed: anybody can make a
//! hub ask, and whoever made it must not subscribe us to anything, nor end what we have.

use jiff::{SignedDuration, Timestamp};
use rafid_feed::hash;
use url::form_urlencoded;

use super::request_form::LEASE_SECONDS;
use super::{AFTER_DENIAL, add_wait, short_hub_message};
use crate::model::{HubMode, Subscription, SubscriptionState};

/// A request that was not verified within this time is none of ours any more: it is asked again
/// anyway. Within it a question is answered as often as it is asked, as answers get lost.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Challenges are random words of some dozen letters; a longer one is something else.
const LONGEST_CHALLENGE: usize = 1024;
/// Renewals are asked for at this share of the lease, at the latest: time for several tries remains.
const RENEW_AT: (u64, u64) = (3, 4);
/// Whatever the lease, no renewal is sooner than this.
const SOONEST_RENEWAL_SECONDS: u64 = 300;
/// No lease is believed for longer: a year.
const LONGEST_LEASE_SECONDS: u64 = 365 * 24 * 3600;

/// What a hub says in the query of a GET at the callback. `None`: it does not say.
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

/// What a hub's question comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationVerdict {
    /// Yes: 200 with the challenge as the body.
    Confirmed(String),
    /// Yes, and the subscription is over: 200 with the challenge as the body.
    Unsubscribed(String),
    /// It was a message and not a question: 200.
    DenialRecorded,
    /// No: 404.
    Refused,
}

impl VerificationRequest {
    /// Reads a query; of a name that stands twice the first counts.
    pub fn parse(query: &str) -> Self {
        let mut question = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let said = || Some(value.clone().into_owned());
            match &*name {
                "hub.mode" if question.mode.is_none() => question.mode = said(),
                "hub.topic" if question.topic.is_none() => question.topic = said(),
                "hub.challenge" if question.challenge.is_none() => question.challenge = said(),
                "hub.reason" if question.reason.is_none() => question.reason = said(),
                "hub.lease_seconds" if question.lease_seconds.is_none() => {
                    question.lease_seconds = value.trim().parse().ok();
                }
                _ => {}
            }
        }
        question
    }
}

/// Answers a hub, and takes over what it said.
pub fn answer_verification(
    subscription: &mut Subscription,
    question: &VerificationRequest,
    now: Timestamp,
) -> VerificationVerdict {
    if question.topic.as_deref() != Some(subscription.topic.as_str()) {
        return VerificationVerdict::Refused;
    }
    match question.mode.as_deref() {
        Some("denied") => record_denial(subscription, question.reason.as_deref(), now),
        Some("subscribe") => confirm_subscription(subscription, HubMode::Subscribe, question, now),
        Some("unsubscribe") => {
            confirm_subscription(subscription, HubMode::Unsubscribe, question, now)
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
    question: &VerificationRequest,
    now: Timestamp,
) -> VerificationVerdict {
    let is_ours = subscription
        .pending_request
        .is_some_and(|asked| asked.mode == mode && now <= add_wait(asked.at, WINDOW));
    let is_leaving = subscription.state == SubscriptionState::Leaving;
    let challenge = question.challenge.as_ref().filter(|challenge| {
        is_ours
            && is_leaving == (mode == HubMode::Unsubscribe)
            && (1..=LONGEST_CHALLENGE).contains(&challenge.len())
    });
    let Some(challenge) = challenge else { return VerificationVerdict::Refused };
    if mode == HubMode::Unsubscribe {
        return VerificationVerdict::Unsubscribed(challenge.clone());
    }
    // Hubs of the protocol's older versions may not say; then it is what we asked for.
    let lease = question.lease_seconds.unwrap_or(LEASE_SECONDS).min(LONGEST_LEASE_SECONDS);
    subscription.state = SubscriptionState::Active { until: add_wait(now, signed_seconds(lease)) };
    subscription.attempts = 0;
    subscription.last_error = None;
    subscription.next_at =
        add_wait(now, signed_seconds(renewal_after(lease, subscription.token.reveal())));
    VerificationVerdict::Confirmed(challenge.clone())
}

/// Between five eighths and three quarters of the lease: always the same for one subscription, so that
/// a thousand that were made in one minute are not renewed in one minute.
fn renewal_after(lease: u64, token: &str) -> u64 {
    let (part, of) = RENEW_AT;
    let latest = lease / of * part;
    (latest - lease / 8 * hash::spread(token) / 255).max(SOONEST_RENEWAL_SECONDS)
}

fn signed_seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}
