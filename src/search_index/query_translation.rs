//! A query of Rafid → a query of the index.
//!
//! What tokens cannot decide (exact letters, patterns, links), and what is too expensive to look up, is
//! approximated. The index then finds too many entries, never too few, and reports that.

use std::collections::BTreeSet;

use rafid_feed::word_forms::WordForm;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur,
    PhrasePrefixQuery, PhraseQuery, Query as IndexQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::SearchError;
use super::cost::PostingBudget;
use super::found_words::FoundWordsQuery;
use super::schema::{IndexFields, haa_token, token_text};
use super::word_set::WordSet;
use crate::query::{self, QueryTerm, TermForms, TermTree};

/// A word in the title counts as much as three in a text of the same length.
const TITLE_BOOST: f32 = 3.0;
/// What another form of a word counts: less than the word itself, however frequent that is.
const FORM_SCORE: f32 = 0.01;
/// The maximum number of words that a prefix after other words is expanded to.
const MAX_EXPANSIONS: u32 = 10_000;

/// A query of the index.
pub(super) struct TranslatedQuery {
    /// Finds all matches, and possibly more.
    pub(super) query: Box<dyn IndexQuery>,
    /// Whether it finds only matches.
    pub(super) is_exact: bool,
}

/// The direction in which a result may be wrong where tokens cannot decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Approximation {
    Superset,
    Subset,
}

/// Translates a query within the budget.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn translate_query(
    tree: &TermTree<'_>,
    fields: &IndexFields,
    budget: PostingBudget<'_>,
) -> Result<TranslatedQuery> {
    let mut translator = QueryTranslator { fields, budget, is_exact: true };
    let query = translator.translate_tree(tree, Approximation::Superset)?;
    Ok(TranslatedQuery { query, is_exact: translator.is_exact })
}

struct QueryTranslator<'f> {
    fields: &'f IndexFields,
    budget: PostingBudget<'f>,
    is_exact: bool,
}

type Result<T> = std::result::Result<T, SearchError>;
/// The clauses of a query.
type Clauses = Vec<(Occur, Box<dyn IndexQuery>)>;

