//! A document as it arrived and as text: `Document` → `DecodedText`.
//!
//! One type for each step before parsing.

use std::borrow::Cow;

use url::Url;

use crate::model::Warning;

/// The bytes of a document as they arrived, with their metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The body. The transport has already undone the content codings; a body that is gzip *inside*
    /// is still packed.
    pub bytes: Vec<u8>,
    /// The `Content-Type` header, whole and unchecked. `None`: there was none, or the bytes come
    /// from a file.
    pub content_type: Option<String>,
    /// The final address after redirects; relative addresses resolve against it. `None`: unknown
    /// (standard input).
    pub url: Option<Url>,
}

/// The evidence that decided the charset, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CharsetEvidence {
    /// The operator's `charset` key of the source.
    Operator,
    /// A byte order mark.
    ByteOrderMark,
    /// The positions of NUL bytes around `<` (UTF-16 and UTF-32 without a mark).
    NulPattern,
    /// All bytes are valid UTF-8, whatever a label claims.
    ValidUtf8,
    /// Most high bytes are valid UTF-8; the rest is replaced or, per entry, guessed.
    MostlyUtf8,
    /// The bytes look like an Arabic code page (chardetng), even if a label disagrees.
    ArabicBytes,
    /// The `charset` parameter of the HTTP header.
    HttpHeader,
    /// The XML declaration.
    Declaration,
    /// The guess of chardetng when there is no other evidence.
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

/// A whole document as text: no byte order mark, no NUL, no C0 control except tab, newline and
/// return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText<'a> {
    /// The text; it borrows the document's bytes where they are UTF-8 and need no repair. It may
    /// still contain the XML declaration, whose `encoding` is now ignored.
    pub text: Cow<'a, str>,
    /// The encoding's WHATWG name, lower case (`utf-8`, `windows-1256`).
    pub charset: String,
    /// The evidence for that charset.
    pub evidence: CharsetEvidence,
    /// The repairs of decoding (replaced bytes, undone double encoding, unpacked gzip).
    pub warnings: Vec<Warning>,
}

impl DecodedText<'_> {
    /// The same text, owned.
    pub fn into_owned(self) -> DecodedText<'static> {
        let Self { text, charset, evidence, warnings } = self;
        DecodedText { text: Cow::Owned(text.into_owned()), charset, evidence, warnings }
    }
}

/// The format that a feed was published in.
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
    /// A sitemap with Google News elements.
    NewsSitemap,
    /// An HTML page, read by the operator's selectors.
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
