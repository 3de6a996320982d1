//! Publication dates → the newest ones, for the rhythm of a feed.

use jiff::Timestamp;

/// Stored publication dates.
const MAX_RECENT: usize = 32;

/// The newest dates, newest first.
pub(super) fn newest_dates(mut dates: Vec<Timestamp>) -> Vec<Timestamp> {
    dates.sort_unstable_by(|a, b| b.cmp(a));
    dates.truncate(MAX_RECENT);
    dates
}

/// The newest dates, newest first, each once.
pub(super) fn newest_distinct_dates(mut dates: Vec<Timestamp>) -> Vec<Timestamp> {
    dates.sort_unstable_by(|a, b| b.cmp(a));
    dates.dedup();
    newest_dates(dates)
}
