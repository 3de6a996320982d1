//! One mistake in the text, with its place; and several of them, which are reported together.

use std::ops::Range;

/// A mistake. Texts begin in lower case, have no final period, and never repeat a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnostic {
    /// Where, in bytes of the text.
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

    /// The same with a second place.
    pub(super) fn with_related(mut self, span: Range<usize>, label: &'static str) -> Self {
        self.related = Some((span, label));
        self
    }
}

/// Several mistakes, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Diagnostics(pub(super) Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
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
