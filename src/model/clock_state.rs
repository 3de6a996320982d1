//! The verdict about a publisher's clock, and the observations behind it.

use jiff::Timestamp;
use rafid_feed::model::ClockOffset;

/// The verdict about a publisher's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockVerdict {
    /// There are too few observations, or they contradict each other.
    #[default]
    Unknown,
    /// New entries are dated as they appear.
    Right,
    /// The clock is probably wrong: this is reported, but dates are not corrected.
    Suspected(ClockOffset),
    /// The clock is wrong: under the setting `auto`, dates are corrected.
    Off(ClockOffset),
}

impl ClockVerdict {
    /// How far the clock is or seems to be wrong; `None`: it is right, or unknown.
    pub fn offset(self) -> Option<ClockOffset> {
        match self {
            Self::Unknown | Self::Right => None,
            Self::Suspected(offset) | Self::Off(offset) => Some(offset),
        }
    }

    /// A stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Right => "right",
            Self::Suspected(_) => "suspected",
            Self::Off(_) => "off",
        }
    }
}

/// What one poll with new entries shows about the publisher's clock. Durations are in seconds and
/// use the dates as they were read, before any correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockObservation {
    /// When the response arrived.
    pub at: Timestamp,
    /// Time since the previous good response, which did not have the new entries yet.
    pub gap_seconds: i64,
    /// Age of the newest new entry; negative: its date is in the future.
    pub age_seconds: i64,
    /// Age of the document by its own date; `None`: it has no date.
    pub built_seconds: Option<i64>,
    /// The longest time between an entry's own date and its creation, by the Unix seconds in its guid
    /// or link; `None`: no entry has such a number.
    pub made_seconds: Option<i64>,
}

/// What is stored about a publisher's clock between two polls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockState {
    /// The current verdict.
    pub verdict: ClockVerdict,
    /// When the verdict was reached; `None` while it is unknown.
    pub since: Option<Timestamp>,
    /// When a correction was last ended; `None`: never.
    pub ended_at: Option<Timestamp>,
    /// How many corrections in a row ended before they had lasted long.
    pub ended_count: u8,
    /// The settings that the dates were read with: when they change, the state is reset.
    pub read_under: String,
    /// The latest observations, oldest first; `health::publisher_clock` limits their number.
    pub observations: Vec<ClockObservation>,
}
