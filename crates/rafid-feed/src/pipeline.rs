//! The only file of this half that knows two stations: `Document` → decode → repair → parse →
//! normalize → `Reading`. A page that is read by selectors needs no repair: its parser makes a tree of
//! anything. An article's page takes another way: decode → extract → normalize.

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

/// A document understood, with the evidence.
#[derive(Debug, Clone)]
pub struct ParsedFeed {
    /// What we believe; its warnings are those of all stations, in the river's order.
    pub feed: Feed,
    /// The dialect that was found.
    pub format: Format,
    /// The encoding's name.
    pub charset: String,
    /// Why that charset.
    pub evidence: CharsetEvidence,
}

/// Why a document is no feed to us, by the station that gave up.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes could not become text.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The text could not become a canonical document.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// The canonical document could not be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

impl ReadError {
    /// The station that gave up.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Decode(_) => Stage::Decode,
            Self::Repair(_) => Stage::Repair,
            Self::Parse(_) => Stage::Parse,
        }
    }

    /// Whether the document is a page for people, which may name its feed.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Repair(RepairError::HtmlPage))
    }
}

/// Reads a document as a feed.
///
/// # Errors
/// When a station gives up on the whole document; a bad entry never is a reason.
pub fn read_feed(document: &Document, hints: ReadHints<'_>) -> Result<ParsedFeed, ReadError> {
    let (half, raw) = read_raw_feed(document, hints)?;
    Ok(half.into_parsed_feed(raw, &source_hints(document, hints)))
}

/// The same, and the publisher's own words for every entry, in its order.
///
/// # Errors
/// As `read`.
pub fn read_feed_with_raw_values(
    document: &Document,
    hints: ReadHints<'_>,
) -> Result<(ParsedFeed, Vec<RawEntryValues>), ReadError> {
    let (half, raw) = read_raw_feed(document, hints)?;
    let source = source_hints(document, hints);
    let words = normalize::raw_entry_values(&raw, &source);
    Ok((half.into_parsed_feed(raw, &source), words))
}

/// Why a page gives no article, by the station that gave up.
#[derive(Debug, thiserror::Error)]
pub enum ArticleError {
    /// The bytes could not become text.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// No article was found in the text.
    #[error(transparent)]
    Extract(#[from] ExtractError),
}

impl ArticleError {
    /// The name of the station that gave up.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
            Self::Extract(_) => "extract",
        }
    }
}

/// Takes the article out of its page.
///
/// # Errors
/// When the page cannot become text, or no article is in it.
pub fn read_article(
    document: &Document,
    hints: ReadHints<'_>,
    selectors: &ArticleSelectors,
) -> Result<Article, ArticleError> {
    let decoded = decode::decode(document, hints.charset)?;
    let raw = extract::extract(&decoded.text, selectors)?;
    Ok(normalize::normalize_article(raw, &source_hints(document, hints)))
}

/// Takes the article out of an entry's own page, and decides whether its text is better than what the feed
/// itself says of the entry. `seen` is what other pages of the source had, and learns what this one has.
///
/// # Errors
/// As `article`.
pub fn read_article_of_entry(
    document: &Document,
    hints: ReadHints<'_>,
    selectors: &ArticleSelectors,
    told: &FeedText,
    seen: &mut RepeatedBlocks,
) -> Result<(Article, TextChoice), ArticleError> {
    let decoded = decode::decode(document, hints.charset)?;
    let mut raw = extract::extract(&decoded.text, selectors)?;
    let address = document.url.as_ref().map_or("", Url::as_str);
    extract::drop_repeated(&mut raw, address, seen);
    if raw.blocks.is_empty() {
        return Err(ArticleError::Extract(ExtractError::NoText));
    }
    let article = normalize::normalize_article(raw, &source_hints(document, hints));
    let choice = extract::choose_text(told, &article);
    Ok((article, choice))
}

/// What is known half-way, before anything is believed.
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
            let moved = normalize::shift_entry_dates(feed.entries.iter_mut(), offset);
            feed.warnings.extend(normalize::correction_warning(
                offset,
                moved,
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
