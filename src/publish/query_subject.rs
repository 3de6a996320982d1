//! A stored entry and its source → the entry as queries look at it.

use crate::model::{SourceInfo, StoredEntry};
use crate::query::SearchableEntry;

/// The entry with the name, categories and language of its source. A source without `info` has none of them.
pub(super) fn query_subject<'a>(
    listed: &'a StoredEntry,
    info: Option<&'a SourceInfo>,
) -> SearchableEntry<'a> {
    let name = info.map_or("", |info| info.name.as_str());
    let categories = info.map_or(&[][..], |info| info.categories.as_slice());
    let language = info.and_then(|info| info.language.as_ref());
    let subject = SearchableEntry::new(&listed.entry, &listed.source, name, categories, language);
    if info.is_none_or(|info| info.believes_breaking) {
        subject
    } else {
        subject.without_breaking()
    }
}
