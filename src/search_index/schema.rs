//! An entry → the fields of the index, with text split by our own tokenizer: the index holds the tokens of
//! match keys, and nothing else of any text. A word that ends in a written ه has a second token.

use rafid_feed::arabic::MatchKey;
use rafid_feed::word_forms::visit_words_with_haa;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::query;

/// The name under which the tokenizer is registered.
pub(super) const TOKENIZER_NAME: &str = "rafid";

/// The fields and their contents. No text is stored: entries are read from the store.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexFields {
    /// The first half of the id. Entries are deleted by it (two of a hundred thousand entries share 60 random
    /// bits about once in 10⁸ stores), through `keys`.
    pub(super) id_high: Field,
    /// The second half of the id.
    pub(super) id_low: Field,
    /// The listing time, in milliseconds.
    pub(super) listed: Field,
    /// The position among all entries, for newest first and for the next page.
    pub(super) place: Field,
    /// A hash of what was indexed.
    pub(super) stamp: Field,
    /// Numbers by which entries are found: the first half of the id, the key of the source, the keys of guid and
    /// link. They share a field, because every indexed field of every segment has a dictionary that takes a
    /// millisecond to begin; two of a million such numbers are equal in one of 10⁷ stores.
    pub(super) keys: Field,
    words: [(query::QueryField, Field); 8],
}

/// The fields that can be searched for words. A link does not consist of words.
const WORD_FIELDS: [query::QueryField; 8] = [
    query::QueryField::Title,
    query::QueryField::Summary,
    query::QueryField::Text,
    query::QueryField::Category,
    query::QueryField::Author,
    query::QueryField::Source,
    query::QueryField::Language,
    query::QueryField::Breaking,
];

impl IndexFields {
    /// The schema and its fields.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER_NAME)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let fields = Self {
            id_high: schema.add_u64_field("id_high", FAST),
            id_low: schema.add_u64_field("id_low", FAST),
            listed: schema.add_i64_field("listed", FAST),
            place: schema.add_u64_field("place", FAST),
            stamp: schema.add_u64_field("stamp", FAST),
            keys: schema.add_u64_field("keys", INDEXED),
            words: WORD_FIELDS
                .map(|field| (field, schema.add_text_field(field.as_str(), text.clone()))),
        };
        (schema.build(), fields)
    }

    /// The fields that hold words.
    pub(super) fn words(&self) -> impl Iterator<Item = (query::QueryField, Field)> {
        self.words.into_iter()
    }

    /// The index field with the words of a query field; `None`: they are not indexed.
    pub(super) fn word_field(&self, field: query::QueryField) -> Option<Field> {
        self.words.iter().find(|(own, _)| *own == field).map(|(_, place)| *place)
    }
}

/// A text → the tokens of its match key.
#[derive(Debug, Clone, Default)]
pub(super) struct MatchKeyTokenizer;

impl Tokenizer for MatchKeyTokenizer {
    type TokenStream<'a> = MatchKeyTokenStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> MatchKeyTokenStream {
        let key = MatchKey::of(text);
        let words = key.stems().map(token_text).collect::<Vec<_>>();
        let mut haa_words = Vec::new();
        visit_words_with_haa(text, |stem| haa_words.push(haa_token(stem)));
        MatchKeyTokenStream {
            words: words.into_iter(),
            haa_words: haa_words.into_iter(),
            token: Token::default(),
        }
    }
}

/// The bytes of a token in the form that the index stores.
pub(super) fn token_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The token of a word that is written with ه at its end: it has one more, so that «كتابه» is not taken for «كتابة». No
/// token of a match key has this sign.
pub(super) fn haa_token(stem: &[u8]) -> String {
    token_text(stem) + "'"
}

/// The tokens of one text. They have no offsets in the text, because the index highlights nothing.
pub(super) struct MatchKeyTokenStream {
    words: std::vec::IntoIter<String>,
    /// Behind all words, at positions where no phrase reaches them.
    haa_words: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for MatchKeyTokenStream {
    fn advance(&mut self) -> bool {
        let (word, step) = match self.words.next() {
            Some(word) => (Some(word), 1),
            None => (self.haa_words.next(), 2),
        };
        let Some(word) = word else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(step);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
