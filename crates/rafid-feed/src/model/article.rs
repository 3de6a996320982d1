//! The article on an entry's own page: as the page has it (`RawArticle`), and normalized
//! (`Article`).

use jiff::Timestamp;

use super::{Direction, Language, PlainText, SafeHtml};

/// The operator's selectors for the pages of one site (Selectors Level 4, as far as the `scraper`
/// crate supports them). A comma separates alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleSelectors {
    /// The elements that hold the article's text; `None`: the extraction finds it.
    pub keep: Option<String>,
    /// Elements that are not part of the text; `None`: none.
    pub drop: Option<String>,
}

/// The kind of a block of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockKind {
    /// A paragraph, or a line of verse.
    Paragraph,
    /// A heading between paragraphs.
    Heading,
    /// One point of a list.
    Item,
    /// A quotation.
    Quote,
    /// Lines whose line breaks matter.
    Preformatted,
    /// A table with headings.
    Table,
}

/// A block of an article as the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBlock {
    /// Its kind.
    pub kind: BlockKind,
    /// Its text with white space collapsed; never empty.
    pub text: String,
    /// Its markup, not sanitized: inline elements only, except in tables.
    pub html: String,
}

/// Where the article's text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArticleEvidence {
    /// Where the operator's selectors say.
    Selectors,
    /// In the page's structured data (`articleBody` of schema.org).
    StructuredData,
    /// In the part of the page whose layout looks like an article.
    Layout,
    /// In the description that the page has of itself, as nothing else on it is the article's.
    Summary,
    /// In the lines of a plain text.
    Lines,
}

impl ArticleEvidence {
    /// A stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Selectors => "selectors",
            Self::StructuredData => "structured-data",
            Self::Layout => "layout",
            Self::Summary => "summary",
            Self::Lines => "lines",
        }
    }
}

/// A block that was removed from an article; shown when a result is explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedBlock {
    /// The reason: `ticker`, `title`, `before`, `boilerplate`, `links`, `behind`, `policy`,
    /// `repeated`, `related`, `aside`, `embed`, `caption`, `time`.
    pub reason: &'static str,
    /// Its text.
    pub text: String,
}

/// An article as its page has it; no address is resolved and no text is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawArticle {
    /// The headline; `None`: the page has none.
    pub title: Option<String>,
    /// The name that the site gives itself.
    pub site_name: Option<String>,
    /// The author.
    pub byline: Option<String>,
    /// The publication date as written.
    pub published: Option<String>,
    /// The page's language tag.
    pub language: Option<String>,
    /// The page's direction.
    pub direction: Option<String>,
    /// The address of the picture, as written.
    pub image: Option<String>,
    /// The blocks of the text, in order; at least one.
    pub blocks: Vec<RawBlock>,
    /// The sources that the text credits: agencies and other outlets, each once, as written.
    pub attributions: Vec<Attribution>,
    /// Where the text was found.
    pub evidence: ArticleEvidence,
    /// The removed blocks, in order.
    pub removed: Vec<RemovedBlock>,
}

/// A credit: the source that a text was taken from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribution {
    /// The line with the credit, as written; `None`: the credit is inside the text, which is kept
    /// whole.
    pub line: Option<String>,
    /// The name of the source.
    pub name: String,
}

/// A normalized article, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The headline; empty when it is missing.
    pub title: PlainText,
    /// The site's name; `None`: the page does not say.
    pub site_name: Option<PlainText>,
    /// The author; `None`: the page does not say.
    pub byline: Option<PlainText>,
    /// The publication date; `None`: the page does not say, or the date cannot be read.
    pub published_at: Option<Timestamp>,
    /// The language; `None`: unknown.
    pub language: Option<Language>,
    /// The direction to publish it in.
    pub direction: Direction,
    /// The picture, an absolute address; `None`: the page names none.
    pub image: Option<String>,
    /// The sanitized text, without the headline and without the credit lines.
    pub html: SafeHtml,
    /// The same text as plain paragraphs: each on one line, none empty.
    pub paragraphs: Vec<String>,
    /// The sources that the text credits.
    pub attributions: Vec<PublishedAttribution>,
    /// Where the text was found.
    pub evidence: ArticleEvidence,
    /// The removed blocks, in order.
    pub removed: Vec<RemovedBlock>,
}

/// A credit, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAttribution {
    /// The line with the credit; `None`: the credit is inside the text.
    pub line: Option<PlainText>,
    /// The name of the source.
    pub name: PlainText,
}
