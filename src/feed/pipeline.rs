//! The only file of this half that knows two stations: `Document` → decode → repair → parse →
//! normalize → `Reading`.

use super::decode::{self, DecodeError};
use super::model::{CharsetEvidence, Document, Feed, Format, Language, Stage};
use super::normalize::{self, SourceHints};
use super::parse::{self, ParseError};
use super::repair::{self, RepairError};

/// What the operator says about a source, as far as reading it goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The charset, whatever anybody says.
    pub charset: Option<&'a str>,
    /// The language of entries that do not say.
    pub language: Option<&'a Language>,
    /// The zone of dates without one.
    pub timezone: Option<&'a str>,
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
    let decoded = decode::decode(document, hints.charset)?;
    let mut repaired = repair::repair(&decoded.text)?;
    let format = repaired.format;
    let mut warnings = decoded.warnings;
    warnings.append(&mut repaired.warnings);
    let raw = parse::parse(repaired)?;
    let source = SourceHints {
        url: document.url.as_ref(),
        language: hints.language,
        timezone: hints.timezone,
    };
    let mut feed = normalize::normalize(raw, &source);
    warnings.append(&mut feed.warnings);
    feed.warnings = warnings;
    Ok(Reading { feed, format, charset: decoded.charset, evidence: decoded.evidence })
}
