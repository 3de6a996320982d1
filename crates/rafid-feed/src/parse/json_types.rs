//! The members of an object of a JSON Feed → what is of another type than version 1.1 says (jsonfeed.org),
//! and what is meant by it where that is certain.
//!
//! | written | read as |
//! | --- | --- |
//! | a number where a text belongs | the digits |
//! | a text where a number belongs | the number in it |
//! | a list where one text belongs | its first text |
//! | one value where a list belongs | a list of one; of tags: one for each comma |
//! | an object where `items` belong | one item if it has members of an item, else one for each object in it |

use serde_json::{Map, Value};

use super::non_blank;
use crate::model::{Stage, Warning};

/// An object as `serde_json` has it.
pub(super) type JsonObject = Map<String, Value>;

/// The keys whose value is a list.
const LISTS: [&str; 5] = ["tags", "authors", "attachments", "hubs", "items"];
/// The keys whose value is a text, in all objects.
const TEXTS: [&str; 19] = [
    "banner_image",
    "content_html",
    "content_text",
    "date_modified",
    "date_published",
    "description",
    "external_url",
    "favicon",
    "feed_url",
    "home_page_url",
    "icon",
    "id",
    "image",
    "language",
    "mime_type",
    "next_url",
    "summary",
    "title",
    "url",
];
/// The keys whose value is a number.
const NUMBERS: [&str; 2] = ["duration_in_seconds", "size_in_bytes"];
/// Characters of a value that a warning quotes.
const MOST_QUOTED: usize = 60;
/// Members that only an item has.
const MEMBERS_OF_ITEMS: [&str; 5] = ["id", "url", "title", "content_html", "content_text"];

/// Values of another type than the specification says, each kind reported once.
#[derive(Default)]
pub(super) struct TypeFaults {
    single_value: Option<Warning>,
    value_type: Option<Warning>,
}

impl TypeFaults {
    /// Looks at the members of an object: the feed, or the entry at an index.
    pub(super) fn note(&mut self, object: &JsonObject, entry: Option<usize>) {
        for (key, value) in object {
            let is_list = LISTS.contains(&key.as_str());
            if is_list && !matches!(value, Value::Array(_) | Value::Null) {
                let kind = kind_of_value(value);
                report(&mut self.single_value, "single-value", entry, || {
                    format!("{key} is {kind} and no list: it is read as one")
                });
            }
            let expected = if TEXTS.contains(&key.as_str()) { "text" } else { "number" };
            let is_right = match value {
                Value::Null => true,
                Value::String(_) => expected == "text",
                Value::Number(_) => expected == "number",
                _ => false,
            };
            let has_type = expected == "text" || NUMBERS.contains(&key.as_str());
            if has_type && !is_right {
                report(&mut self.value_type, "value-type", entry, || {
                    let shown = shown_value(value);
                    format!("{key} is {shown} and no {expected}: it is read as one if it can be")
                });
            }
            if key == "attachments" {
                for attachment in list_in(object, key).filter_map(Value::as_object) {
                    self.note(attachment, entry);
                }
            }
        }
    }

    /// What was found.
    pub(super) fn into_warnings(self) -> impl Iterator<Item = Warning> {
        self.single_value.into_iter().chain(self.value_type)
    }
}

/// Counts a fault; the first of its kind has the detail.
fn report(
    first: &mut Option<Warning>,
    code: &'static str,
    entry: Option<usize>,
    detail: impl FnOnce() -> String,
) {
    if let Some(warning) = first {
        warning.count += 1;
        return;
    }
    let mut warning = Warning::new(Stage::Parse, code, detail());
    warning.entry = entry;
    *first = Some(warning);
}

/// The items of a feed.
pub(super) fn items_in(top: &JsonObject) -> Vec<&Value> {
    match top.get("items") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single @ Value::Object(item)) => {
            if MEMBERS_OF_ITEMS.iter().any(|key| item.contains_key(*key)) {
                return vec![single];
            }
            // Programs number the members of such a list (`{"0": …, "1": …}`).
            let mut items: Vec<_> = item.iter().filter(|(_, value)| value.is_object()).collect();
            items.sort_by_key(|(key, _)| key.parse::<usize>().ok());
            items.into_iter().map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    }
}

