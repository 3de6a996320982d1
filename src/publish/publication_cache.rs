//! The publications of the last feeds: the formats of a feed show the same one, so that its entries are read once
//! for all of them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::{FeedMark, Publication, Scope};

/// The maximum number of publications: the formats of a feed are rendered one after another.
const MAX_PUBLICATIONS: usize = 2;

/// A publication, and where its output is in the journal.
#[derive(Debug)]
pub(super) struct PublishedPart {
    pub(super) publication: Publication,
    /// The number of the last arrival that it may hold (0: none), and what decides what it holds.
    pub(super) mark: FeedMark,
    /// Whether the journal holds everything since the requested number, and there is not too much of it.
    pub(super) is_complete: bool,
    /// The cursor of the page before this page of the output; `None`: it is the first page.
    pub(super) newer: Option<String>,
}

/// What a publication was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicationKey {
    pub(super) scope: Scope,
    /// The number of changes in the store that outputs show.
    pub(super) changes: u64,
    /// The version of the site and of what is said about its sources.
    pub(super) cards: u64,
}

/// The last publications, the newest first.
#[derive(Debug, Default)]
pub(super) struct PublicationCache(VecDeque<(PublicationKey, Arc<PublishedPart>)>);

impl PublicationCache {
    /// The publication that was made from this.
    pub(super) fn find(&self, key: &PublicationKey) -> Option<Arc<PublishedPart>> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, part)| Arc::clone(part))
    }

    /// Keeps a publication instead of an earlier one of the same output.
    pub(super) fn put(&mut self, key: PublicationKey, part: Arc<PublishedPart>) {
        self.0.retain(|(known, _)| known.scope != key.scope);
        self.0.truncate(MAX_PUBLICATIONS - 1);
        self.0.push_front((key, part));
    }
}
