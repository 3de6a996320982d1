//! The pieces of a text → one text or, as soon as one piece is markup, one markup.

use std::borrow::Cow;

/// How a text is encoded, by the attributes of its element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ContentMode {
    /// As text or escaped markup.
    #[default]
    Escaped,
    /// As inline markup.
    Inline,
    /// As base64 (Atom 0.3, and Atom 1.0 for media types that are not text).
    Base64,
}

/// The pieces of a text, and how they are kept.
#[derive(Debug)]
pub(super) enum TextPieces<'a> {
    Empty,
    /// One piece, as in nearly all texts.
    Single(Cow<'a, str>, PieceKind),
    Several(Vec<(Cow<'a, str>, PieceKind)>),
    Markup(String),
}

/// What a piece is in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Text,
    Cdata,
}

impl<'a> TextPieces<'a> {
    /// Adds a piece to a text without markup.
    pub(super) fn push(&mut self, text: Cow<'a, str>, kind: PieceKind) {
        *self = match std::mem::replace(self, TextPieces::Empty) {
            TextPieces::Single(first, first_kind) => {
                TextPieces::Several(vec![(first, first_kind), (text, kind)])
            }
            TextPieces::Several(mut pieces) => {
                pieces.push((text, kind));
                TextPieces::Several(pieces)
            }
            TextPieces::Empty | TextPieces::Markup(_) => TextPieces::Single(text, kind),
        };
    }

    /// The text as markup; its pieces are joined when this happens first.
    pub(super) fn as_markup(&mut self, mode: ContentMode) -> &mut String {
        if !matches!(self, TextPieces::Markup(_)) {
            let mut markup = String::new();
            let pieces = match std::mem::replace(self, TextPieces::Empty) {
                TextPieces::Single(text, kind) => vec![(text, kind)],
                TextPieces::Several(pieces) => pieces,
                TextPieces::Empty | TextPieces::Markup(_) => Vec::new(),
            };
            for (text, piece) in pieces {
                match piece {
                    PieceKind::Text => push_as_markup(&mut markup, &text, mode),
                    PieceKind::Cdata => markup.push_str(&text),
                }
            }
            *self = TextPieces::Markup(markup);
        }
        match self {
            TextPieces::Markup(markup) => markup,
            TextPieces::Empty | TextPieces::Single(..) | TextPieces::Several(_) => {
                unreachable!("just turned into markup")
            }
        }
    }
}

/// Adds text to markup: escaped, unless it contains markup that the publisher escaped.
pub(super) fn push_as_markup(markup: &mut String, text: &str, mode: ContentMode) {
    if mode != ContentMode::Inline && contains_tag(text) {
        markup.push_str(text);
    } else {
        escape_into(markup, text);
    }
}

/// Whether a `<` precedes a letter, a slash or an exclamation mark.
fn contains_tag(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| {
        matches!(pair, [b'<', next] if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!'))
    })
}

/// Words in a row that are a sentence and no value of a program's.
const FEWEST_WORDS: usize = 6;

/// Data for programs as markup → its words apart from each other, if there are sentences among them.
pub(super) fn words_of_data(markup: &str) -> Option<String> {
    let mut runs = markup.split('<').map(|run| run.split_once('>').map_or(run, |(_, words)| words));
    let has_sentence = runs.any(|words| words.split_whitespace().count() >= FEWEST_WORDS);
    has_sentence.then(|| markup.replace("><", "> <"))
}

/// Adds text to markup, escaped.
pub(super) fn escape_into(markup: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            other => markup.push(other),
        }
    }
}
