//! A file of JSON lines → the entries of a window, in the order of their dates.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rafid::model::{EntryId, SourceId};
use rafid_feed::dates;
use rafid_feed::hash::short_hex;
use rafid_feed::model::{Identity, IdentityKind};
use serde_json::{Map, Value};

use super::{print_error, read_bytes};

/// The names of the fields; the first one that is present counts.
const PUBLISHED: [&str; 3] = ["published", "published_utc", "date_extracted"];
const BODY: [&str; 3] = ["body", "content", "text"];

/// One entry of the window.
pub(super) struct WindowEntry {
    /// The id in the file.
    pub(super) id: Value,
    /// The id for the story memory.
    pub(super) entry_id: EntryId,
    pub(super) source: SourceId,
    pub(super) published: Timestamp,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) body: String,
}

impl WindowEntry {
    /// The day on which it was published, in UTC: days since 1970-01-01.
    pub(super) fn day(&self) -> i64 {
        self.published.as_second().div_euclid(24 * 60 * 60)
    }

    /// The id as text, as the labels name it.
    pub(super) fn name(&self) -> String {
        id_as_text(&self.id)
    }
}

/// An id as text: a number and a string of the same digits are the same id.
pub(super) fn id_as_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Reads the window; `-` is standard input.
pub(super) fn read_window(file: &Path) -> Result<Vec<WindowEntry>, String> {
    let bytes = read_bytes(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut sources = BTreeSet::new();
    let mut window = Vec::new();
    let mut undated = 0;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let entry = read_entry(line, &mut sources)
            .map_err(|what| format!("error: {}:{}: {what}", file.display(), index + 1))?;
        undated += usize::from(entry.published == Timestamp::UNIX_EPOCH);
        window.push(entry);
    }
    // Entries without a date get the earliest date of the window, so that they come first.
    let first =
        window.iter().map(|entry| entry.published).filter(|at| *at > Timestamp::UNIX_EPOCH).min();
    for entry in window.iter_mut().filter(|entry| entry.published == Timestamp::UNIX_EPOCH) {
        entry.published = first.unwrap_or(Timestamp::UNIX_EPOCH);
    }
    window.sort_by(|one, other| {
        let number = |entry: &WindowEntry| entry.id.as_i64().unwrap_or(i64::MAX);
        let place = |entry: &WindowEntry| (entry.published, number(entry), entry.name());
        place(one).cmp(&place(other))
    });
    let (entries, outlets) = (window.len(), sources.len());
    print_error(&format!("read {entries} entries of {outlets} sources, {undated} without a date"));
    Ok(window)
}

/// Entries as those of the days before a window: their dates are moved by whole days, so that the last one is before the
/// first one of the window. Entries of the same source in both files are of one source.
pub(super) fn entries_before(
    mut entries: Vec<WindowEntry>,
    window: &[WindowEntry],
) -> Vec<WindowEntry> {
    let (Some(last), Some(first)) = (entries.last(), window.first()) else { return entries };
    let behind = last.published.duration_since(first.published).as_secs();
    let days = behind.div_euclid(24 * 60 * 60) + 1;
    let moved = SignedDuration::from_hours(24 * days);
    for entry in &mut entries {
        entry.published -= moved;
        let key = format!("before {}", entry.name());
        let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
        entry.entry_id = EntryId::for_identity(&entry.source, &identity);
    }
    entries
}

fn read_entry(line: &str, sources: &mut BTreeSet<String>) -> Result<WindowEntry, String> {
    let fields: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("no JSON object: {error}"))?;
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| fields.get(*name)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let id = fields.get("id").filter(|id| id.is_string() || id.is_number());
    let id = id.cloned().ok_or("an id was expected, a number or a text")?;
    let source_name = text(&["source"]);
    // A name here may be invalid as an id of a configuration.
    let source = SourceId::new(&format!("source-{}", short_hex(&source_name, 16)))
        .map_err(|error| error.to_string())?;
    sources.insert(source_name);
    let words = text(&PUBLISHED);
    let published = match dates::read_date(&words, None) {
        Some(at) => at,
        None if words.is_empty() => Timestamp::UNIX_EPOCH,
        None => return Err(format!("{words:?} is no date")),
    };
    let identity =
        Identity { kind: IdentityKind::Guid, key: id_as_text(&id), weaker_names: Vec::new() };
    let entry_id = EntryId::for_identity(&source, &identity);
    let (title, summary, body) = (text(&["title"]), text(&["summary"]), text(&BODY));
    Ok(WindowEntry { id, entry_id, source, published, title, summary, body })
}
