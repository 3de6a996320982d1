//! A hub's question at our callback → the answer (W3C WebSub sections 5.2 and 5.3).
//!
//! Only what we asked for lately, for the topic that we asked for, is confirmed: anybody can make a
//! hub ask, and whoever made it must not subscribe us to anything, nor end what we have.

use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use super::ask::LEASE_SECONDS;
use super::{AFTER_DENIAL, later, told};
use crate::feed::hash;
use crate::feed::model::{Mode, Standing, Subscription};

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
pub struct Question {
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
pub enum Verdict {
    /// Yes: 200 with the challenge as the body.
    Confirmed(String),
    /// Yes, and the subscription is over: 200 with the challenge as the body.
    Over(String),
    /// It was a message and not a question: 200.
    Noted,
    /// No: 404.
    Refused,
}

impl Question {
    /// Reads a query; of a name that stands twice the first counts.
    pub fn read(query: &str) -> Self {
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
pub fn verify(subscription: &mut Subscription, question: &Question, now: Timestamp) -> Verdict {
    if question.topic.as_deref() != Some(subscription.topic.as_str()) {
        return Verdict::Refused;
    }
    match question.mode.as_deref() {
        Some("denied") => denied(subscription, question.reason.as_deref(), now),
        Some("subscribe") => confirmed(subscription, Mode::Subscribe, question, now),
        Some("unsubscribe") => confirmed(subscription, Mode::Unsubscribe, question, now),
        _ => Verdict::Refused,
    }
}

fn denied(subscription: &mut Subscription, reason: Option<&str>, now: Timestamp) -> Verdict {
    if subscription.standing != Standing::Leaving {
        subscription.standing = Standing::Denied;
        subscription.is_trusted = false;
        subscription.asked = None;
        subscription.trouble = Some(match reason.map(|reason| told(subscription, reason)) {
            Some(reason) if !reason.is_empty() => reason,
            _ => "the hub gave no reason".to_owned(),
        });
        subscription.next_at = later(now, AFTER_DENIAL);
    }
    Verdict::Noted
}

fn confirmed(
    subscription: &mut Subscription,
    mode: Mode,
    question: &Question,
    now: Timestamp,
) -> Verdict {
    let is_ours = subscription
        .asked
        .is_some_and(|asked| asked.mode == mode && now <= later(asked.at, WINDOW));
    let is_leaving = subscription.standing == Standing::Leaving;
    let challenge = question.challenge.as_ref().filter(|challenge| {
        is_ours
            && is_leaving == (mode == Mode::Unsubscribe)
            && (1..=LONGEST_CHALLENGE).contains(&challenge.len())
    });
    let Some(challenge) = challenge else { return Verdict::Refused };
    if mode == Mode::Unsubscribe {
        return Verdict::Over(challenge.clone());
    }
    // Hubs of the protocol's older versions may not say; then it is what we asked for.
    let lease = question.lease_seconds.unwrap_or(LEASE_SECONDS).min(LONGEST_LEASE_SECONDS);
    subscription.standing = Standing::Active { until: later(now, seconds(lease)) };
    subscription.attempts = 0;
    subscription.trouble = None;
    subscription.next_at = later(now, seconds(renewal_after(lease, subscription.token.reveal())));
    Verdict::Confirmed(challenge.clone())
}

/// Between five eighths and three quarters of the lease: always the same for one subscription, so that
/// a thousand that were made in one minute are not renewed in one minute.
fn renewal_after(lease: u64, token: &str) -> u64 {
    let (part, of) = RENEW_AT;
    let latest = lease / of * part;
    (latest - lease / 8 * hash::spread(token) / 255).max(SOONEST_RENEWAL_SECONDS)
}

fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}
