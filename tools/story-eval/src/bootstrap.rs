//! A number of units → the interval in which a figure lies for 95 of 100 random choices of them (Efron 1979): how much
//! the figure depends on which events the window happens to have.

/// The choices that are tried.
const CHOICES: usize = 1_000;

/// The bounds of the middle 95 % of `figure` over random choices of `units` units with replacement: it is called with
/// how often each unit was chosen. The same choices every time.
pub(super) fn interval(units: usize, figure: impl Fn(&[f64]) -> f64) -> (f64, f64) {
    let mut random = SplitMix(7);
    let mut figures = Vec::with_capacity(CHOICES);
    for _ in 0..CHOICES {
        let mut weights = vec![0.0; units];
        for _ in 0..units {
            weights[random.below(units)] += 1.0;
        }
        figures.push(figure(&weights));
    }
    figures.sort_by(f64::total_cmp);
    let at = |percent: usize| figures.get(CHOICES * percent / 1_000).copied().unwrap_or(f64::NAN);
    (at(25), at(975))
}

/// The random numbers of `splitmix64` (Steele, Lea, Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^= number >> 31;
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(number % end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        // Half of a hundred units are 1: the standard error of their mean is .05.
        let mean = |weights: &[f64]| weights[..50].iter().sum::<f64>() / 100.0;
        let (low, high) = interval(100, mean);
        assert!((0.38..=0.43).contains(&low) && (0.57..=0.62).contains(&high), "{low} {high}");
        assert_eq!(interval(3, |_| 0.5), (0.5, 0.5));
    }
}
