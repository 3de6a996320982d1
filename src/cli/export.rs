//! `rafid export`: the sources → an OPML list on standard output. Needs no store. What the list cannot hold is
//! reported on standard error; the exit code is still 0, as nothing failed.

use std::sync::Arc;

use rafid_feed::opml::{self, Outline, OutlineKind};

use super::args::CommonArgs;
use super::{CliError, eprint, load, pluralize, print};
use crate::model::{Location, Source};
use crate::publish::{display_name, outline_kind};

/// Prints the list in the order of the configuration. Local files are left out: they exist on this machine only.
/// Pages without a feed are listed as links and reported: a list has no place for their selectors.
pub(super) fn run(common: &CommonArgs) -> Result<(), CliError> {
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
    print(&opml::write_opml(&config.site.title, &outlines))
}
