//! One thing that is wrong in the text, with its place; and several of them, which are reported
//! together.

use std::ops::Range;

/// Something wrong. Texts are lower case without a final stop, and never repeat a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
    /// What was expected and what was found.
    pub(super) message: String,
    /// Another place that belongs to it, and what stands there.
    pub(super) other: Option<(Range<usize>, &'static str)>,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Mistake {
    /// A mistake at a place.
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), other: None, help: None }
    }

    /// With advice.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a second place.
    pub(super) fn beside(mut self, span: Range<usize>, label: &'static str) -> Self {
        self.other = Some((span, label));
        self
    }
}

/// Several mistakes, in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mistakes(pub(super) Vec<Mistake>);

impl Mistakes {
    /// Adds one.
    pub(super) fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// The value, or `None` with its mistakes added.
    pub(super) fn sift<T>(&mut self, result: Result<T, impl Into<Mistakes>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistakes) => {
                self.0.extend(mistakes.into().0);
                None
            }
        }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}
