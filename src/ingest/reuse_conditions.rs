//! The operator's word now, and that of the last poll → whether validators and the last body's hash still
//! hold.

use crate::model::{PollState, Retention};

/// What the operator says now, as far as it decides whether an unchanged document is requested whole.
#[derive(Debug, Clone, Copy)]
pub struct ReuseConditions {
    /// Stands for what is said about the source.
    pub config_hash: [u8; 16],
    /// How much is kept of each source.
    pub retention: Retention,
    /// Whether the whole document is requested in any case.
    pub requests_whole: bool,
}

impl ReuseConditions {
    /// Whether what is remembered of the last document still holds.
    pub(super) fn allow_reuse(&self, state: &PollState) -> bool {
        // What was read under other settings is read again, whatever the publisher's validators say.
        state.document.config_hash == self.config_hash
            && !self.requests_whole
            && !self.retention.has_grown_since(state.document.retention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_requested_whole_when_more_is_kept_or_said_otherwise() {
        let keeps = |days: Option<u64>, entries: usize| Retention {
            keep_seconds: days.map(|days| days * 24 * 3600),
            entries,
        };
        let check = |before: Option<Retention>, now: Retention, is_trusted: bool| {
            let at = "2026-11-24T10:00:00Z".parse().unwrap();
            let mut state = PollState::new([1; 16], at);
            state.document.retention = before;
            let terms =
                ReuseConditions { config_hash: [1; 16], retention: now, requests_whole: false };
            assert_eq!(terms.allow_reuse(&state), is_trusted, "{before:?} {now:?}");
            assert!(!ReuseConditions { requests_whole: true, ..terms }.allow_reuse(&state));
            assert!(!ReuseConditions { config_hash: [2; 16], ..terms }.allow_reuse(&state));
        };
        let before = keeps(Some(90), 1_000);
        check(None, before, false);
        check(Some(before), before, true);
        check(Some(before), keeps(Some(30), 1_000), true);
        check(Some(before), keeps(Some(90), 100), true);
        check(Some(before), keeps(Some(91), 1_000), false);
        check(Some(before), keeps(None, 1_000), false);
        check(Some(before), keeps(Some(90), 1_001), false);
        check(Some(before), keeps(Some(30), 1_001), false);
        check(Some(keeps(None, 5)), keeps(None, 5), true);
        check(Some(keeps(None, 5)), before, false);
        check(Some(keeps(None, 1_000)), before, true);
    }
}
