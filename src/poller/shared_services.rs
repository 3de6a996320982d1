//! What the event loop shares with publishing, search and the finding of stories.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;

use crate::http::{self, Metrics};
use crate::publish::PublishedSite;
use crate::publish::index_sync::IndexNotifier;
use crate::search_index::SearchIndex;
use crate::story::StoryVectors;

/// What publishing and search share.
pub(super) struct SharedServices {
    pub(super) site: Arc<ArcSwap<PublishedSite>>,
    pub(super) index_notifier: IndexNotifier,
    pub(super) search: Option<SearchIndex>,
    pub(super) search_requests: Option<mpsc::Sender<http::RenderRequest>>,
    pub(super) stream_requests: mpsc::Sender<http::StreamRequest>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) story_vectors: StoryVectors,
}
