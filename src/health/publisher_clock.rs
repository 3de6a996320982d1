//! New entries and when they were first seen, poll after poll → whether the publisher's clock is wrong by
//! whole hours.
//!
//! The evidence is the *age* of the newest new entry when it is first seen. If the publisher is prompt and
//! its clock is right, the age is between zero and the time since the previous poll. If the clock is wrong,
//! all ages are shifted by the same whole number of hours: their minimum is near that number, most of them
//! are close above it, and they are outside the range of a right clock.
//!
//! | observed | in how many observations | verdict |
//! | --- | --- | --- |
//! | the minimum is near zero | 8 | right |
//! | every age is negative, the minimum near −h hours | 4 | suspected, h ahead |
//! | the same | 8 | off |
//! | every age is longer than the time since the previous poll, and close above h hours | 12 | suspected, h behind |
//! | the same, with other evidence (`is_confirmed_behind`) | 24 | off |
//!
//! A slow publisher has old entries too, but never future ones: so "behind" needs far more evidence than
//! "ahead". A verdict stays until another one replaces it, or until an entry refutes it: one that would be
//! in the future after the correction. After a correction ended, the next one waits a day, then two,
//! four, …, so that corrections do not alternate. There is at most one observation per quarter of an hour,
//! so that one batch of late entries does not count many times.
//!
//! Offsets that are not whole hours are not recognized: within a quarter of an hour, the minimum could
//! belong to the neighboring hour. A first document is no evidence either: for many publishers its newest
//! entry is an hour old, in one of four cases by chance close to a whole hour.

use jiff::Timestamp;
use rafid_feed::model::{ClockOffset, Entry};

use crate::model::{ClockObservation, ClockState, ClockVerdict};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Well-kept clocks differ by less: a date this little in the future does not count as one.
const TOLERANCE_SECONDS: i64 = 5 * MINUTE;
/// The time from an entry's date to its appearance in the feed, because of caches and feed generators.
const DELAY_SECONDS: i64 = 10 * MINUTE;
/// Ages this close to the minimum support it: the shortest time between two polls.
const NEAR_SECONDS: i64 = 15 * MINUTE;
/// How many of them are needed: one or two are an accident.
const MIN_NEAR: usize = 3;
/// After a longer gap, an entry's age is too imprecise.
const LONGEST_GAP_SECONDS: i64 = 2 * HOUR;
/// The ages of a slow clock's entries are within this range above the minimum. Together with the tolerance
/// that is half an hour: with more, random ages would fit any hour.
const CROWD_SECONDS: i64 = 25 * MINUTE;
/// The time between observations: the default shortest time between two polls.
const SPACING_SECONDS: i64 = 15 * MINUTE - 1;
/// Stored observations: at least six hours.
const MAX_OBSERVATIONS: usize = 24;
/// Observations needed to suspect, and to correct, a clock that is ahead: at least one hour and two.
const AHEAD_SUSPECTED: usize = 4;
const AHEAD_ENOUGH: usize = 8;
/// Observations needed to suspect a clock that is behind; correcting it needs all stored ones.
/// A random age fits one time in two; 11 of 12 fit one time in 300, 21 of 24 one time in 7,000.
const BEHIND_SUSPECTED: usize = 12;
/// One observation in this many may be an exception.
const MISFIT_ONE_IN: usize = 8;
/// A feed that is generated once an hour also looks one hour behind.
const AMBIGUOUS_HOURS: i64 = 1;
/// A number in a guid is the creation time of the entry only if it is this close to its date: no clock is
/// wrong by more.
const MADE_WITHIN_SECONDS: i64 = 26 * HOUR;
/// A correction that lasted this long was right, and it ends because the publisher changed the clock, as
/// happens twice a year with daylight saving time.
const LONG_SECONDS: i64 = 30 * DAY;
/// How often the wait after a correction doubles: up to 32 days.
const MAX_DOUBLINGS: u32 = 5;

/// What one document shows about the publisher's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClockReading {
    /// The date of the newest new entry; `None`: no entry is new.
    pub newest: Option<Timestamp>,
    /// The longest time in seconds between a new entry's own date and its creation.
    pub made_seconds: Option<i64>,
    /// The document's own date.
    pub built_at: Option<Timestamp>,
}

