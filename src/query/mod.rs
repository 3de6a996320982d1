//! A query of an operator or a reader → whether an entry matches it, and why.
//!
//! One language for filters, outputs and search:
//!
//! | written | matches |
//! | --- | --- |
//! | `مكتبة` | the word in title, summary or text, in every spelling (hamza, taa marbuta, article, vowels) |
//! | `"مكتبة عامة"` | the words in this order |
//! | `مكتب*` | words that start with it |
//! | `=مكتبة`, `="مكتبة عامة"` | exactly these letters |
//! | `/\bF1\b/` | a regular expression over the text as shown, ignoring case |
//! | `title:مكتبة` | the same in one field: `title`, `summary`, `text`, `category`, `author`, `source`, `language`, `link`, or their Arabic names |
//! | `breaking:yes`, `عاجل:نعم` | news that its publisher marks as breaking; `no`, «لا»: all other |
//! | `within:week`, `خلال:أسبوع` | in a search, only the last `day`, `week`, `month` or `year` |
//! | `-مكتبة` | entries without it |
//! | `مكتبة كتاب` | both |
//! | `مكتبة OR كتاب`, `مكتبة أو كتاب` (also «او») | one or both; binds less than "both" |
//! | `( … )` | grouping |
//!
//! In a search, a single word that stands open also matches in its other forms (`term_forms`).
//!
//! Folding is for comparing only: a match is shown in the entry's own spelling.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod arabic_errors;
mod filter;
mod highlight;
mod query_hint;
mod query_parser;
mod searchable_entry;
mod term_forms;
mod term_tree;

use std::fmt;

use crate::model::SearchPeriod;

pub use filter::{EntryFilter, FilterVerdict, MatchedRule};
pub use highlight::{TextPiece, excerpt, highlight_matches};
pub use query_hint::QueryHint;
pub use searchable_entry::SearchableEntry;
pub use term_forms::TermForms;
pub use term_tree::{QueryTerm, TermTree};

/// A part of an entry that a query can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryField {
    /// The title.
    Title,
    /// The publisher's short text.
    Summary,
    /// The publisher's full text.
    Text,
    /// A category, the publisher's or the operator's.
    Category,
    /// An author.
    Author,
    /// The source: its id, or words of its name.
    Source,
    /// The language: its primary tag (`ar`).
    Language,
    /// The link.
    Link,
    /// Whether the news is breaking: `yes` or `no`.
    Breaking,
}

/// The names of the fields: the first of each is the one that is shown.
const FIELDS: [(QueryField, &[&str]); 9] = [
    (QueryField::Title, &["title", "عنوان", "العنوان"]),
    (QueryField::Summary, &["summary", "ملخص", "الملخص"]),
    (QueryField::Text, &["text", "content", "نص", "النص"]),
    (QueryField::Category, &["category", "تصنيف", "التصنيف"]),
    (QueryField::Author, &["author", "كاتب", "الكاتب"]),
    (QueryField::Source, &["source", "مصدر", "المصدر"]),
    (QueryField::Language, &["language", "lang", "لغة", "اللغة"]),
    (QueryField::Link, &["link", "url", "رابط", "الرابط"]),
    (QueryField::Breaking, &["breaking", "عاجل"]),
];

/// The label of an entry in a yes-or-no field that is true for it.
const YES: &str = "yes";

/// The fields that are searched when the query names none.
const OPEN_FIELDS: [QueryField; 3] = [QueryField::Title, QueryField::Summary, QueryField::Text];

impl QueryField {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        FIELDS.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names[0])
    }

    /// All names of all fields.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FIELDS.iter().flat_map(|(_, names)| names.iter().copied())
    }

    fn from_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let row = FIELDS.iter().find(|(_, names)| names.contains(&name.as_str()));
        row.map(|(field, _)| *field)
    }
}

/// A parsed query.
#[derive(Debug, Clone)]
pub struct Query {
    words: String,
    root: QueryNode,
    /// The time that it is limited to; `None`: it is not.
    period: Option<SearchPeriod>,
    /// Whether its words also match in their other forms.
    has_forms: bool,
}

/// The terms of a query and how they are combined.
#[derive(Debug, Clone)]
enum QueryNode {
    All(Vec<QueryNode>),
    Any(Vec<QueryNode>),
    Not(Box<QueryNode>),
    Term(ParsedTerm),
}

/// One term of a query.
#[derive(Debug, Clone)]
struct ParsedTerm {
    field: Option<QueryField>,
    pattern: TermPattern,
    /// As written, for messages.
    written: String,
    /// The word as written, if the term is a single word that stands open: only such a one has other forms.
    word: Option<String>,
    /// The other forms that it matches in; none unless they are wanted (`Query::with_forms`).
    forms: Box<TermForms>,
}

#[derive(Debug, Clone)]
enum TermPattern {
    /// Tokens with a space around each, in the form of the fields. Without the last space, the last token is
    /// the start of a word.
    Tokens(Vec<u8>),
    /// Exactly these letters.
    Letters(String),
    /// A regular expression.
    Pattern(regex::Regex),
}

/// Why a text is not a valid query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {column}: {mistake}")]
pub struct QueryError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub mistake: QueryMistake,
}

