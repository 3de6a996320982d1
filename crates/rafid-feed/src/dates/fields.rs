//! The fields of a date → its day and time.

use jiff::Span;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::DateDoubt;

/// The fields of a date; jiff checks their ranges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DateFields {
    pub(super) year: i16,
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
    /// Whole days to add: 1 for 24:00.
    pub(super) days_on: i8,
    /// `None`: the date names no zone.
    pub(super) zone: Option<TimeZone>,
    /// Parts that were not understood.
    pub(super) doubts: Vec<DateDoubt>,
}

impl DateFields {
    /// The day and time; `None`: a field is out of its range.
    pub(super) fn civil(&self) -> Option<DateTime> {
        let civil = DateTime::new(
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.nanosecond,
        );
        // 24:00 is the next day's midnight (ISO 8601:2004 section 4.2.3).
        civil.ok()?.checked_add(Span::new().days(i64::from(self.days_on))).ok()
    }
}