/// The values of a member that is a list, or its only value.
pub(super) fn list_in<'a>(object: &'a JsonObject, key: &str) -> impl Iterator<Item = &'a Value> {
    match object.get(key) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
    .iter()
}

/// The words of a list; of a single text, those between its commas.
pub(super) fn words_in(object: &JsonObject, key: &str) -> Vec<String> {
    if let Some(Value::String(all)) = object.get(key) {
        return all.split([',', '،']).filter_map(non_blank).collect();
    }
    list_in(object, key).filter_map(text_of).collect()
}

/// The text of a member.
pub(super) fn text_in(object: &JsonObject, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::Array(list) => list.iter().find_map(text_of),
        single => text_of(single),
    }
}

/// A text that is not blank, or a number as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => non_blank(text),
        // `1234.0` is a whole number.
        Value::Number(number) => Some(number.to_string().trim_end_matches(".0").to_owned()),
        _ => None,
    }
}

/// A value in words: its kind, and a short one itself, which a warning quotes.
fn shown_value(value: &Value) -> String {
    let kind = kind_of_value(value);
    match text_of(value).filter(|text| !text.contains('"')) {
        Some(text) => {
            let text: String = text.chars().take(MOST_QUOTED).collect();
            format!("{kind} (\"{text}\")")
        }
        None => kind.to_owned(),
    }
}

/// The kind of a value, in words.
pub(super) fn kind_of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        let Value::Object(object) = value else { panic!("{value}") };
        object
    }

    fn faults(value: Value) -> Vec<(&'static str, usize, String)> {
        let mut faults = TypeFaults::default();
        faults.note(&object(value), Some(3));
        let row = |warning: Warning| {
            assert_eq!(warning.entry, Some(3));
            (warning.code, warning.count, warning.detail)
        };
        faults.into_warnings().map(row).collect()
    }

    #[test]
    fn values_of_the_right_types_are_no_faults() {
        assert_eq!(
            faults(
                json!({"id": "1", "title": null, "tags": ["a"], "authors": null, "_own": {"id": 1},
                "attachments": [{"url": "u", "size_in_bytes": 1.0, "duration_in_seconds": 2}], "expired": 1})
            ),
            []
        );
    }

    #[test]
    fn each_kind_of_fault_is_counted_and_its_first_is_named() {
        let found = faults(json!({"attachments": {"size_in_bytes": "1", "url": 5}, "id": 1}));
        let (single, types) = (&found[0], &found[1]);
        assert_eq!((single.0, single.1), ("single-value", 1));
        assert_eq!(single.2, "attachments is an object and no list: it is read as one");
        assert_eq!((types.0, types.1), ("value-type", 3));
        assert_eq!(
            types.2,
            "size_in_bytes is a text (\"1\") and no number: it is read as one if it can be"
        );
        let lists = faults(json!({"id": ["a"], "size_in_bytes": true}));
        assert_eq!(lists[0].1, 2);
        assert_eq!(lists[0].2, "id is a list and no text: it is read as one if it can be");
    }

    #[test]
    fn items_are_found_in_objects() {
        let ids = |items: Value| {
            let top = object(json!({"items": items}));
            let items = items_in(&top);
            items.iter().map(|item| item["id"].to_string()).collect::<String>()
        };
        assert_eq!(ids(json!({"id": 1, "tags": {}})), "1");
        assert_eq!(ids(json!({"10": {"id": 3}, "9": {"id": 2}, "0": {"id": 1}, "n": 3})), "123");
        assert_eq!(ids(json!([{"id": 1}, {"id": 2}])), "12");
        assert_eq!(ids(json!("x")), "");
        assert!(items_in(&object(json!({}))).is_empty());
    }

    #[test]
    fn texts_and_tags_are_read_from_other_types() {
        let item = object(json!({"a": ["", 7, "x"], "b": 1234.0, "c": true, "tags": "أ، ب,c,"}));
        assert_eq!(text_in(&item, "a").as_deref(), Some("7"));
        assert_eq!(text_in(&item, "b").as_deref(), Some("1234"));
        assert_eq!(text_in(&item, "c"), None);
        assert_eq!(words_in(&item, "tags"), ["أ", "ب", "c"]);
        assert_eq!(words_in(&object(json!({"tags": ["أ، ب", 3, null]})), "tags"), ["أ، ب", "3"]);
    }
}