/// The possible mistakes in a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryMistake {
    /// There is no term.
    #[error("nothing is looked for: expected a word")]
    Empty,
    /// A quotation, a parenthesis or a pattern is not closed.
    #[error("{0:?} is never closed")]
    Open(char),
    /// Something is closed that is not open.
    #[error("{0:?} closes nothing")]
    Closed(char),
    /// A word is missing after an operator.
    #[error("a word is expected behind {0:?}")]
    Missing(String),
    /// A word contains neither a letter nor a digit.
    #[error("{0:?} holds nothing that can be looked for: expected a letter or a digit")]
    NoLetters(String),
    /// A yes-or-no field has another value than yes or no.
    #[error("{0:?} is neither yes nor no: expected `yes`, `no`, `نعم` or `لا`")]
    NoTruth(String),
    /// `within:` has another value than a period.
    #[error("{0:?} is no period: expected `today`, `day`, `this-week`, `week`, `month` or `year`")]
    NoPeriod(String),
    /// The regular expression is not valid.
    #[error("the regular expression is wrong: {0}")]
    Pattern(String),
    /// The query is longer or deeper than the limit.
    #[error("the query is too long: expected at most {most} {what}")]
    TooLong {
        /// The limit.
        most: usize,
        /// What is counted.
        what: &'static str,
    },
}

/// Why an entry matches: one row for each term that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchReason {
    /// The term as written.
    pub term: String,
    /// Where it matches.
    pub field: QueryField,
}

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    /// With the position of the first mistake.
    pub fn parse(words: &str) -> Result<Self, QueryError> {
        let (root, period) = query_parser::parse_query(words)?;
        Ok(Self { words: words.trim().to_owned(), root, period, has_forms: false })
    }

    /// The query as written.
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// The time before now that a search is limited to; `None`: it is not. Whether an entry matches does not depend on it.
    pub fn period(&self) -> Option<SearchPeriod> {
        self.period
    }

    /// Whether an entry matches.
    pub fn matches(&self, subject: &SearchableEntry<'_>) -> bool {
        node_matches(&self.root, subject, &|| true).unwrap_or(false)
    }

    /// Like `matches`, but `may_go_on` is called before each term. `None`: it returned `false`.
    pub fn matches_while(
        &self,
        subject: &SearchableEntry<'_>,
        may_go_on: &dyn Fn() -> bool,
    ) -> Option<bool> {
        node_matches(&self.root, subject, may_go_on)
    }

    /// Like `matches`, with the reasons; `None`: the entry does not match. If the query only excludes, the
    /// list is empty.
    pub fn match_with_reasons(&self, subject: &SearchableEntry<'_>) -> Option<Vec<MatchReason>> {
        self.matches(subject).then(|| {
            let mut reasons = Vec::new();
            collect_reasons(&self.root, subject, &mut reasons);
            reasons
        })
    }

    /// The terms that an entry must or may have, for marking them in a text.
    fn positive_terms(&self) -> Vec<&ParsedTerm> {
        let mut terms = Vec::new();
        gather_terms(&self.root, &mut terms);
        terms
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        (&self.words, self.has_forms) == (&other.words, other.has_forms)
    }
}

impl Eq for Query {}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

fn node_matches(
    node: &QueryNode,
    subject: &SearchableEntry<'_>,
    may_go_on: &dyn Fn() -> bool,
) -> Option<bool> {
    let (nodes, decides) = match node {
        QueryNode::All(nodes) => (nodes, false),
        QueryNode::Any(nodes) => (nodes, true),
        QueryNode::Not(node) => return Some(!node_matches(node, subject, may_go_on)?),
        QueryNode::Term(term) => {
            return may_go_on().then(|| matching_field(term, subject).is_some());
        }
    };
    for node in nodes {
        if node_matches(node, subject, may_go_on)? == decides {
            return Some(decides);
        }
    }
    Some(!decides)
}

fn collect_reasons(
    node: &QueryNode,
    subject: &SearchableEntry<'_>,
    reasons: &mut Vec<MatchReason>,
) {
    match node {
        QueryNode::All(nodes) | QueryNode::Any(nodes) => {
            for node in nodes {
                collect_reasons(node, subject, reasons);
            }
        }
        QueryNode::Not(_) => {}
        QueryNode::Term(term) => {
            if let Some(field) = matching_field(term, subject) {
                reasons.push(MatchReason { term: term.written.clone(), field });
            }
        }
    }
}

fn gather_terms<'q>(node: &'q QueryNode, terms: &mut Vec<&'q ParsedTerm>) {
    match node {
        QueryNode::All(nodes) | QueryNode::Any(nodes) => {
            for node in nodes {
                gather_terms(node, terms);
            }
        }
        // Whether news is breaking is not a word of a text.
        QueryNode::Term(ParsedTerm { field: Some(QueryField::Breaking), .. })
        | QueryNode::Not(_) => {}
        QueryNode::Term(term) => terms.push(term),
    }
}

/// The first field that a term matches in.
fn matching_field(term: &ParsedTerm, subject: &SearchableEntry<'_>) -> Option<QueryField> {
    let fields = term.field.as_ref().map_or(&OPEN_FIELDS[..], std::slice::from_ref);
    let is_held = |field: &QueryField| {
        subject.holds(*field, &term.pattern)
            || (!term.forms.is_empty() && subject.holds_form(*field, &term.forms))
    };
    fields.iter().copied().find(is_held)
}

#[cfg(test)]
mod tests;
