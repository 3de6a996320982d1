//! When outputs became stale, and what the last rendering cost → when they are rendered again.
//!
//! | before | the next rendering begins |
//! | --- | --- |
//! | nothing was rendered for a while | at once: one new entry reaches its readers without waiting |
//! | a rendering ended a moment ago | after a rest of nine times its duration, a second at most |
//!
//! So rendering takes a tenth of one core while news keep coming in, a pass over a thousand sources does not
//! render a thousand times, and what arrives during a rendering or its rest is rendered together.

use std::time::Duration;

/// The rest after a rendering, as a multiple of its duration.
const REST_FACTOR: u32 = 9;
/// The longest rest: a subscriber waits no longer for a new entry, however expensive the outputs are.
const MAX_REST: Duration = Duration::from_secs(1);

/// The last rendering of stale outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RenderPace {
    /// When it ended.
    ended_at: Duration,
    /// How long it took.
    took: Duration,
}

impl RenderPace {
    /// A rendering that began and ended at these times, counted from any fixed instant.
    pub(super) fn after_round(begun_at: Duration, ended_at: Duration) -> Self {
        Self { ended_at, took: ended_at.saturating_sub(begun_at) }
    }

    /// When outputs that are stale since `stale_since` are rendered, on the same time line.
    pub(super) fn next_round(self, stale_since: Duration) -> Duration {
        let rest = self.took.saturating_mul(REST_FACTOR).min(MAX_REST);
        stale_since.max(self.ended_at.saturating_add(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_rest_is_in_proportion_to_the_last_rendering() {
        for (begun_at, ended_at, stale_since, expected) in [
            // A minute later: at once.
            (0, 50, 60_000, 60_000),
            // At the end of the rest, and just before.
            (0, 50, 500, 500),
            (0, 50, 499, 500),
            // What changed during the rendering waits for the whole rest.
            (0, 50, 20, 500),
            (1_000, 1_005, 1_002, 1_050),
            // An expensive rendering rests for a second, and no longer.
            (0, 400, 100, 1_400),
            (0, 30_000, 100, 31_000),
            // Nothing was to be rendered.
            (70, 70, 70, 70),
        ] {
            let pace = RenderPace::after_round(ms(begun_at), ms(ended_at));
            assert_eq!(
                pace.next_round(ms(stale_since)),
                ms(expected),
                "{begun_at} {ended_at} {stale_since}"
            );
        }
    }

    /// When rounds begin if something changes at these times and a round takes `cost`.
    fn rounds(changes: &[u64], cost: u64) -> Vec<u64> {
        let mut pace = RenderPace::after_round(ms(0), ms(0));
        let (mut begun, mut waiting) = (Vec::new(), changes.iter().copied().peekable());
        while let Some(first) = waiting.next() {
            let begins = pace.next_round(ms(first));
            let ends = begins + ms(cost);
            pace = RenderPace::after_round(begins, ends);
            begun.push(u64::try_from(begins.as_millis()).unwrap());
            // What arrives before the beginning is in this round.
            while waiting.next_if(|at| ms(*at) <= begins).is_some() {}
        }
        begun
    }

    #[test]
    fn a_burst_is_rendered_a_few_times_and_a_single_entry_at_once() {
        assert_eq!(rounds(&[10_000], 50), [10_000]);
        // Five entries in the same moment: the first begins a round, the others share one.
        assert_eq!(rounds(&[10_000, 10_001, 10_002, 10_003, 10_004], 50), [10_000, 10_500]);
        // One entry a second: none waits.
        assert_eq!(rounds(&[1_000, 2_000, 3_000], 100), [1_000, 2_000, 3_000]);
        // A pass of ten seconds over a thousand sources.
        let pass: Vec<u64> = (0..1_000).map(|number| number * 10).collect();
        assert_eq!(rounds(&pass, 5).len(), 201);
        assert_eq!(rounds(&pass, 50).len(), 21);
        assert_eq!(rounds(&pass, 500).len(), 8);
    }
}
