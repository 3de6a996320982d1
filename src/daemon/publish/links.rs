//! What is wanted → the folder that it stands in, and the value of its `Link` header.

use super::edition::Edition;
use crate::daemon::serve::{OutputFormat, SearchForm, Wanted};
use crate::feed::model::Scope;
use crate::feed::render::{self, links};

/// The header of something that is not of a search; `None`: it has none.
pub(super) fn of(edition: &Edition, wanted: &Wanted) -> Option<String> {
    let (scope, own) = match wanted {
        Wanted::Feed { scope, format } => (scope, Some(file(*format))),
        // An older page is none of the folder's files.
        Wanted::Page { scope, before } => (scope, before.is_none().then_some("")),
        _ => return None,
    };
    links::header((&edition.base, &folder(scope)), own)
}

/// The header of what a search for sound words gives; `None`: it has none.
pub(super) fn of_search(edition: &Edition, words: &str, form: &SearchForm) -> Option<String> {
    let own = match form {
        SearchForm::Feed(format) => Some(file(*format)),
        // Its address has the words in the query.
        SearchForm::Page { .. } => None,
        SearchForm::Json { .. } => return None,
    };
    links::header((&edition.base, &render::search::folder(words)), own)
}

fn file(format: OutputFormat) -> &'static str {
    match format {
        OutputFormat::Rss => render::rss::FILE,
        OutputFormat::Atom => render::atom::FILE,
        OutputFormat::Json => render::json_feed::FILE,
    }
}

/// Where the outputs of a scope stand, below the base address.
pub(super) fn folder(scope: &Scope) -> String {
    let (kind, name) = match scope {
        Scope::All => return String::new(),
        Scope::Category(slug) => ("category", slug.as_str()),
        Scope::Output(id) => ("output", id.as_str()),
        Scope::Source(id) => ("source", id.as_str()),
    };
    format!("{kind}/{}/", render::segment(name))
}
