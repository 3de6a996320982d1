//! A resource → the folder of its output, and the value of its `Link` header.

use super::published_site::PublishedSite;
use crate::http::{OutputFormat, Resource, SearchFormat};
use crate::model::{ArchiveLinks, Output, OutputAccess, OutputToken, Scope};
use crate::render::{self, link_header};

/// The header of a resource that is not a search; `None`: it has none. `archive`: its place in the chain of
/// archive pages.
pub(super) fn output_link_header(
    site: &PublishedSite,
    resource: &Resource,
    archive: &ArchiveLinks,
) -> Option<String> {
    let (scope, own) = match resource {
        Resource::Feed { scope, format } | Resource::ArchiveFeed { scope, format, .. } => {
            (scope, Some(feed_file_name(*format)))
        }
        Resource::FeedGuide { scope, .. } => (scope, None),
        // Older pages are not among the files of the folder.
        Resource::Page { scope, before } => (scope, before.is_none().then_some("")),
        Resource::ArchivePage { scope, .. } => (scope, Some("")),
        Resource::NewSince { scope, .. } | Resource::CompactPage { scope, .. } => (scope, None),
        _ => return None,
    };
    link_header::link_header((&site.base, &scope_folder(site, scope)), own, archive)
}

/// The header of the results of a valid search; `None`: they have none.
pub(super) fn search_link_header(
    site: &PublishedSite,
    words: &str,
    format: &SearchFormat,
) -> Option<String> {
    let own = match format {
        SearchFormat::Feed(format) => Some(feed_file_name(*format)),
        // The address of a results page holds the words in its query string.
        SearchFormat::Page { .. } | SearchFormat::FeedGuide(_) => None,
        SearchFormat::Json { .. } => return None,
    };
    let folder = render::search_page::search_folder(words);
    link_header::link_header((&site.base, &folder), own, &ArchiveLinks::default())
}

/// The name of a feed's file in the folder of its output.
pub(super) fn feed_file_name(format: OutputFormat) -> &'static str {
    match format {
        OutputFormat::Rss => render::rss::FILE,
        OutputFormat::Atom => render::atom::FILE,
        OutputFormat::Json => render::json_feed::FILE,
    }
}

/// The feeds in the folder of an output.
pub const FEED_FILES: [&str; 3] = [render::rss::FILE, render::atom::FILE, render::json_feed::FILE];

/// The folder of a private output, relative to the base address.
pub fn private_folder(token: &OutputToken) -> String {
    format!("private/{}/", token.as_str())
}

/// The address of the folder of a named output. `None`: it is private, and has no address at present.
pub fn output_address(site: &PublishedSite, output: &Output) -> Option<String> {
    let folder = || scope_folder(site, &Scope::Output(output.id.clone()));
    (output.access != OutputAccess::Private(None)).then(|| format!("{}{}", site.base, folder()))
}

/// The folder of the outputs of a scope, relative to the base address.
pub(super) fn scope_folder(site: &PublishedSite, scope: &Scope) -> String {
    let (kind, name) = match scope {
        Scope::All => return String::new(),
        Scope::Category(slug) => ("category", slug.as_str()),
        Scope::Output(id) => match site.output(id).map(|output| &output.access) {
            Some(OutputAccess::Private(Some(token))) => return private_folder(token),
            _ => ("output", id.as_str()),
        },
        Scope::Source(id) => ("source", id.as_str()),
    };
    format!("{kind}/{}/", render::path_segment(name))
}
