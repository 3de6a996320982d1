//! The store and the published site → what outputs say about sources. Files of this room that only read take
//! this value instead of the renderer.

use std::sync::Arc;

use super::archive_memory::Archives;
use super::published_site::PublishedSite;
use super::source_cards::ScopeSources;
use crate::model::{Scope, Source, SourceId, SourceInfo};
use crate::store::{Store, StoreError};

/// The store and the published site, for reading.
#[derive(Clone, Copy)]
pub(super) struct SiteReader<'a> {
    pub(super) store: &'a Store,
    pub(super) site: &'a PublishedSite,
    /// What is remembered of the journal of arrivals.
    pub(super) archives: &'a Archives,
}

impl<'a> SiteReader<'a> {
    /// The configured source with this id. `None`: the site has no such source.
    pub(super) fn source(self, id: &SourceId) -> Option<&'a Source> {
        self.site.sources.find(id).map(AsRef::as_ref)
    }

    /// What outputs say about a source. `None`: the site does not have it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn source_info(self, id: &SourceId) -> Result<Option<Arc<SourceInfo>>, StoreError> {
        let Some(source) = self.site.sources.find(id) else { return Ok(None) };
        let mut cards = self.archives.cards();
        cards.update(self.store, self.site)?;
        cards.source_info(self.store, source).map(Some)
    }

    /// The sources of a scope, and a number that grows whenever anything changes that outputs say about any source
    /// of the site. `None`: there is no such output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn versioned_sources(
        self,
        scope: &Scope,
    ) -> Result<Option<(Arc<ScopeSources>, u64)>, StoreError> {
        let mut cards = self.archives.cards();
        cards.update(self.store, self.site)?;
        let sources = cards.scope_sources(self.store, self.site, scope)?;
        let is_known = match scope {
            Scope::All => true,
            Scope::Output(id) => self.site.output(id).is_some(),
            Scope::Category(_) | Scope::Source(_) => !sources.infos.is_empty(),
        };
        Ok(is_known.then_some((sources, cards.version())))
    }

    /// The sources of a scope. `None`: there is no such output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn scope_sources(
        self,
        scope: &Scope,
    ) -> Result<Option<Arc<ScopeSources>>, StoreError> {
        Ok(self.versioned_sources(scope)?.map(|(sources, _)| sources))
    }
}
