//! The words of a query → how much of the index must be read for them, computed before any of it is read.
//!
//! Work is counted in postings: the entries in the list of a word. Reading one takes some 10 ns (measured at
//! 100,000 entries). A more expensive operation counts as the number of postings that take the same time.

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::SearchError;
use super::found_words::FoundWord;
use super::schema::token_text;
use super::word_set::WordSet;

/// The postings that one query may read: about a quarter of a second of one processor.
pub(super) const MAX_POSTINGS: u64 = 25_000_000;
/// The postings that a query may read to count as cheap: about ten milliseconds.
pub(super) const QUICK_POSTINGS: u64 = 1_000_000;
/// Looking up a word and opening its list takes as long as reading this many postings.
const LOOKUP_COST: u64 = 50;
/// Walking through the words of a field for the forms of a word takes as long as reading this many postings.
const SET_COST: u64 = 1_000;
/// The cost of comparing the positions of a word within an entry with those of the word before it.
const POSITION_COST: u64 = 8;

/// The remaining budget of a query.
pub(super) struct PostingBudget<'s> {
    searcher: &'s Searcher,
    left: u64,
}

impl<'s> PostingBudget<'s> {
    /// A budget of this many postings.
    pub(super) fn new(searcher: &'s Searcher, postings: u64) -> Self {
        Self { searcher, left: postings }
    }

    /// Spends the cost of this sequence of words in all of these fields; the last word may be a prefix.
    /// `false`: the cost exceeds the rest. Half of the rest is then spent for finding that out, so that a
    /// hundred such terms cost no more than two.
    pub(super) fn try_spend(
        &mut self,
        fields: &[Field],
        tokens: &[&[u8]],
        is_open: bool,
    ) -> Result<bool, SearchError> {
        let mut cost = 0_u64;
        for field in fields {
            cost = cost.saturating_add(self.cost(*field, tokens, is_open, self.left)?);
            if cost > self.left {
                self.left /= 2;
                return Ok(false);
            }
        }
        self.left -= cost;
        Ok(true)
    }

    /// Which of these words a field has, each once for every segment that has it, after spending the cost of looking for them
    /// and of reading their lists. `None`: the cost exceeds the rest.
    pub(super) fn spend_on_existing(
        &mut self,
        field: Field,
        words: &WordSet,
    ) -> Result<Option<Vec<FoundWord>>, SearchError> {
        let mut existing = Vec::new();
        let mut cost = 0_u64;
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            cost += SET_COST;
            for (first, last) in words.runs() {
                let mut found = index.terms().search(words).ge(first).le(last).into_stream()?;
                while found.advance() {
                    cost += u64::from(found.value().doc_freq) + LOOKUP_COST;
                    existing.push(FoundWord {
                        token: found.key().to_owned(),
                        segment: segment.segment_id(),
                        list: found.value().clone(),
                    });
                }
            }
        }
        if cost > self.left {
            self.left /= 2;
            return Ok(None);
        }
        self.left -= cost;
        Ok(Some(existing))
    }

    /// The cost of a sequence of words in a field. Counting ends soon after `limit`.
    fn cost(
        &self,
        field: Field,
        tokens: &[&[u8]],
        is_open: bool,
        limit: u64,
    ) -> Result<u64, SearchError> {
        let Some((last, before)) = tokens.split_last() else { return Ok(0) };
        let whole = if is_open { before } else { tokens };
        let segments = u64::try_from(self.searcher.segment_readers().len()).unwrap_or(u64::MAX);
        let count = u64::try_from(whole.len()).unwrap_or(u64::MAX);
        let lookups = LOOKUP_COST.saturating_mul(segments).saturating_mul(count);
        let mut rarest = u64::MAX;
        for token in whole {
            let term = Term::from_field_text(field, &token_text(token));
            rarest = rarest.min(self.searcher.doc_freq(&term)?);
        }
        let words = match count {
            0 => 0,
            1 => rarest,
            // The rarest word leads. The others are looked up in its entries and their positions compared.
            _ => rarest.saturating_mul(count).saturating_mul(POSITION_COST),
        };
        let words = words.saturating_add(lookups);
        if !is_open || words > limit {
            return Ok(words);
        }
        let (matching_words, postings) = self.prefix_cost(field, last, limit)?;
        // After other words, every matching word is looked up in every entry that has those.
        let lookups_after_phrase =
            if count == 0 { 0 } else { rarest.saturating_mul(matching_words) };
        Ok(words.saturating_add(postings).saturating_add(lookups_after_phrase))
    }

    /// How many words have this prefix, and the cost of their lists. Counting ends soon after `limit`.
    fn prefix_cost(
        &self,
        field: Field,
        prefix: &[u8],
        limit: u64,
    ) -> Result<(u64, u64), SearchError> {
        let (mut matching_words, mut postings) = (0_u64, 0_u64);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut range = index.terms().range().ge(prefix).into_stream()?;
            while postings <= limit && range.advance() && range.key().starts_with(prefix) {
                matching_words += 1;
                postings += u64::from(range.value().doc_freq) + LOOKUP_COST;
            }
        }
        Ok((matching_words, postings))
    }
}
