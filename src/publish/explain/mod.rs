//! An entry, given by its id, its address on this site or its link → everything that is known about the
//! reasons for its date, its story and its outputs, as JSON. Changes nothing, and reports nothing that is not
//! known.
//!
//! | file | output |
//! | --- | --- |
//! | `entry_json` | the entry, its dates, how it is recognized again |
//! | `story_json` | the entries with the same text, the entries of the same event, and why that was decided |
//! | `outputs_json` | the outputs that hold it, and why others do not |
//!
//! `docs/stories.md` documents the format.

mod entry_json;
mod outputs_json;
mod story_json;

use std::cmp::Reverse;

use jiff::Timestamp;
use rafid_feed::normalize::link_form;
use serde_json::{Value, json};

use super::site_reader::SiteReader;
use super::story_lookup::StoryLookup;
use crate::model::{EntryId, Scope, StoredEntry};
use crate::search_index::SearchIndex;
use crate::store::{Store, StoreError};

/// The version of the report's format. It increases when a key changes its meaning or is removed.
const SCHEMA_VERSION: u32 = 1;
/// The maximum number of entries with one link that are named: some sites give all of their entries the same
/// link.
const MAX_AT_LINK: usize = 20;

/// What is known about the entry that `words` identify, as JSON. When there is no such entry, `entry` is
/// null. With the search index an entry is found by its link at once; without it, every entry may be read.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn explain_entry(
    reader: SiteReader<'_>,
    search: Option<&SearchIndex>,
    words: &str,
) -> Result<String, StoreError> {
    let mut found = find_entries(reader.store, search, words.trim())?.into_iter();
    let report = match found.next() {
        None => json!({
            "schema_version": SCHEMA_VERSION,
            "asked": words,
            "entry": null,
            "also_at_this_link": [],
            "identity": null,
            "text_group": null,
            "story": null,
            "outputs": [],
        }),
        Some(listed) => {
            let others: Vec<String> = found.map(|other| other.id.to_urn()).collect();
            build_explanation(reader, words, &listed, &others)?
        }
    };
    // Values of our own types always serialize.
    Ok(serde_json::to_string(&report).unwrap_or_default())
}

fn build_explanation(
    reader: SiteReader<'_>,
    words: &str,
    listed: &StoredEntry,
    others: &[String],
) -> Result<Value, StoreError> {
    let sources = reader.scope_sources(&Scope::All)?.unwrap_or_default();
    let stories = StoryLookup::new(reader, &Scope::All, &sources);
    let record = reader.store.story_record(listed.id)?;
    let (text_group, story) = match &record {
        Some(record) => (
            story_json::text_group_json(&stories, record)?,
            story_json::story_json(reader, &stories, listed, record)?,
        ),
        None => (Value::Null, Value::Null),
    };
    Ok(json!({
        "schema_version": SCHEMA_VERSION,
        "asked": words,
        "entry": entry_json::entry_json(reader, listed, sources.info(&listed.source))?,
        "also_at_this_link": others,
        "identity": entry_json::identity_json(reader, listed)?,
        "text_group": text_group,
        "story": story,
        "outputs": outputs_json::outputs_json(reader, listed)?,
    }))
}

/// The entries that are meant. Several may share a link or a publisher's guid; the newest comes first.
fn find_entries(
    store: &Store,
    search: Option<&SearchIndex>,
    words: &str,
) -> Result<Vec<StoredEntry>, StoreError> {
    if let Some(id) = parse_entry_id(words) {
        return Ok(store.find_entry(id)?.into_iter().collect());
    }
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let form = link_form(words);
    let is_it = |listed: &StoredEntry| {
        let entry = &listed.entry;
        let is_link = |link: &str| link == words || (form.is_some() && link_form(link) == form);
        entry.guid.as_deref() == Some(words) || entry.link.as_deref().is_some_and(is_link)
    };
    // An index that cannot be read finds nothing.
    let named = search.and_then(|search| search.entries_named(words).ok()).unwrap_or_default();
    let found = read_newest(store, named, &is_it)?;
    if !found.is_empty() {
        return Ok(found);
    }
    store.find_entries(&is_it, MAX_AT_LINK)
}

/// The newest entries at these positions that the filter accepts.
fn read_newest(
    store: &Store,
    mut positions: Vec<(EntryId, Timestamp)>,
    filter: &dyn Fn(&StoredEntry) -> bool,
) -> Result<Vec<StoredEntry>, StoreError> {
    positions.sort_unstable_by_key(|(id, listed_at)| Reverse((*listed_at, *id)));
    let mut found = Vec::new();
    for (id, listed_at) in positions {
        if found.len() == MAX_AT_LINK {
            break;
        }
        found.extend(store.entry(id, listed_at)?.filter(filter));
    }
    Ok(found)
}

/// The id in the given words: alone, as in a feed, or at the end of an address of this site.
fn parse_entry_id(words: &str) -> Option<EntryId> {
    let after = |mark: &str| words.rsplit_once(mark).map(|(_, rest)| rest);
    let last = after("/story/").or_else(|| after("/entry/")).unwrap_or(words);
    let end = last.find(['/', '?', '#']).unwrap_or(last.len());
    EntryId::parse(&last[..end].to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arc_swap::ArcSwap;
    use tokio_util::sync::CancellationToken;

    use super::super::index_sync::IndexSync;
    use super::super::sample;
    use super::*;
    use crate::http::Metrics;

    #[test]
    fn the_index_finds_the_same_entries_as_a_walk_through_the_store() {
        let shop = sample::TestStore::open();
        let mut entries = Vec::new();
        for number in 0..30 {
            let mut listed = sample::listed("a", &number.to_string(), "خبر");
            listed.listed_at = sample::at(number % 7);
            listed.entry.guid = Some(format!("guid {}", number % 25));
            listed.entry.link = Some(format!("https://a.example/{}", number % 2));
            entries.push(listed);
        }
        shop.keep_all("a", entries);
        let folder = tempfile::tempdir().unwrap();
        let search = SearchIndex::open(&folder.path().join("search")).unwrap();
        let site = shop.renderer(vec![sample::source("a")]).site;
        let sync = IndexSync {
            search: search.clone(),
            store: shop.store.clone(),
            site: Arc::new(ArcSwap::new(site)),
            stop: CancellationToken::new(),
            metrics: Arc::new(Metrics::default()),
            now: Timestamp::now,
        };
        sync.bring_up_to_date().unwrap();
        for words in ["guid 3", "guid 24", "https://a.example/1", "http://www.a.example/0/", "no"] {
            let walked = find_entries(&shop.store, None, words).unwrap();
            let found = find_entries(&shop.store, Some(&search), words).unwrap();
            assert_eq!(walked.is_empty(), words == "no", "{words}");
            assert_eq!(found, walked, "{words}");
        }
    }

    #[test]
    fn ids_are_found_in_what_outputs_show() {
        let id = EntryId::from_bytes([0xab; 16]);
        for words in [
            id.to_string(),
            id.to_urn(),
            id.to_string().to_uppercase(),
            format!("/story/{id}"),
            format!("https://news.example/rafid/story/{id}?x=1"),
            format!("https://news.example/entry/{id}/#top"),
        ] {
            assert_eq!(parse_entry_id(&words), Some(id), "{words}");
        }
        for words in ["", "/story/", "https://news.example/story/7", &format!("x{id}")] {
            assert_eq!(parse_entry_id(words), None, "{words}");
        }
    }
}
