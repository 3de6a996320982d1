//! A query → where the found entries stand in the store.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use jiff::Timestamp;
use tantivy::collector::{Count, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, Occur, Query as IndexQuery, RangeQuery};
use tantivy::{DocAddress, DocId, Searcher, SegmentOrdinal, SegmentReader, Term};

use super::cost::{MAX_POSTINGS, PostingBudget, QUICK_POSTINGS};
use super::query_translation::translate_query;
use super::{OpenIndex, SearchError, SearchIndex, join_id};
use crate::model::{EntryId, SearchOrder};
use crate::query::Query;

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    /// What is looked for.
    pub query: &'a Query,
    /// What stands first.
    pub order: SearchOrder,
    /// This many at most.
    pub limit: usize,
    /// Instead of `limit` where the index does not tell (`Found::is_exact`).
    pub limit_unsure: usize,
    /// Newest first: only what stands behind this place. Best first: so many are passed over. `None`:
    /// from the top.
    pub after: Option<u64>,
}

/// An entry that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: EntryId,
    /// Its place in the store.
    pub listed_at: Timestamp,
    /// Its place among all, for the next page.
    pub place: u64,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexMatches {
    /// The entries in order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub count: u64,
    /// Whether they are what is looked for; else each must be looked at (`Query::matches`).
    pub is_exact: bool,
}

impl SearchIndex {
    /// Looks for entries: milliseconds of a processor's time for ordinary queries among 100,000 entries,
    /// about a quarter of a second for any query among any number. What would take longer is left open.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn find(&self, ask: &SearchRequest<'_>) -> Result<IndexMatches, SearchError> {
        let opened = self.open_index()?;
        let searcher = opened.reader.searcher();
        let budget = PostingBudget::new(&searcher, MAX_POSTINGS);
        let translated = translate_query(&ask.query.tree(), &opened.fields, budget)?;
        let (query, is_exact) = (translated.query, translated.is_exact);
        let top = TopDocs::with_limit(if is_exact { ask.limit } else { ask.limit_unsure }.max(1));
        let (count, addresses): (usize, Vec<DocAddress>) = match ask.order {
            SearchOrder::Newest => {
                let by_place = top.order_by_fast_field::<u64>("place", tantivy::Order::Desc);
                let (count, found) = match opened.restrict_after(&query, ask.after) {
                    None => searcher.search(&query, &(Count, by_place))?,
                    Some(behind) => {
                        (searcher.search(&query, &Count)?, searcher.search(&behind, &by_place)?)
                    }
                };
                (count, found.into_iter().map(|(_, address)| address).collect())
            }
            SearchOrder::Best => {
                let skip = ask.after.and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
                let by_score = top.and_offset(skip.min(MAX_SKIPPED)).order_by_score();
                let (count, found) = searcher.search(&query, &(Count, by_score))?;
                (count, found.into_iter().map(|(_, address)| address).collect())
            }
        };
        let hits = read_hits(&searcher, &addresses)?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Ok(IndexMatches { hits, count, is_exact })
    }

    /// Whether a query takes no more than some ten milliseconds and is decided by the index alone.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn is_quick(&self, query: &Query) -> Result<bool, SearchError> {
        let opened = self.open_index()?;
        let searcher = opened.reader.searcher();
        let budget = PostingBudget::new(&searcher, QUICK_POSTINGS);
        Ok(translate_query(&query.tree(), &opened.fields, budget)?.is_exact)
    }
}

/// Entries that are passed over at most, best first: each page sorts all before it.
pub const MAX_SKIPPED: usize = 10_000;

impl OpenIndex {
    /// The same behind a place; `None`: it is asked from the top.
    fn restrict_after(&self, query: &dyn IndexQuery, after: Option<u64>) -> Option<BooleanQuery> {
        let end = Bound::Excluded(Term::from_field_u64(self.fields.place, after?));
        let behind = RangeQuery::new(Bound::Unbounded, end);
        let clauses = vec![(Occur::Must, query.box_clone()), (Occur::Must, Box::new(behind) as _)];
        Some(BooleanQuery::new(clauses))
    }
}

/// What the index keeps of documents; one that does not say where it is from is left out.
fn read_hits(searcher: &Searcher, addresses: &[DocAddress]) -> Result<Vec<Hit>, SearchError> {
    // Opening the columns of a segment takes longer than reading them.
    let mut opened: BTreeMap<SegmentOrdinal, HitColumns> = BTreeMap::new();
    let mut hits = Vec::with_capacity(addresses.len());
    for address in addresses {
        let columns = match opened.entry(address.segment_ord) {
            Entry::Occupied(columns) => columns.into_mut(),
            Entry::Vacant(place) => {
                let segment = searcher.segment_reader(address.segment_ord);
                place.insert(HitColumns::open(segment)?)
            }
        };
        hits.extend(columns.hit(address.doc_id));
    }
    Ok(hits)
}

struct HitColumns {
    high: Column,
    low: Column,
    place: Column,
    listed: Column<i64>,
}

impl HitColumns {
    fn open(segment: &SegmentReader) -> Result<Self, SearchError> {
        let fast = segment.fast_fields();
        Ok(Self {
            high: fast.u64("id_high")?,
            low: fast.u64("id_low")?,
            place: fast.u64("place")?,
            listed: fast.i64("listed")?,
        })
    }

    fn hit(&self, document: DocId) -> Option<Hit> {
        let id = join_id(self.high.first(document)?, self.low.first(document)?);
        let listed_at = Timestamp::from_millisecond(self.listed.first(document)?);
        Some(Hit {
            id,
            listed_at: listed_at.unwrap_or_default(),
            place: self.place.first(document)?,
        })
    }
}
