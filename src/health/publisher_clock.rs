//! New entries and when they were first seen, poll after poll → whether their publisher's clock is
//! off by whole hours.
//!
//! What is judged is the *age* of the newest new entry when it is first seen. An honest and prompt
//! publisher's lies between nothing and the time since the poll before. When the clock is off, all
//! ages are moved by the same whole number of hours: their floor lies at that number, they crowd
//! above it, and they lie where no honest age of so short a time can.
//!
//! | found | over | then |
//! | --- | --- | --- |
//! | the floor lies at zero | 8 sightings | right |
//! | every age is negative, the floor at −h hours | 4 | suspected, h ahead |
//! | the same | 8 | off |
//! | every age is longer than the time since the poll before, and crowds above h hours | 12 | suspected, h behind |
//! | the same, and something else says so (`is_vouched`) | 24 | off |
//!
//! A slow publisher has old entries, too, but never a future one: so behind takes far more than
//! ahead. What is believed stays until something else is, or until an entry shows that it cannot be:
//! one that would be dated in the future after the correction. After a correction was given up, the
//! next one rests a day, then two, four, …: nothing goes to and fro. A sighting is taken every
//! quarter of an hour at most, so that one batch of late entries is not many sightings.
//!
//! Zones that are no whole hours apart are not recognised: within a quarter of an hour, the floor
//! could as well be that of the neighbour. Neither is what a first reading shows: its newest entry is
//! an hour old at many honest publishers, within minutes at one in four by chance.

use jiff::Timestamp;
use rafid_feed::model::{ClockOffset, Entry};

use crate::model::{ClockObservation, ClockState, ClockVerdict};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Two clocks that are kept well differ by less: what is dated so little in the future is not.
const TOLERANCE_SECONDS: i64 = 5 * MINUTE;
/// From an entry's date to its place in the feed, as caches and builders of feeds keep it waiting.
const DELAY_SECONDS: i64 = 10 * MINUTE;
/// Ages so little above the floor make it a floor: the least that lies between two polls.
const NEAR_SECONDS: i64 = 15 * MINUTE;
/// So many of them: one or two are an accident.
const MIN_NEAR: usize = 3;
/// After a longer time, an entry's age says nothing about minutes.
const LONGEST_GAP_SECONDS: i64 = 2 * HOUR;
/// The ages of a slow clock's entries crowd within so much above the floor. That is half of an hour
/// with the tolerance below: more, and ages by chance would fit any hour.
const CROWD_SECONDS: i64 = 25 * MINUTE;
/// Sightings are taken so far apart: the shortest time between two polls unless said otherwise.
const SPACING_SECONDS: i64 = 15 * MINUTE - 1;
/// Sightings that are remembered: six hours at the closest.
const MAX_OBSERVATIONS: usize = 24;
/// Sightings from which a future clock is suspected, and believed: an hour and two at the closest.
const AHEAD_SUSPECTED: usize = 4;
const AHEAD_ENOUGH: usize = 8;
/// Sightings from which a slow clock is suspected; all that are remembered are needed to believe it.
/// By chance one age in two fits; 11 of 12 fit one time in 300, 21 of 24 one time in 7,000.
const BEHIND_SUSPECTED: usize = 12;
/// One sighting in so many may fit badly.
const MISFIT_ONE_IN: usize = 8;
/// An hour behind is also what a feed shows that is built once an hour.
const AMBIGUOUS_HOURS: i64 = 1;
/// Seconds since 1970 in a guid are the time of the entry only if they lie near its date: farther than
/// any clock is off, they are somebody's number.
const MADE_WITHIN_SECONDS: i64 = 26 * HOUR;
/// A correction that held so long was good, and its end is the publisher's doing: twice a year, where
/// the clocks are changed.
const LONG_SECONDS: i64 = 30 * DAY;
/// The rest after a correction doubles so often: up to 32 days.
const MAX_DOUBLINGS: u32 = 5;

/// What one reading shows of the publisher's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClockReading {
    /// Date of the newest entry that was not there at the good answer before; `None`: there is none.
    pub newest: Option<Timestamp>,
    /// How long after its own date a new entry was made, at most, in seconds.
    pub made_seconds: Option<i64>,
    /// The document's own date.
    pub built_at: Option<Timestamp>,
}

