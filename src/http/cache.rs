//! What is wanted → the finished rendition, if it is ready.
//!
//! Readers never wait for a writer that is rendering: the shelf is exchanged as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;

use super::route::Resource;
use crate::model::{Notice, Rendition};

/// The finished renditions by what they answer.
#[derive(Debug, Default)]
pub struct RenditionCache {
    ready: ArcSwap<BTreeMap<Resource, Arc<Rendition>>>,
    files: ArcSwap<BTreeMap<&'static str, Rendition>>,
    notices: ArcSwap<BTreeMap<Notice, Bytes>>,
}

impl RenditionCache {
    /// The rendition that answers `wanted`, if it is ready.
    pub fn get(&self, wanted: &Resource) -> Option<Arc<Rendition>> {
        self.ready.load().get(wanted).cloned()
    }

    /// Puts one rendition in its place; the others stay.
    pub fn put(&self, wanted: &Resource, rendition: &Arc<Rendition>) {
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.insert(wanted.clone(), Arc::clone(rendition));
            ready
        });
    }

    /// Exchanges everything at once.
    pub fn replace(&self, ready: BTreeMap<Resource, Arc<Rendition>>) {
        self.ready.store(Arc::new(ready));
    }

    /// Puts the files that are the same for as long as the program runs in their place, by their names.
    pub fn put_files(&self, files: BTreeMap<&'static str, Rendition>) {
        self.files.store(Arc::new(files));
    }

    /// The file of this name.
    pub(super) fn file(&self, name: &str) -> Option<Rendition> {
        self.files.load().get(name).cloned()
    }

    /// Exchanges the pages of notices.
    pub fn put_notices(&self, pages: BTreeMap<Notice, Bytes>) {
        self.notices.store(Arc::new(pages));
    }

    /// The page of a notice, if it is there.
    pub(super) fn notice(&self, notice: Notice) -> Option<Bytes> {
        self.notices.load().get(&notice).cloned()
    }
}