impl QueryTranslator<'_> {
    fn translate_tree(
        &mut self,
        tree: &TermTree<'_>,
        error: Approximation,
    ) -> Result<Box<dyn IndexQuery>> {
        match tree {
            TermTree::All(trees) => self.translate_all(trees, error),
            TermTree::Not(_) => self.translate_all(std::slice::from_ref(tree), error),
            TermTree::Any(trees) => {
                let any =
                    trees.iter().map(|tree| Ok((Occur::Should, self.translate_tree(tree, error)?)));
                Ok(Box::new(BooleanQuery::new(any.collect::<Result<_>>()?)))
            }
            TermTree::Term { fields, sought: term } => self.translate_term(fields, term, error),
        }
    }

    fn translate_all(
        &mut self,
        trees: &[TermTree<'_>],
        error: Approximation,
    ) -> Result<Box<dyn IndexQuery>> {
        let mut clauses: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        for tree in trees {
            clauses.push(match tree {
                TermTree::Not(inner) => {
                    (Occur::MustNot, self.translate_tree(inner, error.inverted())?)
                }
                _ => (Occur::Must, self.translate_tree(tree, error)?),
            });
        }
        // A query of exclusions alone needs a set to exclude from.
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    fn translate_term(
        &mut self,
        fields: &[query::QueryField],
        term: &QueryTerm<'_>,
        error: Approximation,
    ) -> Result<Box<dyn IndexQuery>> {
        let index_fields: Option<Vec<_>> =
            fields.iter().map(|field| Some((*field, self.fields.word_field(*field)?))).collect();
        // A language is compared as a whole word, so a prefix of one cannot be looked up.
        let is_prefix = matches!(term, QueryTerm::Words { is_open: true, .. });
        let is_language_prefix = is_prefix && fields.contains(&query::QueryField::Language);
        let (Some(index_fields), QueryTerm::Words { tokens, is_open, forms }, false) =
            (index_fields, term, is_language_prefix)
        else {
            return Ok(self.approximate(error));
        };
        let targets: Vec<Field> =
            index_fields.iter().map(|(_, index_field)| *index_field).collect();
        if !self.budget.try_spend(&targets, tokens, *is_open)? {
            return Ok(self.approximate(error));
        }
        let mut any: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        if !forms.is_empty() {
            match self.translate_forms(&index_fields, forms)? {
                Some(found) => any.extend(found),
                None => return Ok(self.approximate(error)),
            }
        }
        for (field, index_field) in index_fields {
            let phrase = phrase_query(index_field, tokens, LastWord::of(*is_open));
            any.push((
                Occur::Should,
                match field {
                    query::QueryField::Title => Box::new(BoostQuery::new(phrase, TITLE_BOOST)),
                    _ => phrase,
                },
            ));
        }
        Ok(Box::new(BooleanQuery::new(any)))
    }

    /// The queries for those of these forms that the index has; `None`: they are too expensive.
    fn translate_forms(
        &mut self,
        fields: &[(query::QueryField, Field)],
        forms: &TermForms,
    ) -> Result<Option<Clauses>> {
        let haa_words: Vec<String> =
            forms.haa_words().iter().map(|form| haa_token(form.as_bytes())).collect();
        let sought = SoughtForms::new(forms, &haa_words);
        let mut any: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        for (field, index_field) in fields {
            let score = match field {
                query::QueryField::Title => FORM_SCORE * TITLE_BOOST,
                _ => FORM_SCORE,
            };
            let mut add = |found: Box<dyn IndexQuery>| {
                any.push((Occur::Should, Box::new(ConstScoreQuery::new(found, score))));
            };
            let Some(mut found) = self.budget.spend_on_existing(*index_field, &sought.all)? else {
                return Ok(None);
            };
            for phrase in forms.phrases() {
                let stems: Vec<&[u8]> = phrase.stems().collect();
                if !stems.iter().all(|stem| found.iter().any(|word| word.token == *stem)) {
                    continue;
                }
                if !self.budget.try_spend(&[*index_field], &stems, false)? {
                    return Ok(None);
                }
                add(phrase_query(*index_field, &stems, LastWord::Complete));
            }
            found.retain(|word| sought.words.contains(word.token.as_slice()));
            if !found.is_empty() {
                add(Box::new(FoundWordsQuery::new(*index_field, found)));
            }
        }
        Ok(Some(any))
    }

    /// Replaces what the index cannot decide: by everything, or by nothing inside an exclusion.
    fn approximate(&mut self, error: Approximation) -> Box<dyn IndexQuery> {
        self.is_exact = false;
        match error {
            Approximation::Superset => Box::new(AllQuery),
            Approximation::Subset => Box::new(EmptyQuery),
        }
    }
}

impl Approximation {
    fn inverted(self) -> Self {
        match self {
            Self::Superset => Self::Subset,
            Self::Subset => Self::Superset,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastWord {
    Complete,
    Prefix,
}

impl LastWord {
    fn of(is_open: bool) -> Self {
        if is_open { Self::Prefix } else { Self::Complete }
    }
}

/// What is looked for in the dictionaries of fields.
struct SoughtForms<'w> {
    /// The tokens of the forms that are one word.
    words: BTreeSet<&'w [u8]>,
    /// These, and the parts of the others.
    all: WordSet,
}

impl<'w> SoughtForms<'w> {
    fn new(forms: &'w TermForms, haa_words: &'w [String]) -> Self {
        let words = forms.words().iter().map(WordForm::as_bytes);
        let words: BTreeSet<_> = words.chain(haa_words.iter().map(String::as_bytes)).collect();
        let parts = forms.phrases().iter().flat_map(WordForm::stems);
        let all = WordSet::new(words.iter().copied().chain(parts));
        Self { words, all }
    }
}

/// A query for a sequence of words in one field.
fn phrase_query(index_field: Field, tokens: &[&[u8]], ending: LastWord) -> Box<dyn IndexQuery> {
    let mut terms: Vec<Term> =
        tokens.iter().map(|token| Term::from_field_text(index_field, &token_text(token))).collect();
    match (terms.len(), ending) {
        (0, _) => Box::new(EmptyQuery),
        (1, LastWord::Complete) => {
            Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::WithFreqs))
        }
        (1, LastWord::Prefix) => Box::new(FuzzyTermQuery::new_prefix(terms.remove(0), 0, false)),
        (_, LastWord::Complete) => Box::new(PhraseQuery::new(terms)),
        (_, LastWord::Prefix) => {
            let mut phrase = PhrasePrefixQuery::new(terms);
            phrase.set_max_expansions(MAX_EXPANSIONS);
            Box::new(phrase)
        }
    }
}
