//! Elements of other vocabularies, as RSS and Atom both have them → those of the crates that write the feeds.

use std::collections::BTreeMap;

use super::xml_text;

/// An element with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ExtensionElement {
    /// The prefix of its namespace.
    pub(super) prefix: &'static str,
    /// Its name without the prefix.
    pub(super) local: &'static str,
    /// Its attributes.
    pub(super) attributes: BTreeMap<String, String>,
    /// Its text.
    pub(super) text: Option<String>,
    /// The elements in it.
    pub(super) children: Vec<ExtensionElement>,
}

impl ExtensionElement {
    /// An element without attributes and text.
    pub(super) fn new(prefix: &'static str, local: &'static str) -> Self {
        Self { prefix, local, ..Self::default() }
    }

    /// The same with a text.
    pub(super) fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The same with an attribute, if it has a value.
    pub(super) fn with_attribute(mut self, name: &str, value: Option<String>) -> Self {
        self.attributes.extend(value.map(|value| (name.to_owned(), value)));
        self
    }

    fn name(&self) -> String {
        format!("{}:{}", self.prefix, self.local)
    }
}

/// The elements by their prefix and name, as the `rss` crate has them.
pub(super) fn to_rss(elements: Vec<ExtensionElement>) -> rss::extension::ExtensionMap {
    let mut map = rss::extension::ExtensionMap::new();
    for element in elements {
        let of_prefix = map.entry(element.prefix.to_owned()).or_default();
        of_prefix.entry(element.local.to_owned()).or_default().push(rss_element(element));
    }
    map
}

fn rss_element(element: ExtensionElement) -> rss::extension::Extension {
    let mut children: BTreeMap<String, Vec<rss::extension::Extension>> = BTreeMap::new();
    let name = element.name();
    for child in element.children {
        children.entry(child.local.to_owned()).or_default().push(rss_element(child));
    }
    rss::extension::Extension { name, value: element.text, attrs: element.attributes, children }
}

/// The elements by their prefix and name, as the `atom_syndication` crate has them.
pub(super) fn to_atom(
    elements: Vec<ExtensionElement>,
) -> atom_syndication::extension::ExtensionMap {
    let mut map = atom_syndication::extension::ExtensionMap::new();
    for element in elements {
        let of_prefix = map.entry(element.prefix.to_owned()).or_default();
        of_prefix.entry(element.local.to_owned()).or_default().push(atom_element(element));
    }
    map
}

fn atom_element(element: ExtensionElement) -> atom_syndication::extension::Extension {
    let mut children: BTreeMap<String, Vec<atom_syndication::extension::Extension>> =
        BTreeMap::new();
    let name = element.name();
    for child in element.children {
        children.entry(child.local.to_owned()).or_default().push(atom_element(child));
    }
    // The crate writes the attributes of extensions unescaped (atom_syndication 0.12.10).
    let escaped = |(name, value): (String, String)| (name, xml_text::escape_html(&value));
    let attrs = element.attributes.into_iter().map(escaped).collect();
    atom_syndication::extension::Extension { name, value: element.text, attrs, children }
}
