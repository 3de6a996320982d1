//! The stages one after another: `Document` → decode → repair → parse → normalize → `ParsedFeed`. No other
//! file knows more than one stage. A page that is read by selectors needs no repair: its parser builds a
//! tree from any text. An article's page goes another way: decode → extract → normalize.

use url::Url;

use super::decode::{self, DecodeError};
use super::extract::{self, ExtractError, FeedText, TextChoice};
use super::model::{
    Article, ArticleSelectors, CharsetEvidence, ClockSetting, Document, Feed, Format,
    RawEntryValues, RawFeed, ReadHints, RepeatedBlocks, Stage, Warning,
};
use super::normalize::{self, SourceHints};
use super::parse::{self, ParseError};
use super::repair::{self, RepairError};

/// A feed that was read from a document, and the evidence for how it was read.
#[derive(Debug, Clone)]
pub struct ParsedFeed {
    /// The feed; its warnings are those of all stages, in their order.
    pub feed: Feed,
    /// The dialect that was found.
    pub format: Format,
    /// The WHATWG name of the charset, lower case.
    pub charset: String,
    /// The evidence that decided the charset.
    pub evidence: CharsetEvidence,
}

/// Why a document is not a feed, by the stage that failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes cannot become text.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The text cannot become a canonical document.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// The canonical document cannot be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

impl ReadError {
    /// The stage that failed.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Decode(_) => Stage::Decode,
            Self::Repair(_) => Stage::Repair,
            Self::Parse(_) => Stage::Parse,
        }
    }

    /// What the document is instead of a feed: a stable kebab-case word for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Decode(DecodeError::Empty) => "empty",
            Self::Decode(DecodeError::UnknownCharset(_)) => "unknown-charset",
            Self::Repair(RepairError::HtmlPage) => "html",
            Self::Repair(RepairError::SubscriptionList) => "opml",
            Self::Repair(RepairError::SitemapWithoutNews) => "sitemap",
            Self::Repair(RepairError::SitemapIndex(_)) => "sitemap-index",
            Self::Repair(RepairError::UnknownRoot(_)) => "unknown-root",
            Self::Repair(RepairError::NoMarkup) => "no-markup",
            Self::Repair(RepairError::NoFeedElements(_)) => "no-feed-elements",
            Self::Parse(ParseError::Json { .. }) => "broken-json",
            Self::Parse(ParseError::NotJsonFeed) => "other-json",
            Self::Parse(_) => "unreadable",
        }
    }

    /// The sitemaps that an index of sitemaps names.
    pub fn sitemaps(&self) -> Option<&[String]> {
        match self {
            Self::Repair(RepairError::SitemapIndex(sitemaps)) => Some(sitemaps),
            _ => None,
        }
    }

    /// Whether the document is an HTML page, which may name its feed.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Repair(RepairError::HtmlPage))
    }
}

/// Reads a document as a feed.
///
/// # Errors
/// When a stage fails for the whole document; an invalid entry is never a reason.
pub fn read_feed(document: &Document, hints: ReadHints<'_>) -> Result<ParsedFeed, ReadError> {
    let (evidence, raw) = read_raw_feed(document, hints)?;
    Ok(evidence.into_parsed_feed(raw, &source_hints(document, hints)))
}

/// The same, and the publisher's own words for every entry, in its order.
///
/// # Errors
/// As [`read_feed`].
pub fn read_feed_with_raw_values(
    document: &Document,
    hints: ReadHints<'_>,
) -> Result<(ParsedFeed, Vec<RawEntryValues>), ReadError> {
    let (evidence, raw) = read_raw_feed(document, hints)?;
    let source = source_hints(document, hints);
    let raw_values = normalize::raw_entry_values(&raw, &source);
    Ok((evidence.into_parsed_feed(raw, &source), raw_values))
}

