//! A query → the same query, whose words also match in their other forms; the forms of a word and a text → whether one of
//! them is there.
//!
//! Only single words that stand open have other forms: not quoted ones, beginnings, exact letters and patterns, and none in an
//! exclusion, so that nothing is excluded that was not named. Two adjacent words also match where they are written as one.

use std::collections::BTreeSet;

use rafid_feed::word_forms::{FormEnding, WordForm, forms_of_word, joined_form};

use super::{OPEN_FIELDS, ParsedTerm, Query, QueryError, QueryNode};

/// The other forms of a term.
#[derive(Debug, Clone, Default)]
pub(super) struct TermForms {
    forms: BTreeSet<WordForm>,
    /// The stems of the forms that are one word.
    words: BTreeSet<Box<[u8]>>,
    /// The stems of those that count only where they are written with ه.
    haa_words: BTreeSet<Box<[u8]>>,
    /// The forms that are several words, in the form of the fields.
    phrases: Vec<Vec<u8>>,
}

impl TermForms {
    fn new(forms: BTreeSet<WordForm>) -> Self {
        let mut all = Self::default();
        for form in &forms {
            let bytes = form.as_bytes();
            match form.ending() {
                _ if bytes.contains(&b' ') => all.phrases.push([b" ", bytes, b" "].concat()),
                FormEnding::Folded => drop(all.words.insert(bytes.into())),
                FormEnding::WrittenHaa => drop(all.haa_words.insert(bytes.into())),
            }
        }
        Self { forms, ..all }
    }

    /// The forms.
    pub(super) fn forms(&self) -> &BTreeSet<WordForm> {
        &self.forms
    }

    /// Whether the term has no other form.
    pub(super) fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Whether one of the forms is among the tokens of a text, or among those of its words that are written with ه.
    pub(super) fn occur_in<'t>(&self, tokens: &[u8], haa: impl FnOnce() -> &'t [u8]) -> bool {
        let is_among = |words: &BTreeSet<Box<[u8]>>, tokens: &[u8]| {
            !words.is_empty() && tokens.split(|byte| *byte == b' ').any(|it| words.contains(it))
        };
        is_among(&self.words, tokens)
            || self.phrases.iter().any(|it| memchr::memmem::find(tokens, it).is_some())
            || (!self.haa_words.is_empty() && is_among(&self.haa_words, haa()))
    }

    /// Whether a word with this stem is one of the forms, or a part of one.
    pub(super) fn contain_stem(&self, stem: &[u8], is_written_with_haa: bool) -> bool {
        let is_part = |phrase: &Vec<u8>| phrase.split(|byte| *byte == b' ').any(|it| it == stem);
        self.words.contains(stem)
            || (is_written_with_haa && self.haa_words.contains(stem))
            || (!stem.is_empty() && self.phrases.iter().any(is_part))
    }
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

fn set_forms(term: &mut ParsedTerm, mut forms: BTreeSet<WordForm>) {
    if let Some(word) = word_with_forms(term) {
        forms.extend(forms_of_word(word));
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
