//! What is remembered of this machine's own clock: when it was last confirmed, why it is doubted, and how
//! much was pruned in the current hour.

use jiff::Timestamp;

/// What contradicts the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockDoubtKind {
    /// The `Date` headers of several hosts.
    Hosts,
    /// The time that passed since the clock was last confirmed, by the monotonic clock.
    Jump,
    /// The newest commit is later than the clock says.
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

/// Why the clock is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockDoubt {
    /// What contradicts it.
    pub kind: ClockDoubtKind,
    /// How far the clock is ahead of what contradicts it; negative: behind.
    pub ahead_seconds: i64,
    /// When it was first doubted, by itself.
    pub since: Timestamp,
    /// When it was last looked at, by itself.
    pub last_at: Timestamp,
    /// For how long it has run on without another jump, as far as it was looked at.
    pub steady_seconds: u64,
}

/// What is remembered of this machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SystemClock {
    /// The last time that was confirmed; `None`: none yet.
    pub confirmed_at: Option<Timestamp>,
    /// Why the clock is doubted; `None`: it is not.
    pub doubt: Option<ClockDoubt>,
    /// When the hour began in which entries were last pruned.
    pub hour_began_at: Option<Timestamp>,
    /// How many entries were pruned in that hour.
    pub pruned_count: u64,
}
