//! `rafid import`: an OPML list → sources written into the configuration; those that are already there are skipped.
//! Items that cannot be subscribed to are reported with the reason, and the exit code is 1.

use std::collections::BTreeMap;
use std::path::Path;

use rafid_feed::decode;
use rafid_feed::model::Document;
use rafid_feed::opml::{self, Outline, SkippedOutline, SubscriptionList};

use super::add::{self, EditableConfig};
use super::args::CommonArgs;
use super::parse::read_file_or_stdin;
use super::{CliError, bidi_isolate_for_stderr, eprint, pluralize};
use crate::config::{ExistingSources, NewSource};

/// Reads the list and writes its new sources.
pub(super) fn run(common: &CommonArgs, file: &Path, dry_run: bool) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::working(format!("error: {}: {error}", file.display()))
    };
    let document = Document { bytes: read_file_or_stdin(file)?, ..Document::default() };
    let text = decode::decode(&document, None).map_err(|error| failed(&error))?;
    let SubscriptionList { outlines, skipped } =
        opml::read_opml(&text.text).map_err(|error| failed(&error))?;
    let target = EditableConfig::read(common)?;
    let count = pluralize(outlines.len(), "feed", "feeds");
    let new = new_sources(outlines, target.existing.clone());
    eprint(&format!("{count} in the list, {} of them new", new.len()));
    if !new.is_empty() {
        add::write_sources(&target, &new, dry_run)?;
    }
    report_skipped(file, &skipped)
}

/// The sources to write. A feed in several folders is one source with several categories.
fn new_sources(outlines: Vec<Outline>, mut existing: ExistingSources) -> Vec<NewSource> {
    let mut new: Vec<NewSource> = Vec::new();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    for outline in outlines {
        if let Some(source) = existing.find_by_url(&outline.url) {
            let earlier = positions.get(&source.id).and_then(|place| new.get_mut(*place));
            if let Some(first) = earlier {
                add_missing_categories(&mut first.categories, outline.categories);
            }
            continue;
        }
        let id = existing.reserve_id(&outline.url);
        positions.extend(
            existing.find_by_url(&outline.url).map(|source| (source.id.clone(), new.len())),
        );
        new.push(NewSource {
            url: outline.url,
            id,
            name: Some(outline.title).filter(|title| !title.is_empty()),
            categories: outline.categories,
            site: outline.site_url,
            language: outline.language,
        });
    }
    new
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
