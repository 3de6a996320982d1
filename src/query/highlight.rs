//! A text and a query → the pieces of the text with the matched words marked, in the text's own spelling.

use std::collections::BTreeSet;

use rafid_feed::arabic::{MatchKey, is_letter};
use rafid_feed::word_forms::ends_in_written_haa;

use super::{ParsedTerm, Query, TermForms, TermPattern};

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPiece<'a> {
    /// The text of the piece.
    pub text: &'a str,
    /// Whether it matches the query.
    pub is_found: bool,
}

/// Splits a text into the matches of a query and the pieces between them; joined, the pieces are the text.
pub fn highlight_matches<'a>(text: &'a str, query: &Query) -> Vec<TextPiece<'a>> {
    let marks = marked_ranges(text, query);
    let mut pieces = Vec::new();
    let mut from = 0;
    for (start, end) in marks {
        if start > from {
            pieces.push(TextPiece { text: &text[from..start], is_found: false });
        }
        pieces.push(TextPiece { text: &text[start..end], is_found: true });
        from = end;
    }
    if from < text.len() {
        pieces.push(TextPiece { text: &text[from..], is_found: false });
    }
    pieces
}

/// The number of words before the first match in an excerpt.
const WORDS_BEFORE: usize = 8;

/// The part of a text that starts a few words before the first match, of at most about `limit` characters;
/// the start of the text if nothing matches. An ellipsis marks omitted parts.
pub fn excerpt(text: &str, query: &Query, limit: usize) -> String {
    let found = marked_ranges(text, query).first().map_or(0, |(start, _)| *start);
    let before = &text[..found];
    let start = before.rmatch_indices(' ').nth(WORDS_BEFORE).map_or(0, |(at, _)| at + 1);
    let rest = &text[start..];
    let end = rest
        .char_indices()
        .nth(limit)
        .map_or(rest.len(), |(far, _)| rest[..far].rfind(' ').unwrap_or(far));
    let (head, tail) =
        (if start > 0 { "… " } else { "" }, if end < rest.len() { " …" } else { "" });
    format!("{head}{}{tail}", &rest[..end])
}

/// Patterns and letters are marked in this many bytes of a text: an excerpt is a few hundred bytes, and a
/// pattern may take a millisecond per kilobyte.
const MARKED_BYTES: usize = 20_000;

/// The ranges of the matches, in order and without overlaps.
fn marked_ranges(text: &str, query: &Query) -> Vec<(usize, usize)> {
    let mut marks = Vec::new();
    let beginning = &text[..text.floor_char_boundary(MARKED_BYTES)];
    let mut wanted = WantedWords::default();
    for ParsedTerm { pattern, forms, .. } in query.positive_terms() {
        if !forms.is_empty() {
            wanted.forms.push(forms);
        }
        match pattern {
            TermPattern::Tokens(tokens) => {
                let mut stems: Vec<&[u8]> = tokens.split(|byte| *byte == b' ').collect();
                wanted.prefixes.extend(stems.pop().filter(|last| !last.is_empty()));
                wanted.stems.extend(stems.into_iter().filter(|stem| !stem.is_empty()));
            }
            TermPattern::Letters(letters) => {
                let found = beginning.match_indices(letters.as_str());
                marks.extend(found.map(|(at, found)| (at, at + found.len())));
            }
            TermPattern::Pattern(pattern) => {
                marks
                    .extend(pattern.find_iter(beginning).map(|found| (found.start(), found.end())));
            }
        }
    }
    if !wanted.stems.is_empty() || !wanted.prefixes.is_empty() {
        marks.extend(wanted.ranges_in(text));
    }
    marks.retain(|(start, end)| start < end);
    marks.sort_unstable();
    let mut separate: Vec<(usize, usize)> = Vec::new();
    for (start, end) in marks {
        match separate.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => separate.push((start, end)),
        }
    }
    separate
}

/// The words that are marked.
#[derive(Default)]
struct WantedWords<'q> {
    /// The stems of words.
    stems: BTreeSet<&'q [u8]>,
    /// The beginnings of stems.
    prefixes: Vec<&'q [u8]>,
    /// Other forms of these words.
    forms: Vec<&'q TermForms>,
}

impl WantedWords<'_> {
    /// The ranges of these words in a text. Each word is folded once, however many are wanted.
    fn ranges_in(&self, text: &str) -> Vec<(usize, usize)> {
        let found = words_with_offsets(text)
            .into_iter()
            .filter(|(_, word)| MatchKey::of(word).stems().any(|stem| self.contains(word, stem)));
        found.map(|(start, word)| (start, start + word.len())).collect()
    }

    fn contains(&self, word: &str, stem: &[u8]) -> bool {
        let has_form = |forms: &&TermForms| forms.contain_stem(stem, ends_in_written_haa(word));
        self.stems.contains(stem)
            || self.prefixes.iter().any(|start| stem.starts_with(start))
            || self.forms.iter().any(has_form)
    }
}

/// The words of a text with their offsets: letters, digits, and the marks on them.
fn words_with_offsets(text: &str) -> Vec<(usize, &str)> {
    let is_inner = |c: char| {
        is_letter(c)
            || c.is_numeric()
            || matches!(c, '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{200C}' | '\u{200D}')
    };
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_inner(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push((from, &text[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| (from, &text[from..])));
    found
}
