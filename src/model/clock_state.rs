//! What is believed of a publisher's clock, and the observations behind it.

use jiff::Timestamp;
use rafid_feed::model::ClockOffset;

/// What is believed of a publisher's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockVerdict {
    /// Too little was seen, or it contradicts itself.
    #[default]
    Unknown,
    /// New entries are dated as they appear.
    Right,
    /// It looks as if it were off, which is told and not acted on.
    Suspected(ClockOffset),
    /// It is off; where the operator leaves it to us, dates are moved.
    Off(ClockOffset),
}

impl ClockVerdict {
    /// How far it is or seems to be off; `None`: it is not, or nobody knows.
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

/// What one poll that brought new entries showed of the publisher's clock. Lengths of time in
/// seconds; all by the dates as they were read, before any correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockObservation {
    /// When the answer was there.
    pub at: Timestamp,
    /// Since the good answer before it, which did not have the new entries yet.
    pub gap_seconds: i64,
    /// Age of the newest new entry; negative: it is dated in the future.
    pub age_seconds: i64,
    /// Age of the document by its own date; `None`: it has none.
    pub built_seconds: Option<i64>,
    /// How long after its own date an entry was made, at most, by the seconds since 1970 in its guid
    /// or link; `None`: none names them.
    pub made_seconds: Option<i64>,
}

/// What is remembered of a publisher's clock between two polls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockState {
    /// What is believed.
    pub verdict: ClockVerdict,
    /// Since when; `None` while nothing is.
    pub since: Option<Timestamp>,
    /// When a correction was last given up; `None`: never.
    pub ended_at: Option<Timestamp>,
    /// How often in a row a correction was given up before it had lasted long.
    pub ended_count: u8,
    /// The settings under which the dates were read: when they change, nothing of this holds.
    pub read_under: String,
    /// The latest sightings, oldest first; how many is the judge's affair.
    pub observations: Vec<ClockObservation>,
}
