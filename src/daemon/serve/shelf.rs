//! What is wanted → the finished rendition, if it is ready.
//!
//! Readers never wait for a writer that is rendering: the shelf is exchanged as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::route::Wanted;
use crate::feed::model::Rendition;

/// The finished renditions by what they answer.
#[derive(Debug, Default)]
pub struct Shelf {
    ready: ArcSwap<BTreeMap<Wanted, Arc<Rendition>>>,
}

impl Shelf {
    /// The rendition that answers `wanted`, if it is ready.
    pub fn get(&self, wanted: &Wanted) -> Option<Arc<Rendition>> {
        self.ready.load().get(wanted).cloned()
    }

    /// Puts one rendition in its place; the others stay.
    pub fn put(&self, wanted: &Wanted, rendition: &Arc<Rendition>) {
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.insert(wanted.clone(), Arc::clone(rendition));
            ready
        });
    }

    /// Takes away what `keep` does not want to keep.
    pub fn retain(&self, keep: impl Fn(&Wanted) -> bool) {
        self.ready.rcu(|ready| {
            let mut ready = BTreeMap::clone(ready);
            ready.retain(|wanted, _| keep(wanted));
            ready
        });
    }

    /// Exchanges everything at once.
    pub fn replace(&self, ready: BTreeMap<Wanted, Arc<Rendition>>) {
        self.ready.store(Arc::new(ready));
    }

    /// How many renditions are ready.
    pub fn len(&self) -> usize {
        self.ready.load().len()
    }

    /// Whether nothing is ready.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
