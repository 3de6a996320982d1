//! `rafid export`: the sources → an OPML list on standard output. Needs no store.

use super::args::Common;
use super::{Failed, load, print, tell};
use crate::daemon::publish::name_of;
use crate::feed::model::Location;
use crate::feed::opml::{self, Outline, OutlineKind};

/// Prints the list, in the configuration's order. Local files are left out: nobody else has them.
/// Pages without a feed are links, which is told: their selectors have no place in a list.
pub(super) fn run(common: &Common) -> Result<(), Failed> {
    let config = load::config(common)?;
    let outlines: Vec<Outline> = config
        .sources
        .iter()
        .filter(|source| matches!(source.location, Location::Web(_)))
        .map(|source| Outline {
            title: name_of(source, None),
            kind: OutlineKind::of(source),
            url: source.location.to_string(),
            site_url: source.site.as_ref().map(ToString::to_string),
            category: source.category.as_ref().map(|category| category.name.clone()),
            language: source.language.as_ref().map(ToString::to_string),
        })
        .collect();
    let pages = outlines.iter().filter(|outline| outline.kind == OutlineKind::Page).count();
    if pages > 0 {
        tell(&format!(
            "{pages} pages without a feed are listed as links: readers cannot subscribe to them, and \
             their selectors stand in {} only",
            config.path.display()
        ));
    }
    print(&opml::write(&config.site.title, &outlines))
}
