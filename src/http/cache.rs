//! A resource → its finished rendition, if it is ready.
//!
//! Readers never wait for a writer that is rendering: the maps are replaced as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;

use super::route::Resource;
use crate::model::{Notice, Rendition};

/// The finished renditions by resource.
#[derive(Debug, Default)]
pub struct RenditionCache {
    ready: ArcSwap<BTreeMap<Resource, Arc<Rendition>>>,
    files: ArcSwap<BTreeMap<&'static str, Rendition>>,
    notices: ArcSwap<BTreeMap<Notice, Bytes>>,
}

impl RenditionCache {
    /// The rendition of `resource`, if it is ready.
    pub fn get(&self, resource: &Resource) -> Option<Arc<Rendition>> {
        self.ready.load().get(resource).cloned()
    }

    /// Inserts or replaces one rendition; the others stay.
    pub fn put(&self, resource: &Resource, rendition: &Arc<Rendition>) {
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.insert(resource.clone(), Arc::clone(rendition));
            ready
        });
    }

    /// Replaces all renditions at once.
    pub fn replace(&self, ready: BTreeMap<Resource, Arc<Rendition>>) {
        self.ready.store(Arc::new(ready));
    }

    /// Sets the files that stay the same while the program runs, by name.
    pub fn put_files(&self, files: BTreeMap<&'static str, Rendition>) {
        self.files.store(Arc::new(files));
    }

    /// The file with this name.
    pub(super) fn file(&self, name: &str) -> Option<Rendition> {
        self.files.load().get(name).cloned()
    }

    /// Replaces the pages of notices.
    pub fn put_notices(&self, pages: BTreeMap<Notice, Bytes>) {
        self.notices.store(Arc::new(pages));
    }

    /// The page of a notice, if there is one.
    pub(super) fn notice(&self, notice: Notice) -> Option<Bytes> {
        self.notices.load().get(&notice).cloned()
    }
}
