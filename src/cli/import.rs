//! `rafid import`: an OPML list → sources written into the configuration; those that are already there are skipped.
//! Items that cannot be subscribed to are reported with the reason, and the exit code is 1.

use std::collections::BTreeMap;
use std::path::Path;

use rafid_feed::decode;
use rafid_feed::model::Document;
use rafid_feed::opml::{self, Outline, SkippedOutline, SubscriptionList};

use super::additions::Additions;
use super::args::CommonArgs;
use super::editable_config::EditableConfig;
use super::parse::read_file_or_stdin;
use super::source_args::EditOptions;
use super::{CliError, bidi_isolate_for_stderr, eprint, pluralize};
use crate::config::{ExistingSources, NewSource};

/// Reads the list and writes its new sources.
pub(super) fn run(common: &CommonArgs, file: &Path, options: EditOptions) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::working(format!("error: {}: {error}", file.display()))
    };
    let document = Document { bytes: read_file_or_stdin(file)?, ..Document::default() };
    let text = decode::decode(&document, None).map_err(|error| failed(&error))?;
    let SubscriptionList { outlines, skipped, .. } =
        opml::read_opml(&text.text).map_err(|error| failed(&error))?;
    let target = EditableConfig::read(common)?;
    let count = pluralize(outlines.len(), "feed", "feeds");
    let additions = new_sources(outlines, target.existing.clone());
    eprint(&format!("{count} in the list, {} of them new", additions.new_count()));
    additions.finish(&target, &skipped, options)?;
    report_skipped(file, &skipped)
}

/// The sources to write. A feed in several folders is one source with several categories.
fn new_sources(outlines: Vec<Outline>, mut existing: ExistingSources) -> Additions {
    let mut additions = Additions::default();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    for outline in outlines {
        if let Some(source) = existing.find_by_url(&outline.url) {
            match positions.get(&source.id).and_then(|place| additions.source_mut(*place)) {
                Some(first) => {
                    add_missing_categories(&mut first.categories, outline.categories);
                }
                None => additions.push_existing(source.clone()),
            }
            continue;
        }
        let id = existing.reserve_id(&outline.url);
        positions.extend(
            existing
                .find_by_url(&outline.url)
                .map(|source| (source.id.clone(), additions.new_count())),
        );
        let source = NewSource {
            url: outline.url,
            id,
            name: Some(outline.title).filter(|title| !title.is_empty()),
            categories: outline.categories,
            site: outline.site_url,
            language: outline.language,
        };
        additions.push(source, &existing);
    }
    additions
}

fn add_missing_categories(categories: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !categories.contains(&name) {
            categories.push(name);
        }
    }
}

/// Reports each skipped item with its reason; the command fails, as the import is incomplete.
fn report_skipped(file: &Path, skipped: &[SkippedOutline]) -> Result<(), CliError> {
    if skipped.is_empty() {
        return Ok(());
    }
    let line = |it: &SkippedOutline| {
        let title = if it.title.is_empty() { "(no title)" } else { &it.title };
        // A title is printed on one line, even if it has line breaks in the list.
        let title = title.split(char::is_control).collect::<Vec<_>>().join(" ");
        format!("  {}: {}", bidi_isolate_for_stderr(&title), it.reason)
    };
    let lines: Vec<String> = skipped.iter().map(line).collect();
    let count = pluralize(skipped.len(), "outline is", "outlines are");
    Err(CliError::working(format!(
        "error: {}: {count} not imported:\n{}",
        file.display(),
        lines.join("\n")
    )))
}
