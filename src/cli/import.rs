//! `rafid import`: an OPML list → sources written into the configuration; those that stand there already are
//! passed over. What the list names and cannot be subscribed to is told with the reason, and exit code 1.

use std::collections::BTreeMap;
use std::path::Path;

use super::add::{self, Target};
use super::args::Common;
use super::parse::bytes_of;
use super::{Failed, counted, isolated_in_message, tell};
use crate::config::{Known, NewSource};
use crate::feed::decode;
use crate::feed::model::Document;
use crate::feed::opml::{self, Outline, Skipped, Subscriptions};

/// Reads the list and writes what is new.
pub(super) fn run(common: &Common, file: &Path, dry_run: bool) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| {
        Failed::working(format!("error: {}: {error}", file.display()))
    };
    let document = Document { bytes: bytes_of(file)?, ..Document::default() };
    let text = decode::decode(&document, None).map_err(|error| failed(&error))?;
    let Subscriptions { outlines, skipped } =
        opml::read(&text.text).map_err(|error| failed(&error))?;
    let target = Target::read(common)?;
    let count = counted(outlines.len(), "feed", "feeds");
    let new = new_sources(outlines, target.known.clone());
    tell(&format!("{count} in the list, {} of them new", new.len()));
    if !new.is_empty() {
        add::add_all(&target, &new, dry_run)?;
    }
    told(file, &skipped)
}

/// The sources to be written. A feed that stands in several folders is one source of several categories.
fn new_sources(outlines: Vec<Outline>, mut known: Known) -> Vec<NewSource> {
    let mut new: Vec<NewSource> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for outline in outlines {
        if let Some(standing) = known.at(&outline.url) {
            let again = places.get(&standing.id).and_then(|place| new.get_mut(*place));
            if let Some(first) = again {
                join(&mut first.categories, outline.categories);
            }
            continue;
        }
        let id = known.add(&outline.url);
        places.extend(known.at(&outline.url).map(|standing| (standing.id.clone(), new.len())));
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

fn join(categories: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !categories.contains(&name) {
            categories.push(name);
        }
    }
}

/// What was skipped, each with its reason; it is a failure, as the list is not whole.
fn told(file: &Path, skipped: &[Skipped]) -> Result<(), Failed> {
    if skipped.is_empty() {
        return Ok(());
    }
    let line = |it: &Skipped| {
        let title = if it.title.is_empty() { "(no title)" } else { &it.title };
        // A title is one line, whatever the list makes of it.
        let title = title.split(char::is_control).collect::<Vec<_>>().join(" ");
        format!("  {}: {}", isolated_in_message(&title), it.reason)
    };
    let lines: Vec<String> = skipped.iter().map(line).collect();
    let count = counted(skipped.len(), "outline is", "outlines are");
    Err(Failed::working(format!(
        "error: {}: {count} not imported:\n{}",
        file.display(),
        lines.join("\n")
    )))
}
