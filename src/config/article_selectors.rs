//! `[source.article]` → the selectors of a source's article pages.

use rafid_feed::model::ArticleSelectors;

use super::diagnostic::Diagnostics;
use super::nested_keys::ARTICLE;
use super::page_selectors::parse_selector;
use super::value::{ConfigValue, ParseKey, Section, set_some};

pub(super) const ARTICLE_PARSERS: &[(&str, ParseKey<ArticleSelectors>)] = &[
    ("keep", |article, value| set_some(&mut article.keep, parse_selector(value))),
    ("drop", |article, value| set_some(&mut article.drop, parse_selector(value))),
];

/// Parses the table of a source.
pub(super) fn parse_article_selectors(
    value: &ConfigValue<'_>,
) -> Result<ArticleSelectors, Diagnostics> {
    let section = Section { keys: &ARTICLE, table: value.table()?, environment: value.environment };
    let mut article = ArticleSelectors::default();
    let mut diagnostics = Diagnostics::default();
    section.parse_keys(ARTICLE_PARSERS, &mut article, &mut diagnostics);
    if diagnostics.0.is_empty() { Ok(article) } else { Err(diagnostics) }
}
