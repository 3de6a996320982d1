//! What is wanted → the folder that it stands in, and the value of its `Link` header.

use super::published_site::PublishedSite;
use crate::http::{OutputFormat, Resource, SearchFormat};
use crate::model::Scope;
use crate::render::{self, link_header};

/// The header of something that is not of a search; `None`: it has none.
pub(super) fn output_link_header(edition: &PublishedSite, wanted: &Resource) -> Option<String> {
    let (scope, own) = match wanted {
        Resource::Feed { scope, format } => (scope, Some(feed_file_name(*format))),
        // An older page is none of the folder's files.
        Resource::Page { scope, before } => (scope, before.is_none().then_some("")),
        _ => return None,
    };
    link_header::link_header((&edition.base, &scope_folder(scope)), own)
}

/// The header of what a search for sound words gives; `None`: it has none.
pub(super) fn search_link_header(
    edition: &PublishedSite,
    words: &str,
    form: &SearchFormat,
) -> Option<String> {
    let own = match form {
        SearchFormat::Feed(format) => Some(feed_file_name(*format)),
        // Its address has the words in the query.
        SearchFormat::Page { .. } => None,
        SearchFormat::Json { .. } => return None,
    };
    link_header::link_header((&edition.base, &render::search_page::search_folder(words)), own)
}

fn feed_file_name(format: OutputFormat) -> &'static str {
    match format {
        OutputFormat::Rss => render::rss::FILE,
        OutputFormat::Atom => render::atom::FILE,
        OutputFormat::Json => render::json_feed::FILE,
    }
}

/// Where the outputs of a scope stand, below the base address.
pub(super) fn scope_folder(scope: &Scope) -> String {
    let (kind, name) = match scope {
        Scope::All => return String::new(),
        Scope::Category(slug) => ("category", slug.as_str()),
        Scope::Output(id) => ("output", id.as_str()),
        Scope::Source(id) => ("source", id.as_str()),
    };
    format!("{kind}/{}/", render::path_segment(name))
}
