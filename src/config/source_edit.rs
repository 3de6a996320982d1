//! A text of the configuration and an edit of one of its sources → the text with that edit, everything else byte for
//! byte as it was, and the lines that differ.
//!
//! The text is spliced at the places that the parser names, not written again from its tree: so comments, order and
//! spelling stay. Every edit is verified: the new text must hold the values of the old one with that edit.

use std::ops::Range;

use toml_edit::{Item, Table, Value};

use super::edit::{BOM, ComparedValues, EditError, parse_document, parse_values};
use super::existing_sources::{id_of_address, id_of_table};
use super::redact::redact_secrets;

/// An edit of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceEdit {
    /// Its whole table is removed, with the comments that belong to it.
    Remove,
    /// It is polled and published.
    Enable,
    /// It stays in the file, and is neither polled nor published.
    Disable,
    /// Keys get other values.
    SetKeys(Vec<KeyEdit>),
}

/// A key of a source and its new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEdit {
    /// The name of the key.
    pub key: &'static str,
    /// The value as TOML; `None`: the key is removed, and its default applies.
    pub value: Option<String>,
}

/// The text after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedText {
    /// The whole text.
    pub text: String,
    /// The lines that differ, in the order in which they were edited. Empty: the text is as it was.
    pub hunks: Vec<EditHunk>,
}

/// Neighboring lines that an edit changed; secrets are redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditHunk {
    /// The first of them, from 1.
    pub line: usize,
    /// The lines before the edit.
    pub removed: Vec<String>,
    /// The lines after it.
    pub added: Vec<String>,
}

/// Edits the source with this id. `None`: the text has no such source.
///
/// # Errors
/// When the text is broken or unusual, and when a key is written as a table of its own.
pub fn edit_source(
    text: &str,
    id: &str,
    edit: &SourceEdit,
) -> Result<Option<EditedText>, EditError> {
    let before = parse_values(text)?;
    let mut edited = EditedText { text: text.to_owned(), hunks: Vec::new() };
    let Some(index) = index_of_source(text, id, &before)? else { return Ok(None) };
    let mut expected = before;
    if *edit == SourceEdit::Remove {
        expected.sources.remove(index);
        let splice = with_table(text, index, |table| Ok(Some(block_of(text, table))))?;
        edited.apply(splice);
    } else {
        for key_edit in with_table(text, index, |table| Ok(keys_to_set(table, id, edit)))? {
            let current = edited.text.clone();
            let splice =
                with_table(&current, index, |table| splice_of_key(&current, table, &key_edit))?;
            edited.apply(splice);
            expect_key(&mut expected, index, &key_edit)?;
        }
    }
    let is_as_expected = parse_values(&edited.text).is_ok_and(|after| after == expected);
    if is_as_expected { Ok(Some(edited)) } else { Err(EditError::UnsupportedLayout) }
}

/// The ids of the sources of a text, as far as they are written in a usual way.
pub fn source_ids(text: &str) -> Vec<String> {
    let Ok(document) = parse_document(text) else { return Vec::new() };
    let tables = document.get("source").and_then(Item::as_array_of_tables);
    tables.into_iter().flatten().filter_map(id_of_table).collect()
}

/// The number of the source with this id, from 0.
fn index_of_source(
    text: &str,
    id: &str,
    values: &ComparedValues,
) -> Result<Option<usize>, EditError> {
    if values.sources.is_empty() {
        return Ok(None);
    }
    let document = parse_document(text)?;
    let Some(Item::ArrayOfTables(tables)) = document.get("source") else {
        return Err(EditError::UnsupportedLayout);
    };
    Ok(tables.iter().position(|table| id_of_table(table).as_deref() == Some(id)))
}

/// What `read` finds in the table of a source.
fn with_table<T>(
    text: &str,
    index: usize,
    read: impl FnOnce(&Table) -> Result<T, EditError>,
) -> Result<T, EditError> {
    let document = parse_document(text)?;
    let tables = document.get("source").and_then(Item::as_array_of_tables);
    read(tables.and_then(|tables| tables.get(index)).ok_or(EditError::UnsupportedLayout)?)
}

