//! When a page is rendered → what it may say about now: «اليوم», «أمس», «قبل 20 دقيقة».
//!
//! Pages are kept as finished bytes, and caches keep them for their `max-age`. So a page speaks of a moment on a
//! grid of five minutes and is rendered again at the next one. Ages below an hour are rounded to five minutes, and
//! only written where caches keep the page for no longer than one step; older entries have the time of day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The step of the grid, in seconds. All offsets of zones are multiples of it, so that a day begins on the grid.
const STEP_SECONDS: i64 = 300;
/// The step of ages, in minutes.
const STEP_MINUTES: i64 = 5;
/// From this age on the time of day is clearer, in minutes.
const AN_HOUR: i64 = 60;

/// The moment that a page speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMoment {
    at: Timestamp,
    shows_ages: bool,
}

impl PageMoment {
    /// The moment of a page that is rendered now, and that caches keep for `max_age_seconds`.
    pub fn for_page(now: Timestamp, max_age_seconds: u64) -> Self {
        let since_step = SignedDuration::from_secs(now.as_second().rem_euclid(STEP_SECONDS));
        let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let at = whole.checked_sub(since_step).unwrap_or(whole);
        let shows_ages = i64::try_from(max_age_seconds).is_ok_and(|age| age <= STEP_SECONDS);
        Self { at, shows_ages }
    }

    /// How long a page that is rendered now stays true.
    pub fn time_to_next(now: Timestamp) -> Duration {
        let seconds = STEP_SECONDS - now.as_second().rem_euclid(STEP_SECONDS);
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// The moment itself.
    pub fn instant(self) -> Timestamp {
        self.at
    }

    /// The age of an entry in minutes, rounded to five; `None`: its time of day is shown.
    pub fn age_in_minutes(self, listed_at: Timestamp) -> Option<u8> {
        let seconds = self.at.duration_since(listed_at).as_secs();
        // What was listed after the moment is new, unless it is dated ahead.
        if !self.shows_ages || seconds < -STEP_SECONDS {
            return None;
        }
        let step = STEP_MINUTES * 60;
        let minutes = (seconds.max(0) + step / 2) / step * STEP_MINUTES;
        u8::try_from(minutes).ok().filter(|_| minutes < AN_HOUR)
    }

    /// Whether an instant is at most this long ago.
    pub(super) fn is_within(self, at: Timestamp, span: SignedDuration) -> bool {
        self.at.duration_since(at) <= span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn ages_are_rounded_to_steps_and_end_at_an_hour() {
        let moment = PageMoment::for_page(at("2026-11-29T12:04:59.5Z"), 300);
        assert_eq!(moment.instant(), at("2026-11-29T12:00:00Z"));
        for (listed_at, expected) in [
            ("2026-11-29T12:04:00Z", Some(0)),
            ("2026-11-29T12:05:00Z", Some(0)),
            ("2026-11-29T12:06:00Z", None),
            ("2026-11-29T11:58:00Z", Some(0)),
            ("2026-11-29T11:57:00Z", Some(5)),
            ("2026-11-29T11:40:00Z", Some(20)),
            ("2026-11-29T11:03:00Z", Some(55)),
            ("2026-11-29T11:02:00Z", None),
            ("2025-11-29T12:00:00Z", None),
        ] {
            assert_eq!(moment.age_in_minutes(at(listed_at)), expected, "{listed_at}");
        }
        let kept_longer = PageMoment::for_page(at("2026-11-29T12:04:59Z"), 301);
        assert_eq!(kept_longer.age_in_minutes(at("2026-11-29T11:40:00Z")), None);
    }

    #[test]
    fn a_page_is_true_until_the_next_step() {
        for (now, seconds) in [
            ("2026-11-29T12:00:00Z", 300),
            ("2026-11-29T12:00:00.9Z", 300),
            ("2026-11-29T12:04:59Z", 1),
            ("1969-12-31T23:59:59Z", 1),
        ] {
            let wait = PageMoment::time_to_next(at(now));
            assert_eq!(wait.as_secs(), seconds, "{now}");
            let next = at(now) + SignedDuration::try_from(wait).unwrap();
            let moments = [at(now), next].map(|now| PageMoment::for_page(now, 60).instant());
            assert!(moments[0] < moments[1], "{now}");
        }
    }
}
