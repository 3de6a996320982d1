//! A query of ours → one of the index.
//!
//! What tokens cannot tell (letters, patterns, links), and what is too dear to look up, is left open: the
//! index then finds too much, never too little, and says so.

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, EmptyQuery, FuzzyTermQuery, Occur, PhrasePrefixQuery,
    PhraseQuery, Query as IndexQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::SearchError;
use super::cost::PostingBudget;
use super::schema::{IndexFields, token_text};
use crate::query::{self, QueryTerm, TermTree};

/// A word in the title counts as much as three in a text of the same length.
const TITLE_BOOST: f32 = 3.0;
/// Words that a beginning behind other words may be continued to.
const MAX_EXPANSIONS: u32 = 10_000;

/// A query as the index understands it.
pub(super) struct TranslatedQuery {
    /// Finds what is looked for, and perhaps more.
    pub(super) query: Box<dyn IndexQuery>,
    /// Whether it finds nothing more.
    pub(super) is_exact: bool,
}

/// Which way an answer may err where tokens do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Approximation {
    Superset,
    Subset,
}

/// Translates a query, as far as the budget goes.
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
            TermTree::Term { fields, sought } => self.translate_term(fields, sought, error),
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
        // Excluding alone excludes from nothing.
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    fn translate_term(
        &mut self,
        fields: &[query::QueryField],
        sought: &QueryTerm<'_>,
        error: Approximation,
    ) -> Result<Box<dyn IndexQuery>> {
        let places: Option<Vec<_>> =
            fields.iter().map(|field| Some((*field, self.fields.word_field(*field)?))).collect();
        // A language is a whole word: no beginning of one is meant.
        let is_beginning = matches!(sought, QueryTerm::Words { is_open: true, .. });
        let is_odd = is_beginning && fields.contains(&query::QueryField::Language);
        let (Some(places), QueryTerm::Words { tokens, is_open }, false) = (places, sought, is_odd)
        else {
            return Ok(self.approximate(error));
        };
        let own: Vec<Field> = places.iter().map(|(_, place)| *place).collect();
        if !self.budget.try_spend(&own, tokens, *is_open)? {
            return Ok(self.approximate(error));
        }
        let mut any: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        for (field, place) in places {
            let found = phrase_query(place, tokens, LastWord::of(*is_open));
            any.push((
                Occur::Should,
                match field {
                    query::QueryField::Title => Box::new(BoostQuery::new(found, TITLE_BOOST)),
                    _ => found,
                },
            ));
        }
        Ok(Box::new(BooleanQuery::new(any)))
    }

    /// In the place of what the index does not tell: everything, or nothing where it is excluded.
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

/// Words in a row in one field.
fn phrase_query(place: Field, tokens: &[&[u8]], ending: LastWord) -> Box<dyn IndexQuery> {
    let mut terms: Vec<Term> =
        tokens.iter().map(|token| Term::from_field_text(place, &token_text(token))).collect();
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
