//! An operator's text → a CSS selector, or what is wrong with it.

use scraper::Selector;
use scraper::error::SelectorErrorKind;

/// Parses a selector (Selectors Level 4, the stable part).
///
/// # Errors
/// Why the text is not a selector.
pub(crate) fn parse_selector(text: &str) -> Result<Selector, &'static str> {
    Selector::parse(text).map_err(|error| match error {
        SelectorErrorKind::EndOfLine => "it ends too early",
        SelectorErrorKind::UnexpectedToken => "something stands where it does not belong",
        SelectorErrorKind::ExpectedColonOnPseudoElement
        | SelectorErrorKind::ExpectedIdentityOnPseudoElement => "a pseudo-element is no element",
        _ => "a part of it is not understood",
    })
}
