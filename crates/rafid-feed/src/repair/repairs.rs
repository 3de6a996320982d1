//! Repairs → warnings with their positions, one for each kind of repair.

use super::tokens::TokenFault;
use crate::model::{Stage, TextPosition, Warning};

/// All repairs of one document.
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
    /// Records a repair at a byte of the text. Only the first of a kind is described, all are counted.
    pub(super) fn record(
        &mut self,
        code: &'static str,
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        self.record_many((code, 1), at, entry, detail);
    }

    /// Records several repairs of one kind at once.
    pub(super) fn record_many(
        &mut self,
        (code, count): (&'static str, usize),
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        match self.kinds.iter_mut().find(|repair| repair.code == code) {
            Some(repair) => repair.count += count,
            None => self.kinds.push(Repair { code, detail: detail(), at, entry, count }),
        }
    }

    /// Records what is wrong with a token of a part of the text that begins at `start`.
    pub(super) fn record_fault(&mut self, fault: TokenFault, start: usize, entry: Option<usize>) {
        let TokenFault { code, detail, at, count } = fault;
        self.record_many((code, count), start + at, entry, || detail.to_owned());
    }

    /// The warnings in the order of their positions; one walk over the text finds all lines.
    pub(super) fn into_warnings(mut self, text: &str) -> Vec<Warning> {
        self.kinds.sort_by_key(|repair| repair.at);
        let mut lines = LineCounter { text, at: 0, line: 1, line_start: 0 };
        let warning = |repair: Repair| Warning {
            stage: Stage::Repair,
            code: repair.code,
            detail: repair.detail,
            position: Some(lines.position_of(repair.at)),
            entry: repair.entry,
            count: repair.count,
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
    /// The position of a byte, which must not precede that of the last call.
    fn position_of(&mut self, at: usize) -> TextPosition {
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
    fn repairs_are_reported_once_with_their_position() {
        let text = "سطر\nثانٍ <b>\nثالث";
        let mut repairs = Repairs::default();
        let at = |needle: &str| text.find(needle).unwrap();
        repairs.record("late", at("ثالث"), Some(3), || "x".into());
        repairs.record("early", at("<b>"), None, || "y".into());
        repairs.record("early", at("ثالث"), None, || unreachable!());
        let warnings = repairs.into_warnings(text);
        let told: Vec<_> = warnings
            .iter()
            .map(|w| {
                (w.code, w.position.unwrap().line, w.position.unwrap().column, w.count, w.entry)
            })
            .collect();
        assert_eq!(told, [("early", 2, 6, 2, None), ("late", 3, 1, 1, Some(3))]);
    }
}
