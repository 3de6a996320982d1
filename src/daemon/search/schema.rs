//! Entries → the fields of the index, with words cut by our own analyser: the index knows the tokens
//! of match keys and nothing else of any text.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::feed::arabic::MatchKey;
use crate::feed::query;

/// The name that the analyser is registered by.
pub(super) const ANALYSER: &str = "rafid";

/// The fields, each with what it holds. No text is kept: entries are read from the store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The first half of the id: an entry is taken out by it (two of a hundred thousand entries share
    /// 60 random bits about once in 10⁸ stores).
    pub(super) id_high: Field,
    /// The second half of the id.
    pub(super) id_low: Field,
    /// When it was listed, in milliseconds.
    pub(super) listed: Field,
    /// Its place among all, for newest first and for leafing on.
    pub(super) place: Field,
    /// What of it was indexed, as a hash.
    pub(super) stamp: Field,
    words: [(query::Field, Field); 8],
}

/// The fields that words may be looked for in. A link is no words.
const WORDS: [query::Field; 8] = [
    query::Field::Title,
    query::Field::Summary,
    query::Field::Text,
    query::Field::Category,
    query::Field::Author,
    query::Field::Source,
    query::Field::Language,
    query::Field::Breaking,
];

impl Fields {
    /// The schema and its fields.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYSER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let fields = Self {
            id_high: schema.add_u64_field("id_high", FAST | INDEXED),
            id_low: schema.add_u64_field("id_low", FAST),
            listed: schema.add_i64_field("listed", FAST),
            place: schema.add_u64_field("place", FAST),
            stamp: schema.add_u64_field("stamp", FAST),
            words: WORDS.map(|field| (field, schema.add_text_field(field.as_str(), text.clone()))),
        };
        (schema.build(), fields)
    }

    /// The fields with words.
    pub(super) fn words(&self) -> impl Iterator<Item = (query::Field, Field)> {
        self.words.into_iter()
    }

    /// Where the words of a field stand; `None`: they are not indexed.
    pub(super) fn of(&self, field: query::Field) -> Option<Field> {
        self.words.iter().find(|(own, _)| *own == field).map(|(_, place)| *place)
    }
}

/// A text → the tokens of its match key.
#[derive(Debug, Clone, Default)]
pub(super) struct Analyser;

impl Tokenizer for Analyser {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let key = MatchKey::of(text);
        let words = key.stems().map(word).collect::<Vec<_>>();
        Tokens { words: words.into_iter(), token: Token::default() }
    }
}

/// A token's bytes as the index has them.
pub(super) fn word(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The tokens of one text. Places in the text are not told: the index marks nothing.
pub(super) struct Tokens {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
