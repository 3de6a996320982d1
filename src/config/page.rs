//! `[source.page]` → the selectors of a page without a feed; what is no selector is told here, not by
//! the first poll.

use crate::feed::model::PageSelectors;
use crate::feed::parse;

use super::given::{Given, Key, Section, set, set_some};
use super::mistake::{Mistake, Mistakes};
use super::reading::home_of;
use super::source::SOURCE;

pub(super) const PAGE: &[Key<PageSelectors>] = &[
    Key {
        name: "entry",
        about: "the elements that are entries",
        read: |page, given| set(&mut page.entry, selector(given)),
    },
    Key {
        name: "title",
        about: "the title in an entry",
        read: |page, given| set_some(&mut page.title, selector(given)),
    },
    Key {
        name: "link",
        about: "the link in an entry",
        read: |page, given| set_some(&mut page.link, selector(given)),
    },
    Key {
        name: "date",
        about: "the date in an entry",
        read: |page, given| set_some(&mut page.date, selector(given)),
    },
    Key {
        name: "summary",
        about: "the short text in an entry",
        read: |page, given| set_some(&mut page.summary, selector(given)),
    },
    Key {
        name: "image",
        about: "the picture in an entry",
        read: |page, given| set_some(&mut page.image, selector(given)),
    },
];

/// Reads the table of a source.
pub(super) fn read(given: &Given<'_>) -> Result<PageSelectors, Mistakes> {
    let table = given.table("a table `[source.page]` with selectors")?;
    let heading = "[source.page]";
    let section = Section { heading, table, around: given.around, home_of: home_of_stray };
    let mut page = PageSelectors::default();
    let mut mistakes = Mistakes::default();
    section.read(PAGE, &mut page, &mut mistakes);
    if section.place_of("entry").is_none() {
        let mistake = Mistake::at(given.span.clone(), "this page has no `entry`");
        mistakes.push(mistake.help("write entry = \"article\" below it, or what its entries are"));
    }
    if mistakes.0.is_empty() { Ok(page) } else { Err(mistakes) }
}

/// A key of the source that was written below this table belongs above it.
fn home_of_stray(key: &str) -> Option<&'static str> {
    let is_sources = SOURCE.iter().any(|row| row.name == key);
    if is_sources { Some("[[source]]` above `[source.page]") } else { home_of(key) }
}

fn selector(given: &Given<'_>) -> Result<String, Mistake> {
    selector_like("a CSS selector such as \"article h2 a\"", given)
}

/// A selector; `what` says what it should have been.
pub(super) fn selector_like(what: &str, given: &Given<'_>) -> Result<String, Mistake> {
    let text = given.string(what)?;
    if text.is_empty() {
        return Err(given.expected(what));
    }
    match parse::selector_mistake(text) {
        None => Ok(text.to_owned()),
        Some(reason) => Err(given.expected(what).help(reason)),
    }
}
