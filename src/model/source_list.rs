//! `SourceList`: the configured sources in the operator's order, each found by its id without a search.
//!
//! Tens of thousands of sources are polled, published and compared one by one: a linear search for each of them would
//! take a time that grows with the square of their number. A clone costs nothing.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::source::Source;
use super::source_id::SourceId;

/// Sources in a fixed order, and by their ids.
#[derive(Debug, Clone, Default)]
pub struct SourceList(Arc<IndexedSources>);

#[derive(Debug, Default)]
struct IndexedSources {
    in_order: Vec<Arc<Source>>,
    by_id: BTreeMap<SourceId, usize>,
}

impl SourceList {
    /// The source with this id; `None`: it is not in the list. Of several with one id, the first.
    pub fn find(&self, id: &SourceId) -> Option<&Arc<Source>> {
        self.0.in_order.get(self.position(id)?)
    }

    /// The place of the source with this id in the operator's order, from 0; `None`: it is not in the list.
    pub fn position(&self, id: &SourceId) -> Option<usize> {
        self.0.by_id.get(id).copied()
    }
}

impl From<Vec<Arc<Source>>> for SourceList {
    fn from(in_order: Vec<Arc<Source>>) -> Self {
        let mut by_id = BTreeMap::new();
        for (index, source) in in_order.iter().enumerate() {
            by_id.entry(source.id.clone()).or_insert(index);
        }
        Self(Arc::new(IndexedSources { in_order, by_id }))
    }
}

impl Deref for SourceList {
    type Target = [Arc<Source>];

    fn deref(&self) -> &Self::Target {
        &self.0.in_order
    }
}

impl<'a> IntoIterator for &'a SourceList {
    type Item = &'a Arc<Source>;
    type IntoIter = std::slice::Iter<'a, Arc<Source>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for SourceList {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.in_order == other.0.in_order
    }
}

impl Eq for SourceList {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    fn source(id: &str, path: &str) -> Arc<Source> {
        let id = SourceId::new(id).unwrap();
        Arc::new(Source::bare(id, Location::File(path.into())))
    }

    #[test]
    fn sources_keep_their_order_and_are_found_by_id() {
        let list = SourceList::from(vec![source("b", "/1"), source("a", "/2"), source("b", "/3")]);
        let ids: Vec<&str> = list.iter().map(|source| source.id.as_str()).collect();
        assert_eq!(ids, ["b", "a", "b"]);
        let found = |id: &str| {
            let source = list.find(&SourceId::new(id).unwrap())?;
            Some(source.location.to_string())
        };
        assert_eq!(found("a").as_deref(), Some("file:/2"));
        assert_eq!(found("b").as_deref(), Some("file:/1"), "the first");
        assert_eq!(found("c"), None);
        assert_eq!(list, SourceList::from(list.to_vec()));
        assert_ne!(list, SourceList::default());
    }
}