impl ClockReading {
    /// What `new` shows: the entries that were not there before, with the document's own date.
    pub fn from_entries<'a>(
        new: impl Iterator<Item = &'a Entry>,
        built_at: Option<Timestamp>,
    ) -> Self {
        let mut glance = Self { built_at, ..Self::default() };
        for entry in new {
            let Some(at) = entry.published_at.or(entry.updated_at) else { continue };
            glance.newest = glance.newest.max(Some(at));
            let words = entry.guid.iter().chain(&entry.link);
            let made =
                words.flat_map(|words| unix_seconds_in(words)).map(|made| made - at.as_second());
            let made = made.filter(|made| made.abs() <= MADE_WITHIN_SECONDS).max();
            glance.made_seconds = glance.made_seconds.max(made);
        }
        glance
    }
}

/// Numbers of ten digits: seconds since 1970, from 2001 to 2286.
fn unix_seconds_in(words: &str) -> impl Iterator<Item = i64> {
    let numbers = words.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 10);
    numbers.filter_map(|digits| digits.parse().ok())
}

/// What is to be remembered and believed after a reading at `now`; `before` is when the good answer
/// before it was there (`None`: this is the first, and shows nothing).
pub fn judge_clock(
    mut state: ClockState,
    glance: &ClockReading,
    before: Option<Timestamp>,
    now: Timestamp,
) -> ClockState {
    let (Some(newest), Some(before)) = (glance.newest, before) else { return state };
    let sighting = ClockObservation {
        at: now,
        gap_seconds: seconds_between(before, now),
        age_seconds: seconds_between(newest, now),
        built_seconds: glance.built_at.map(|built| seconds_between(built, now)),
        made_seconds: glance.made_seconds,
    };
    if is_refuted(state.verdict, &sighting) {
        end_correction(&mut state, ClockVerdict::Unknown, now);
        state.observations.clear();
    }
    let latest = state.observations.last().map(|latest| seconds_between(latest.at, now));
    // Negative: our own clock was set back.
    let is_due = latest.is_none_or(|since| !(0..SPACING_SECONDS).contains(&since));
    if is_due && (0..=LONGEST_GAP_SECONDS).contains(&sighting.gap_seconds) {
        let over = (state.observations.len() + 1).saturating_sub(MAX_OBSERVATIONS);
        state.observations.drain(..over);
        state.observations.push(sighting);
        if let Some(found) = conclude_verdict(&state.observations) {
            adopt_verdict(&mut state, found, now);
        }
    }
    state
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// Whether an entry shows that what is believed cannot be: corrected, it is dated in the future.
fn is_refuted(verdict: ClockVerdict, sighting: &ClockObservation) -> bool {
    let ahead = match verdict {
        ClockVerdict::Unknown => return false,
        ClockVerdict::Right => 0,
        ClockVerdict::Suspected(offset) | ClockVerdict::Off(offset) => offset.seconds(),
    };
    sighting.age_seconds + ahead < -TOLERANCE_SECONDS
}

/// Believes what was found, unless something stronger is believed.
fn adopt_verdict(state: &mut ClockState, found: ClockVerdict, now: Timestamp) {
    use ClockVerdict::{Off, Right, Suspected};
    let found = match (state.verdict, found) {
        // What is in force stays until something else is as certain.
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

/// Gives up what is believed.
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

/// What the latest sightings show, the shortest evidence first: it is the freshest.
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

/// The latest `count` sightings; `None`: there are fewer.
fn latest_observations(seen: &[ClockObservation], count: usize) -> Option<&[ClockObservation]> {
    seen.get(seen.len().checked_sub(count)?..)
}

/// So many hours ahead; `None`: not off at all.
fn offset_of_hours(hours: i64) -> Option<ClockOffset> {
    ClockOffset::from_minutes(i32::try_from(hours * 60).ok()?)
}

/// The hours that the clock is ahead by, if all but a few sightings say the same.
fn agreed_hours(window: &[ClockObservation]) -> Option<i64> {
    let floor = window.iter().map(|seen| seen.age_seconds).min()?;
    let hours = -(floor + TOLERANCE_SECONDS).div_euclid(HOUR);
    let near = window.iter().filter(|seen| seen.age_seconds + hours * HOUR <= NEAR_SECONDS);
    let is_floor = near.count() >= MIN_NEAR && hours.abs() <= ClockOffset::FARTHEST_ZONE_HOURS;
    (is_floor && nearly_all(window, |seen| fits_offset(seen, hours))).then_some(hours)
}

/// Whether a sighting is as a prompt publisher's whose clock is so many hours ahead, and not as one's
/// whose clock is right.
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

/// Whether something else than ages says that a clock is so many hours behind: entries that were made
/// so long after their own dates, or a document that says it was just built. A cache that keeps a feed
/// for hours keeps an old building date with it.
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
