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
use super::budget::Budget;
use super::schema::{Fields, word};
use crate::feed::query::{self, Sought, Tree};

/// A word in the title counts as much as three in a text of the same length.
const TITLE_BOOST: f32 = 3.0;
/// Words that a beginning behind other words may be continued to.
const MOST_EXPANSIONS: u32 = 10_000;

/// A query as the index understands it.
pub(super) struct Translated {
    /// Finds what is looked for, and perhaps more.
    pub(super) query: Box<dyn IndexQuery>,
    /// Whether it finds nothing more.
    pub(super) is_exact: bool,
}

/// Which way an answer may err where tokens do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Error {
    Surplus,
    Lack,
}

/// Translates a query, as far as the budget goes.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn translate(
    tree: &Tree<'_>,
    fields: &Fields,
    budget: Budget<'_>,
) -> Result<Translated> {
    let mut translator = Translator { fields, budget, is_exact: true };
    let query = translator.of(tree, Error::Surplus)?;
    Ok(Translated { query, is_exact: translator.is_exact })
}

struct Translator<'f> {
    fields: &'f Fields,
    budget: Budget<'f>,
    is_exact: bool,
}

type Result<T> = std::result::Result<T, SearchError>;

impl Translator<'_> {
    fn of(&mut self, tree: &Tree<'_>, error: Error) -> Result<Box<dyn IndexQuery>> {
        match tree {
            Tree::All(trees) => self.all(trees, error),
            Tree::Not(_) => self.all(std::slice::from_ref(tree), error),
            Tree::Any(trees) => {
                let any = trees.iter().map(|tree| Ok((Occur::Should, self.of(tree, error)?)));
                Ok(Box::new(BooleanQuery::new(any.collect::<Result<_>>()?)))
            }
            Tree::Term { fields, sought } => self.term(fields, sought, error),
        }
    }

    fn all(&mut self, trees: &[Tree<'_>], error: Error) -> Result<Box<dyn IndexQuery>> {
        let mut clauses: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        for tree in trees {
            clauses.push(match tree {
                Tree::Not(inner) => (Occur::MustNot, self.of(inner, error.other())?),
                _ => (Occur::Must, self.of(tree, error)?),
            });
        }
        // Excluding alone excludes from nothing.
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    fn term(
        &mut self,
        fields: &[query::Field],
        sought: &Sought<'_>,
        error: Error,
    ) -> Result<Box<dyn IndexQuery>> {
        let places: Option<Vec<_>> =
            fields.iter().map(|field| Some((*field, self.fields.of(*field)?))).collect();
        // A language is a whole word: no beginning of one is meant.
        let is_beginning = matches!(sought, Sought::Words { is_open: true, .. });
        let is_odd = is_beginning && fields.contains(&query::Field::Language);
        let (Some(places), Sought::Words { tokens, is_open }, false) = (places, sought, is_odd)
        else {
            return Ok(self.left_open(error));
        };
        let own: Vec<Field> = places.iter().map(|(_, place)| *place).collect();
        if !self.budget.affords(&own, tokens, *is_open)? {
            return Ok(self.left_open(error));
        }
        let mut any: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        for (field, place) in places {
            let found = words(place, tokens, Ending::of(*is_open));
            any.push((
                Occur::Should,
                match field {
                    query::Field::Title => Box::new(BoostQuery::new(found, TITLE_BOOST)),
                    _ => found,
                },
            ));
        }
        Ok(Box::new(BooleanQuery::new(any)))
    }

    /// In the place of what the index does not tell: everything, or nothing where it is excluded.
    fn left_open(&mut self, error: Error) -> Box<dyn IndexQuery> {
        self.is_exact = false;
        match error {
            Error::Surplus => Box::new(AllQuery),
            Error::Lack => Box::new(EmptyQuery),
        }
    }
}

impl Error {
    fn other(self) -> Self {
        match self {
            Self::Surplus => Self::Lack,
            Self::Lack => Self::Surplus,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    Open,
}

impl Ending {
    fn of(is_open: bool) -> Self {
        if is_open { Self::Open } else { Self::Whole }
    }
}

/// Words in a row in one field.
fn words(place: Field, tokens: &[&[u8]], ending: Ending) -> Box<dyn IndexQuery> {
    let mut terms: Vec<Term> =
        tokens.iter().map(|token| Term::from_field_text(place, &word(token))).collect();
    match (terms.len(), ending) {
        (0, _) => Box::new(EmptyQuery),
        (1, Ending::Whole) => {
            Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::WithFreqs))
        }
        (1, Ending::Open) => Box::new(FuzzyTermQuery::new_prefix(terms.remove(0), 0, false)),
        (_, Ending::Whole) => Box::new(PhraseQuery::new(terms)),
        (_, Ending::Open) => {
            let mut phrase = PhrasePrefixQuery::new(terms);
            phrase.set_max_expansions(MOST_EXPANSIONS);
            Box::new(phrase)
        }
    }
}