impl ClockReading {
    /// What the `new` entries show, together with the document's own date.
    pub fn from_entries<'a>(
        new: impl Iterator<Item = &'a Entry>,
        built_at: Option<Timestamp>,
    ) -> Self {
        let mut reading = Self { built_at, ..Self::default() };
        for entry in new {
            let Some(at) = entry.published_at.or(entry.updated_at) else { continue };
            reading.newest = reading.newest.max(Some(at));
            let words = entry.guid.iter().chain(&entry.link);
            let made =
                words.flat_map(|words| unix_seconds_in(words)).map(|made| made - at.as_second());
            let made = made.filter(|made| made.abs() <= MADE_WITHIN_SECONDS).max();
            reading.made_seconds = reading.made_seconds.max(made);
        }
        reading
    }
}

/// Numbers of ten digits: Unix seconds from 2001 to 2286.
fn unix_seconds_in(words: &str) -> impl Iterator<Item = i64> {
    let numbers = words.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 10);
    numbers.filter_map(|digits| digits.parse().ok())
}

/// The new state after a document at `now`; `before` is the time of the previous good response (`None`: this
/// is the first one, which is no evidence).
pub fn judge_clock(
    mut state: ClockState,
    reading: &ClockReading,
    before: Option<Timestamp>,
    now: Timestamp,
) -> ClockState {
    let (Some(newest), Some(before)) = (reading.newest, before) else { return state };
    let observation = ClockObservation {
        at: now,
        gap_seconds: seconds_between(before, now),
        age_seconds: seconds_between(newest, now),
        built_seconds: reading.built_at.map(|built| seconds_between(built, now)),
        made_seconds: reading.made_seconds,
    };
    if is_refuted(state.verdict, &observation) {
        end_correction(&mut state, ClockVerdict::Unknown, now);
        state.observations.clear();
    }
    let latest = state.observations.last().map(|latest| seconds_between(latest.at, now));
    // Negative: our own clock was set back.
    let is_due = latest.is_none_or(|since| !(0..SPACING_SECONDS).contains(&since));
    if is_due && (0..=LONGEST_GAP_SECONDS).contains(&observation.gap_seconds) {
        let over = (state.observations.len() + 1).saturating_sub(MAX_OBSERVATIONS);
        state.observations.drain(..over);
        state.observations.push(observation);
        if let Some(found) = conclude_verdict(&state.observations) {
            adopt_verdict(&mut state, found, now);
        }
    }
    state
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// Whether an entry refutes the verdict: after the correction, its date would be in the future.
fn is_refuted(verdict: ClockVerdict, observation: &ClockObservation) -> bool {
    let ahead = match verdict {
        ClockVerdict::Unknown => return false,
        ClockVerdict::Right => 0,
        ClockVerdict::Suspected(offset) | ClockVerdict::Off(offset) => offset.seconds(),
    };
    observation.age_seconds + ahead < -TOLERANCE_SECONDS
}

/// Adopts a verdict, unless the current one is more certain.
fn adopt_verdict(state: &mut ClockState, found: ClockVerdict, now: Timestamp) {
    use ClockVerdict::{Off, Right, Suspected};
    let found = match (state.verdict, found) {
        // A correction stays until another verdict is as certain.
        (Off(_), Suspected(_)) => return,
        (Off(_), Right) => return end_correction(state, Right, now),
        (Off(_), _) => found,
        (_, Off(offset)) if is_resting(state, now) => Suspected(offset),
        _ => found,
    };
    if found != state.verdict {
        (state.verdict, state.since) = (found, Some(now));
    }
}

/// Replaces the verdict, and ends its correction.
fn end_correction(state: &mut ClockState, instead: ClockVerdict, now: Timestamp) {
    if matches!(state.verdict, ClockVerdict::Off(_)) {
        let lasted = state.since.map_or(0, |since| seconds_between(since, now));
        let in_a_row = if lasted < LONG_SECONDS { state.ended_count } else { 0 };
        state.ended_count = in_a_row.saturating_add(1);
        state.ended_at = Some(now);
    }
    state.verdict = instead;
    state.since = (instead != ClockVerdict::Unknown).then_some(now);
}

fn is_resting(state: &ClockState, now: Timestamp) -> bool {
    let Some(ended_at) = state.ended_at else { return false };
    let doublings = u32::from(state.ended_count.saturating_sub(1)).min(MAX_DOUBLINGS);
    (0..DAY << doublings).contains(&seconds_between(ended_at, now))
}

/// The verdict of the latest observations. The shortest evidence counts first, as it is the most recent.
fn conclude_verdict(seen: &[ClockObservation]) -> Option<ClockVerdict> {
    let agreed_in = |count: usize| agreed_hours(latest_observations(seen, count)?);
    if let Some(ahead @ 0..) = agreed_in(AHEAD_ENOUGH) {
        return Some(offset_of_hours(ahead).map_or(ClockVerdict::Right, ClockVerdict::Off));
    }
    if let Some(hours) = agreed_in(MAX_OBSERVATIONS) {
        let is_certain = hours >= 0 || is_confirmed_behind(seen, -hours);
        let believed = if is_certain { ClockVerdict::Off } else { ClockVerdict::Suspected };
        return Some(offset_of_hours(hours).map_or(ClockVerdict::Right, believed));
    }
    let behind = agreed_in(BEHIND_SUSPECTED).filter(|hours| *hours < 0);
    let ahead = || agreed_in(AHEAD_SUSPECTED).filter(|hours| *hours > 0);
    offset_of_hours(behind.or_else(ahead)?).map(ClockVerdict::Suspected)
}

/// The latest `count` observations; `None`: there are fewer.
fn latest_observations(seen: &[ClockObservation], count: usize) -> Option<&[ClockObservation]> {
    seen.get(seen.len().checked_sub(count)?..)
}

/// The offset of a clock that is this many hours ahead; `None`: zero hours.
fn offset_of_hours(hours: i64) -> Option<ClockOffset> {
    ClockOffset::from_minutes(i32::try_from(hours * 60).ok()?)
}

/// How many hours the clock is ahead, if nearly all observations agree.
fn agreed_hours(window: &[ClockObservation]) -> Option<i64> {
    let floor = window.iter().map(|seen| seen.age_seconds).min()?;
    let hours = -(floor + TOLERANCE_SECONDS).div_euclid(HOUR);
    let near = window.iter().filter(|seen| seen.age_seconds + hours * HOUR <= NEAR_SECONDS);
    let is_floor = near.count() >= MIN_NEAR && hours.abs() <= ClockOffset::FARTHEST_ZONE_HOURS;
    (is_floor && nearly_all(window, |seen| fits_offset(seen, hours))).then_some(hours)
}

/// Whether an observation fits a prompt publisher with a clock that is this many hours ahead, and does not
/// fit a right clock.
fn fits_offset(seen: &ClockObservation, hours: i64) -> bool {
    let longest = seen.gap_seconds + DELAY_SECONDS;
    let corrected = seen.age_seconds + hours * HOUR;
    corrected <= longest
        && match hours {
            0 => true,
            1.. => seen.age_seconds < -TOLERANCE_SECONDS,
            _ => seen.age_seconds > longest && corrected <= CROWD_SECONDS,
        }
}

/// Whether evidence other than ages shows that a clock is this many hours behind: entries that were created
/// that long after their own dates, or documents with a current date of their own. A document that a cache
/// kept for hours has an old date.
fn is_confirmed_behind(window: &[ClockObservation], hours: i64) -> bool {
    let behind = hours * HOUR;
    let made = || window.iter().filter_map(|seen| seen.made_seconds);
    let latest_made = behind + TOLERANCE_SECONDS;
    let proofs = made().filter(|made| (behind - NEAR_SECONDS..=latest_made).contains(made));
    if proofs.count() >= MIN_NEAR && made().all(|made| made <= latest_made) {
        return true;
    }
    let is_fresh = |seen: &ClockObservation| {
        let fresh = -TOLERANCE_SECONDS..=seen.gap_seconds + DELAY_SECONDS;
        seen.built_seconds.is_some_and(|age| fresh.contains(&age))
    };
    hours > AMBIGUOUS_HOURS && nearly_all(window, is_fresh)
}

fn nearly_all(window: &[ClockObservation], is_so: impl Fn(&ClockObservation) -> bool) -> bool {
    let misfits = window.iter().filter(|seen| !is_so(seen)).count();
    misfits * MISFIT_ONE_IN <= window.len()
}

#[cfg(test)]
mod tests;
