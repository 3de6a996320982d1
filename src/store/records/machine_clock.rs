//! What is known about the clock of this machine ↔ the fields of its record.

use serde::{Deserialize, Serialize};

use super::{RecordError, check_version, instant_of, optional_instant, optional_milliseconds};
use crate::model::{ClockDoubt, ClockDoubtKind, SystemClock};

/// The version that is written and read.
pub(crate) const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct SystemClockV1 {
    confirmed_ms: Option<i64>,
    doubt: Option<DoubtV1>,
    hour_began_ms: Option<i64>,
    pruned_count: u64,
}

#[derive(Serialize, Deserialize)]
struct DoubtV1 {
    kind: u8,
    ahead_seconds: i64,
    since_ms: i64,
    last_ms: i64,
    steady_seconds: u64,
}

/// The fields of the record.
pub(crate) fn encode(clock: &SystemClock) -> Result<Vec<u8>, RecordError> {
    let doubt = clock.doubt.map(|doubt| DoubtV1 {
        kind: kind_code(doubt.kind),
        ahead_seconds: doubt.ahead_seconds,
        since_ms: doubt.since.as_millisecond(),
        last_ms: doubt.last_at.as_millisecond(),
        steady_seconds: doubt.steady_seconds,
    });
    Ok(postcard::to_stdvec(&SystemClockV1 {
        confirmed_ms: optional_milliseconds(clock.confirmed_at),
        doubt,
        hour_began_ms: optional_milliseconds(clock.hour_began_at),
        pruned_count: clock.pruned_count,
    })?)
}

/// The clock of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<SystemClock, RecordError> {
    check_version(VERSION, version)?;
    let fields: SystemClockV1 = postcard::from_bytes(fields)?;
    Ok(SystemClock {
        confirmed_at: optional_instant(fields.confirmed_ms, "confirmed_at")?,
        doubt: fields.doubt.map(DoubtV1::into_doubt).transpose()?,
        hour_began_at: optional_instant(fields.hour_began_ms, "hour_began_at")?,
        pruned_count: fields.pruned_count,
    })
}

impl DoubtV1 {
    fn into_doubt(self) -> Result<ClockDoubt, RecordError> {
        Ok(ClockDoubt {
            kind: kind_of(self.kind)?,
            ahead_seconds: self.ahead_seconds,
            since: instant_of(self.since_ms, "since")?,
            last_at: instant_of(self.last_ms, "last_at")?,
            steady_seconds: self.steady_seconds,
        })
    }
}

fn kind_code(kind: ClockDoubtKind) -> u8 {
    match kind {
        ClockDoubtKind::Hosts => 0,
        ClockDoubtKind::Jump => 1,
        ClockDoubtKind::Behind => 2,
        ClockDoubtKind::Ahead => 3,
    }
}

fn kind_of(code: u8) -> Result<ClockDoubtKind, RecordError> {
    Ok(match code {
        0 => ClockDoubtKind::Hosts,
        1 => ClockDoubtKind::Jump,
        2 => ClockDoubtKind::Behind,
        3 => ClockDoubtKind::Ahead,
        _ => return Err(RecordError::Field("doubt")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_clock_comes_back() {
        let at = |second: i64| instant_of(second * 1000, "x").unwrap();
        for kind in [
            ClockDoubtKind::Hosts,
            ClockDoubtKind::Jump,
            ClockDoubtKind::Behind,
            ClockDoubtKind::Ahead,
        ] {
            let (ahead_seconds, steady_seconds) = (-7, 9);
            let (since, last_at) = (at(5), at(6));
            let doubt = ClockDoubt { kind, ahead_seconds, since, last_at, steady_seconds };
            let clock = SystemClock {
                confirmed_at: Some(at(1)),
                doubt: Some(doubt),
                hour_began_at: Some(at(2)),
                pruned_count: 3,
            };
            assert_eq!(decode(VERSION, &encode(&clock).unwrap()).unwrap(), clock);
        }
        let none = SystemClock::default();
        assert_eq!(decode(VERSION, &encode(&none).unwrap()).unwrap(), none);
        assert!(decode(2, &[]).is_err() && decode(1, &[]).is_err());
    }
}
