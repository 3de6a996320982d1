//! What a renderer makes of a resource, before it becomes bytes with validators.

use jiff::Timestamp;

use crate::model::{ArchiveLinks, FeedMark};

/// A rendered text, not yet encoded.
pub(super) struct RenderedText {
    /// Its media type.
    pub(super) media_type: &'static str,
    /// The text itself.
    pub(super) text: String,
    /// When its content last changed, as far as the content itself shows.
    pub(super) changed_at: Option<Timestamp>,
    /// How long caches keep it.
    pub(super) max_age_seconds: u64,
    /// Its place in the chain of archive pages.
    pub(super) archive: ArchiveLinks,
    /// Its position in the journal of arrivals, if it is a feed.
    pub(super) mark: Option<FeedMark>,
}

impl RenderedText {
    /// A text that caches do not keep.
    pub(super) fn uncached(media_type: &'static str, text: String) -> Self {
        let archive = ArchiveLinks::default();
        Self { media_type, text, changed_at: None, max_age_seconds: 0, archive, mark: None }
    }
}
