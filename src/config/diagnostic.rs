//! One mistake in the text, with its place; and several of them, which are reported together.
//!
//! Places of several files lie in one range: an included file begins behind the end of the one before it.

use std::ops::Range;

/// A mistake. Texts begin in lower case, have no final period, and never repeat a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnostic {
    /// Where, in bytes of the text; of an included file, behind its start.
    pub(super) span: Range<usize>,
    /// What was expected and what was found.
    pub(super) message: String,
    /// A second place that belongs to it, with a label.
    pub(super) related: Option<(Range<usize>, &'static str)>,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), related: None, help: None }
    }

    /// The same with advice.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the value that was probably meant, if there is one.
    pub(super) fn with_suggestion(self, suggestion: Option<String>) -> Self {
        match suggestion {
            Some(meant) => self.with_help(format!("did you mean \"{meant}\"?")),
            None => self,
        }
    }

    /// Moves the places from the text of a file to the range of all files.
    pub(super) fn shift(&mut self, start: usize) {
        shift_span(&mut self.span, start);
        if let Some((related, _)) = &mut self.related {
            shift_span(related, start);
        }
    }

    /// The same with a second place.
    pub(super) fn with_related(mut self, span: Range<usize>, label: &'static str) -> Self {
        self.related = Some((span, label));
        self
    }
}

/// Moves a place from the text of a file to the range of all files, where the file begins at `start`.
pub(super) fn shift_span(span: &mut Range<usize>, start: usize) {
    *span = span.start + start..span.end + start;
}

/// Several mistakes, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Diagnostics(pub(super) Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds those of a file that begins at `start`.
    pub(super) fn append_shifted(&mut self, others: Self, start: usize) {
        self.0.extend(others.0.into_iter().map(|mut diagnostic| {
            diagnostic.shift(start);
            diagnostic
        }));
    }

    /// The value, or `None` with its mistakes added.
    pub(super) fn collect<T>(&mut self, result: Result<T, impl Into<Diagnostics>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(diagnostics) => {
                self.0.extend(diagnostics.into().0);
                None
            }
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
