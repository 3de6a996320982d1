//! `[source.page]` → the selectors of a page without a feed. A selector that is wrong is reported here, not by
//! the first poll.

use rafid_feed::model::PageSelectors;
use rafid_feed::parse;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::nested_keys::PAGE;
use super::value::{ConfigValue, ParseKey, Section, set_some, set_value};

pub(super) const PAGE_PARSERS: &[(&str, ParseKey<PageSelectors>)] = &[
    ("entry", |page, value| set_value(&mut page.entry, parse_selector(value))),
    ("title", |page, value| set_some(&mut page.title, parse_selector(value))),
    ("link", |page, value| set_some(&mut page.link, parse_selector(value))),
    ("date", |page, value| set_some(&mut page.date, parse_selector(value))),
    ("summary", |page, value| set_some(&mut page.summary, parse_selector(value))),
    ("image", |page, value| set_some(&mut page.image, parse_selector(value))),
];

/// Parses the table of a source.
pub(super) fn parse_page_selectors(value: &ConfigValue<'_>) -> Result<PageSelectors, Diagnostics> {
    let section = Section { keys: &PAGE, table: value.table()?, environment: value.environment };
    let mut page = PageSelectors::default();
    let mut diagnostics = Diagnostics::default();
    section.parse_keys(PAGE_PARSERS, &mut page, &mut diagnostics);
    if section.span_of("entry").is_none() {
        let diagnostic = Diagnostic::at(value.span.clone(), "this page has no `entry`");
        diagnostics.push(
            diagnostic.with_help("write entry = \"article\" below it, or what its entries are"),
        );
    }
    if diagnostics.0.is_empty() { Ok(page) } else { Err(diagnostics) }
}

/// A CSS selector.
pub(super) fn parse_selector(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let text = value.string()?;
    if text.is_empty() {
        return Err(value.kind_error());
    }
    match parse::selector_error(text) {
        None => Ok(text.to_owned()),
        Some(reason) => Err(value.kind_error().with_help(reason)),
    }
}
