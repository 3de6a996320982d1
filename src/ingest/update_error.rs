//! `UpdateError`: why a document could not be fetched or read → the failure that decisions depend on.

use rafid_feed::model::Stage;
use rafid_feed::pipeline::ReadError;

use crate::fetch::{FetchError, Waf};
use crate::model::{DeniedBy, FailureKind, PollFailure};

/// Why an update failed: one variant per station, because operators first ask where it failed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The document could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The document could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The document exposed a defect of the program.
    #[error("the reader panicked on this document; please report it")]
    Defect,
}

impl UpdateError {
    /// The station that failed.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Fetch(_) => Stage::Fetch,
            Self::Read(error) => error.stage(),
            Self::Defect => Stage::Normalize,
        }
    }

    /// The failure that decisions depend on.
    pub fn to_failure(&self) -> PollFailure {
        PollFailure { stage: self.stage(), message: self.to_string(), kind: self.kind() }
    }

    /// What the failure says about the source.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Fetch(FetchError::HostBackoff { .. }) => FailureKind::HostBackoff,
            Self::Fetch(FetchError::Status { code, reason, .. }) => kind_of_status(*code, *reason),
            Self::Fetch(error) if error.is_unreachable() => FailureKind::Unreachable,
            Self::Read(error) if error.is_page() => FailureKind::NotAFeed,
            Self::Fetch(_) | Self::Read(_) | Self::Defect => FailureKind::Other,
        }
    }

    /// The same error for a body that was cut short: the cut explains why it cannot be read.
    pub(super) fn with_cut_reason(self, cut: Option<String>) -> Self {
        match (self, cut) {
            (Self::Read(_), Some(reason)) => FetchError::Body { reason }.into(),
            (error, _) => error,
        }
    }
}

/// A challenge denies access with any status. 429 alone requests patience, not another client.
fn kind_of_status(status: u16, challenge: Option<Waf>) -> FailureKind {
    let by = match (challenge, status) {
        (Some(Waf::Cloudflare), _) => DeniedBy::Cloudflare,
        (Some(Waf::AwsWaf), _) => DeniedBy::AwsWaf,
        (Some(Waf::Vercel), _) => DeniedBy::Vercel,
        // RFC 9110 sections 15.5.2, 15.5.4 and 15.5.7; RFC 7725.
        (None, 401 | 403 | 406 | 451) => DeniedBy::Server,
        (None, 404) => return FailureKind::Missing,
        (None, 410) => return FailureKind::Gone,
        (None, _) => return FailureKind::Other,
    };
    FailureKind::Denied { by, status }
}

/// Whether an error can come from our own network being down.
pub fn is_network_failure(error: &UpdateError) -> bool {
    error.kind() == FailureKind::Unreachable
}
