//! A category of sources: its name and its slug.

use super::source_id::make_slug;

/// A category: the operator's name for it, and its slug.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    /// The displayed name: `اقتصاد`.
    pub name: String,
    /// The slug in `/category/<slug>/`.
    pub slug: String,
}

impl Category {
    /// A category with this name; `None`: the name gives no slug.
    pub fn new(name: &str) -> Option<Self> {
        let slug = make_slug(name);
        (!slug.is_empty()).then(|| Self { name: name.trim().to_owned(), slug })
    }
}
