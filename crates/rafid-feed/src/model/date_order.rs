//! The order of day and month in a publisher's numeric dates.

/// Which of the two small numbers of a numeric date is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `23/11/2026`.
    #[default]
    DayFirst,
    /// `11/23/2026`.
    MonthFirst,
}
