//! Decided entries and what is known about their publisher's clock → the new verdict, and corrected dates
//! where the clock is wrong and the setting is `auto`. Entries that are already listed keep their dates and
//! their position.

use std::fmt;

use jiff::Timestamp;
use rafid_feed::model::{ClockSetting, Feed};
use rafid_feed::normalize::{self, ClockEvidence};

use super::decided_feed::DecidedEntries;
use crate::health::publisher_clock::{self, ClockReading};
use crate::model::{ClockState, ClockVerdict, EntryStatus, Source};

/// The times of two polls.
#[derive(Debug, Clone, Copy)]
pub(super) struct PollTimes {
    /// The previous good response; `None`: this is the first one.
    pub(super) before: Option<Timestamp>,
    /// This response.
    pub(super) now: Timestamp,
}

/// A new verdict about a publisher's clock: reported once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// The verdict before.
    pub was: ClockVerdict,
    /// The verdict from now on.
    pub is: ClockVerdict,
    /// The operator's setting.
    pub setting: ClockSetting,
}

/// One sentence for the log.
impl fmt::Display for ClockChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = |done: &'static str| match self.setting {
            ClockSetting::Auto => format!(": {done}"),
            setting => format!(" under the setting `{setting}`"),
        };
        match (self.was, self.is) {
            (_, ClockVerdict::Off(offset)) => {
                write!(f, "the publisher's clock is {offset}{}", effect("dates are moved"))
            }
            (_, ClockVerdict::Suspected(offset)) => {
                let yet = effect("dates are not moved yet");
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

/// Judges the clock by the new entries, and corrects the dates of all entries if it is wrong.
pub(super) fn apply_clock_offset(
    source: &Source,
    feed: &mut Feed,
    entries: &mut DecidedEntries,
    mut state: ClockState,
    times: PollTimes,
) -> (ClockState, Option<ClockChange>) {
    let timezone = source.timezone.as_deref().unwrap_or("UTC");
    let read_under = format!("{} {timezone}", source.clock);
    if state.read_under != read_under {
        state = ClockState { read_under, ..ClockState::default() };
    }
    let was = state.verdict;
    let new = entries.iter().filter(|(_, decision)| decision.status == EntryStatus::New);
    let reading = ClockReading::from_entries(new.map(|(entry, _)| entry), feed.updated_at);
    let state = publisher_clock::judge_clock(state, &reading, times.before, times.now);
    shift_dates(source, feed, entries, &state);
    let is = state.verdict;
    let is_news = was != is && (was.offset().is_some() || is.offset().is_some());
    (state, is_news.then_some(ClockChange { was, is, setting: source.clock }))
}

/// Corrects the dates of all entries if the clock is known to be wrong.
pub(super) fn shift_dates(
    source: &Source,
    feed: &mut Feed,
    entries: &mut DecidedEntries,
    state: &ClockState,
) {
    if let (ClockVerdict::Off(offset), ClockSetting::Auto) = (state.verdict, source.clock) {
        let corrected =
            normalize::shift_entry_dates(entries.iter_mut().map(|(entry, _)| entry), offset);
        feed.warnings.extend(normalize::correction_warning(
            offset,
            corrected,
            ClockEvidence::Readings,
        ));
    }
}
