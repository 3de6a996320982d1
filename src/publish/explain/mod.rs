//! An entry, by its id, an address of it or its link → everything that is known about why it stands where it
//! stands, as JSON. Nothing is changed, and nothing is said that is not known.
//!
//! | file | tells |
//! | --- | --- |
//! | `entry` | the entry, its dates, by what it is known again |
//! | `story` | who has the same text, who tells of the same event, and why that was decided |
//! | `outputs` | which outputs hold it, and why others do not |
//!
//! The shape is written down in `docs/stories.md`.

mod entry_json;
mod outputs_json;
mod story_json;

use rafid_feed::normalize::link_form;
use serde_json::{Value, json};

use super::renderer::Renderer;
use super::story_lookup::StoryLookup;
use crate::model::{EntryId, Scope, StoredEntry};
use crate::store::StoreError;

/// The version of the report's shape; rises when a key changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;
/// Entries at one link that are named, at most: some sites give all of theirs the same.
const MAX_AT_LINK: usize = 20;

/// What is known of the entry that `asked` means, as JSON; without one, `entry` is null.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn explain_entry(press: &Renderer, asked: &str) -> Result<String, StoreError> {
    let mut found = find_entries(press, asked.trim())?.into_iter();
    let report = match found.next() {
        None => json!({ "schema_version": SCHEMA_VERSION, "asked": asked, "entry": null }),
        Some(listed) => {
            let others: Vec<String> = found.map(|other| other.id.to_urn()).collect();
            build_explanation(press, asked, &listed, &others)?
        }
    };
    // Our own shapes always serialise.
    Ok(serde_json::to_string(&report).unwrap_or_default())
}

fn build_explanation(
    press: &Renderer,
    asked: &str,
    listed: &StoredEntry,
    others: &[String],
) -> Result<Value, StoreError> {
    let cards = press.source_infos(&Scope::All)?.unwrap_or_default();
    let tellings = StoryLookup::new(press, &Scope::All, &cards);
    let told = press.store.story_record(listed.id)?;
    let (text_group, story) = match &told {
        Some(told) => (
            story_json::text_group_json(&tellings, told)?,
            story_json::story_json(press, &tellings, listed, told)?,
        ),
        None => (Value::Null, Value::Null),
    };
    Ok(json!({
        "schema_version": SCHEMA_VERSION,
        "asked": asked,
        "entry": entry_json::entry_json(press, listed, cards.get(&listed.source))?,
        "also_at_this_link": others,
        "identity": entry_json::identity_json(press, listed)?,
        "text_group": text_group,
        "story": story,
        "outputs": outputs_json::outputs_json(press, listed)?,
    }))
}

/// The entries that are meant; by a link or a publisher's guid there may be several, the newest first.
fn find_entries(press: &Renderer, asked: &str) -> Result<Vec<StoredEntry>, StoreError> {
    if let Some(id) = parse_entry_id(asked) {
        return Ok(press.store.find_entry(id)?.into_iter().collect());
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let form = link_form(asked);
    let is_it = |listed: &StoredEntry| {
        let entry = &listed.entry;
        let is_link = |link: &str| link == asked || (form.is_some() && link_form(link) == form);
        entry.guid.as_deref() == Some(asked) || entry.link.as_deref().is_some_and(is_link)
    };
    press.store.find_entries(&is_it, MAX_AT_LINK)
}

/// The id that words hold: bare, as in a feed, or at the end of an address of ours.
fn parse_entry_id(words: &str) -> Option<EntryId> {
    let after = |mark: &str| words.rsplit_once(mark).map(|(_, rest)| rest);
    let last = after("/story/").or_else(|| after("/entry/")).unwrap_or(words);
    let end = last.find(['/', '?', '#']).unwrap_or(last.len());
    EntryId::parse(&last[..end].to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

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
