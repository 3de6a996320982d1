//! The texts of a configuration → its sources, enabled or not, each with its file and line: a new source is compared
//! with them before it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml_edit::{Item, Table};

use super::edit::{EditError, parse_document};
use super::line_index::LineIndex;
use super::source_address;
use crate::model::Source;

/// Ids that are tried for one address before it gets none.
const MAX_ID_ATTEMPTS: usize = 1000;

/// The sources of some texts.
#[derive(Debug, Clone, Default)]
pub struct ExistingSources {
    by_address: BTreeMap<String, ExistingSource>,
    ids: BTreeSet<String>,
}

/// A source with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingSource {
    /// Its id, its own or the one that its address makes.
    pub id: String,
    /// The file that it is in; empty: it is new and not written yet, or from a list.
    pub file: PathBuf,
    /// The line of its address, from 1; 0: it is new and not written yet, or from a list.
    pub line: usize,
    /// The list that it comes from; `None`: it is in a file.
    pub list: Option<String>,
}

/// The id of a source: its own, or the one that its address makes. `None`: it has neither.
pub(super) fn id_of_table(table: &Table) -> Option<String> {
    let word = |key| table.get(key).and_then(Item::as_str).map(str::trim);
    word("id").map(ToOwned::to_owned).or_else(|| id_of_address(word("url")?))
}

/// The id that an address makes.
pub(super) fn id_of_address(url: &str) -> Option<String> {
    let address = source_address::parse_source_address(url, Path::new("/")).ok()?;
    address.id.map(|id| id.to_string())
}

impl ExistingSources {
    /// Adds the sources of a text, which is in `file`. Sources that are written in an unusual way are left out,
    /// since no source can be appended to them.
    ///
    /// # Errors
    /// When the text is broken.
    pub fn add_text(&mut self, text: &str, file: &Path) -> Result<(), EditError> {
        let lines = LineIndex::new(text);
        let line_at = |place: usize| lines.line_and_column(text, place).0;
        let document = parse_document(text)?;
        if let Some(Item::ArrayOfTables(tables)) = document.get("source") {
            for table in tables {
                self.record_table(table, file, line_at);
            }
        }
        Ok(())
    }

    fn record_table(&mut self, table: &Table, file: &Path, line_at: impl Fn(usize) -> usize) {
        let word = |key| table.get(key).and_then(Item::as_str).map(str::trim);
        let Some(address) = word("url")
            .and_then(|url| source_address::parse_source_address(url, Path::new("/")).ok())
        else {
            return;
        };
        let id = id_of_table(table).unwrap_or_default();
        let line = line_at(table.get("url").and_then(Item::span).map_or(0, |span| span.start));
        self.ids.insert(id.clone());
        let source = ExistingSource { id, file: file.to_owned(), line, list: None };
        self.by_address.entry(address.canonical).or_insert(source);
    }

    /// Adds a source of a list that is kept elsewhere; a source of a file is left out.
    pub fn add_listed(&mut self, source: &Source) {
        let Some(list) = source.list.as_ref().map(ToString::to_string) else { return };
        let id = source.id.to_string();
        self.ids.insert(id.clone());
        let address = source_address::canonical_location(&source.location);
        let source = ExistingSource { id, file: PathBuf::new(), line: 0, list: Some(list) };
        self.by_address.entry(address).or_insert(source);
    }

    /// The source with this address; `None`: there is no such source.
    pub fn find_by_url(&self, url: &str) -> Option<&ExistingSource> {
        let address = source_address::parse_source_address(url.trim(), Path::new("/")).ok()?;
        self.by_address.get(&address.canonical)
    }

