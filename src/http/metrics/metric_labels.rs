//! What happened → the value of a label.

use jiff::{SignedDuration, Timestamp};

/// The classes of response status.
pub(super) const STATUS_CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PollMetric {
    /// Read, with new or changed entries.
    Changed,
    /// Read, without new or changed entries.
    Unchanged,
    /// A 304 response, or the same bytes as before.
    NotModified,
    /// Failed.
    Failed,
}

impl PollMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Changed, Self::Unchanged, Self::NotModified, Self::Failed];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::NotModified => "not-modified",
            Self::Failed => "failed",
        }
    }
}

/// How a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PushMetric {
    /// Read and stored.
    Kept,
    /// Without a valid signature.
    Forged,
    /// Signed, but not a feed.
    Unreadable,
}

impl PushMetric {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kept, Self::Forged, Self::Unreadable];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Forged => "forged",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchMetric {
    /// Answered in full.
    Whole,
    /// Answered, but not every entry was examined.
    Cut,
    /// Not answered: the index or the store could not be read.
    Failed,
    /// Not answered: too many expensive searches were waiting.
    Refused,
}

impl SearchMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Whole, Self::Cut, Self::Failed, Self::Refused];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// How long ago the last successful poll of a source was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuccessAge {
    /// At most an hour.
    Hour,
    /// At most a day.
    Day,
    /// At most a week.
    Week,
    /// Longer.
    Older,
    /// It was never polled with success.
    Never,
}

impl SuccessAge {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Older, Self::Never];

    /// The age of a success; a clock that was set back makes it zero.
    pub fn since(succeeded_at: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(at) = succeeded_at else { return Self::Never };
        let age = now.duration_since(at);
        let steps = [(1, Self::Hour), (24, Self::Day), (7 * 24, Self::Week)];
        let step = steps.into_iter().find(|(hours, _)| age <= SignedDuration::from_hours(*hours));
        step.map_or(Self::Older, |(_, age)| age)
    }

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Older => "older",
            Self::Never => "never",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_ages() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let age = |hour: Option<i64>| SuccessAge::since(hour.map(at), at(1_000)).as_str();
        for (hour, expected) in [
            (None, "never"),
            (Some(1_001), "hour"),
            (Some(999), "hour"),
            (Some(998), "day"),
            (Some(976), "day"),
            (Some(975), "week"),
            (Some(832), "week"),
            (Some(831), "older"),
        ] {
            assert_eq!(age(hour), expected, "{hour:?}");
        }
    }
}
