//! Words of a query → how much of the index must be read for them, before any of it is read.
//!
//! Work is counted in postings, an entry in the list of a word: reading one takes some 10 ns (measured at
//! 100,000 entries). What is dearer counts for as many as it takes the time of.

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::SearchError;
use super::schema::token_text;

/// What one query may read: about a quarter of a second of a processor.
pub(super) const MAX_POSTINGS: u64 = 25_000_000;
/// What a query may read that is answered before dearer ones: about ten milliseconds.
pub(super) const QUICK_POSTINGS: u64 = 1_000_000;
/// Looking a word up and opening its list takes as long as reading so many postings of it.
const LOOKUP_COST: u64 = 50;
/// The places of a word within an entry, compared with those of the word before it.
const POSITION_COST: u64 = 8;

/// What may still be read for a query.
pub(super) struct PostingBudget<'s> {
    searcher: &'s Searcher,
    left: u64,
}

impl<'s> PostingBudget<'s> {
    /// So many postings.
    pub(super) fn new(searcher: &'s Searcher, postings: u64) -> Self {
        Self { searcher, left: postings }
    }

    /// Takes what these words in a row cost in all of these fields, the last one perhaps only a
    /// beginning. `false`: it is more than is left. That was found out in vain, and half of what is left
    /// is gone for it, so that a hundred such terms cost no more than two.
    pub(super) fn try_spend(
        &mut self,
        places: &[Field],
        tokens: &[&[u8]],
        is_open: bool,
    ) -> Result<bool, SearchError> {
        let mut cost = 0_u64;
        for place in places {
            cost = cost.saturating_add(self.cost(*place, tokens, is_open, self.left)?);
            if cost > self.left {
                self.left /= 2;
                return Ok(false);
            }
        }
        self.left -= cost;
        Ok(true)
    }

    /// What words in a row cost in a field; counting ends soon behind `most`.
    fn cost(
        &self,
        place: Field,
        tokens: &[&[u8]],
        is_open: bool,
        most: u64,
    ) -> Result<u64, SearchError> {
        let Some((last, before)) = tokens.split_last() else { return Ok(0) };
        let whole = if is_open { before } else { tokens };
        let segments = u64::try_from(self.searcher.segment_readers().len()).unwrap_or(u64::MAX);
        let count = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        let lookups = LOOKUP_COST.saturating_mul(segments).saturating_mul(count);
        let mut rarest = u64::MAX;
        for token in whole {
            let term = Term::from_field_text(place, &token_text(token));
            rarest = rarest.min(self.searcher.doc_freq(&term)?);
        }
        let words = match count {
            0 => 0,
            1 => rarest,
            // The rarest leads; the others are sought beside it, and their places compared.
            _ => rarest.saturating_mul(count).saturating_mul(POSITION_COST),
        };
        let words = words.saturating_add(lookups);
        if !is_open || words > most {
            return Ok(words);
        }
        let (forms, postings) = self.prefix_cost(place, last, most)?;
        // Behind other words, every form is sought in every entry that has those.
        let sought = if count == 0 { 0 } else { rarest.saturating_mul(forms) };
        Ok(words.saturating_add(postings).saturating_add(sought))
    }

    /// How many words begin so, and what their lists hold; counting ends soon behind `most`.
    fn prefix_cost(
        &self,
        place: Field,
        beginning: &[u8],
        most: u64,
    ) -> Result<(u64, u64), SearchError> {
        let (mut forms, mut postings) = (0_u64, 0_u64);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(place)?;
            let mut range = index.terms().range().ge(beginning).into_stream()?;
            while postings <= most && range.advance() && range.key().starts_with(beginning) {
                forms += 1;
                postings += u64::from(range.value().doc_freq) + LOOKUP_COST;
            }
        }
        Ok((forms, postings))
    }
}
