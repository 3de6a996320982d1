//! A `ClockState` ↔ its part of a poll state's record.

use rafid_feed::model::ClockOffset;
use serde::{Deserialize, Serialize};

use super::{RecordError, instant_of, optional_instant, optional_milliseconds};
use crate::model::{ClockObservation, ClockState, ClockVerdict};

#[derive(Serialize, Deserialize)]
pub(super) struct ClockStateV1<'a> {
    verdict: u8,
    offset_minutes: i32,
    since_ms: Option<i64>,
    ended_ms: Option<i64>,
    ended_count: u8,
    read_under: &'a str,
    observations: Vec<ClockObservationV1>,
}

#[derive(Serialize, Deserialize)]
struct ClockObservationV1 {
    at_ms: i64,
    gap_seconds: i64,
    age_seconds: i64,
    built_seconds: Option<i64>,
    made_seconds: Option<i64>,
}

impl<'a> ClockStateV1<'a> {
    pub(super) fn of(clock: &'a ClockState) -> Self {
        Self {
            verdict: verdict_code(clock.verdict),
            offset_minutes: clock.verdict.offset().map_or(0, ClockOffset::minutes),
            since_ms: optional_milliseconds(clock.since),
            ended_ms: optional_milliseconds(clock.ended_at),
            ended_count: clock.ended_count,
            read_under: &clock.read_under,
            observations: clock.observations.iter().map(ClockObservationV1::of).collect(),
        }
    }

    pub(super) fn into_clock(self) -> Result<ClockState, RecordError> {
        let observations = self.observations.into_iter().map(ClockObservationV1::into_observation);
        Ok(ClockState {
            verdict: verdict_of_code(self.verdict, self.offset_minutes)?,
            since: optional_instant(self.since_ms, "clock")?,
            ended_at: optional_instant(self.ended_ms, "clock")?,
            ended_count: self.ended_count,
            read_under: self.read_under.to_owned(),
            observations: observations.collect::<Result<_, _>>()?,
        })
    }
}

impl ClockObservationV1 {
    fn of(observation: &ClockObservation) -> Self {
        Self {
            at_ms: observation.at.as_millisecond(),
            gap_seconds: observation.gap_seconds,
            age_seconds: observation.age_seconds,
            built_seconds: observation.built_seconds,
            made_seconds: observation.made_seconds,
        }
    }

    fn into_observation(self) -> Result<ClockObservation, RecordError> {
        let optional_seconds = |length: Option<i64>| length.map(check_seconds).transpose();
        Ok(ClockObservation {
            at: instant_of(self.at_ms, "clock")?,
            gap_seconds: check_seconds(self.gap_seconds)?,
            age_seconds: check_seconds(self.age_seconds)?,
            built_seconds: optional_seconds(self.built_seconds)?,
            made_seconds: optional_seconds(self.made_seconds)?,
        })
    }
}

/// The distance of any two timestamps is smaller (both are within the years −9999 and 9999).
const MAX_SECONDS: u64 = 700_000_000_000;

fn check_seconds(seconds: i64) -> Result<i64, RecordError> {
    let is_possible = seconds.unsigned_abs() <= MAX_SECONDS;
    if is_possible { Ok(seconds) } else { Err(RecordError::Field("clock")) }
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
fn verdict_code(verdict: ClockVerdict) -> u8 {
    match verdict {
        ClockVerdict::Unknown => 0,
        ClockVerdict::Right => 1,
        ClockVerdict::Suspected(_) => 2,
        ClockVerdict::Off(_) => 3,
    }
}

fn verdict_of_code(code: u8, offset_minutes: i32) -> Result<ClockVerdict, RecordError> {
    match (code, ClockOffset::from_minutes(offset_minutes)) {
        (0, None) => Ok(ClockVerdict::Unknown),
        (1, None) => Ok(ClockVerdict::Right),
        (2, Some(offset)) => Ok(ClockVerdict::Suspected(offset)),
        (3, Some(offset)) => Ok(ClockVerdict::Off(offset)),
        _ => Err(RecordError::Field("clock")),
    }
}
