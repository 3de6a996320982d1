//! `[source.article]` → the selectors of a source's article pages.

use rafid_feed::model::ArticleSelectors;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::page_selectors;
use super::parser::section_of;
use super::source::SOURCE_KEYS;
use super::value::{ConfigKey, ConfigValue, Section, set_some};

pub(super) const ARTICLE_KEYS: &[ConfigKey<ArticleSelectors>] = &[
    ConfigKey {
        name: "keep",
        description: "the elements that hold the article",
        parse: |article, given| set_some(&mut article.keep, parse_selector(given)),
    },
    ConfigKey {
        name: "drop",
        description: "elements that are no part of it",
        parse: |article, given| set_some(&mut article.drop, parse_selector(given)),
    },
];

/// Reads the table of a source.
pub(super) fn parse_article_selectors(
    given: &ConfigValue<'_>,
) -> Result<ArticleSelectors, Diagnostics> {
    let table = given.table("a table `[source.article]` with selectors")?;
    let heading = "[source.article]";
    let section = Section {
        heading,
        table,
        environment: given.environment,
        section_of: section_of_stray_key,
    };
    let mut article = ArticleSelectors::default();
    let mut mistakes = Diagnostics::default();
    section.parse_keys(ARTICLE_KEYS, &mut article, &mut mistakes);
    if mistakes.0.is_empty() { Ok(article) } else { Err(mistakes) }
}

/// A key of the source that was written below this table belongs above it.
fn section_of_stray_key(key: &str) -> Option<&'static str> {
    let is_sources = SOURCE_KEYS.iter().any(|row| row.name == key);
    if is_sources { Some("[[source]]` above `[source.article]") } else { section_of(key) }
}

fn parse_selector(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    page_selectors::parse_selector_as("a CSS selector such as \".story p\"", given)
}
