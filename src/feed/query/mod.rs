//! What an operator or a reader looks for, in words → whether an entry is it, and why.
//!
//! One language for filters, outputs and search:
//!
//! | written | found |
//! | --- | --- |
//! | `مكتبة` | the word in title, summary or text, in every spelling (hamza, taa marbuta, article, vowels) |
//! | `"مكتبة عامة"` | the words in this order |
//! | `مكتب*` | words that begin so |
//! | `=مكتبة`, `="مكتبة عامة"` | these very letters |
//! | `/\bF1\b/` | a regular expression over the text as it is shown, whatever the case of its letters |
//! | `title:مكتبة` | the same in one field: `title`, `summary`, `text`, `category`, `author`, `source`, `language`, `link`, or their Arabic names |
//! | `breaking:yes`, `عاجل:نعم` | news that its publisher says is breaking; `no`, «لا»: all other |
//! | `-مكتبة` | entries without it |
//! | `مكتبة كتاب` | both |
//! | `مكتبة OR كتاب`, `مكتبة أو كتاب` (also «او») | one or both; binds less than "both" |
//! | `( … )` | first |
//!
//! Folding is for comparing only: what is shown of a match is the entry's own spelling.

mod filter;
mod parse;
mod show;
mod subject;
mod told;
mod tree;

use std::fmt;

pub use filter::{Filter, Told, Verdict};
pub use show::{Piece, excerpt, highlighted};
pub use subject::Subject;
pub use tree::{Sought, Tree};

/// A part of an entry that may be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
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

/// Names of the fields: the first of each is the one that is shown.
const FIELDS: [(Field, &[&str]); 9] = [
    (Field::Title, &["title", "عنوان", "العنوان"]),
    (Field::Summary, &["summary", "ملخص", "الملخص"]),
    (Field::Text, &["text", "content", "نص", "النص"]),
    (Field::Category, &["category", "تصنيف", "التصنيف"]),
    (Field::Author, &["author", "كاتب", "الكاتب"]),
    (Field::Source, &["source", "مصدر", "المصدر"]),
    (Field::Language, &["language", "lang", "لغة", "اللغة"]),
    (Field::Link, &["link", "url", "رابط", "الرابط"]),
    (Field::Breaking, &["breaking", "عاجل"]),
];

/// The label of an entry in a field that is true of it.
const YES: &str = "yes";

/// The fields that are looked at where none is named.
const OPEN_FIELDS: [Field; 3] = [Field::Title, Field::Summary, Field::Text];

impl Field {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        FIELDS.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names[0])
    }

    fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let row = FIELDS.iter().find(|(_, names)| names.contains(&name.as_str()));
        row.map(|(field, _)| *field)
    }
}

/// Which of the found entries stand first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Order {
    /// What was listed last.
    #[default]
    Newest,
    /// What says the words most often in the fewest words, the title counted more.
    Best,
}

impl Order {
    /// Its word in addresses and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "new",
            Self::Best => "best",
        }
    }

    /// The order that a word stands for; `None`: it stands for none.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Newest, Self::Best].into_iter().find(|order| order.as_str() == word)
    }
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Query {
    words: String,
    root: Node,
}

/// How terms stand together.
#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Term(Term),
}

/// One thing that is looked for.
#[derive(Debug, Clone)]
struct Term {
    field: Option<Field>,
    wanted: Wanted,
    /// As written, for telling.
    written: String,
}

#[derive(Debug, Clone)]
enum Wanted {
    /// Tokens with a space around each, as fields have them; without the last space, words that
    /// begin so.
    Tokens(Vec<u8>),
    /// These letters.
    Letters(String),
    /// A regular expression.
    Pattern(regex::Regex),
}

/// Why words are no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {column}: {mistake}")]
pub struct QueryError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub mistake: Mistake,
}

