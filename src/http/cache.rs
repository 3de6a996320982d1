//! A resource → its finished rendition, if it is ready.
//!
//! Readers never wait for a writer: a rendition is replaced at once in its slot, and a map as a whole when it gets
//! or loses a slot. Only the publisher writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;

use super::resource::Resource;
use super::served_rendition::ServedRendition;
use crate::model::{Notice, Rendition};

/// The finished renditions by resource.
#[derive(Debug, Default)]
pub struct RenditionCache {
    ready: ArcSwap<BTreeMap<Resource, Arc<ArcSwap<ServedRendition>>>>,
    files: ArcSwap<BTreeMap<&'static str, Arc<ServedRendition>>>,
    notices: ArcSwap<BTreeMap<Notice, Bytes>>,
    /// The path of the public base address, beginning and ending in `/`; empty: not known.
    base_path: ArcSwap<String>,
}

impl RenditionCache {
    /// The rendition of `resource`, if it is ready.
    pub fn get(&self, resource: &Resource) -> Option<Arc<ServedRendition>> {
        self.ready.load().get(resource).map(|slot| slot.load_full())
    }

    /// Inserts or replaces one rendition; the others stay.
    pub fn put(&self, resource: &Resource, rendition: &Arc<ServedRendition>) {
        if let Some(slot) = self.ready.load().get(resource) {
            slot.store(Arc::clone(rendition));
            return;
        }
        let slot = Arc::new(ArcSwap::new(Arc::clone(rendition)));
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.insert(resource.clone(), Arc::clone(&slot));
            ready
        });
    }

    /// Drops the renditions of which this says `false`.
    pub fn retain(&self, is_kept: impl Fn(&Resource) -> bool) {
        if self.ready.load().keys().all(&is_kept) {
            return;
        }
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.retain(|resource, _| is_kept(resource));
            ready
        });
    }

    /// Sets the files that stay the same while the program runs, by name.
    pub fn put_files(&self, files: BTreeMap<&'static str, Rendition>) {
        let served = |rendition| Arc::new(ServedRendition::new(Arc::new(rendition)));
        let files = files.into_iter().map(|(name, rendition)| (name, served(rendition)));
        self.files.store(Arc::new(files.collect()));
    }

    /// The file with this name.
    pub(super) fn file(&self, name: &str) -> Option<Arc<ServedRendition>> {
        self.files.load().get(name).cloned()
    }

    /// Sets the path of the public base address: `/news/` for `https://example/news/`.
    pub fn put_base_path(&self, path: &str) {
        self.base_path.store(Arc::new(path.to_owned()));
    }

    /// The path of a request below the path of the base address; `None`: it is not below it, as behind a proxy that
    /// strips that path.
    pub(super) fn path_below_base<'a>(&self, path: &'a str) -> Option<&'a str> {
        let base = self.base_path.load();
        let folder = base.strip_suffix('/').filter(|folder| !folder.is_empty())?;
        path.strip_prefix(folder).filter(|rest| rest.starts_with('/'))
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http::encode_rendition;

    #[test]
    fn paths_below_the_base_are_known() {
        let cache = RenditionCache::default();
        assert_eq!(cache.path_below_base("/news/feed.xml"), None, "no base is known");
        cache.put_base_path("/news/");
        for (path, expected) in [
            ("/news/feed.xml", Some("/feed.xml")),
            ("/news/", Some("/")),
            ("/news", None),
            ("/newsroom/feed.xml", None),
            ("/feed.xml", None),
            ("/news//x", Some("//x")),
        ] {
            assert_eq!(cache.path_below_base(path), expected, "{path}");
        }
        cache.put_base_path("/");
        assert_eq!(cache.path_below_base("/feed.xml"), None);
    }

    #[test]
    fn a_rendition_is_replaced_and_dropped_alone() {
        let cache = RenditionCache::default();
        let rendition = |text: &'static str| {
            let rendition = encode_rendition("text/plain", text, Timestamp::UNIX_EPOCH, 60);
            Arc::new(ServedRendition::new(Arc::new(rendition)))
        };
        let is = |resource: &Resource, expected: Option<&str>| {
            let hash = |text: &str| crate::http::rendition_hash(text);
            assert_eq!(
                cache.get(resource).map(|it| it.rendition().hash.clone()),
                expected.map(hash)
            );
        };
        let (one, other) = (Resource::Opml, Resource::Sources);
        cache.put(&one, &rendition("1"));
        cache.put(&other, &rendition("2"));
        cache.put(&one, &rendition("3"));
        is(&one, Some("3"));
        is(&other, Some("2"));
        cache.retain(|resource| *resource != one);
        is(&one, None);
        is(&other, Some("2"));
    }
}
