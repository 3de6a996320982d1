//! The only file of this half that knows two stations: `Document` → decode → repair → parse →
//! normalize → `Reading`. A page that is read by selectors needs no repair: its parser makes a tree of
//! anything. An article's page takes another way: decode → extract → normalize.

use jiff::Timestamp;
use url::Url;

use super::clock::{self, Witness};
use super::decode::{self, DecodeError};
use super::extract::{self, Choice, ExtractError, Told};
use super::model::{
    Article, ArticleSelectors, CharsetEvidence, ClockSetting, DateOrder, Document, EntryWords,
    Feed, Format, Language, PageSelectors, RawFeed, Repeats, Source, Stage, Warning,
};
use super::normalize::{self, SourceHints};
use super::parse::{self, ParseError};
use super::repair::{self, RepairError};

/// What the operator says about a source, as far as reading it goes, and what was learnt of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The charset, whatever anybody says.
    pub charset: Option<&'a str>,
    /// The language of entries that do not say.
    pub language: Option<&'a Language>,
    /// The zone of dates without one.
    pub timezone: Option<&'a str>,
    /// What is wrong with the publisher's clock.
    pub clock: ClockSetting,
    /// Where entries stand, if the document is a page and no feed.
    pub page: Option<&'a PageSelectors>,
    /// The order of day and month that earlier documents of the source told.
    pub date_order: Option<DateOrder>,
    /// When the document was read; `None`: dates told from then («منذ ساعتين») are not read.
    pub read_at: Option<Timestamp>,
}

impl<'a> Hints<'a> {
    /// What the operator says about `source`.
    pub fn of(source: &'a Source) -> Self {
        Self {
            charset: source.charset.as_deref(),
            language: source.language.as_ref(),
            timezone: source.timezone.as_deref(),
            clock: source.clock,
            page: source.page.as_ref(),
            date_order: None,
            read_at: None,
        }
    }
}

/// A document understood, with the evidence.
#[derive(Debug, Clone)]
pub struct Reading {
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
        matches!(self, Self::Repair(RepairError::Page))
    }
}

/// Reads a document as a feed.
///
/// # Errors
/// When a station gives up on the whole document; a bad entry never is a reason.
pub fn read(document: &Document, hints: Hints<'_>) -> Result<Reading, ReadError> {
    let (half, raw) = to_words(document, hints)?;
    Ok(half.believed(raw, &source_hints(document, hints)))
}

/// The same, and the publisher's own words for every entry, in its order.
///
/// # Errors
/// As `read`.
pub fn explain(
    document: &Document,
    hints: Hints<'_>,
) -> Result<(Reading, Vec<EntryWords>), ReadError> {
    let (half, raw) = to_words(document, hints)?;
    let source = source_hints(document, hints);
    let words = normalize::words_of(&raw, &source);
    Ok((half.believed(raw, &source), words))
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
pub fn article(
    document: &Document,
    hints: Hints<'_>,
    selectors: &ArticleSelectors,
) -> Result<Article, ArticleError> {
    let decoded = decode::decode(document, hints.charset)?;
    let raw = extract::extract(&decoded.text, selectors)?;
    Ok(normalize::article(raw, &source_hints(document, hints)))
}

/// Takes the article out of an entry's own page, and decides whether its text is better than what the feed
/// itself says of the entry. `seen` is what other pages of the source had, and learns what this one has.
///
/// # Errors
/// As `article`.
pub fn article_of(
    document: &Document,
    source: &Source,
    told: &Told,
    seen: &mut Repeats,
) -> Result<(Article, Choice), ArticleError> {
    let hints = Hints::of(source);
    let decoded = decode::decode(document, hints.charset)?;
    let mut raw = extract::extract(&decoded.text, &source.article)?;
    let address = document.url.as_ref().map_or("", Url::as_str);
    extract::drop_repeated(&mut raw, address, seen);
    if raw.blocks.is_empty() {
        return Err(ArticleError::Extract(ExtractError::NoText));
    }
    let article = normalize::article(raw, &source_hints(document, hints));
    let choice = extract::choose(told, &article);
    Ok((article, choice))
}

/// What is known half-way, before anything is believed.
struct Half {
    format: Format,
    charset: String,
    evidence: CharsetEvidence,
    warnings: Vec<Warning>,
}

impl Half {
    fn believed(self, raw: RawFeed, source: &SourceHints<'_>) -> Reading {
        let mut feed = normalize::normalize(raw, source);
        let mut warnings = self.warnings;
        warnings.append(&mut feed.warnings);
        feed.warnings = warnings;
        if let ClockSetting::Off(offset) = source.clock {
            let moved = clock::correct(feed.entries.iter_mut(), offset);
            feed.warnings.extend(clock::warning(offset, moved, Witness::Operator));
        }
        Reading { feed, format: self.format, charset: self.charset, evidence: self.evidence }
    }
}

fn to_words(document: &Document, hints: Hints<'_>) -> Result<(Half, RawFeed), ReadError> {
    let decoded = decode::decode(document, hints.charset)?;
    if let Some(selectors) = hints.page {
        let raw = parse::page(&decoded.text, selectors, document.url.as_ref())?;
        let (charset, evidence, warnings) = (decoded.charset, decoded.evidence, decoded.warnings);
        return Ok((Half { format: Format::Page, charset, evidence, warnings }, raw));
    }
    let mut repaired = repair::repair(&decoded.text)?;
    let format = repaired.format;
    let mut warnings = decoded.warnings;
    warnings.append(&mut repaired.warnings);
    let raw = parse::parse(repaired)?;
    Ok((Half { format, charset: decoded.charset, evidence: decoded.evidence, warnings }, raw))
}

fn source_hints<'a>(document: &'a Document, hints: Hints<'a>) -> SourceHints<'a> {
    SourceHints {
        url: document.url.as_ref(),
        language: hints.language,
        timezone: hints.timezone,
        clock: hints.clock,
        date_order: hints.date_order,
        read_at: hints.read_at,
    }
}
