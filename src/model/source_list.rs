//! `SourceList`: the configured sources in the operator's order, found by id and by category without a search.
//!
//! Tens of thousands of sources are polled, published and compared one by one: a linear search for each of them would
//! take a time that grows with the square of their number. A clone costs nothing.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::category::Category;
use super::source::Source;
use super::source_id::SourceId;

/// Sources in a fixed order, and by their ids.
#[derive(Debug, Clone, Default)]
pub struct SourceList(Arc<IndexedSources>);

#[derive(Debug, Default)]
struct IndexedSources {
    in_order: Vec<Arc<Source>>,
    by_id: BTreeMap<SourceId, usize>,
    /// The categories, in the order of their first source.
    categories: Vec<Category>,
    /// The positions of each category's sources, by its slug.
    by_category: BTreeMap<String, Vec<usize>>,
}

impl SourceList {
    /// The position of the source with this id; `None`: it is not in the list. Of several with one id, the first.
    pub fn position(&self, id: &SourceId) -> Option<usize> {
        self.0.by_id.get(id).copied()
    }

    /// The positions of the sources of a category, which is named by its slug.
    pub fn positions_in_category(&self, slug: &str) -> &[usize] {
        self.0.by_category.get(slug).map_or(&[], Vec::as_slice)
    }

    /// The categories, each once, in the order of their first source.
    pub fn categories(&self) -> &[Category] {
        &self.0.categories
    }

    /// The source with this id; `None`: it is not in the list. Of several with one id, the first.
    pub fn find(&self, id: &SourceId) -> Option<&Arc<Source>> {
        self.0.in_order.get(self.position(id)?)
    }
}

impl From<Vec<Arc<Source>>> for SourceList {
    fn from(in_order: Vec<Arc<Source>>) -> Self {
        let mut by_id = BTreeMap::new();
        let mut categories = Vec::new();
        let mut by_category: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, source) in in_order.iter().enumerate() {
            by_id.entry(source.id.clone()).or_insert(index);
            for category in &source.categories {
                if let Some(positions) = by_category.get_mut(&category.slug) {
                    // A source may name a category twice.
                    if positions.last() != Some(&index) {
                        positions.push(index);
                    }
                } else {
                    categories.push(category.clone());
                    by_category.insert(category.slug.clone(), vec![index]);
                }
            }
        }
        Self(Arc::new(IndexedSources { in_order, by_id, categories, by_category }))
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
        assert_eq!(list.position(&SourceId::new("a").unwrap()), Some(1));
        assert_eq!(list, SourceList::from(list.to_vec()));
        assert_ne!(list, SourceList::default());
    }

    #[test]
    fn sources_are_found_by_category_in_their_order() {
        let named = |id: &str, names: &[&str]| {
            let categories = names.iter().map(|name| Category::new(name).unwrap()).collect();
            Arc::new(Source { categories, ..Source::clone(&source(id, "/")) })
        };
        let list = SourceList::from(vec![
            named("a", &["ثقافة", "عالم"]),
            named("b", &[]),
            named("c", &["عالم", "علوم", "عالم"]),
        ]);
        let slugs: Vec<&str> = list.categories().iter().map(|it| it.slug.as_str()).collect();
        assert_eq!(slugs, ["ثقافة", "عالم", "علوم"]);
        let found: Vec<&[usize]> =
            slugs.iter().map(|slug| list.positions_in_category(slug)).collect();
        assert_eq!(found, [&[0][..], &[0, 2], &[2]]);
        assert!(list.positions_in_category("رياضة").is_empty());
    }
}
