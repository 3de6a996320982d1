//! What arrived and what was made readable: bytes → `Document` → `DecodedText`.
//!
//! Two types, one per step of belief before anything is parsed.

use std::borrow::Cow;

use url::Url;

use crate::model::Warning;

/// Bytes as they arrived, with what was said about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The body, content codings already undone by the transport (a body that is gzip *inside* is not).
    pub bytes: Vec<u8>,
    /// The `Content-Type` header, whole and unjudged. `None`: none was sent, or the bytes came from a file.
    pub content_type: Option<String>,
    /// The address that finally answered, after redirects; relative addresses resolve against it.
    /// `None`: unknown (standard input).
    pub url: Option<Url>,
}

/// Which rung of the ladder of evidence decided the charset (strongest first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CharsetEvidence {
    /// The operator's `charset` key of the source.
    Operator,
    /// A byte order mark.
    ByteOrderMark,
    /// The places of NUL bytes around `<` (UTF-16 and UTF-32 without a mark).
    NulPattern,
    /// All bytes are valid UTF-8, whatever a label says.
    ValidUtf8,
    /// Most high bytes form valid UTF-8; the rest was replaced or, per entry, guessed.
    MostlyUtf8,
    /// The bytes look like an Arabic code page (chardetng), even against a label.
    ArabicBytes,
    /// The `charset` parameter of the HTTP header.
    HttpHeader,
    /// The XML declaration.
    Declaration,
    /// What chardetng guesses when nothing else is known.
    Guess,
}

impl CharsetEvidence {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::ByteOrderMark => "byte-order-mark",
            Self::NulPattern => "nul-pattern",
            Self::ValidUtf8 => "valid-utf-8",
            Self::MostlyUtf8 => "mostly-utf-8",
            Self::ArabicBytes => "arabic-bytes",
            Self::HttpHeader => "http-header",
            Self::Declaration => "declaration",
            Self::Guess => "guess",
        }
    }
}

/// A whole document as text; no byte order mark, no NUL, no C0 control but tab, newline, return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText<'a> {
    /// The text: the document's own bytes where they are UTF-8 and need no mending. The XML declaration may still stand in it; nobody believes its `encoding` any more.
    pub text: Cow<'a, str>,
    /// The encoding's WHATWG name, lower case (`utf-8`, `windows-1256`).
    pub charset: String,
    /// Why that charset.
    pub evidence: CharsetEvidence,
    /// What had to be mended on the way (replaced bytes, undone double encoding, unpacked gzip).
    pub warnings: Vec<Warning>,
}

impl DecodedText<'_> {
    /// The same, independent of the document that it came from.
    pub fn into_owned(self) -> DecodedText<'static> {
        let Self { text, charset, evidence, warnings } = self;
        DecodedText { text: Cow::Owned(text.into_owned()), charset, evidence, warnings }
    }
}

/// The dialect a feed was published in, before it was made canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// RSS 0.90 or 1.0 (RDF).
    Rdf,
    /// RSS 0.91 to 0.94 and 2.0.
    Rss,
    /// Atom 0.3.
    Atom03,
    /// Atom 1.0 (RFC 4287), entry documents included.
    Atom,
    /// Microsoft's Channel Definition Format.
    Cdf,
    /// JSON Feed 1.0 or 1.1.
    JsonFeed,
    /// A sitemap with Google's news in it.
    NewsSitemap,
    /// A page for people, read by the operator's selectors.
    Page,
}

impl Format {
    /// A stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rdf => "rss-1.0",
            Self::Rss => "rss",
            Self::Atom03 => "atom-0.3",
            Self::Atom => "atom-1.0",
            Self::Cdf => "cdf",
            Self::JsonFeed => "json-feed",
            Self::NewsSitemap => "news-sitemap",
            Self::Page => "page",
        }
    }
}
