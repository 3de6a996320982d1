//! What a reload changes → one line of the log: which sources are new, gone and different, and which keys differ.

use std::sync::Arc;

use crate::config::Config;
use crate::config::config_diff::{changed_settings, changed_source_keys};
use crate::model::Source;

/// Names of one kind that the line holds; the others are only counted.
const MAX_NAMES: usize = 20;

/// What a reload changes, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ReloadSummary {
    /// The ids of the new sources.
    added: NameList,
    /// The ids of the sources that are gone.
    removed: NameList,
    /// The ids of the sources that differ, each with the keys.
    changed: NameList,
    /// The other keys that differ.
    settings: NameList,
}

impl ReloadSummary {
    /// Compares two configurations.
    pub(super) fn compare(before: &Config, fresh: &Config) -> Self {
        let mut summary = Self::default();
        for source in &fresh.sources {
            match before.source(&source.id) {
                None => summary.added.push(|| source.id.to_string()),
                Some(was) if was != source => summary.changed.push(|| describe(was, source)),
                Some(_) => {}
            }
        }
        for source in before.sources.iter().filter(|it| fresh.source(&it.id).is_none()) {
            summary.removed.push(|| source.id.to_string());
        }
        for name in changed_settings(before, fresh) {
            summary.settings.push(|| name);
        }
        summary
    }

    /// Writes the line. What did not change is not in it.
    pub(super) fn log(&self, sources: usize) {
        let [added, removed, changed, settings] =
            [&self.added, &self.removed, &self.changed, &self.settings].map(NameList::text);
        tracing::info!(
            sources,
            added,
            removed,
            changed,
            settings,
            "the configuration was read again"
        );
    }
}

fn describe(before: &Arc<Source>, fresh: &Arc<Source>) -> String {
    format!("{} ({})", fresh.id, changed_source_keys(before, fresh).join(", "))
}

/// The first names, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct NameList {
    names: Vec<String>,
    count: usize,
}

impl NameList {
    fn push(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.names.len() < MAX_NAMES {
            self.names.push(name());
        }
    }

    /// `None`: it is empty.
    fn text(&self) -> Option<String> {
        let shown = self.names.join(", ");
        match self.count - self.names.len() {
            0 if self.count == 0 => None,
            0 => Some(shown),
            more => Some(format!("{shown} and {more} more")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(text: &str) -> Config {
        crate::config::parse(text, Path::new("x"), Path::new("/etc/rafid")).unwrap()
    }

    fn source(id: &str, rest: &str) -> String {
        format!("[[source]]\nid = \"{id}\"\nurl = \"https://{id}.example/\"\n{rest}\n")
    }

    #[test]
    fn a_reload_says_what_it_changes() {
        let before = [source("a", ""), source("b", ""), source("c", "")].concat();
        let fresh = [
            "[serve]\nentries = 7\n".to_owned(),
            source("c", ""),
            source("b", "every = \"2h\"\nheaders = { token = \"secret\" }"),
            source("d", ""),
        ];
        let summary = ReloadSummary::compare(&config(&before), &config(&fresh.concat()));
        let words = |list: &NameList| list.text().unwrap();
        assert_eq!(words(&summary.added), "d");
        assert_eq!(words(&summary.removed), "a");
        assert_eq!(words(&summary.changed), "b (every, headers)");
        assert_eq!(words(&summary.settings), "serve.entries");
        let same = ReloadSummary::compare(&config(&before), &config(&before));
        assert_eq!(same, ReloadSummary::default());
        assert_eq!(same.added.text(), None);
    }

    #[test]
    fn a_long_list_is_counted() {
        let many: String = (0..25).map(|number| source(&format!("s{number:02}"), "")).collect();
        let summary = ReloadSummary::compare(&config(""), &config(&many));
        let text = summary.added.text().unwrap();
        assert!(text.starts_with("s00, s01, ") && text.ends_with("s19 and 5 more"), "{text}");
    }
}
