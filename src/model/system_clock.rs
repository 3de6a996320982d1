//! What is stored about this machine's clock: when it was last confirmed, why it is in doubt, and how
//! many entries were pruned in the current hour.

use jiff::Timestamp;

/// What contradicts the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockDoubtKind {
    /// The `Date` headers of several hosts.
    Hosts,
    /// The monotonic clock, which measures the time since the clock was last confirmed.
    Jump,
    /// The newest commit is later than the clock.
    Behind,
    /// The newest commit is so old that the clock may be ahead.
    Ahead,
}

impl ClockDoubtKind {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Jump => "jump",
            Self::Behind => "behind",
            Self::Ahead => "ahead",
        }
    }
}

/// Why the clock is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockDoubt {
    /// What contradicts it.
    pub kind: ClockDoubtKind,
    /// How far the clock is ahead of what contradicts it; negative: behind.
    pub ahead_seconds: i64,
    /// When the doubt began, by this clock.
    pub since: Timestamp,
    /// When the clock was last checked, by this clock.
    pub last_at: Timestamp,
    /// How long it has run since then without another jump, as far as it was checked.
    pub steady_seconds: u64,
}

/// What is stored about this machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemClock {
    /// The last confirmed time; `None`: none yet.
    pub confirmed_at: Option<Timestamp>,
    /// Why the clock is in doubt; `None`: it is not.
    pub doubt: Option<ClockDoubt>,
    /// When the hour of the last pruning began.
    pub hour_began_at: Option<Timestamp>,
    /// How many entries were pruned in that hour.
    pub pruned_count: u64,
}