/// The keys that an edit sets.
fn keys_to_set(table: &Table, id: &str, edit: &SourceEdit) -> Vec<KeyEdit> {
    let enabled =
        |is_enabled: bool| KeyEdit { key: "enabled", value: Some(is_enabled.to_string()) };
    match edit {
        SourceEdit::Remove => Vec::new(),
        // A source is enabled unless its table says otherwise.
        SourceEdit::Enable => {
            table.contains_key("enabled").then(|| enabled(true)).into_iter().collect()
        }
        SourceEdit::Disable => vec![enabled(false)],
        SourceEdit::SetKeys(keys) => {
            let mut keys = keys.clone();
            keys.extend(id_to_keep(table, id, &keys));
            keys
        }
    }
}

/// A source without an id of its own gets the one that its address made, before another address makes another id:
/// it would be a new source.
fn id_to_keep(table: &Table, id: &str, keys: &[KeyEdit]) -> Option<KeyEdit> {
    let edit_of = |name: &str| keys.iter().find(|edit| edit.key == name);
    if table.contains_key("id") || edit_of("id").is_some() {
        return None;
    }
    let url: Value = edit_of("url")?.value.as_deref()?.parse().ok()?;
    let made = id_of_address(url.as_str()?);
    (made.as_deref() != Some(id))
        .then(|| KeyEdit { key: "id", value: Some(Value::from(id).to_string()) })
}

/// Applies the edit of a key to the values that the text must hold afterwards.
fn expect_key(values: &mut ComparedValues, index: usize, edit: &KeyEdit) -> Result<(), EditError> {
    let source = values.sources.get_mut(index).and_then(toml::Value::as_table_mut);
    let source = source.ok_or(EditError::UnsupportedLayout)?;
    let Some(value) = &edit.value else {
        source.remove(edit.key);
        return Ok(());
    };
    let mut parsed: toml::Table = toml::from_str(&format!("{} = {value}", edit.key))
        .map_err(|error| EditError::Broken { line: 1, reason: error.message().to_owned() })?;
    let value = parsed.remove(edit.key).ok_or(EditError::UnsupportedLayout)?;
    source.insert(edit.key.to_owned(), value);
    Ok(())
}

/// A range of a text, and what takes its place.
struct Splice {
    range: Range<usize>,
    with: String,
}

impl EditedText {
    fn apply(&mut self, splice: Option<Splice>) {
        let Some(Splice { range, with }) = splice else { return };
        let mut text = self.text.clone();
        text.replace_range(range, &with);
        self.hunks.push(hunk_between(&self.text, &text));
        self.text = text;
    }
}

/// The lines of a source: its header, what belongs to it, the comments directly above, and the blank lines that would
/// be left over.
fn block_of(text: &str, table: &Table) -> Splice {
    let header = table.span().map_or(0, |span| span.start);
    let mut start = line_start(text, header);
    while start > 0 && is_comment(line_before(text, start)) {
        start -= line_before(text, start).len();
    }
    let mut end = line_end(text, end_of_table(table));
    let after = text.get(end..).unwrap_or_default();
    let comments: usize =
        after.split_inclusive('\n').take_while(|line| is_comment(line)).map(str::len).sum();
    // Comments directly above the next header belong to that one.
    if !after.get(comments..).unwrap_or_default().trim_start_matches([' ', '\t']).starts_with('[') {
        end += comments;
    }
    let blank = |line: &&str| line.trim().is_empty();
    let rest = text.get(end..).unwrap_or_default();
    end += rest.split_inclusive('\n').take_while(blank).map(str::len).sum::<usize>();
    if end == text.len() {
        while start > 0 && line_before(text, start).trim().is_empty() {
            start -= line_before(text, start).len();
        }
    }
    // A byte order mark stays where it is.
    let start = if start == 0 && text.starts_with(BOM) { BOM.len_utf8() } else { start };
    Splice { range: start..end, with: String::new() }
}

/// How a key gets its value. `None`: it has it already.
fn splice_of_key(text: &str, table: &Table, edit: &KeyEdit) -> Result<Option<Splice>, EditError> {
    let Some((key, item)) = table.get_key_value(edit.key) else {
        return Ok(edit.value.as_ref().map(|value| new_line(text, table, edit.key, value)));
    };
    let (Some(name), Some(found)) = (key.span(), item.as_value().and_then(Value::span)) else {
        return Err(EditError::TableKey { key: edit.key });
    };
    match &edit.value {
        Some(value) if text.get(found.clone()) == Some(value) => Ok(None),
        Some(value) => Ok(Some(Splice { range: found, with: value.clone() })),
        None => {
            let range = line_start(text, name.start)..line_end(text, found.end);
            Ok(Some(Splice { range, with: String::new() }))
        }
    }
}

