//! The publisher's hints about polling: how often a document may be polled.

/// The hints of the document itself. No bounds are applied here: that is the task of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PollHints {
    /// RSS `ttl`, in seconds.
    pub ttl_seconds: Option<u64>,
    /// One bit per hour of the day (bit 0: midnight to one), UTC: hours that must not be polled.
    pub skip_hours: u32,
    /// One bit per weekday (bit 0: Monday), UTC: days that must not be polled.
    pub skip_days: u8,
    /// `sy:updatePeriod` divided by `sy:updateFrequency`, in seconds.
    pub update_seconds: Option<u64>,
}
