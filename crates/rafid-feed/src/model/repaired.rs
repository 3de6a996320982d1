//! A document that the strict parsers accept: `DecodedText` → `RepairedDocument`.

use super::document::Format;
use super::raw::{RawEntry, RawFeed};
use super::warning::Warning;

/// Which strict reader a repaired document is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CanonicalFormat {
    /// Flat, well-formed RSS 2.0 for the `rss` crate.
    Rss,
    /// Flat, well-formed Atom 1.0 for the `atom_syndication` crate.
    Atom,
    /// JSON, passed through unchanged.
    Json,
}

/// A document that the strict parsers accept, and beside it everything that they would drop.
///
/// The canonical document carries, per entry, what the crates have fields for: guid/id, title, link,
/// description/summary, content, the first enclosure, authors, categories. `feed` and `entries`
/// carry the rest, `entries` joined to the parsed entries by index (the order is stable through
/// both crates). Fields the crates carry may be left `None`/empty in the supplements.
#[derive(Debug, Clone, PartialEq)]
pub struct RepairedDocument {
    /// The dialect that was found.
    pub format: Format,
    /// Which reader `body` is for.
    pub canonical: CanonicalFormat,
    /// The canonical document (depth at most 5, no DOCTYPE, no dates that could kill a parse), or
    /// the JSON text.
    pub body: String,
    /// Feed-level facts that the crates drop: language, direction, base, dates as written, pace,
    /// links with relations, image, authors, rights. Its `entries` is empty.
    pub feed: RawFeed,
    /// Entry-level facts that the crates drop, one per entry of `body`, in its order.
    pub entries: Vec<RawEntry>,
    /// Every mend, with its place.
    pub warnings: Vec<Warning>,
}
