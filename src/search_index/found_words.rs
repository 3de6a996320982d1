//! Words that were found in the dictionaries of a field → a query for the entries with one of them. Their lists are known from
//! there and are read, without another walk through the dictionaries.

use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, SegmentReader, TantivyError};

/// A word of the dictionary of one segment.
#[derive(Debug, Clone)]
pub(super) struct FoundWord {
    /// Its bytes.
    pub(super) token: Vec<u8>,
    /// The segment.
    pub(super) segment: SegmentId,
    /// Where its list of entries is.
    pub(super) list: TermInfo,
}

/// Finds the entries that have one of these words in a field. All score the same.
#[derive(Debug, Clone)]
pub(super) struct FoundWordsQuery {
    field: Field,
    words: Arc<[FoundWord]>,
}

impl FoundWordsQuery {
    /// The query for words of this field. It finds entries only with the searcher whose dictionaries the words are from.
    pub(super) fn new(field: Field, words: Vec<FoundWord>) -> Self {
        Self { field, words: words.into() }
    }
}

impl Query for FoundWordsQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for FoundWordsQuery {
    fn scorer(&self, segment: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let own = |word: &&FoundWord| word.segment == segment.segment_id();
        let mut words = self.words.iter().filter(own).peekable();
        if words.peek().is_none() {
            return Ok(Box::new(EmptyScorer));
        }
        let index = segment.inverted_index(self.field)?;
        let mut entries = BitSet::with_max_value(segment.max_doc());
        for word in words {
            let mut list =
                index.read_block_postings_from_terminfo(&word.list, IndexRecordOption::Basic)?;
            while !list.docs().is_empty() {
                for entry in list.docs() {
                    entries.insert(*entry);
                }
                list.advance();
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(entries), boost)))
    }

    fn explain(&self, segment: &SegmentReader, entry: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(segment, 1.0)?.seek(entry) == entry {
            return Ok(Explanation::new("FoundWords", 1.0));
        }
        Err(TantivyError::InvalidArgument(format!("document {entry} has none of the words")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tantivy::collector::DocSetCollector;
    use tantivy::indexer::NoMergePolicy;
    use tantivy::schema::{STORED, Schema, TEXT, Value};
    use tantivy::{Index, TantivyDocument, Term, doc};

    use super::super::cost::PostingBudget;
    use super::super::word_set::WordSet;
    use super::*;

    /// The texts with one of these words, in an index with as many segments as there are lists of texts, from which the entries
    /// with this word were removed.
    fn texts_found(segments: &[Vec<String>], words: &[String], removed: &str) -> Vec<String> {
        let mut schema = Schema::builder();
        let field = schema.add_text_field("text", TEXT | STORED);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for texts in segments {
            for text in texts {
                writer.add_document(doc!(field => text.as_str())).unwrap();
            }
            writer.commit().unwrap();
        }
        writer.delete_term(Term::from_field_text(field, removed));
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let words = WordSet::new(words.iter().map(String::as_bytes));
        let mut budget = PostingBudget::new(&searcher, u64::MAX);
        let found = budget.spend_on_existing(field, &words).unwrap().unwrap();
        let entries = searcher.search(&FoundWordsQuery::new(field, found), &DocSetCollector);
        let text = |entry| {
            let entry: TantivyDocument = searcher.doc(entry).unwrap();
            entry.get_first(field).and_then(|text| Some(text.as_str()?.to_owned())).unwrap()
        };
        let mut texts: Vec<String> = entries.unwrap().into_iter().map(text).collect();
        texts.sort_unstable();
        texts
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(12))]
        #[test]
        fn the_entries_with_one_of_the_words_are_found(
            segments in proptest::collection::vec(
                proptest::collection::vec("[ab]{1,3}( [abc]{1,8}){0,2}", 1..200), 1..4),
            words in proptest::collection::vec("[abc]{1,8}", 0..20),
        ) {
            let words_of = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
            let has_word = |text: &&String| {
                let own = words_of(text);
                !own.contains("aa") && words.iter().any(|word| own.contains(word))
            };
            let mut expected: Vec<String> =
                segments.iter().flatten().filter(has_word).cloned().collect();
            expected.sort_unstable();
            proptest::prop_assert_eq!(texts_found(&segments, &words, "aa"), expected);
        }
    }
}
