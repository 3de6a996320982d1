//! `PollFailure`: a failed poll, as far as decisions depend on it.

use rafid_feed::model::Stage;

use super::DeniedBy;

/// A failed poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollFailure {
    /// The stage that failed.
    pub stage: Stage,
    /// What was found and what was expected, without credentials.
    pub message: String,
    /// The kind of failure.
    pub kind: FailureKind,
}

/// What a failure says about the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No request was sent, because the host's `Retry-After` has not passed yet.
    HostBackoff,
    /// No server was reached.
    Unreachable,
    /// The server answered 404.
    Missing,
    /// The server answered 410.
    Gone,
    /// There is a web page in place of the feed.
    NotAFeed,
    /// The server, or a service in front of it, denies access.
    Denied {
        /// Who denies it.
        by: DeniedBy,
        /// The HTTP status.
        status: u16,
    },
    /// Any other failure.
    Other,
}

impl FailureKind {
    /// The HTTP status 404 or 410. `None`: the server did not say that the document is gone.
    pub fn gone_status(self) -> Option<u16> {
        match self {
            Self::Missing => Some(404),
            Self::Gone => Some(410),
            Self::Denied { status: status @ (404 | 410), .. } => Some(status),
            _ => None,
        }
    }
}
