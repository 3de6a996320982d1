//! A table with queries → notes about those that are allowed and surely not meant: a field with a slip, which is
//! searched as a word, a star or a language without effect, and one query that is both kept and dropped.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::key_row::ValueKind;
use super::suggest::suggest_nearest;
use super::value::{Section, truncate_for_quoting};
use crate::query::{Query, QueryField, QueryHint};

/// A query of a table.
struct WrittenQuery<'a> {
    key: &'static str,
    text: &'a str,
    span: Range<usize>,
}

/// The notes about all queries of a table.
pub(super) fn warn_of_odd_rules(section: &Section<'_>) -> Diagnostics {
    let queries = queries_of_section(section);
    let mut notes: Vec<Diagnostic> = queries.iter().filter_map(warn_of_misspelled_field).collect();
    let is_kept =
        |text: &str| queries.iter().any(|query| query.key == "keep" && query.text == text);
    notes.extend(queries.iter().flat_map(warn_of_hints));
    for query in queries.iter().filter(|query| query.key == "drop" && is_kept(query.text)) {
        let shown = truncate_for_quoting(query.text);
        let message = format!("`{shown}` is in `keep` and in `drop`");
        let help = "`drop` wins: nothing that this query finds is published";
        notes.push(Diagnostic::at(query.span.clone(), message).with_help(help));
    }
    Diagnostics(notes)
}

fn queries_of_section<'a>(section: &Section<'a>) -> Vec<WrittenQuery<'a>> {
    let mut queries = Vec::new();
    for (name, value) in section.table {
        let Some(row) = section.keys.find(name.get_ref()) else { continue };
        if !matches!(row.kind.member_kind(), ValueKind::Query) {
            continue;
        }
        let mut add = |value: &'a Spanned<DeValue<'a>>| {
            if let Some(text) = value.get_ref().as_str() {
                queries.push(WrittenQuery { key: row.name, text: text.trim(), span: value.span() });
            }
        };
        match value.get_ref() {
            DeValue::Array(members) => members.iter().for_each(add),
            _ => add(value),
        }
    }
    queries
}

/// A star without effect, or a language that does not exist. A word before a colon is no mistake in a rule unless it is nearly
/// the name of a field.
fn warn_of_hints(query: &WrittenQuery<'_>) -> Vec<Diagnostic> {
    let hints = Query::parse(query.text).map(|parsed| parsed.hints()).unwrap_or_default();
    let hints = hints.into_iter().filter(|hint| !matches!(hint, QueryHint::UnknownField(_)));
    hints.map(|hint| Diagnostic::at(query.span.clone(), hint.to_string())).collect()
}

/// A word before a colon that is nearly the name of a field.
fn warn_of_misspelled_field(query: &WrittenQuery<'_>) -> Option<Diagnostic> {
    let (word, field) = query.text.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches(['-', '(']);
        let (name, rest) = word.split_once(':')?;
        let is_name = !name.is_empty() && name.chars().all(char::is_alphabetic);
        // An address has a colon as well, and so has a headline, before a blank.
        let has_value = !rest.is_empty() && !rest.starts_with('/');
        let is_known = QueryField::names().any(|known| known == name.to_lowercase());
        let near = suggest_nearest(name, QueryField::names());
        near.filter(|_| is_name && has_value && !is_known).map(|near| (name, near))
    })?;
    let message = format!("`{word}:` is no field of a query: it is searched as a word");
    Some(Diagnostic::at(query.span.clone(), message).with_help(format!("did you mean `{field}:`?")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;

    fn notes(text: &str) -> Vec<String> {
        let config = parse(text, Path::new("feeds.toml"), Path::new("/etc/rafid")).unwrap();
        config.notes.iter().filter_map(|note| note.lines().next().map(ToOwned::to_owned)).collect()
    }

    #[test]
    fn a_field_with_a_slip_is_noted() {
        let expected = "warning: `titel:` is no field of a query: it is searched as a word";
        assert_eq!(notes("[serve]\ndrop = [\"كرة\", \"-titel:رياضة\"]"), [expected]);
        assert_eq!(notes("[[output]]\nname = \"س\"\nquery = \"(titel:رياضة)\""), [expected]);
        let source = "[[source]]\nurl = \"https://a.example/\"\nkeep = [\"المصر:س\"]";
        assert_eq!(notes(source).len(), 1);
        for fine in [
            "title:رياضة",
            "Title:x",
            "عنوان:س",
            "https://a.example",
            "قال: titel",
            "10:30",
            "صحة:غذاء",
        ] {
            assert!(notes(&format!("[serve]\nkeep = ['{fine}']")).is_empty(), "{fine}");
        }
    }

    #[test]
    fn what_has_no_effect_is_noted() {
        let star = notes("[serve]\ndrop = [\"*كتب\"]");
        assert!(star.len() == 1 && star[0].contains("no effect"), "{star:?}");
        let language = notes("[serve]\nkeep = [\"language:xyzzy\", \"لغة:العربية\"]");
        assert!(language.len() == 1 && language[0].contains("no language tag"), "{language:?}");
    }

    #[test]
    fn a_query_that_is_kept_and_dropped_is_noted() {
        let expected = "warning: `كرة` is in `keep` and in `drop`";
        assert_eq!(notes("[serve]\nkeep = [\"كرة\", \"سلة\"]\ndrop = [\" كرة \"]"), [expected]);
    }
}
