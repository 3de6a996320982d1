//! `Person`: someone who wrote an entry or took part in it.

use crate::model::PlainText;

/// An author, contributor or participant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// The name, for display.
    pub name: PlainText,
    /// A page about the person; absolute `http(s)`.
    pub url: Option<String>,
}
