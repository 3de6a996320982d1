//! What `add` and `import` found → the sources in the configuration, and the outcome as JSON.

use rafid_feed::opml::SkippedOutline;
use serde_json::{Value, json};

use super::editable_config::{EditableConfig, write_sources};
use super::source_args::EditOptions;
use super::{CliError, print_json};
use crate::config::{ExistingSource, ExistingSources, NewSource};

/// The sources that a command adds, and those that it does not.
#[derive(Debug, Default)]
pub(super) struct Additions {
    /// The sources to write.
    new: Vec<NewSource>,
    /// The id that each of them will have.
    ids: Vec<String>,
    /// The sources that are in the configuration already.
    existing: Vec<ExistingSource>,
}

impl Additions {
    /// Adds a source to write; `known` holds it already, so that its id is known.
    pub(super) fn push(&mut self, source: NewSource, known: &ExistingSources) {
        let made = || known.find_by_url(&source.url).map(|it| it.id.clone());
        let id = source.id.clone().or_else(made).unwrap_or_default();
        self.new.push(source);
        self.ids.push(id);
    }

    /// Adds a source that is in the configuration already.
    pub(super) fn push_existing(&mut self, source: ExistingSource) {
        self.existing.push(source);
    }

    /// How many sources are written.
    pub(super) fn new_count(&self) -> usize {
        self.new.len()
    }

    /// The source to write at this place.
    pub(super) fn source_mut(&mut self, place: usize) -> Option<&mut NewSource> {
        self.new.get_mut(place)
    }

    /// Writes the sources and prints the outcome. `skipped` are the outlines of a list that are no feeds.
    pub(super) fn finish(
        &self,
        target: &EditableConfig,
        skipped: &[SkippedOutline],
        options: EditOptions,
    ) -> Result<(), CliError> {
        if !self.new.is_empty() {
            write_sources(target, &self.new, options)?;
        }
        if options.json {
            print_json(&self.to_json(target, skipped, options.dry_run))?;
        }
        Ok(())
    }

    fn to_json(
        &self,
        target: &EditableConfig,
        skipped: &[SkippedOutline],
        is_dry_run: bool,
    ) -> Value {
        let new = |(source, id): (&NewSource, &String)| {
            json!({
                "id": id,
                "url": source.url,
                "name": source.name,
                "categories": source.categories,
                "site": source.site,
                "language": source.language,
            })
        };
        let existing = |it: &ExistingSource| {
            let file = it.file.display().to_string();
            json!({ "id": it.id, "file": file, "line": it.line, "list": it.list })
        };
        let outline = |it: &SkippedOutline| json!({ "title": it.title, "reason": it.reason });
        json!({
            "schema_version": 1,
            "file": target.path().display().to_string(),
            "written": !is_dry_run && !self.new.is_empty(),
            "added": self.new.iter().zip(&self.ids).map(new).collect::<Vec<_>>(),
            "existing": self.existing.iter().map(existing).collect::<Vec<_>>(),
            "skipped": skipped.iter().map(outline).collect::<Vec<_>>(),
        })
    }
}
