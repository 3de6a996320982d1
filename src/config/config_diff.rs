//! Two configurations → the keys that differ, for the log of a reload. Only names are given: values may be secrets.
//!
//! A test compares the names with the rows of the keys, so that a new key cannot be forgotten here.

use super::settings::Config;
use crate::model::{Output, RemoteList, Source, SourceId};

/// The names of the fields that differ.
macro_rules! differences {
    ($before:expr, $fresh:expr, $($name:literal: $($field:ident).+),+ $(,)?) => {
        [$(($before.$($field).+ != $fresh.$($field).+, $name)),+]
            .into_iter()
            .filter_map(|(differs, name)| differs.then_some(name))
    };
}

/// The keys of a source that differ. Two keys that say the same in two ways (`category`, `categories`) have one name.
pub fn changed_source_keys(before: &Source, fresh: &Source) -> Vec<&'static str> {
    differences!(
        before, fresh,
        "url": location,
        "public_url": public_url,
        "private": is_private,
        "name": name,
        "categories": categories,
        "site": site,
        "language": language,
        "charset": charset,
        "timezone": timezone,
        "clock": clock,
        "page": page,
        "full_text": full_text,
        "article": article,
        "every": every,
        "user_agent": user_agent,
        "headers": headers,
        "cap": cap,
        "keep": rules.keep,
        "drop": rules.drop,
        "forms": rules.forms,
        "junk_categories": labels.junk,
        "keep_categories": labels.keep,
        "breaking": labels.breaking,
        "push": push,
        "ignore": ignore,
        "list": list,
    )
    .collect()
}

/// The settings that differ, as `section.key`, and the outputs and lists that are new, gone or different, as
/// `output.id` and `list.id`.
pub fn changed_settings(before: &Config, fresh: &Config) -> Vec<String> {
    let settings = differences!(
        before, fresh,
        "site.title": site.title,
        "site.description": site.description,
        "site.address": site.address,
        "site.language": site.language,
        "site.timezone": site.timezone,
        "site.months": site.date_style.months,
        "site.digits": site.date_style.digits,
        "site.hijri": site.date_style.has_hijri,
        "site.week_start": site.date_style.week_start,
        "site.contact": site.contact,
        "polling.every": polling.every,
        "polling.at_least": polling.at_least,
        "polling.at_most": polling.at_most,
        "polling.concurrency": polling.concurrency,
        "polling.per_host": polling.per_host,
        "polling.timeout": polling.timeout,
        "polling.max_bytes": polling.max_bytes,
        "polling.user_agent": polling.user_agent,
        "polling.proxy": polling.proxy,
        "polling.allow_private": polling.allow_private,
        "store.path": store.path,
        "store.keep": store.keep,
        "store.keep_entries": store.keep_entries,
        "store.cache_bytes": store.cache_bytes,
        "store.recovery_percent": store.recovery_percent,
        "serve.listen": serve.listen,
        "serve.admin_listen": serve.admin_listen,
        "serve.status": serve.status,
        "serve.metrics": serve.metrics,
        "serve.users": serve.users,
        "serve.entries": serve.entries,
        "serve.page_entries": serve.page_entries,
        "serve.per_source": serve.per_source,
        "serve.content": serve.content,
        "serve.stories": serve.stories,
        "serve.search": serve.search,
        "serve.pictures": serve.pictures,
        "serve.pictures_bytes": serve.pictures_bytes,
        "serve.keep": serve.rules.keep,
        "serve.drop": serve.rules.drop,
        "serve.forms": serve.rules.forms,
        "stories.vectors": stories.vectors,
        "websub.enabled": websub.enabled,
        "websub.callback": websub.callback,
        "include": included,
    );
    settings
        .map(ToOwned::to_owned)
        .chain(changed_outputs(&before.outputs, &fresh.outputs))
        .chain(changed_lists(&before.lists, &fresh.lists))
        .collect()
}

/// The outputs of two lists that only one of them has in this form.
fn changed_outputs(before: &[Output], fresh: &[Output]) -> Vec<String> {
    let find = |list: &[Output], id: &str| list.iter().find(|it| it.id == id).cloned();
    let differing = fresh.iter().filter(|it| find(before, &it.id).as_ref() != Some(*it));
    let gone = before.iter().filter(|it| find(fresh, &it.id).is_none());
    differing.chain(gone).map(|output| format!("output.{}", output.id)).collect()
}

