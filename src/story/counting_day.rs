//! An arrival → the day on which its terms are counted.

use jiff::Timestamp;

use super::window::is_outdated;
use crate::model::StoryArrival;

/// The day on which an entry's terms are counted; `None`: the entry leaves the window before that day is
/// finished, so that its counts could not be reconstructed later.
pub(super) fn day_of_counting(arrival: &StoryArrival<'_>) -> Option<i64> {
    let day = day_number(arrival.seen_at);
    let end = Timestamp::from_second((day + 1).saturating_mul(DAY_SECONDS)).ok()?;
    (!is_outdated(arrival.listed_at, end)).then_some(day)
}

const DAY_SECONDS: i64 = 86_400;

/// Days since 1970-01-01, UTC.
pub(super) fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY_SECONDS)
}
