//! A query → the positions of the matching entries in the store.

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
use super::{OpenIndex, SearchError, SearchIndex, first_position, join_id};
use crate::model::{EntryId, SearchOrder};
use crate::query::Query;

/// A search.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    /// The query.
    pub query: &'a Query,
    /// Which results come first.
    pub order: SearchOrder,
    /// At most this many results.
    pub limit: usize,
    /// Used instead of `limit` when the index alone cannot decide (`IndexMatches::is_exact`).
    pub limit_unsure: usize,
    /// Newest first: only entries after this position. Best first: the number of results to skip. `None`:
    /// from the first result.
    pub after: Option<u64>,
    /// Only entries that were listed at this time or later; `None`: all.
    pub since: Option<Timestamp>,
}

/// A matching entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: EntryId,
    /// Its listing time in the store.
    pub listed_at: Timestamp,
    /// Its position among all entries, for the next page.
    pub place: u64,
}

/// The results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexMatches {
    /// The entries in order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub count: u64,
    /// Whether they are exactly the matches. If not, each must be checked (`Query::matches`).
    pub is_exact: bool,
    /// Newest first: the position of the last of as many results as are wanted, counted upwards from `after`. `None`:
    /// there are fewer above it.
    pub newer: Option<u64>,
}

impl SearchIndex {
    /// Searches entries. An ordinary query takes milliseconds of one processor among 100,000 entries, and any
    /// query takes about a quarter of a second among any number. What would take longer is approximated.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn find(&self, request: &SearchRequest<'_>) -> Result<IndexMatches, SearchError> {
        let index = self.open_index()?;
        let searcher = index.reader.searcher();
        let budget = PostingBudget::new(&searcher, MAX_POSTINGS);
        let translated = translate_query(&request.query.tree(), &index.fields, budget)?;
        let is_exact = translated.is_exact;
        let first = request.since.map(first_position);
        let query = index.restrict(translated.query, (first, None));
        let limit = if is_exact { request.limit } else { request.limit_unsure }.max(1);
        let top = TopDocs::with_limit(limit);
        let mut newer = None;
        let (count, addresses): (usize, Vec<DocAddress>) = match request.order {
            SearchOrder::Newest => {
                let by_place = top.order_by_fast_field::<u64>("place", tantivy::Order::Desc);
                let above = match request.after {
                    None => 0,
                    Some(after) => {
                        let start = first.map_or(after, |first| first.max(after));
                        let above = index.restrict(query.box_clone(), (Some(start), None));
                        let nearest = TopDocs::with_limit(limit)
                            .order_by_fast_field::<u64>("place", tantivy::Order::Asc);
                        let (count, nearest) = searcher.search(&above, &(Count, nearest))?;
                        newer = nearest.get(limit - 1).and_then(|(place, _)| *place);
                        count
                    }
                };
                let rest = index.restrict(query, (None, request.after));
                let (below, top_hits) = searcher.search(&rest, &(Count, by_place))?;
                (above + below, top_hits.into_iter().map(|(_, address)| address).collect())
            }
            SearchOrder::Best => {
                let skip = request.after.and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
                let by_score = top.and_offset(skip.min(MAX_SKIPPED)).order_by_score();
                let (count, top_hits) = searcher.search(&query, &(Count, by_score))?;
                (count, top_hits.into_iter().map(|(_, address)| address).collect())
            }
        };
        let hits = read_hits(&searcher, &addresses)?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Ok(IndexMatches { hits, count, is_exact, newer })
    }

    /// Whether a query takes at most some ten milliseconds and is decided by the index alone.
    ///
    /// # Errors
    /// When the index is not open, or cannot be read.
    pub fn is_quick(&self, query: &Query) -> Result<bool, SearchError> {
        let index = self.open_index()?;
        let searcher = index.reader.searcher();
        let budget = PostingBudget::new(&searcher, QUICK_POSTINGS);
        Ok(translate_query(&query.tree(), &index.fields, budget)?.is_exact)
    }
}

/// The maximum number of skipped results, best first: each page sorts all results before it.
pub const MAX_SKIPPED: usize = 10_000;

impl OpenIndex {
    /// The query restricted to entries from the first of these positions on, and after the second in the order of results,
    /// which is before it in time; `None`: without that restriction.
    fn restrict(
        &self,
        query: Box<dyn IndexQuery>,
        (first, after): (Option<u64>, Option<u64>),
    ) -> Box<dyn IndexQuery> {
        if first.is_none() && after.is_none() {
            return query;
        }
        let term = |place: u64| Term::from_field_u64(self.fields.place, place);
        let start = first.map_or(Bound::Unbounded, |place| Bound::Included(term(place)));
        let end = after.map_or(Bound::Unbounded, |place| Bound::Excluded(term(place)));
        let range: Box<dyn IndexQuery> = Box::new(RangeQuery::new(start, end));
        Box::new(BooleanQuery::new(vec![(Occur::Must, query), (Occur::Must, range)]))
    }
}

/// The stored fields of documents. A document without an id or position is left out.
fn read_hits(searcher: &Searcher, addresses: &[DocAddress]) -> Result<Vec<Hit>, SearchError> {
    // Opening the columns of a segment takes longer than reading them.
    let mut segments: BTreeMap<SegmentOrdinal, HitColumns> = BTreeMap::new();
    let mut hits = Vec::with_capacity(addresses.len());
    for address in addresses {
        let columns = match segments.entry(address.segment_ord) {
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
