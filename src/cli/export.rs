//! `rafid export`: the sources → an OPML list, or the stored entries in another format (`export_entries`). The list
//! needs no store. What it cannot hold is reported on standard error; the exit code is still 0, as nothing failed.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use rafid_feed::opml::{self, Outline, OutlineKind};

use super::args::CommonArgs;
use super::export_args::{ExportArgs, ExportFormat};
use super::export_entries::{self, EntryFormat};
use super::output_file::{FileAccess, OutputFile};
use super::{CliError, EXIT_USAGE, eprint, load, pluralize, print};
use crate::model::{Location, Source};
use crate::publish::{display_name, outline_kind};

/// Writes what the arguments name.
pub(super) fn run(common: &CommonArgs, args: &ExportArgs) -> Result<(), CliError> {
    match args.format {
        ExportFormat::Opml => export_sources(common, args),
        ExportFormat::Jsonl => export_entries::run(common, args, EntryFormat::Lines),
        ExportFormat::Parquet => export_entries::run(common, args, EntryFormat::Parquet),
    }
}

/// Prints the list in the order of the configuration. Local files are left out: they exist on this machine only.
/// Pages without a feed are listed as links and reported: a list has no place for their selectors.
fn export_sources(common: &CommonArgs, args: &ExportArgs) -> Result<(), CliError> {
    let has_filter = args.since.is_some() || args.until.is_some() || args.query.is_some();
    if has_filter || !args.source.is_empty() {
        let message = "error: --since, --until, --query and --source choose entries: add --format \
                       jsonl or --format parquet";
        return Err(CliError { code: EXIT_USAGE, message: message.to_owned() });
    }
    let config = load::load_config(common)?;
    let outlines: Vec<Outline> = config
        .sources
        .iter()
        .filter(|source| matches!(source.location, Location::Web(_)))
        .map(|source| Outline {
            title: display_name(source, None),
            kind: outline_kind(source),
            url: source.location.to_string(),
            site_url: source.site.as_ref().map(ToString::to_string),
            categories: source.categories.iter().map(|category| category.name.clone()).collect(),
            language: source.language.as_ref().map(ToString::to_string),
        })
        .collect();
    let pages = outlines.iter().filter(|outline| outline.kind == OutlineKind::Page).count();
    if pages > 0 {
        let pages = pluralize(pages, "page without a feed is", "pages without a feed are");
        eprint(&format!(
            "{pages} listed as links: readers cannot subscribe to them, and their selectors are only in {}",
            config.path.display()
        ));
    }
    let is_file = |source: &&Arc<Source>| matches!(source.location, Location::File(_));
    let files: Vec<&str> = config.sources.iter().filter(is_file).map(|it| it.id.as_str()).collect();
    if !files.is_empty() {
        let count = pluralize(files.len(), "source is", "sources are");
        eprint(&format!(
            "{count} left out, as their files are only on this machine: {}",
            files.join(", ")
        ));
    }
    let list = opml::write_opml(&config.site.title, &outlines);
    let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
        return print(&list);
    };
    let mut file = OutputFile::create(path, FileAccess::Usual)?;
    file.write_all(list.as_bytes()).map_err(|error| {
        CliError::working(format!("error: cannot write {}: {error}", path.display()))
    })?;
    file.finish()
}
