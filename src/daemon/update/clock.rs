//! Decided entries and what is remembered of their publisher's clock → what is believed of it now, and
//! dates moved where it is off and the operator leaves it to us. What was listed before stays where
//! it is, with the dates that it had.

use std::fmt;

use jiff::Timestamp;

use super::listing::Decided;
use crate::feed::clock::{self, Glance, Witness};
use crate::feed::model::{Assignment, ClockSetting, ClockState, ClockVerdict, Feed, Source};

/// When a document came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
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
pub(super) fn see_to(
    source: &Source,
    feed: &mut Feed,
    decided: &mut Decided,
    state: &mut ClockState,
    moment: Moment,
) -> Option<ClockChange> {
    let timezone = source.timezone.as_deref().unwrap_or("UTC");
    let read_under = format!("{} {timezone}", source.clock);
    if state.read_under != read_under {
        *state = ClockState { read_under, ..ClockState::default() };
    }
    let was = state.verdict;
    let is_new = |assignment| matches!(assignment, Assignment::New);
    let new = decided.iter().filter(|(_, decision)| is_new(decision.assignment));
    let glance = Glance::of(new.map(|(entry, _)| entry), feed.updated_at);
    *state = clock::judge(std::mem::take(state), &glance, moment.before, moment.now);
    correct(source, feed, decided, state);
    let is = state.verdict;
    let is_news = was != is && (was.offset().is_some() || is.offset().is_some());
    is_news.then_some(ClockChange { was, is, setting: source.clock })
}

/// Moves the dates of all entries where the clock is known to be off.
pub(super) fn correct(source: &Source, feed: &mut Feed, decided: &mut Decided, state: &ClockState) {
    if let (ClockVerdict::Off(offset), ClockSetting::Auto) = (state.verdict, source.clock) {
        let moved = clock::correct(decided.iter_mut().map(|(entry, _)| entry), offset);
        feed.warnings.extend(clock::warning(offset, moved, Witness::Readings));
    }
}

#[cfg(test)]
mod tests;