    /// Adds a new source. Returns the id to write where the id that its address makes is taken; `None`: none
    /// needs to be written.
    pub fn reserve_id(&mut self, url: &str) -> Option<String> {
        let address = source_address::parse_source_address(url.trim(), Path::new("/")).ok()?;
        let made = address.id.map_or_else(|| "feed".to_owned(), |id| id.to_string());
        let numbered = |number: usize| {
            let tail = format!("-{number}");
            let kept: String = made.chars().take(64 - tail.len()).collect();
            kept.trim_end_matches('-').to_owned() + &tail
        };
        let ids = std::iter::once(made.clone()).chain((2..MAX_ID_ATTEMPTS).map(numbered));
        let id = ids.into_iter().find(|id| !self.ids.contains(id))?;
        self.ids.insert(id.clone());
        let source = ExistingSource { id: id.clone(), file: PathBuf::new(), line: 0, list: None };
        self.by_address.insert(address.canonical, source);
        (id != made).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    const TEXT: &str = "[site]\n\n[[source]]\nurl = \"https://a.example/feed\"\n\n[[source]]\n\
                        id = \"one\"\nenabled = false\nurl = \"http://www.b.example/x/\"\n";

    fn existing(text: &str) -> ExistingSources {
        let mut existing = ExistingSources::default();
        existing.add_text(text, Path::new("feeds.toml")).unwrap();
        existing
    }

    #[test]
    fn sources_are_found_by_their_addresses_with_their_lines() {
        let existing = existing(TEXT);
        let at = |url| existing.find_by_url(url).map(|it| (it.id.as_str(), it.line));
        assert_eq!(at("http://a.example/feed/"), Some(("a-example", 4)));
        assert_eq!(at("https://b.example/x"), Some(("one", 9)), "also where it is disabled");
        assert_eq!(at("https://c.example/"), None);
        assert_eq!(at("no address"), None);
        assert!(ExistingSources::default().add_text("[site", Path::new("x")).is_err());
    }

    #[test]
    fn sources_of_several_files_are_known_with_their_files() {
        let mut existing = existing(TEXT);
        let more = "[[source]]\nurl = \"https://m.example/\"\nid = \"n-example\"\n";
        existing.add_text(more, Path::new("conf.d/m.toml")).unwrap();
        let found = existing.find_by_url("http://m.example").unwrap();
        assert_eq!((found.file.as_path(), found.line), (Path::new("conf.d/m.toml"), 2));
        assert_eq!(existing.reserve_id("https://n.example/"), Some("n-example-2".to_owned()));
    }

    #[test]
    fn sources_of_lists_are_known_with_their_lists() {
        let mut existing = existing(TEXT);
        let address = |url: &str| crate::model::Location::Web(url.parse().unwrap());
        let bare = |id: &str, url| Source::bare(SourceId::new(id).unwrap(), address(url));
        let list = SourceId::new("dawn").ok();
        existing.add_listed(&Source { list, ..bare("dawn-c", "https://c.example/feed") });
        existing.add_listed(&bare("d-example", "https://d.example/"));
        let found = existing.find_by_url("http://www.c.example/feed/").unwrap();
        assert_eq!((found.id.as_str(), found.list.as_deref()), ("dawn-c", Some("dawn")));
        assert_eq!(existing.find_by_url("https://d.example/"), None);
    }

    #[test]
    fn an_id_that_is_taken_is_numbered() {
        let mut existing = existing(TEXT);
        assert_eq!(existing.reserve_id("https://a.example/rss"), Some("a-example-2".to_owned()));
        assert_eq!(
            existing.reserve_id("https://a.example/rss.xml"),
            Some("a-example-3".to_owned())
        );
        assert_eq!(existing.reserve_id("https://new.example/"), None);
        assert_eq!(existing.find_by_url("https://new.example").unwrap().line, 0);
        let long = format!("https://a.example/{}", "x/".repeat(22));
        existing.ids.insert(
            source_address::parse_source_address(&long, Path::new("/"))
                .unwrap()
                .id
                .unwrap()
                .to_string(),
        );
        assert!(SourceId::new(&existing.reserve_id(&long).unwrap()).is_ok());
    }
}
