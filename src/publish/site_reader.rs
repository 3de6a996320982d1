//! The store and the published site → what outputs say about sources. Files of this room that only read take
//! this value instead of the renderer.

use std::collections::BTreeMap;

use super::archive_memory::Archives;
use super::published_site::PublishedSite;
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

    /// What outputs say about a source of the site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn source_info(self, source: &Source) -> Result<SourceInfo, StoreError> {
        self.site.source_info(self.store, source)
    }

    /// What outputs say about each source of a scope. `None`: there is no such output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn source_infos(
        self,
        scope: &Scope,
    ) -> Result<Option<BTreeMap<SourceId, SourceInfo>>, StoreError> {
        let mut infos = BTreeMap::new();
        for source in self.site.sources_of(scope) {
            infos.insert(source.id.clone(), self.source_info(source)?);
        }
        let is_known = match scope {
            Scope::All => true,
            Scope::Output(id) => self.site.output(id).is_some(),
            Scope::Category(_) | Scope::Source(_) => !infos.is_empty(),
        };
        Ok(is_known.then_some(infos))
    }
}
