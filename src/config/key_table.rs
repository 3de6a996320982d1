//! All tables of keys, and where a key belongs.

use super::key_row::{KeyTable, TableKind};
use super::lists::list_keys::LIST;
use super::nested_keys::{ARTICLE, PAGE};
use super::output_keys::OUTPUT;
use super::serve_keys::{SERVE, STORIES, WEBSUB};
use super::site_keys::{POLLING, SITE, STORE, TOP};
use super::source_keys::SOURCE;

/// The tables at the top of the file, in the order of the shipped one.
pub(super) static SECTIONS: [&KeyTable; 9] =
    [&SITE, &POLLING, &STORE, &SERVE, &STORIES, &WEBSUB, &SOURCE, &OUTPUT, &LIST];

/// The tables that a misplaced key is looked up in. The first match wins: most keys are meant for the sections
/// above the sources, and of the names that stand in several tables those of a source are used most.
static LOOKUP_ORDER: [&KeyTable; 11] =
    [&SITE, &POLLING, &STORE, &SERVE, &SOURCE, &STORIES, &WEBSUB, &PAGE, &ARTICLE, &OUTPUT, &LIST];

/// Where a key that `table` does not have belongs, as it follows "it belongs" in a sentence. `None`: it is no key.
pub(super) fn place_of_misplaced_key(table: &KeyTable, key: &str) -> Option<String> {
    match table.kind {
        TableKind::Inline => None,
        // A key of the source that was written below this table.
        TableKind::WithinSource if SOURCE.find(key).is_some() => {
            Some(format!("in `{}` above `{}`", SOURCE.heading, table.heading))
        }
        _ if TOP.find(key).is_some() => {
            Some("at the top of the file, above all sections".to_owned())
        }
        _ => section_of(key).map(|heading| format!("in `{heading}`")),
    }
}

/// The heading of the first table that has this key.
pub(super) fn section_of(key: &str) -> Option<&'static str> {
    LOOKUP_ORDER.iter().find(|table| table.find(key).is_some()).map(|table| table.heading)
}
