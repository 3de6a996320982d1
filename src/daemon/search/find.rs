//! A query → where the found entries stand in the store.

use std::ops::Bound;

use jiff::Timestamp;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query as IndexQuery, RangeQuery};
use tantivy::{DocAddress, Searcher, Term};

use super::translate::translate;
use super::{Search, SearchError, whole};
use crate::feed::model::EntryId;
use crate::feed::query::{Order, Query};

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What is looked for.
    pub query: &'a Query,
    /// What stands first.
    pub order: Order,
    /// This many at most.
    pub limit: usize,
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
pub struct Found {
    /// The entries in order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub count: u64,
    /// Whether they are what is looked for; else each must be looked at (`Query::matches`).
    pub is_exact: bool,
}

impl Search {
    /// Looks for entries. Milliseconds of a processor's time for any query among 100,000 entries.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&self, ask: &Ask<'_>) -> Result<Found, SearchError> {
        let searcher = self.0.reader.searcher();
        let translated = translate(&ask.query.tree(), &self.0.fields);
        let query = translated.query;
        let count = searcher.search(&query, &Count)?;
        let top = TopDocs::with_limit(ask.limit.max(1));
        let addresses: Vec<DocAddress> = match ask.order {
            Order::Newest => {
                let query = self.behind(query, ask.after);
                let by_place = top.order_by_fast_field::<u64>("place", tantivy::Order::Desc);
                let found = searcher.search(&query, &by_place)?;
                found.into_iter().map(|(_, address)| address).collect()
            }
            Order::Best => {
                let skip = ask.after.and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
                let found = searcher.search(&query, &top.and_offset(skip).order_by_score())?;
                found.into_iter().map(|(_, address)| address).collect()
            }
        };
        let hits = addresses.into_iter().map(|address| hit(&searcher, address));
        let hits = hits.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Found { hits, count, is_exact: translated.is_exact })
    }

    fn behind(&self, query: Box<dyn IndexQuery>, after: Option<u64>) -> Box<dyn IndexQuery> {
        let Some(place) = after else { return query };
        let end = Bound::Excluded(Term::from_field_u64(self.0.fields.place, place));
        let behind = RangeQuery::new(Bound::Unbounded, end);
        Box::new(BooleanQuery::new(vec![(Occur::Must, query), (Occur::Must, Box::new(behind))]))
    }
}

/// What the index keeps of a document; `None`: it does not say where it is from.
fn hit(searcher: &Searcher, address: DocAddress) -> Result<Option<Hit>, SearchError> {
    let fast = searcher.segment_reader(address.segment_ord).fast_fields();
    let number = |name: &str| Ok::<_, SearchError>(fast.u64(name)?.first(address.doc_id));
    let listed = fast.i64("listed")?.first(address.doc_id);
    let all = (number("id_high")?, number("id_low")?, number("place")?, listed);
    let (Some(high), Some(low), Some(place), Some(listed)) = all else { return Ok(None) };
    let listed_at = Timestamp::from_millisecond(listed).unwrap_or_default();
    Ok(Some(Hit { id: whole(high, low), listed_at, place }))
}
