//! An operator's words → a CSS selector, or what is wrong with them.

use scraper::Selector;
use scraper::error::SelectorErrorKind;

/// Reads a selector (Selectors Level 4, the part that stands still).
///
/// # Errors
/// With why the text is none.
pub(crate) fn parse_selector(text: &str) -> Result<Selector, &'static str> {
    Selector::parse(text).map_err(|error| match error {
        SelectorErrorKind::EndOfLine => "it ends too early",
        SelectorErrorKind::UnexpectedToken => "something stands where it does not belong",
        SelectorErrorKind::ExpectedColonOnPseudoElement
        | SelectorErrorKind::ExpectedIdentityOnPseudoElement => "a pseudo-element is no element",
        _ => "a part of it is not understood",
    })
}
