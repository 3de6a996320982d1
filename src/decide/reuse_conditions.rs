//! The current settings and those of the last poll → whether validators and the last body's hash may be used.

use crate::model::{LastDocument, Retention};

/// The settings that decide whether an unchanged document is requested in full.
#[derive(Debug, Clone, Copy)]
pub struct ReuseConditions {
    /// Hash of the source's configuration.
    pub config_hash: [u8; 16],
    /// How many entries of each source are kept.
    pub retention: Retention,
    /// Whether the full document is requested in any case.
    pub requests_whole: bool,
}

impl ReuseConditions {
    /// Whether validators and hash of the last document may be used.
    pub fn allow_reuse(&self, document: &LastDocument) -> bool {
        // A document that was read with other settings is read again, even if it has not changed.
        document.config_hash == self.config_hash
            && !self.requests_whole
            && !self.retention.has_grown_since(document.retention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PollState;

    #[test]
    fn a_document_is_requested_in_full_after_a_change_of_settings() {
        let keeps = |days: Option<u64>, entries: usize| Retention {
            keep_seconds: days.map(|days| days * 24 * 3600),
            entries,
        };
        let check = |before: Option<Retention>, now: Retention, is_reusable: bool| {
            let at = "2026-11-24T10:00:00Z".parse().unwrap();
            let mut state = PollState::new([1; 16], at);
            state.document.retention = before;
            let conditions =
                ReuseConditions { config_hash: [1; 16], retention: now, requests_whole: false };
            assert_eq!(conditions.allow_reuse(&state.document), is_reusable, "{before:?} {now:?}");
            assert!(
                !ReuseConditions { requests_whole: true, ..conditions }
                    .allow_reuse(&state.document)
            );
            assert!(
                !ReuseConditions { config_hash: [2; 16], ..conditions }
                    .allow_reuse(&state.document)
            );
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
