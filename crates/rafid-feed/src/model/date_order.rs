//! Which of day and month comes first where a publisher writes dates in numbers.

/// Which of two small numbers is the day, in dates that are written in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `23/11/2026`.
    #[default]
    DayFirst,
    /// `11/23/2026`.
    MonthFirst,
}
