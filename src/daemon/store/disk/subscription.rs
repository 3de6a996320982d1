//! A `Subscription` ↔ the fields of its record; texts are borrowed as in the entry's.

use serde::{Deserialize, Serialize};

use super::{RecordError, check_version, instant, some_instant, some_milliseconds};
use crate::feed::model::{Asked, Mode, Secret, SourceId, Standing, Subscription};

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
    standing: u8,
    until_ms: Option<i64>,
    asked: Option<(u8, i64)>,
    attempts: u32,
    next_ms: i64,
    trouble: Option<&'a str>,
    made_ms: i64,
    pushed_ms: Option<i64>,
    is_trusted: bool,
}

/// The fields of a subscription's record.
pub(crate) fn encode(subscription: &Subscription) -> Result<Vec<u8>, RecordError> {
    let (standing, until_ms) = standing_code(subscription.standing);
    let fields = SubscriptionV1 {
        source: subscription.source.as_str(),
        topic: &subscription.topic,
        hub: &subscription.hub,
        base: &subscription.base,
        token: subscription.token.reveal(),
        secret: subscription.secret.reveal(),
        standing,
        until_ms,
        asked: subscription.asked.map(|it| (mode_code(it.mode), it.at.as_millisecond())),
        attempts: subscription.attempts,
        next_ms: subscription.next_at.as_millisecond(),
        trouble: subscription.trouble.as_deref(),
        made_ms: subscription.made_at.as_millisecond(),
        pushed_ms: some_milliseconds(subscription.pushed_at),
        is_trusted: subscription.is_trusted,
    };
    Ok(postcard::to_stdvec(&fields)?)
}

/// The subscription of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<Subscription, RecordError> {
    check_version(VERSION, version)?;
    let fields: SubscriptionV1<'_> = postcard::from_bytes(fields)?;
    let asked = match fields.asked {
        Some((mode, at)) => Some(Asked { mode: mode_of(mode)?, at: instant(at, "asked")? }),
        None => None,
    };
    Ok(Subscription {
        source: SourceId::new(fields.source).map_err(|_| RecordError::Field("source"))?,
        topic: fields.topic.to_owned(),
        hub: fields.hub.to_owned(),
        base: fields.base.to_owned(),
        token: Secret::new(fields.token),
        secret: Secret::new(fields.secret),
        standing: standing_of(fields.standing, fields.until_ms)?,
        asked,
        attempts: fields.attempts,
        next_at: instant(fields.next_ms, "next_at")?,
        trouble: fields.trouble.map(str::to_owned),
        made_at: instant(fields.made_ms, "made_at")?,
        pushed_at: some_instant(fields.pushed_ms, "pushed_at")?,
        is_trusted: fields.is_trusted,
    })
}

/// Numbers on disk are given here and never move, however the nouns are ordered.
fn standing_code(standing: Standing) -> (u8, Option<i64>) {
    match standing {
        Standing::Wanted => (0, None),
        Standing::Active { until } => (1, Some(until.as_millisecond())),
        Standing::Expired => (2, None),
        Standing::Denied => (3, None),
        Standing::Leaving => (4, None),
    }
}

fn standing_of(code: u8, until_ms: Option<i64>) -> Result<Standing, RecordError> {
    Ok(match (code, until_ms) {
        (0, None) => Standing::Wanted,
        (1, Some(until)) => Standing::Active { until: instant(until, "until")? },
        (2, None) => Standing::Expired,
        (3, None) => Standing::Denied,
        (4, None) => Standing::Leaving,
        _ => return Err(RecordError::Field("standing")),
    })
}

fn mode_code(mode: Mode) -> u8 {
    match mode {
        Mode::Subscribe => 0,
        Mode::Unsubscribe => 1,
    }
}

fn mode_of(code: u8) -> Result<Mode, RecordError> {
    match code {
        0 => Ok(Mode::Subscribe),
        1 => Ok(Mode::Unsubscribe),
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

    fn full() -> Subscription {
        Subscription {
            source: SourceId::new("مصدر").unwrap(),
            topic: "https://a.example/feed".to_owned(),
            hub: "https://hub.example/".to_owned(),
            base: "https://news.example/".to_owned(),
            token: Secret::new("token"),
            secret: Secret::new("secret"),
            standing: Standing::Active { until: at(9) },
            asked: Some(Asked { mode: Mode::Unsubscribe, at: at(1) }),
            attempts: 3,
            next_at: at(2),
            trouble: Some("مشغول".to_owned()),
            made_at: at(3),
            pushed_at: Some(at(4)),
            is_trusted: true,
        }
    }

    #[test]
    fn whatever_a_subscription_holds_comes_back() {
        let check = |it: &Subscription| {
            assert_eq!(&decode(VERSION, &encode(it).unwrap()).unwrap(), it);
        };
        check(&full());
        let asked = Some(Asked { mode: Mode::Subscribe, at: at(0) });
        for standing in [Standing::Wanted, Standing::Expired, Standing::Denied, Standing::Leaving] {
            check(&Subscription { standing, asked, ..full() });
        }
        check(&Subscription { asked: None, trouble: None, pushed_at: None, ..full() });
        check(&Subscription { is_trusted: false, ..full() });
    }

    #[test]
    fn what_is_no_subscription_is_told() {
        let bytes = encode(&full()).unwrap();
        let error = decode(2, &bytes).unwrap_err().to_string();
        assert_eq!(error, "unknown version: expected 1, found 2");
        assert!(decode(1, &bytes[..bytes.len() - 1]).is_err());
        assert!(standing_of(1, None).is_err() && standing_of(0, Some(1)).is_err());
        assert!(standing_of(5, None).is_err() && mode_of(2).is_err());
    }
}
