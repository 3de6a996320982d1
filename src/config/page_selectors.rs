//! `[source.page]` → the selectors of a page without a feed; what is no selector is told here, not by
//! the first poll.

use rafid_feed::model::PageSelectors;
use rafid_feed::parse;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::parser::section_of;
use super::source::SOURCE_KEYS;
use super::value::{ConfigKey, ConfigValue, Section, set_some, set_value};

pub(super) const PAGE_KEYS: &[ConfigKey<PageSelectors>] = &[
    ConfigKey {
        name: "entry",
        description: "the elements that are entries",
        parse: |page, given| set_value(&mut page.entry, parse_selector(given)),
    },
    ConfigKey {
        name: "title",
        description: "the title in an entry",
        parse: |page, given| set_some(&mut page.title, parse_selector(given)),
    },
    ConfigKey {
        name: "link",
        description: "the link in an entry",
        parse: |page, given| set_some(&mut page.link, parse_selector(given)),
    },
    ConfigKey {
        name: "date",
        description: "the date in an entry",
        parse: |page, given| set_some(&mut page.date, parse_selector(given)),
    },
    ConfigKey {
        name: "summary",
        description: "the short text in an entry",
        parse: |page, given| set_some(&mut page.summary, parse_selector(given)),
    },
    ConfigKey {
        name: "image",
        description: "the picture in an entry",
        parse: |page, given| set_some(&mut page.image, parse_selector(given)),
    },
];

/// Reads the table of a source.
pub(super) fn parse_page_selectors(given: &ConfigValue<'_>) -> Result<PageSelectors, Diagnostics> {
    let table = given.table("a table `[source.page]` with selectors")?;
    let heading = "[source.page]";
    let section = Section {
        heading,
        table,
        environment: given.environment,
        section_of: section_of_stray_key,
    };
    let mut page = PageSelectors::default();
    let mut mistakes = Diagnostics::default();
    section.parse_keys(PAGE_KEYS, &mut page, &mut mistakes);
    if section.span_of("entry").is_none() {
        let mistake = Diagnostic::at(given.span.clone(), "this page has no `entry`");
        mistakes
            .push(mistake.with_help("write entry = \"article\" below it, or what its entries are"));
    }
    if mistakes.0.is_empty() { Ok(page) } else { Err(mistakes) }
}

/// A key of the source that was written below this table belongs above it.
fn section_of_stray_key(key: &str) -> Option<&'static str> {
    let is_sources = SOURCE_KEYS.iter().any(|row| row.name == key);
    if is_sources { Some("[[source]]` above `[source.page]") } else { section_of(key) }
}

fn parse_selector(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    parse_selector_as("a CSS selector such as \"article h2 a\"", given)
}

/// A selector; `what` says what it should have been.
pub(super) fn parse_selector_as(what: &str, given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let text = given.string(what)?;
    if text.is_empty() {
        return Err(given.expected_error(what));
    }
    match parse::selector_error(text) {
        None => Ok(text.to_owned()),
        Some(reason) => Err(given.expected_error(what).with_help(reason)),
    }
}