/// Why a page yields no article, by the stage that failed.
#[derive(Debug, thiserror::Error)]
pub enum ArticleError {
    /// The bytes cannot become text.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is no article in the text.
    #[error(transparent)]
    Extract(#[from] ExtractError),
}

impl ArticleError {
    /// The name of the stage that failed.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
            Self::Extract(_) => "extract",
        }
    }
}

/// Extracts the article from its page.
///
/// # Errors
/// When the page cannot become text, or contains no article.
pub fn read_article(
    document: &Document,
    hints: ReadHints<'_>,
    selectors: &ArticleSelectors,
) -> Result<Article, ArticleError> {
    let decoded = decode::decode(document, hints.charset)?;
    let raw = extract::extract(&decoded.text, selectors)?;
    Ok(normalize::normalize_article(raw, &source_hints(document, hints)))
}

/// Extracts the article from an entry's own page, and decides whether its text is better than the one that
/// the feed has. `repeats` holds the blocks that other pages of the source have in common; those of this
/// page are added.
///
/// # Errors
/// As [`read_article`].
pub fn read_article_of_entry(
    document: &Document,
    hints: ReadHints<'_>,
    selectors: &ArticleSelectors,
    feed_text: &FeedText,
    repeats: &mut RepeatedBlocks,
) -> Result<(Article, TextChoice), ArticleError> {
    let decoded = decode::decode(document, hints.charset)?;
    let mut raw = extract::extract(&decoded.text, selectors)?;
    let address = document.url.as_ref().map_or("", Url::as_str);
    extract::drop_repeated(&mut raw, address, repeats);
    if raw.blocks.is_empty() {
        return Err(ArticleError::Extract(ExtractError::NoText));
    }
    let article = normalize::normalize_article(raw, &source_hints(document, hints));
    let choice = extract::choose_text(feed_text, &article);
    Ok((article, choice))
}

/// What is known about a document before its values are normalized.
struct DocumentEvidence {
    format: Format,
    charset: String,
    evidence: CharsetEvidence,
    warnings: Vec<Warning>,
}

impl DocumentEvidence {
    fn into_parsed_feed(self, raw: RawFeed, source: &SourceHints<'_>) -> ParsedFeed {
        let mut feed = normalize::normalize(raw, source);
        let mut warnings = self.warnings;
        warnings.append(&mut feed.warnings);
        feed.warnings = warnings;
        if let ClockSetting::Off(offset) = source.clock {
            let shifted_count = normalize::shift_entry_dates(feed.entries.iter_mut(), offset);
            feed.warnings.extend(normalize::correction_warning(
                offset,
                shifted_count,
                normalize::ClockEvidence::Operator,
            ));
        }
        ParsedFeed { feed, format: self.format, charset: self.charset, evidence: self.evidence }
    }
}

fn read_raw_feed(
    document: &Document,
    hints: ReadHints<'_>,
) -> Result<(DocumentEvidence, RawFeed), ReadError> {
    let decoded = decode::decode(document, hints.charset)?;
    if let Some(selectors) = hints.page {
        let raw = parse::parse_page(&decoded.text, selectors, document.url.as_ref())?;
        let (charset, evidence, warnings) = (decoded.charset, decoded.evidence, decoded.warnings);
        return Ok((DocumentEvidence { format: Format::Page, charset, evidence, warnings }, raw));
    }
    let mut repaired = repair::repair(&decoded.text)?;
    let format = repaired.format;
    let mut warnings = decoded.warnings;
    warnings.append(&mut repaired.warnings);
    let raw = parse::parse(repaired)?;
    Ok((
        DocumentEvidence { format, charset: decoded.charset, evidence: decoded.evidence, warnings },
        raw,
    ))
}

fn source_hints<'a>(document: &'a Document, hints: ReadHints<'a>) -> SourceHints<'a> {
    SourceHints {
        url: document.url.as_ref(),
        name: hints.name,
        labels: hints.labels,
        language: hints.language,
        timezone: hints.timezone,
        clock: hints.clock,
        date_order: hints.date_order,
        read_at: hints.read_at,
    }
}
