//! `[source.article]` → the selectors of a source's article pages.

use crate::feed::model::ArticleSelectors;

use super::given::{Given, Key, Section, set_some};
use super::mistake::{Mistake, Mistakes};
use super::page;
use super::reading::home_of;
use super::source::SOURCE;

pub(super) const ARTICLE: &[Key<ArticleSelectors>] = &[
    Key {
        name: "keep",
        about: "the elements that hold the article",
        read: |article, given| set_some(&mut article.keep, selector(given)),
    },
    Key {
        name: "drop",
        about: "elements that are no part of it",
        read: |article, given| set_some(&mut article.drop, selector(given)),
    },
];

/// Reads the table of a source.
pub(super) fn read(given: &Given<'_>) -> Result<ArticleSelectors, Mistakes> {
    let table = given.table("a table `[source.article]` with selectors")?;
    let heading = "[source.article]";
    let section = Section { heading, table, around: given.around, home_of: home_of_stray };
    let mut article = ArticleSelectors::default();
    let mut mistakes = Mistakes::default();
    section.read(ARTICLE, &mut article, &mut mistakes);
    if mistakes.0.is_empty() { Ok(article) } else { Err(mistakes) }
}

/// A key of the source that was written below this table belongs above it.
fn home_of_stray(key: &str) -> Option<&'static str> {
    let is_sources = SOURCE.iter().any(|row| row.name == key);
    if is_sources { Some("[[source]]` above `[source.article]") } else { home_of(key) }
}

fn selector(given: &Given<'_>) -> Result<String, Mistake> {
    page::selector_like("a CSS selector such as \".story p\"", given)
}