/// A line for a new key, below the last one of the source that stands in no table of its own.
fn new_line(text: &str, table: &Table, key: &str, value: &str) -> Splice {
    let header = table.span().unwrap_or(0..0);
    let is_own = |item: &Item| item.is_value() || item.as_table().is_some_and(Table::is_dotted);
    let own = table.iter().map(|(_, item)| item).filter(|item| is_own(item));
    let at = line_end(text, own.map(end_of_item).fold(header.end, usize::max));
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = text.get(line_start(text, header.start)..header.start).unwrap_or_default();
    let line = format!("{indent}{key} = {value}{newline}");
    let is_open = !text.get(..at).unwrap_or_default().ends_with('\n');
    Splice { range: at..at, with: if is_open { format!("{newline}{line}") } else { line } }
}

/// The byte after the last value of a table and of the tables in it.
fn end_of_table(table: &Table) -> usize {
    let own = table.span().map_or(0, |span| span.end);
    table.iter().map(|(_, item)| end_of_item(item)).fold(own, usize::max)
}

fn end_of_item(item: &Item) -> usize {
    match item {
        Item::None => 0,
        Item::Value(value) => value.span().map_or(0, |span| span.end),
        Item::Table(table) => end_of_table(table),
        Item::ArrayOfTables(tables) => tables.iter().map(end_of_table).max().unwrap_or(0),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The byte after the end of the line that `at` is in.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}

/// The line that ends where the line at `start` begins.
fn line_before(text: &str, start: usize) -> &str {
    let end = start.saturating_sub(1);
    text.get(line_start(text, end)..start).unwrap_or_default()
}

fn is_comment(line: &str) -> bool {
    line.trim_start_matches([BOM, ' ', '\t']).starts_with('#')
}

/// The lines in which two texts differ.
fn hunk_between(before: &str, after: &str) -> EditHunk {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let top = old.iter().zip(&new).take_while(same).count();
    let bottom = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let bottom = bottom.min(old.len().min(new.len()) - top);
    let changed = |text: &str, count: usize| -> Vec<String> {
        let lines = redact_secrets(text);
        let lines = lines.lines().skip(top).take(count - top - bottom);
        lines.map(ToOwned::to_owned).collect()
    };
    EditHunk {
        line: top + 1,
        removed: changed(before, old.len()),
        added: changed(after, new.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# أعلى الملف
[site]
title = 'س'   # بقي كما هو

# ── قسم ──

# عن الأول
[[source]]
id   = \"a\"  # تعليق
url = \"https://a.example/\"
#cap = 3

# عن الثاني
# في سطرين
[[source]]
url = \"https://b.example/feed\"
every = '1h' # ساعة
[source.headers]
X-Token = \"t\"

  [[source]]
  id = \"c\"
  url = \"https://c.example/\"
# آخر الملف
";

    fn edited(text: &str, id: &str, edit: &SourceEdit) -> EditedText {
        edit_source(text, id, edit).unwrap().unwrap()
    }

    fn set(key: &'static str, value: &str) -> SourceEdit {
        SourceEdit::SetKeys(vec![KeyEdit { key, value: Some(value.to_owned()) }])
    }

    #[test]
    fn a_source_is_removed_with_its_comments_and_nothing_else() {
        let check = |text: &str, id: &str, gone: &str| {
            let after = edited(text, id, &SourceEdit::Remove).text;
            assert_eq!(after, text.replacen(gone, "", 1), "{id}");
            assert_ne!(after, text, "{id}");
        };
        let first = "# عن الأول\n[[source]]\nid   = \"a\"  # تعليق\nurl = \"https://a.example/\"\n#cap = 3\n\n";
        check(FILE, "a", first);
        let second = "# عن الثاني\n# في سطرين\n[[source]]\nurl = \"https://b.example/feed\"\nevery = '1h' # ساعة\n\
                      [source.headers]\nX-Token = \"t\"\n\n";
        check(FILE, "b-example", second);
        let last = "\n  [[source]]\n  id = \"c\"\n  url = \"https://c.example/\"\n# آخر الملف\n";
        check(FILE, "c", last);
        check(&FILE.replace('\n', "\r\n"), "a", &first.replace('\n', "\r\n"));
        let tight = "\u{FEFF}[[source]]\nurl = \"https://a.example/\"\n# عن ب\n[[source]]\nid = \"b\"\nurl = \"https://b.example/\"";
        check(tight, "a-example", "[[source]]\nurl = \"https://a.example/\"\n");
        check(tight, "b", "# عن ب\n[[source]]\nid = \"b\"\nurl = \"https://b.example/\"");
        assert_eq!(edit_source(FILE, "z", &SourceEdit::Remove), Ok(None));
    }

    #[test]
    fn a_key_gets_another_value_and_keeps_its_comment() {
        let after = edited(FILE, "b-example", &set("every", "\"30m\""));
        assert_eq!(after.text, FILE.replace("'1h' #", "\"30m\" #"));
        let hunk = EditHunk {
            line: 17,
            removed: vec!["every = '1h' # ساعة".to_owned()],
            added: vec!["every = \"30m\" # ساعة".to_owned()],
        };
        assert_eq!(after.hunks, [hunk]);
        assert!(edited(FILE, "b-example", &set("every", "'1h'")).hunks.is_empty(), "as before");
    }

    #[test]
    fn a_new_key_is_written_below_the_others() {
        let check = |text: &str, id: &str, above: &str, line: &str| {
            let after = edited(text, id, &set("cap", "9")).text;
            assert_eq!(after, text.replacen(above, &format!("{above}{line}"), 1), "{id}");
        };
        check(FILE, "a", "url = \"https://a.example/\"\n", "cap = 9\n");
        check(FILE, "b-example", "every = '1h' # ساعة\n", "cap = 9\n");
        check(FILE, "c", "url = \"https://c.example/\"\n", "  cap = 9\n");
        check(
            "[[source]]\nurl = \"https://d.example/\"",
            "d-example",
            "d.example/\"",
            "\ncap = 9\n",
        );
        check(
            "[[source]]\r\nurl = \"https://d.example/\"\r\n",
            "d-example",
            "e/\"\r\n",
            "cap = 9\r\n",
        );
    }

    #[test]
    fn a_key_is_removed_with_its_line() {
        let edit = SourceEdit::SetKeys(vec![KeyEdit { key: "every", value: None }]);
        assert_eq!(
            edited(FILE, "b-example", &edit).text,
            FILE.replace("every = '1h' # ساعة\n", "")
        );
        assert_eq!(edited(FILE, "a", &edit).text, FILE, "it is not there");
    }

    #[test]
    fn a_source_is_disabled_and_enabled() {
        let off = edited(FILE, "a", &SourceEdit::Disable).text;
        assert!(off.contains("https://a.example/\"\nenabled = false\n#cap"), "{off}");
        let on = edited(&off, "a", &SourceEdit::Enable).text;
        assert_eq!(on, off.replace("enabled = false", "enabled = true"));
        assert!(edited(&on, "a", &SourceEdit::Enable).hunks.is_empty());
        assert!(
            edited(FILE, "a", &SourceEdit::Enable).hunks.is_empty(),
            "it is enabled by default"
        );
    }

    #[test]
    fn another_address_leaves_the_id_as_it_is() {
        let after = edited(FILE, "b-example", &set("url", "\"https://n.example/\"")).text;
        assert!(
            after.contains(
                "url = \"https://n.example/\"\nevery = '1h' # ساعة\nid = \"b-example\"\n"
            )
        );
        let same = edited(FILE, "b-example", &set("url", "\"https://b.example/rss\"")).text;
        assert!(!same.contains("id = \"b-example\""), "that address makes the same id");
        assert_eq!(edited(FILE, "a", &set("url", "\"https://n.example/\"")).hunks.len(), 1);
    }

    #[test]
    fn secrets_are_not_shown() {
        let hunks = edited(FILE, "b-example", &SourceEdit::Remove).hunks;
        assert!(hunks[0].removed.contains(&"X-Token = \"*\"".to_owned()), "{hunks:?}");
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        let edit = set("headers", "{}");
        assert_eq!(
            edit_source(FILE, "b-example", &edit),
            Err(EditError::TableKey { key: "headers" })
        );
        let inline = "source = [{ url = \"https://a.example/\" }]";
        let refused = edit_source(inline, "a-example", &SourceEdit::Remove);
        assert_eq!(refused, Err(EditError::UnsupportedLayout));
        let split =
            "[[source]]\nurl = \"https://a.example/\"\n[site]\n[source.headers]\nX = \"y\"\n";
        let refused = edit_source(split, "a-example", &SourceEdit::Remove);
        assert_eq!(refused, Err(EditError::UnsupportedLayout), "a section is in between");
        assert!(matches!(
            edit_source("[[", "a", &SourceEdit::Remove),
            Err(EditError::Broken { .. })
        ));
    }
}
