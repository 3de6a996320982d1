//! A document that the strict parsers accept: `DecodedText` → `RepairedDocument`.

use super::document::Format;
use super::raw::{RawEntry, RawFeed};
use super::warning::Warning;

/// The strict parser that a repaired document is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CanonicalFormat {
    /// Flat, well-formed RSS 2.0 for the `rss` crate.
    Rss,
    /// Flat, well-formed Atom 1.0 for the `atom_syndication` crate.
    Atom,
    /// JSON, passed through unchanged.
    Json,
}

/// A document that the strict parsers accept, with everything that they would drop beside it.
///
/// The canonical document contains, per entry, what the crates have fields for: guid/id, title,
/// link, description/summary, content, the first enclosure, authors, categories. `feed` and
/// `entries` contain the rest; `entries` is joined to the parsed entries by index (both crates keep
/// the order). Fields that the crates have may be `None` or empty in these supplements.
#[derive(Debug, Clone, PartialEq)]
pub struct RepairedDocument {
    /// The format that was found.
    pub format: Format,
    /// The parser that `body` is meant for.
    pub canonical: CanonicalFormat,
    /// The canonical document (depth at most 5, no DOCTYPE, no dates that could make a parser
    /// fail), or the JSON text.
    pub body: String,
    /// The fields of the feed that the crates drop: language, direction, base, dates as written,
    /// poll hints, links with relations, image, authors, rights. Its `entries` is empty.
    pub feed: RawFeed,
    /// The fields of the entries that the crates drop, one per entry of `body`, in its order.
    pub entries: Vec<RawEntry>,
    /// Every repair, with its position.
    pub warnings: Vec<Warning>,
}
