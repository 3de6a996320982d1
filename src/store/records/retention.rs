//! What a source's last whole document was read under, and how long it stays fresh ↔ their part of a poll
//! state's record.

use serde::{Deserialize, Serialize};

use crate::model::{Freshness, PollState, Retention};

#[derive(Serialize, Deserialize)]
pub(super) struct RetentionV1 {
    freshness: Option<FreshnessV1>,
    retention: Option<KeptV1>,
}

#[derive(Serialize, Deserialize)]
struct FreshnessV1 {
    fresh_seconds: Option<u64>,
    retry_after_seconds: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct KeptV1 {
    keep_seconds: Option<u64>,
    entries: u64,
}

impl RetentionV1 {
    pub(super) fn of(state: &PollState) -> Self {
        Self {
            freshness: state.schedule.freshness.map(|said| FreshnessV1 {
                fresh_seconds: said.fresh_seconds,
                retry_after_seconds: said.retry_after_seconds,
            }),
            retention: state.document.retention.map(|kept| KeptV1 {
                keep_seconds: kept.keep_seconds,
                entries: u64::try_from(kept.entries).unwrap_or(u64::MAX),
            }),
        }
    }

    pub(super) fn into_nouns(self) -> (Option<Freshness>, Option<Retention>) {
        let freshness = self.freshness.map(|said| Freshness {
            fresh_seconds: said.fresh_seconds,
            retry_after_seconds: said.retry_after_seconds,
            clock_ahead_seconds: None,
        });
        let retention = self.retention.map(|kept| Retention {
            keep_seconds: kept.keep_seconds,
            entries: usize::try_from(kept.entries).unwrap_or(usize::MAX),
        });
        (freshness, retention)
    }
}
