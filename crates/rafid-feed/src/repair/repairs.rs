//! What was mended → warnings with their places, one for each kind of mend.

use super::tokens::TokenFault;
use crate::model::{Stage, TextPosition, Warning};

/// Everything that was mended in one document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repairs {
    kinds: Vec<Repair>,
}

#[derive(Debug, PartialEq, Eq)]
struct Repair {
    code: &'static str,
    detail: String,
    at: usize,
    entry: Option<usize>,
    count: usize,
}

impl Repairs {
    /// Notes a mend at a byte of the text. Only the first of a kind is told in words, all count.
    pub(super) fn record(
        &mut self,
        code: &'static str,
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        self.record_many((code, 1), at, entry, detail);
    }

    /// Notes several mends of one kind at once.
    pub(super) fn record_many(
        &mut self,
        (code, count): (&'static str, usize),
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        match self.kinds.iter_mut().find(|mend| mend.code == code) {
            Some(mend) => mend.count += count,
            None => self.kinds.push(Repair { code, detail: detail(), at, entry, count }),
        }
    }

    /// Notes what is wrong with a token of a part of the text that begins at `start`.
    pub(super) fn record_fault(&mut self, fault: TokenFault, start: usize, entry: Option<usize>) {
        let TokenFault { code, detail, at, count } = fault;
        self.record_many((code, count), start + at, entry, || detail.to_owned());
    }

    /// The warnings in the order of their places; one walk over the text finds all lines.
    pub(super) fn into_warnings(mut self, text: &str) -> Vec<Warning> {
        self.kinds.sort_by_key(|mend| mend.at);
        let mut places = LineCounter { text, at: 0, line: 1, line_start: 0 };
        let warning = |mend: Repair| Warning {
            stage: Stage::Repair,
            code: mend.code,
            detail: mend.detail,
            position: Some(places.place_at(mend.at)),
            entry: mend.entry,
            count: mend.count,
        };
        self.kinds.into_iter().map(warning).collect()
    }
}

struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl LineCounter<'_> {
    /// The place of a byte not before the last one asked for.
    fn place_at(&mut self, at: usize) -> TextPosition {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        self.line += passed.matches('\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.line_start = self.at + last + 1;
        }
        self.at = self.at.max(at);
        let column = self.text.get(self.line_start..at).map_or(0, |part| part.chars().count());
        TextPosition { line: self.line, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_are_told_once_with_their_place() {
        let text = "سطر\nثانٍ <b>\nثالث";
        let mut mends = Repairs::default();
        let at = |needle: &str| text.find(needle).unwrap();
        mends.record("late", at("ثالث"), Some(3), || "x".into());
        mends.record("early", at("<b>"), None, || "y".into());
        mends.record("early", at("ثالث"), None, || unreachable!());
        let warnings = mends.into_warnings(text);
        let told: Vec<_> = warnings
            .iter()
            .map(|w| {
                (w.code, w.position.unwrap().line, w.position.unwrap().column, w.count, w.entry)
            })
            .collect();
        assert_eq!(told, [("early", 2, 6, 2, None), ("late", 3, 1, 1, Some(3))]);
    }
}
