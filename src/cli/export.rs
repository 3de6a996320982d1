//! `rafid export`: the sources → an OPML list on standard output. Needs no store.

use super::args::Common;
use super::{Failed, load, print};
use crate::daemon::publish::name_of;
use crate::feed::model::Location;
use crate::feed::opml::{self, Outline};

/// Prints the list, in the configuration's order. Local files are left out: nobody else has them.
pub(super) fn run(common: &Common) -> Result<(), Failed> {
    let config = load::config(common)?;
    let outlines: Vec<Outline> = config
        .sources
        .iter()
        .filter(|source| matches!(source.location, Location::Web(_)))
        .map(|source| Outline {
            title: name_of(source, None),
            feed_url: source.location.to_string(),
            site_url: source.site.as_ref().map(ToString::to_string),
            category: source.category.as_ref().map(|category| category.name.clone()),
            language: source.language.as_ref().map(ToString::to_string),
        })
        .collect();
    print(&opml::write(&config.site.title, &outlines))
}
