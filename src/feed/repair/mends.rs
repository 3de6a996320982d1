//! What was mended → warnings with their places, one for each kind of mend.

use super::tokens::Fault;
use crate::feed::model::{Place, Stage, Warning};

/// Everything that was mended in one document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mends {
    kinds: Vec<Mend>,
}

#[derive(Debug, PartialEq, Eq)]
struct Mend {
    code: &'static str,
    detail: String,
    at: usize,
    entry: Option<usize>,
    count: usize,
}

impl Mends {
    /// Notes a mend at a byte of the text. Only the first of a kind is told in words, all count.
    pub(super) fn note(
        &mut self,
        code: &'static str,
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        self.note_many((code, 1), at, entry, detail);
    }

    /// Notes several mends of one kind at once.
    pub(super) fn note_many(
        &mut self,
        (code, count): (&'static str, usize),
        at: usize,
        entry: Option<usize>,
        detail: impl FnOnce() -> String,
    ) {
        match self.kinds.iter_mut().find(|mend| mend.code == code) {
            Some(mend) => mend.count += count,
            None => self.kinds.push(Mend { code, detail: detail(), at, entry, count }),
        }
    }

    /// Notes what is wrong with a token of a part of the text that begins at `start`.
    pub(super) fn note_fault(&mut self, fault: Fault, start: usize, entry: Option<usize>) {
        let Fault { code, detail, at, count } = fault;
        self.note_many((code, count), start + at, entry, || detail.to_owned());
    }

    /// The warnings in the order of their places; one walk over the text finds all lines.
    pub(super) fn warnings(mut self, text: &str) -> Vec<Warning> {
        self.kinds.sort_by_key(|mend| mend.at);
        let mut places = Places { text, at: 0, line: 1, line_start: 0 };
        let warning = |mend: Mend| Warning {
            stage: Stage::Repair,
            code: mend.code,
            detail: mend.detail,
            place: Some(places.of(mend.at)),
            entry: mend.entry,
            count: mend.count,
        };
        self.kinds.into_iter().map(warning).collect()
    }
}

struct Places<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl Places<'_> {
    /// The place of a byte not before the last one asked for.
    fn of(&mut self, at: usize) -> Place {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        self.line += passed.matches('\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.line_start = self.at + last + 1;
        }
        self.at = self.at.max(at);
        let column = self.text.get(self.line_start..at).map_or(0, |part| part.chars().count());
        Place { line: self.line, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_are_told_once_with_their_place() {
        let text = "سطر\nثانٍ <b>\nثالث";
        let mut mends = Mends::default();
        let at = |needle: &str| text.find(needle).unwrap();
        mends.note("late", at("ثالث"), Some(3), || "x".into());
        mends.note("early", at("<b>"), None, || "y".into());
        mends.note("early", at("ثالث"), None, || unreachable!());
        let warnings = mends.warnings(text);
        let told: Vec<_> = warnings
            .iter()
            .map(|w| (w.code, w.place.unwrap().line, w.place.unwrap().column, w.count, w.entry))
            .collect();
        assert_eq!(told, [("early", 2, 6, 2, None), ("late", 3, 1, 1, Some(3))]);
    }
}
