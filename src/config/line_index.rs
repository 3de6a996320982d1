//! A byte of a text → its line, and its column in letters.

use std::ops::Range;

/// The lines of a text: a place is found without a walk over the text before it, so that ten thousand places of
/// a long file cost no more than the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LineIndex {
    /// The byte at which each line ends, but for the last.
    ends: Vec<usize>,
}

/// A place within its line.
pub(super) struct LineSpan<'a> {
    /// The number of the line, from 1.
    pub(super) number: usize,
    /// The line without its end.
    pub(super) line: &'a str,
    /// The part of the line that the span covers.
    pub(super) span: Range<usize>,
}

impl LineIndex {
    /// The lines of `text`.
    pub(super) fn new(text: &str) -> Self {
        Self { ends: text.match_indices('\n').map(|(end, _)| end).collect() }
    }

    /// The line of `text` that `span` begins on. `text` is the one that the index is made of.
    pub(super) fn locate<'a>(&self, text: &'a str, span: &Range<usize>) -> LineSpan<'a> {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let number = self.ends.partition_point(|end| *end < start);
        let before = number.checked_sub(1).and_then(|before| self.ends.get(before));
        // A byte order mark belongs to no line.
        let top = if start > 0 && text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let line_start = before.map_or(top, |newline| newline + 1);
        let line_end = self.ends.get(number).copied().unwrap_or(text.len());
        let line = text.get(line_start..line_end).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let within = |at: usize| line.floor_char_boundary(at.saturating_sub(line_start));
        LineSpan { number: number + 1, line, span: within(start)..within(span.end.max(start)) }
    }

    /// The line and the column (in letters), both from 1, of a byte of `text`.
    pub(super) fn line_and_column(&self, text: &str, at: usize) -> (usize, usize) {
        let place = self.locate(text, &(at..at));
        let column = place.line.get(..place.span.start).map_or(0, |before| before.chars().count());
        (place.number, column + 1)
    }
}

/// The line and the column of a single byte of `text`, as `LineIndex::line_and_column`.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    LineIndex::new(text).line_and_column(text, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_on_its_line() {
        let text = "\u{FEFF}ab\r\nأخبار\n\nx";
        let index = LineIndex::new(text);
        let mut seen = Vec::new();
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            seen.push(index.line_and_column(text, at));
        }
        let arabic = (1..=6).map(|column| (2, column));
        let expected = [(1, 1), (1, 1), (1, 2), (1, 3), (1, 3)];
        let expected = expected.into_iter().chain(arabic).chain([(3, 1), (4, 1), (4, 2)]);
        assert_eq!(seen, expected.collect::<Vec<_>>());
        assert_eq!(index.line_and_column(text, 1000), (4, 2), "behind the end");
    }
}
