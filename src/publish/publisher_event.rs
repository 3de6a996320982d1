//! What the daemon reports to the publisher.

use super::stale_outputs::OutputChange;
use crate::model::PollingPause;

/// An event that the daemon sends to the publisher.
pub(super) enum PublisherEvent {
    /// Outputs changed, with the number of the change.
    Changed(u64, OutputChange),
    /// Copies of pictures are there now, or no longer.
    PicturesChanged,
    /// A source was polled. Its health may have changed.
    Polled,
    /// The configuration file was refused for this reason; `None`: it is accepted again.
    ConfigRefused(Option<String>),
    /// No source is polled for this reason; `None`: polls go on.
    PollingPaused(Option<Box<PollingPause>>),
}
