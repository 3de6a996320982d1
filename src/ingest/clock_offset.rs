//! Decided entries and what is remembered of their publisher's clock → what is believed of it now, and
//! dates moved where it is off and the operator leaves it to us. What was listed before stays where
//! it is, with the dates that it had.

use std::fmt;

use jiff::Timestamp;
use rafid_feed::model::{ClockSetting, Feed};
use rafid_feed::normalize::{self, ClockEvidence};

use super::entry_changes::DecidedEntries;
use crate::health::publisher_clock::{self, ClockReading};
use crate::model::{ClockState, ClockVerdict, EntryStatus, Source};

/// When a document came.
#[derive(Debug, Clone, Copy)]
pub(super) struct PollTimes {
    /// The good answer before; `None`: this is the first.
    pub(super) before: Option<Timestamp>,
    /// When the answer was there.
    pub(super) now: Timestamp,
}

/// Something new about a publisher's clock: told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// What was believed.
    pub was: ClockVerdict,
    /// What is believed from now on.
    pub is: ClockVerdict,
    /// What the operator says about it.
    pub setting: ClockSetting,
}

/// One sentence for the log.
impl fmt::Display for ClockChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_ours = |done: &'static str| match self.setting {
            ClockSetting::Auto => format!(": {done}"),
            setting => format!(" under the setting `{setting}`"),
        };
        match (self.was, self.is) {
            (_, ClockVerdict::Off(offset)) => {
                write!(f, "the publisher's clock is {offset}{}", of_ours("dates are moved"))
            }
            (_, ClockVerdict::Suspected(offset)) => {
                let yet = of_ours("dates are not moved yet");
                write!(f, "the publisher's clock seems to be {offset}{yet}")
            }
            (ClockVerdict::Off(offset), is) => {
                let why = match is {
                    ClockVerdict::Right => "new entries are dated as they appear",
                    _ => "a new entry would be dated in the future",
                };
                write!(f, "the publisher's clock is no longer {offset}, as {why}: ")?;
                f.write_str("dates are left as they are")
            }
            (was, _) => match was.offset() {
                Some(offset) => write!(f, "the publisher's clock is not {offset}, as it seemed"),
                None => f.write_str("nothing is known against the publisher's clock"),
            },
        }
    }
}

/// Judges the clock by what is new, and moves the dates of all entries where it is off.
pub(super) fn apply_clock_offset(
    source: &Source,
    feed: &mut Feed,
    decided: &mut DecidedEntries,
    state: &mut ClockState,
    moment: PollTimes,
) -> Option<ClockChange> {
    let timezone = source.timezone.as_deref().unwrap_or("UTC");
    let read_under = format!("{} {timezone}", source.clock);
    if state.read_under != read_under {
        *state = ClockState { read_under, ..ClockState::default() };
    }
    let was = state.verdict;
    let is_new = |assignment| matches!(assignment, EntryStatus::New);
    let new = decided.iter().filter(|(_, decision)| is_new(decision.status));
    let glance = ClockReading::from_entries(new.map(|(entry, _)| entry), feed.updated_at);
    *state =
        publisher_clock::judge_clock(std::mem::take(state), &glance, moment.before, moment.now);
    shift_dates(source, feed, decided, state);
    let is = state.verdict;
    let is_news = was != is && (was.offset().is_some() || is.offset().is_some());
    is_news.then_some(ClockChange { was, is, setting: source.clock })
}

/// Moves the dates of all entries where the clock is known to be off.
pub(super) fn shift_dates(
    source: &Source,
    feed: &mut Feed,
    decided: &mut DecidedEntries,
    state: &ClockState,
) {
    if let (ClockVerdict::Off(offset), ClockSetting::Auto) = (state.verdict, source.clock) {
        let moved =
            normalize::shift_entry_dates(decided.iter_mut().map(|(entry, _)| entry), offset);
        feed.warnings.extend(normalize::correction_warning(offset, moved, ClockEvidence::Readings));
    }
}

#[cfg(test)]
mod tests;
