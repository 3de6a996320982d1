//! An article's own page: its words as the publisher set them, and as we believe them.

use jiff::Timestamp;

use super::{Direction, Language, PlainText, SafeHtml};

/// The operator's selectors for the pages of one site (Selectors Level 4, as far as the `scraper`
/// crate reads them). A comma parts alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleSelectors {
    /// The elements that hold the article's text; `None`: it is looked for.
    pub keep: Option<String>,
    /// Elements that are no part of it; `None`: none.
    pub drop: Option<String>,
}

/// What a piece of an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockKind {
    /// A paragraph, or a line of verse.
    Paragraph,
    /// A heading between paragraphs.
    Heading,
    /// One point of a list.
    Item,
    /// Somebody's words, set apart.
    Quote,
    /// Lines whose breaks count.
    Preformatted,
    /// A table with headings.
    Table,
}

/// A piece of an article as the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBlock {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, white space collapsed; never empty.
    pub text: String,
    /// Its markup, not sanitised: inline elements only, but for tables.
    pub html: String,
}

/// Where an article's text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArticleEvidence {
    /// Where the operator's selectors say.
    Selectors,
    /// In the page's data for machines (`articleBody` of schema.org).
    StructuredData,
    /// In the part of the page that reads like an article.
    Layout,
    /// In the lines of a plain text.
    Lines,
}

impl ArticleEvidence {
    /// One word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Selectors => "selectors",
            Self::StructuredData => "structured-data",
            Self::Layout => "layout",
            Self::Lines => "lines",
        }
    }
}

/// A piece that was left out of an article, for explaining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedBlock {
    /// Why: `ticker`, `title`, `before`, `boilerplate`, `links`, `behind`, `policy`,
    /// `repeated`, `related`, `aside`.
    pub reason: &'static str,
    /// Its text.
    pub text: String,
}

/// An article in the words of its page; nothing resolved, nothing believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawArticle {
    /// The headline; `None`: the page has none.
    pub title: Option<String>,
    /// The site's name for itself.
    pub site_name: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published, in the page's words.
    pub published: Option<String>,
    /// The page's language tag.
    pub language: Option<String>,
    /// The page's direction.
    pub direction: Option<String>,
    /// The address of its picture, as written.
    pub image: Option<String>,
    /// The pieces of the text, in order; at least one.
    pub blocks: Vec<RawBlock>,
    /// Whom it is taken from: agencies and other outlets, each once, in the page's words.
    pub attributions: Vec<Attribution>,
    /// Where the text was found.
    pub evidence: ArticleEvidence,
    /// What was left out, in order.
    pub removed: Vec<RemovedBlock>,
}

/// A word about whom a text is taken from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribution {
    /// The line that says so, as written; `None`: it stands within the text, which is kept whole.
    pub line: Option<String>,
    /// Who is named.
    pub name: String,
}

/// An article as we believe it, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The headline; empty: there is none.
    pub title: PlainText,
    /// The site's name; `None`: it does not say.
    pub site_name: Option<PlainText>,
    /// Who wrote it; `None`: it does not say.
    pub byline: Option<PlainText>,
    /// When it was published; `None`: it does not say, or in words that cannot be read.
    pub published_at: Option<Timestamp>,
    /// The language; `None`: nobody said.
    pub language: Option<Language>,
    /// The direction it is published in.
    pub direction: Direction,
    /// Its picture, absolute; `None`: none is named.
    pub image: Option<String>,
    /// The text, sanitised; it does not hold the headline and the lines about its origin.
    pub html: SafeHtml,
    /// The same as plain paragraphs, each on one line, none empty.
    pub paragraphs: Vec<String>,
    /// Whom it is taken from.
    pub attributions: Vec<PublishedAttribution>,
    /// Where the text was found.
    pub evidence: ArticleEvidence,
    /// What was left out, in order.
    pub removed: Vec<RemovedBlock>,
}

/// A word about whom a text is taken from, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAttribution {
    /// The line that says so; `None`: it stands within the text.
    pub line: Option<PlainText>,
    /// Who is named.
    pub name: PlainText,
}
