//! A count → its weight, and a number → its logarithm, which are the same on every machine.

use std::sync::LazyLock;

/// A word that occurs twice weighs more than one that occurs once, but not twice as much: `1 + ln n`.
static DAMPED: LazyLock<[f32; 256]> = LazyLock::new(|| {
    let damped = |count: u8| if count == 0 { 0.0 } else { 1.0 + rounded_ln(f64::from(count)) };
    std::array::from_fn(|count| u8::try_from(count).map_or(0.0, damped))
});

/// The weights of all counts.
pub(super) fn damped_counts() -> &'static [f32; 256] {
    &DAMPED
}

/// The natural logarithm, rounded so that the last bits, which may differ between machines, are removed.
#[expect(clippy::cast_possible_truncation, reason = "rounding is intended")]
pub(super) fn rounded_ln(number: f64) -> f32 {
    number.ln() as f32
}
