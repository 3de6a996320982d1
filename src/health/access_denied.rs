//! Failures, poll after poll → whether a source denies access.

use jiff::Timestamp;

use crate::model::{AccessDenied, FailureKind};

/// After a failure of the source. A failure of another kind does not change what is known, unless the feed
/// is gone: that is reported separately.
pub fn after_failure(
    before: Option<AccessDenied>,
    kind: FailureKind,
    now: Timestamp,
) -> Option<AccessDenied> {
    match kind {
        FailureKind::Denied { by, status } => {
            let before = before.unwrap_or(AccessDenied { by, status, since: now, count: 0 });
            let count = before.count.saturating_add(1);
            Some(AccessDenied { by, status, count, ..before })
        }
        FailureKind::Missing | FailureKind::Gone | FailureKind::NotAFeed => None,
        FailureKind::HostBackoff | FailureKind::Unreachable | FailureKind::Other => before,
    }
}
