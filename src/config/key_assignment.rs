//! Words of the command line such as `every=30m` → the keys of a source with their values as TOML.
//!
//! Only the form follows from the type of a key: a number, a word, a list. Whether a value is allowed is decided by the
//! parser of the whole configuration, as for a file that was written by hand.

use toml_edit::{Array, Value};

use super::key_row::{KeyRow, ValueKind};
use super::key_table::section_of;
use super::source_edit::KeyEdit;
use super::source_keys::SOURCE;
use super::suggest::suggest_nearest;

/// Why words are no keys with values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// There is no `=`.
    #[error("{word:?} has no `=`: write key=value, such as every=1h; `key=` alone removes a key")]
    NoValue {
        /// The word.
        word: String,
    },
    /// Sources have no such key.
    #[error("`{key}` is no key of a source: {advice}")]
    UnknownKey {
        /// The key.
        key: String,
        /// What to do.
        advice: String,
    },
    /// A key that is no list is named twice.
    #[error("`{key}` is given twice, and it is no list")]
    Repeated {
        /// The key.
        key: &'static str,
    },
    /// A list or a table is no TOML.
    #[error("the value of `{key}` is no TOML: {reason}")]
    NotToml {
        /// The key.
        key: &'static str,
        /// What the parser found.
        reason: String,
    },
}

/// The edits that words describe. A list is written as TOML (`keep=["a", "b"]`), or by naming its key once for each
/// member.
///
/// # Errors
/// When a word is no assignment, a key is unknown or repeated, or a list or table is no TOML.
pub fn parse_assignments<T: AsRef<str>>(words: &[T]) -> Result<Vec<KeyEdit>, AssignmentError> {
    let mut given: Vec<(&'static KeyRow, Vec<&str>)> = Vec::new();
    for word in words.iter().map(AsRef::as_ref) {
        let no_value = || AssignmentError::NoValue { word: word.to_owned() };
        let (key, value) = word.split_once('=').ok_or_else(no_value)?;
        let row = SOURCE.find(key.trim()).ok_or_else(|| unknown_key(key.trim()))?;
        match given.iter_mut().find(|(known, _)| known.name == row.name) {
            None => given.push((row, vec![value])),
            Some((_, values)) if matches!(row.kind, ValueKind::List { .. }) => values.push(value),
            Some(_) => return Err(AssignmentError::Repeated { key: row.name }),
        }
    }
    let edits = given
        .iter()
        .map(|(row, values)| Ok(KeyEdit { key: row.name, value: value_as_toml(row, values)? }));
    edits.collect()
}

fn unknown_key(key: &str) -> AssignmentError {
    let names = || SOURCE.keys.iter().map(|row| row.name);
    let advice = match (suggest_nearest(key, names()), section_of(key)) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(heading)) => {
            format!("it belongs in `{heading}`; `rafid edit` opens the file")
        }
        (None, None) => format!("the keys are {}", names().collect::<Vec<_>>().join(", ")),
    };
    AssignmentError::UnknownKey { key: key.to_owned(), advice }
}

/// `None`: nothing stands after the `=`.
fn value_as_toml(row: &KeyRow, values: &[&str]) -> Result<Option<String>, AssignmentError> {
    let [value] = values else {
        let members: Array = values.iter().copied().collect();
        return Ok(Some(Value::from(members).to_string()));
    };
    if value.is_empty() {
        return Ok(None);
    }
    let is_number = || value.trim().parse::<i64>().is_ok();
    let as_it_is = match row.kind {
        ValueKind::List { .. } => value.trim_start().starts_with('['),
        ValueKind::Table(_) | ValueKind::Headers => value.trim_start().starts_with('{'),
        ValueKind::Boolean | ValueKind::BooleanOrWord(_) => matches!(*value, "true" | "false"),
        ValueKind::Integer { .. }
        | ValueKind::IntegerOrWord { .. }
        | ValueKind::Duration { .. }
        | ValueKind::DurationOrWord { .. }
        | ValueKind::Size { .. } => is_number(),
        _ => false,
    };
    if as_it_is {
        let parsed: Result<Value, _> = value.trim().parse();
        return match parsed {
            Ok(_) => Ok(Some(value.trim().to_owned())),
            Err(error) => {
                let reason = error.message().to_owned();
                Err(AssignmentError::NotToml { key: row.name, reason })
            }
        };
    }
    let text = Value::from(*value);
    Ok(Some(match row.kind {
        ValueKind::List { .. } => Value::from(Array::from_iter([*value])).to_string(),
        _ => text.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expected: &str) {
        let edits = parse_assignments(words).unwrap();
        let shown: Vec<String> = edits
            .iter()
            .map(|edit| match &edit.value {
                Some(value) => format!("{} = {value}", edit.key),
                None => format!("no {}", edit.key),
            })
            .collect();
        assert_eq!(shown.join("\n"), expected, "{words:?}");
    }

    #[test]
    fn the_form_of_a_value_follows_from_its_key() {
        check(&["every=30m"], "every = \"30m\"");
        check(&["every=90", "cap=5"], "every = 90\ncap = 5");
        check(&["name=90"], "name = \"90\"");
        check(&["name=قال \"ذاك\" = هذا"], "name = 'قال \"ذاك\" = هذا'");
        check(&["private=true", "breaking=auto"], "private = true\nbreaking = \"auto\"");
        check(&["category="], "no category");
        check(&["cap=many"], "cap = \"many\"");
        check(&["page={ entry = \".card\" }"], "page = { entry = \".card\" }");
    }

    #[test]
    fn lists_are_toml_or_repeated_keys() {
        check(&["categories=ثقافة"], "categories = [\"ثقافة\"]");
        check(
            &["categories=ثقافة", "cap=2", "categories=كتب, ورق"],
            "categories = [\"ثقافة\", \"كتب, ورق\"]\ncap = 2",
        );
        check(&["categories=[\"ثقافة\", 'كتب']"], "categories = [\"ثقافة\", 'كتب']");
    }

    #[test]
    fn what_is_no_assignment_is_refused_with_advice() {
        let refused = |words: &[&str]| parse_assignments(words).unwrap_err().to_string();
        assert!(refused(&["every"]).contains("write key=value"));
        assert_eq!(refused(&["evry=1h"]), "`evry` is no key of a source: did you mean `every`?");
        assert!(
            refused(&["listen=x"]).contains("belongs in `[serve]`"),
            "{}",
            refused(&["listen=x"])
        );
        assert!(refused(&["wetter=x"]).contains("the keys are url, public_url"));
        assert!(refused(&["name=a", "name=b"]).contains("`name` is given twice"));
        assert!(refused(&["keep=[x"]).contains("no TOML"));
    }
}
