//! A query → the same query, whose words also match in their other forms; the forms of a word and a text → whether one of
//! them is there.
//!
//! Only single words that stand open have other forms: not quoted ones, beginnings, exact letters and patterns, and none in an
//! exclusion, so that nothing is excluded that was not named. Two adjacent words also match where they are written as one.

use std::collections::BTreeSet;

use rafid_feed::word_forms::{FormEnding, WordForm, forms_of_word, joined_form};

use super::{OPEN_FIELDS, ParsedTerm, Query, QueryError, QueryNode};

/// The other forms of a term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermForms {
    words: Vec<WordForm>,
    haa_words: Vec<WordForm>,
    phrases: Vec<WordForm>,
}

impl TermForms {
    fn new(forms: BTreeSet<WordForm>) -> Self {
        let mut all = Self::default();
        // They come, and stay, in the order of their bytes.
        for form in forms {
            let of_kind = match form.ending() {
                _ if form.as_bytes().contains(&b' ') => &mut all.phrases,
                FormEnding::Folded => &mut all.words,
                FormEnding::WrittenHaa => &mut all.haa_words,
            };
            of_kind.push(form);
        }
        all
    }

    /// The forms that are one word.
    pub fn words(&self) -> &[WordForm] {
        &self.words
    }

    /// Those of one word that count only where it is written with ه.
    pub fn haa_words(&self) -> &[WordForm] {
        &self.haa_words
    }

    /// The forms that are several words.
    pub fn phrases(&self) -> &[WordForm] {
        &self.phrases
    }

    /// Whether the term has no other form.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.haa_words.is_empty() && self.phrases.is_empty()
    }

    /// Whether one of the forms is among the tokens of a text, or among those of its words that are written with ه.
    pub(super) fn occur_in<'t>(&self, tokens: &[u8], haa: impl FnOnce() -> &'t [u8]) -> bool {
        let is_among = |words: &[WordForm], tokens: &[u8]| {
            !words.is_empty() && tokens.split(|byte| *byte == b' ').any(|it| is_one_of(words, it))
        };
        // Tokens have a space before and behind each.
        let holds_phrase = |phrase: &WordForm| {
            let adjacent = [b" ", phrase.as_bytes(), b" "].concat();
            memchr::memmem::find(tokens, &adjacent).is_some()
        };
        is_among(&self.words, tokens)
            || self.phrases.iter().any(holds_phrase)
            || (!self.haa_words.is_empty() && is_among(&self.haa_words, haa()))
    }

    /// Whether a word with this stem is one of the forms, or a part of one.
    pub(super) fn contain_stem(&self, stem: &[u8], is_written_with_haa: bool) -> bool {
        is_one_of(&self.words, stem)
            || (is_written_with_haa && is_one_of(&self.haa_words, stem))
            || self.phrases.iter().any(|phrase| phrase.stems().any(|part| part == stem))
    }
}

/// Whether a stem is one of these words, which are in the order of their bytes.
fn is_one_of(words: &[WordForm], stem: &[u8]) -> bool {
    words.binary_search_by(|word| word.as_bytes().cmp(stem)).is_ok()
}

impl Query {
    /// Parses a query of the operator, whose words match in their other forms where `has_forms`.
    ///
    /// # Errors
    /// With the position of the first mistake.
    pub fn parse_rule(words: &str, has_forms: bool) -> Result<Self, QueryError> {
        let query = Self::parse(words)?;
        Ok(if has_forms { query.with_forms() } else { query })
    }

    /// The same query, whose words also match in their other forms: behind a preposition, with a pronoun, in the plural, as an
    /// adjective, in another spelling of a name.
    #[must_use]
    pub fn with_forms(mut self) -> Self {
        add_forms(&mut self.root);
        self.has_forms = true;
        self
    }
}

fn add_forms(node: &mut QueryNode) {
    match node {
        QueryNode::Not(_) => {}
        QueryNode::Any(nodes) => nodes.iter_mut().for_each(add_forms),
        QueryNode::Term(term) => set_forms(term, BTreeSet::new()),
        QueryNode::All(nodes) => {
            let joined = joined_with_neighbors(nodes);
            for (node, joined) in nodes.iter_mut().zip(joined) {
                match node {
                    QueryNode::Term(term) => set_forms(term, joined),
                    _ => add_forms(node),
                }
            }
        }
    }
}

fn set_forms(term: &mut ParsedTerm, joined: BTreeSet<WordForm>) {
    if let Some(word) = word_with_forms(term) {
        let mut forms = forms_of_word(word);
        forms.extend(joined);
        *term.forms = TermForms::new(forms);
    }
}

/// The word of a term that has other forms; they are looked for in texts only.
fn word_with_forms(term: &ParsedTerm) -> Option<&str> {
    let is_of_text = term.field.is_none_or(|field| OPEN_FIELDS.contains(&field));
    term.word.as_deref().filter(|_| is_of_text)
}

/// For each of these nodes, what it and the word before or behind it are as one word: an entry that has this has both.
fn joined_with_neighbors(nodes: &[QueryNode]) -> Vec<BTreeSet<WordForm>> {
    let mut joined = vec![BTreeSet::new(); nodes.len()];
    for (at, pair) in nodes.windows(2).enumerate() {
        let (QueryNode::Term(first), QueryNode::Term(second)) = (&pair[0], &pair[1]) else {
            continue;
        };
        if first.field != second.field {
            continue;
        }
        if let (Some(one), Some(other)) = (word_with_forms(first), word_with_forms(second))
            && let Some(form) = joined_form(one, other)
        {
            joined[at].insert(form.clone());
            joined[at + 1].insert(form);
        }
    }
    joined
}
