//! The rows of the keys → `docs/configuration.md` and `feeds.schema.json`, compared with the files.

use std::fmt::Write;
use std::fs;

use serde_json::{Map, Value, json};

use super::*;
use crate::config::key_row::{KeyRow, KeyTable, TableKind, ValueKind};
use crate::config::key_table::SECTIONS;
use crate::config::manual::{TOPICS, documented_tables, meaning_text, value_text};
use crate::config::nested_keys::SECRET;
use crate::config::site_keys::TOP;
use crate::model::Finding;

/// Compares a file with its generated text; `UPDATE_GOLDEN=1` writes it.
pub(super) fn check_document(name: &str, expected: &str) {
    let path = root().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let difference = text.lines().zip(expected.lines()).find(|(got, expected)| got != expected);
    assert!(text == expected, "UPDATE_GOLDEN=1 writes {name}; first difference: {difference:?}");
}

#[test]
fn the_reference_is_made_of_the_rows() {
    check_document("docs/configuration.md", &reference());
}

#[test]
fn the_schema_is_made_of_the_rows() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    check_document("feeds.schema.json", &text);
}

fn reference() -> String {
    let mut page = String::from(
        "# Configuration: every key of `feeds.toml`\n\n\
         <!-- Made of the rows of the keys in src/config: `UPDATE_GOLDEN=1 cargo test config::` writes it. -->\n\n\
         [بالعربية](configuration.ar.md)\n",
    );
    page.push_str(
        "\n```toml\n[[source]]\nurl = \"https://news.example/feed\"\nname = \"مثال\"\ncategory = \"ثقافة\"\n```\n",
    );
    for (title, paragraphs) in TOPICS {
        write!(page, "\n## {title}\n\n{}\n", paragraphs.join("\n\n")).unwrap();
    }
    page.push_str(
        "\n## Other forms of this page\n\n`rafid man DIR` writes the man page `feeds.toml.5`. For editors there \
         is a JSON Schema, [feeds.schema.json](../feeds.schema.json); Taplo and Even Better TOML use it if the \
         file begins with this line, with the path of the schema:\n\n\
         ```toml\n#:schema ./feeds.schema.json\n```\n",
    );
    for table in documented_tables() {
        write!(page, "\n## `{}`\n\n{}\n\n", table.heading, table.english).unwrap();
        page.push_str("| key | value | meaning |\n| --- | --- | --- |\n");
        for row in table.keys {
            let cell = |text: String| text.replace('|', "\\|");
            let (value, meaning) = (cell(value_text(row)), cell(meaning_text(row)));
            writeln!(page, "| `{}` | {value} | {meaning} |", row.name).unwrap();
        }
    }
    page
}

fn schema() -> Value {
    let sections = SECTIONS.into_iter().map(|table| {
        let object = schema_of_table(table);
        let section = match table.kind {
            TableKind::List => json!({ "type": "array", "items": object }),
            _ => object,
        };
        (table.name.to_owned(), section)
    });
    let top = TOP.keys.iter().map(|row| (row.name.to_owned(), schema_of_key(row, row.arabic)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "feeds.toml",
        "description": "The configuration and the list of sources of Rafid.",
        "type": "object",
        "additionalProperties": false,
        "properties": top.chain(sections).collect::<Map<_, _>>(),
        "definitions": { "secret": schema_of_secret() },
    })
}

fn schema_of_table(table: &KeyTable) -> Value {
    let mut arabic = "";
    let keys = table.keys.iter().map(|row| {
        if !row.arabic.is_empty() {
            arabic = row.arabic;
        }
        (row.name.to_owned(), schema_of_key(row, arabic))
    });
    let keys: Map<String, Value> = keys.collect();
    let required: &[&str] = match table.name {
        "source" | "list" => &["url"],
        "page" => &["entry"],
        _ => &[],
    };
    json!({
        "type": "object",
        "description": table.english,
        "additionalProperties": false,
        "required": required,
        "properties": keys,
    })
}

fn schema_of_key(row: &KeyRow, arabic: &str) -> Value {
    let mut schema = schema_of_kind(row.kind);
    let object = schema.as_object_mut().unwrap();
    let description = format!("{}\n\n{arabic}", meaning_text(row));
    object.insert("description".to_owned(), description.into());
    object.insert("examples".to_owned(), json!([json_of_toml(shown_value(row))]));
    if !row.default.is_empty() {
        object.insert("default".to_owned(), json_of_toml(row.default));
    }
    schema
}

/// A value as the file writes it → the same in JSON.
fn json_of_toml(text: &str) -> Value {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).unwrap();
    serde_json::to_value(&table["value"]).unwrap()
}

fn schema_of_kind(kind: ValueKind) -> Value {
    const TIME: &str =
        "^\\s*([0-9]+w\\s*)?([0-9]+d\\s*)?([0-9]+h\\s*)?([0-9]+m\\s*)?([0-9]+s\\s*)?$";
    const SIZE: &str = "^\\s*[0-9]+\\s*([KkMmGg][Ii]?)?[Bb]?\\s*$";
    let number = |low, high| json!({ "type": "integer", "minimum": low, "maximum": high });
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match kind {
        ValueKind::Boolean => json!({ "type": "boolean" }),
        ValueKind::BooleanOrWord(words) => {
            json!({ "anyOf": [{ "type": "boolean" }, { "enum": words }] })
        }
        ValueKind::Word(words) => json!({ "enum": words }),
        ValueKind::Finding => json!({ "enum": Finding::ALL.map(Finding::as_str) }),
        ValueKind::Integer { low, high } => number(low as u64, high as u64),
        ValueKind::IntegerOrWord { low, high, words } => {
            json!({ "anyOf": [number(low as u64, high as u64), { "enum": words }] })
        }
        ValueKind::Duration { low, high } => {
            json!({ "anyOf": [number(low.as_secs(), high.as_secs()), text(TIME)] })
        }
        ValueKind::DurationOrWord { high, word, .. } => {
            json!({ "anyOf": [number(0, high.as_secs()), text(TIME), { "enum": [word] }] })
        }
        ValueKind::Size { low, high } => json!({ "anyOf": [number(low, high), text(SIZE)] }),
        ValueKind::WebAddress => text("^\\s*[Hh][Tt][Tt][Pp][Ss]?:"),
        ValueKind::FeedAddress => text("^\\s*([Hh][Tt][Tt][Pp][Ss]?|[Ff][Ii][Ll][Ee]):"),
        ValueKind::Proxy | ValueKind::HeaderSecret | ValueKind::User => {
            json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/definitions/secret" }] })
        }
        ValueKind::Headers => json!({
            "type": "object",
            "additionalProperties": schema_of_kind(ValueKind::HeaderSecret),
        }),
        ValueKind::List { of, most } => {
            let mut list = json!({ "type": "array", "items": schema_of_kind(*of) });
            if let Some(most) = most {
                list["maxItems"] = most.into();
            }
            list
        }
        ValueKind::Table(table) => schema_of_table(table),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

/// Exactly one place, and what is sent before the value.
fn schema_of_secret() -> Value {
    let mut schema = schema_of_table(&SECRET);
    let places = ["env", "file", "credential"];
    schema["oneOf"] = places.iter().map(|place| json!({ "required": [place] })).collect();
    schema
}
