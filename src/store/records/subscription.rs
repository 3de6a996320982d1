//! A `Subscription` ↔ the fields of its record. Texts are borrowed, as in the record of an entry.

use serde::{Deserialize, Serialize};

use super::{RecordError, check_version, instant_of, optional_instant, optional_milliseconds};
use crate::model::{HubMode, PendingRequest, Secret, SourceId, Subscription, SubscriptionState};

/// The version that is written and read.
pub(crate) const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct SubscriptionV1<'a> {
    source: &'a str,
    topic: &'a str,
    hub: &'a str,
    base: &'a str,
    token: &'a str,
    secret: &'a str,
    state: u8,
    until_ms: Option<i64>,
    pending_request: Option<(u8, i64)>,
    attempts: u32,
    next_ms: i64,
    last_error: Option<&'a str>,
    made_ms: i64,
    pushed_ms: Option<i64>,
    is_trusted: bool,
}

/// The fields of a subscription's record.
pub(crate) fn encode(subscription: &Subscription) -> Result<Vec<u8>, RecordError> {
    let (state, until_ms) = state_code(subscription.state);
    let fields = SubscriptionV1 {
        source: subscription.source.as_str(),
        topic: &subscription.topic,
        hub: &subscription.hub,
        base: &subscription.base,
        token: subscription.token.reveal(),
        secret: subscription.secret.reveal(),
        state,
        until_ms,
        pending_request: subscription
            .pending_request
            .map(|it| (mode_code(it.mode), it.at.as_millisecond())),
        attempts: subscription.attempts,
        next_ms: subscription.next_at.as_millisecond(),
        last_error: subscription.last_error.as_deref(),
        made_ms: subscription.made_at.as_millisecond(),
        pushed_ms: optional_milliseconds(subscription.pushed_at),
        is_trusted: subscription.is_trusted,
    };
    Ok(postcard::to_stdvec(&fields)?)
}

/// The subscription of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<Subscription, RecordError> {
    check_version(VERSION, version)?;
    let fields: SubscriptionV1<'_> = postcard::from_bytes(fields)?;
    let pending_request = match fields.pending_request {
        Some((mode, at)) => {
            Some(PendingRequest { mode: mode_of(mode)?, at: instant_of(at, "pending_request")? })
        }
        None => None,
    };
    Ok(Subscription {
        source: SourceId::new(fields.source).map_err(|_| RecordError::Field("source"))?,
        topic: fields.topic.to_owned(),
        hub: fields.hub.to_owned(),
        base: fields.base.to_owned(),
        token: Secret::new(fields.token),
        secret: Secret::new(fields.secret),
        state: state_of(fields.state, fields.until_ms)?,
        pending_request,
        attempts: fields.attempts,
        next_at: instant_of(fields.next_ms, "next_at")?,
        last_error: fields.last_error.map(str::to_owned),
        made_at: instant_of(fields.made_ms, "made_at")?,
        pushed_at: optional_instant(fields.pushed_ms, "pushed_at")?,
        is_trusted: fields.is_trusted,
    })
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
fn state_code(state: SubscriptionState) -> (u8, Option<i64>) {
    match state {
        SubscriptionState::Wanted => (0, None),
        SubscriptionState::Active { until } => (1, Some(until.as_millisecond())),
        SubscriptionState::Expired => (2, None),
        SubscriptionState::Denied => (3, None),
        SubscriptionState::Leaving => (4, None),
    }
}

fn state_of(code: u8, until_ms: Option<i64>) -> Result<SubscriptionState, RecordError> {
    Ok(match (code, until_ms) {
        (0, None) => SubscriptionState::Wanted,
        (1, Some(until)) => SubscriptionState::Active { until: instant_of(until, "until")? },
        (2, None) => SubscriptionState::Expired,
        (3, None) => SubscriptionState::Denied,
        (4, None) => SubscriptionState::Leaving,
        _ => return Err(RecordError::Field("state")),
    })
}

fn mode_code(mode: HubMode) -> u8 {
    match mode {
        HubMode::Subscribe => 0,
        HubMode::Unsubscribe => 1,
    }
}

fn mode_of(code: u8) -> Result<HubMode, RecordError> {
    match code {
        0 => Ok(HubMode::Subscribe),
        1 => Ok(HubMode::Unsubscribe),
        _ => Err(RecordError::Field("mode")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn full_subscription() -> Subscription {
        Subscription {
            source: SourceId::new("مصدر").unwrap(),
            topic: "https://a.example/feed".to_owned(),
            hub: "https://hub.example/".to_owned(),
            base: "https://news.example/".to_owned(),
            token: Secret::new("token"),
            secret: Secret::new("secret"),
            state: SubscriptionState::Active { until: at(9) },
            pending_request: Some(PendingRequest { mode: HubMode::Unsubscribe, at: at(1) }),
            attempts: 3,
            next_at: at(2),
            last_error: Some("مشغول".to_owned()),
            made_at: at(3),
            pushed_at: Some(at(4)),
            is_trusted: true,
        }
    }

    #[test]
    fn every_subscription_comes_back() {
        let check = |it: &Subscription| {
            assert_eq!(&decode(VERSION, &encode(it).unwrap()).unwrap(), it);
        };
        check(&full_subscription());
        let pending_request = Some(PendingRequest { mode: HubMode::Subscribe, at: at(0) });
        for state in [
            SubscriptionState::Wanted,
            SubscriptionState::Expired,
            SubscriptionState::Denied,
            SubscriptionState::Leaving,
        ] {
            check(&Subscription { state, pending_request, ..full_subscription() });
        }
        check(&Subscription {
            pending_request: None,
            last_error: None,
            pushed_at: None,
            ..full_subscription()
        });
        check(&Subscription { is_trusted: false, ..full_subscription() });
    }

    #[test]
    fn invalid_subscriptions_are_refused() {
        let bytes = encode(&full_subscription()).unwrap();
        let error = decode(2, &bytes).unwrap_err().to_string();
        assert_eq!(error, "unknown version: expected 1, found 2");
        assert!(decode(1, &bytes[..bytes.len() - 1]).is_err());
        assert!(state_of(1, None).is_err() && state_of(0, Some(1)).is_err());
        assert!(state_of(5, None).is_err() && mode_of(2).is_err());
    }
}
