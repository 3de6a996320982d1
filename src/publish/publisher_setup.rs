//! Everything that the publisher works with.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::published_site::PublishedSite;
use crate::http::{DaemonHealth, Metrics, RenditionCache};
use crate::pictures::PictureShelf;
use crate::search_index::SearchIndex;
use crate::store::Store;

/// Everything that the publisher works with.
pub struct PublisherSetup {
    /// The store, for reading.
    pub store: Store,
    /// What the operator publishes.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Where finished bytes go.
    pub cache: Arc<RenditionCache>,
    /// Counts renderings.
    pub metrics: Arc<Metrics>,
    /// Set to ready once the first outputs are in the cache.
    pub health: Arc<DaemonHealth>,
    /// When the program started.
    pub started_at: Timestamp,
    /// The search index, for reporting its state; `None`: this process does not maintain one.
    pub search: Option<SearchIndex>,
    /// The copies of pictures; `None`: pages show none.
    pub pictures: Option<PictureShelf>,
}