/// The same for the lists that are kept elsewhere. Another copy of a list is no other setting.
fn changed_lists(before: &[RemoteList], fresh: &[RemoteList]) -> Vec<String> {
    let settings = |list: &RemoteList| RemoteList { copy_hash: None, ..list.clone() };
    let find =
        |lists: &[RemoteList], id: &SourceId| lists.iter().find(|it| it.id == *id).map(settings);
    let differing = fresh.iter().filter(|it| find(before, &it.id) != Some(settings(it)));
    let gone = before.iter().filter(|it| find(fresh, &it.id).is_none());
    differing.chain(gone).map(|list| format!("list.{}", list.id)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::key_row::{KeyRow, KeyTable, ValueKind};
    use crate::config::key_table::SECTIONS;

    fn config(text: &str) -> Config {
        crate::config::parse(text, Path::new("x"), Path::new("/etc/rafid")).unwrap()
    }

    /// Each key of a table with a line in which it has another value than its default.
    fn rows(table: &'static KeyTable) -> impl Iterator<Item = (&'static str, String)> {
        table.keys.iter().map(|row| (row.name, format!("{} = {}\n", row.name, other_value(row))))
    }

    fn other_value(row: &KeyRow) -> String {
        let differing = |values: &[String]| {
            values.iter().find(|value| **value != row.default).cloned().unwrap_or_default()
        };
        match (row.name, row.kind) {
            // Each of them lies between the others.
            ("every", ValueKind::Duration { .. }) => "\"77m\"".to_owned(),
            ("at_least", _) => "\"3m\"".to_owned(),
            ("at_most", _) => "\"2d\"".to_owned(),
            ("path", _) => "\"elsewhere\"".to_owned(),
            (_, ValueKind::Boolean | ValueKind::BooleanOrWord(_)) => {
                differing(&["true".to_owned(), "false".to_owned()])
            }
            (_, ValueKind::Word(words)) => {
                differing(&words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>())
            }
            (_, ValueKind::Integer { low, .. } | ValueKind::IntegerOrWord { low, .. }) => {
                differing(&[low.to_string(), (low + 1).to_string()])
            }
            (_, ValueKind::Size { low, high }) => differing(&[low.to_string(), high.to_string()]),
            (_, ValueKind::Duration { low, high }) => {
                differing(&[low.as_secs().to_string(), high.as_secs().to_string()])
            }
            (_, ValueKind::DurationOrWord { .. }) => "\"77d\"".to_owned(),
            (_, ValueKind::Line) => "\"س\"".to_owned(),
            (_, ValueKind::Language) => "\"fa\"".to_owned(),
            (_, ValueKind::Listen) => "\"127.0.0.1:9\"".to_owned(),
            (_, ValueKind::Clock) => "\"trust\"".to_owned(),
            (_, ValueKind::List { .. }) if row.example.is_empty() => "[\"س\"]".to_owned(),
            _ => row.example.to_owned(),
        }
    }

    #[test]
    fn every_setting_is_compared() {
        for table in
            SECTIONS.into_iter().filter(|it| !["source", "output", "list"].contains(&it.name))
        {
            for (key, line) in rows(table) {
                // Hubs need an address.
                let site = "[site]\naddress = \"https://here.example/\"\n";
                let rest = if table.name == "websub" { site } else { "" };
                let before = config(rest);
                let fresh = config(&format!("{rest}{}\n{line}", table.heading));
                let expected = [format!("{}.{key}", table.name)];
                assert_eq!(changed_settings(&before, &fresh), expected, "{line}");
            }
        }
    }

    #[test]
    fn every_key_of_a_source_is_compared() {
        let source = SECTIONS.into_iter().find(|it| it.name == "source").unwrap();
        let base = "[[source]]\nid = \"a\"\n";
        let url = "url = \"https://a.example/\"\n";
        let before = config(&format!("{base}{url}"));
        for (key, line) in rows(source) {
            if ["id", "enabled"].contains(&key) {
                continue;
            }
            let rest = if key == "url" { "" } else { url };
            let fresh = config(&format!("{base}{rest}{line}"));
            let expected = if key == "category" { "categories" } else { key };
            let found = changed_source_keys(&before.sources[0], &fresh.sources[0]);
            assert_eq!(found, [expected], "{line}");
        }
    }

    #[test]
    fn outputs_are_compared_by_id() {
        let output =
            |id: &str, query: &str| format!("[[output]]\nid = \"{id}\"\nquery = \"{query}\"\n");
        let before = config(&[output("a", "س"), output("b", "س"), output("c", "س")].concat());
        let fresh = config(&[output("d", "س"), output("b", "ص"), output("a", "س")].concat());
        let expected = ["output.d", "output.b", "output.c"];
        assert_eq!(changed_settings(&before, &fresh), expected);
    }
    #[test]
    fn lists_are_compared_by_id() {
        let list = |id: &str, rest: &str| {
            format!("[[list]]\nid = \"{id}\"\nurl = \"https://{id}.example/\"\n{rest}\n")
        };
        let before = config(&[list("a", ""), list("b", ""), list("c", "")].concat());
        let mut fresh =
            config(&[list("a", "refresh = \"2h\""), list("b", ""), list("d", "")].concat());
        fresh.lists[1].copy_hash = Some([1; 16]);
        assert_eq!(changed_settings(&before, &fresh), ["list.a", "list.d", "list.c"]);
    }
}