/// What may be wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Nothing is looked for.
    #[error("nothing is looked for: expected a word")]
    Empty,
    /// A quotation, a parenthesis or a pattern is not closed.
    #[error("{0:?} is never closed")]
    Open(char),
    /// Something is closed that is not open.
    #[error("{0:?} closes nothing")]
    Closed(char),
    /// A word is missing behind an operator.
    #[error("a word is expected behind {0:?}")]
    Missing(String),
    /// A word holds neither a letter nor a digit.
    #[error("{0:?} holds nothing that can be looked for: expected a letter or a digit")]
    NoLetters(String),
    /// Something else than yes or no stands where one of them must.
    #[error("{0:?} is neither yes nor no: expected `yes`, `no`, `نعم` or `لا`")]
    NoTruth(String),
    /// The regular expression is none.
    #[error("the regular expression is wrong: {0}")]
    Pattern(String),
    /// The query is longer or deeper than is read.
    #[error("the query is too long: expected at most {most} {what}")]
    TooLong {
        /// How many are read.
        most: usize,
        /// Of what.
        what: &'static str,
    },
}

/// Why an entry is found: one row for each term that it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The term as written.
    pub term: String,
    /// Where it matches.
    pub field: Field,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// With the place of the first mistake.
    pub fn parse(words: &str) -> Result<Self, QueryError> {
        Ok(Self { words: words.trim().to_owned(), root: parse::parse(words)? })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// Whether an entry is what is looked for.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        holds(&self.root, subject, &|| true).unwrap_or(false)
    }

    /// The same, as long as `may_go_on` says so, which is asked before each term. `None`: it said no.
    pub fn matches_while(
        &self,
        subject: &Subject<'_>,
        may_go_on: &dyn Fn() -> bool,
    ) -> Option<bool> {
        holds(&self.root, subject, may_go_on)
    }

    /// The same with the reasons; `None`: it is not. Of a query that only excludes there is none to
    /// tell: the list is empty.
    pub fn judge(&self, subject: &Subject<'_>) -> Option<Vec<Reason>> {
        self.matches(subject).then(|| {
            let mut reasons = Vec::new();
            collect(&self.root, subject, &mut reasons);
            reasons
        })
    }

    /// The terms that an entry must or may have, for marking them in a text.
    fn wanted_terms(&self) -> Vec<&Term> {
        let mut terms = Vec::new();
        gather(&self.root, &mut terms);
        terms
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

impl Eq for Query {}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

fn holds(node: &Node, subject: &Subject<'_>, may_go_on: &dyn Fn() -> bool) -> Option<bool> {
    let (nodes, decides) = match node {
        Node::All(nodes) => (nodes, false),
        Node::Any(nodes) => (nodes, true),
        Node::Not(node) => return Some(!holds(node, subject, may_go_on)?),
        Node::Term(term) => return may_go_on().then(|| found_in(term, subject).is_some()),
    };
    for node in nodes {
        if holds(node, subject, may_go_on)? == decides {
            return Some(decides);
        }
    }
    Some(!decides)
}

fn collect(node: &Node, subject: &Subject<'_>, reasons: &mut Vec<Reason>) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => {
            for node in nodes {
                collect(node, subject, reasons);
            }
        }
        Node::Not(_) => {}
        Node::Term(term) => {
            if let Some(field) = found_in(term, subject) {
                reasons.push(Reason { term: term.written.clone(), field });
            }
        }
    }
}

fn gather<'q>(node: &'q Node, terms: &mut Vec<&'q Term>) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => {
            for node in nodes {
                gather(node, terms);
            }
        }
        // Whether news is breaking is no word of any text.
        Node::Term(Term { field: Some(Field::Breaking), .. }) | Node::Not(_) => {}
        Node::Term(term) => terms.push(term),
    }
}

/// The first field that a term matches in.
fn found_in(term: &Term, subject: &Subject<'_>) -> Option<Field> {
    let fields = term.field.as_ref().map_or(&OPEN_FIELDS[..], std::slice::from_ref);
    fields.iter().copied().find(|field| subject.holds(*field, &term.wanted))
}

#[cfg(test)]
mod tests;
