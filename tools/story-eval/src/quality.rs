//! Found and expected pairs, or groups → precision, recall and their harmonic mean.

use std::fmt;

/// Precision and recall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    pub(super) precision: f64,
    pub(super) recall: f64,
}

impl Quality {
    /// Of `found` and `expected`, `right` are in both.
    pub(super) fn of_counts(right: f64, found: f64, expected: f64) -> Self {
        Self { precision: share(right, found), recall: share(right, expected) }
    }

    /// The harmonic mean.
    pub(super) fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { precision, recall } = self;
        write!(f, "precision {precision:.3}, recall {recall:.3}, F1 {:.3}", self.f1())
    }
}

/// A share; the share of an empty whole is 1.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}
