//! How long a source's last document stays fresh, and the retention that it was read with ↔ their part of a
//! poll state's record.

use serde::{Deserialize, Serialize};

use crate::model::{Freshness, PollState, Retention};

#[derive(Serialize, Deserialize)]
pub(super) struct FreshnessAndRetentionV1 {
    freshness: Option<FreshnessV1>,
    retention: Option<RetentionV1>,
}

#[derive(Serialize, Deserialize)]
struct FreshnessV1 {
    fresh_seconds: Option<u64>,
    retry_after_seconds: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct RetentionV1 {
    keep_seconds: Option<u64>,
    entries: u64,
}

impl FreshnessAndRetentionV1 {
    pub(super) fn of(state: &PollState) -> Self {
        Self {
            freshness: state.schedule.freshness.map(|said| FreshnessV1 {
                fresh_seconds: said.fresh_seconds,
                retry_after_seconds: said.retry_after_seconds,
            }),
            retention: state.document.retention.map(|kept| RetentionV1 {
                keep_seconds: kept.keep_seconds,
                entries: u64::try_from(kept.entries).unwrap_or(u64::MAX),
            }),
        }
    }

    pub(super) fn into_model(self) -> (Option<Freshness>, Option<Retention>) {
        let freshness = self.freshness.map(|freshness| Freshness {
            fresh_seconds: freshness.fresh_seconds,
            retry_after_seconds: freshness.retry_after_seconds,
            clock_ahead_seconds: None,
        });
        let retention = self.retention.map(|retention| Retention {
            keep_seconds: retention.keep_seconds,
            entries: usize::try_from(retention.entries).unwrap_or(usize::MAX),
        });
        (freshness, retention)
    }
}
