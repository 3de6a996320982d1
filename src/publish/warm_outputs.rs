//! A resource → whether it is kept warm: rendered again after every change that it can show, so that it is served at
//! once.

use crate::http::{OutputFormat, Resource};
use crate::model::Scope;

/// The outputs that readers request first are warm from the start and stay warm.
pub(super) fn initial_warm_outputs() -> impl Iterator<Item = Resource> {
    let formats = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json];
    let feeds = formats.map(|format| Resource::Feed { scope: Scope::All, format });
    feeds.into_iter().chain([Resource::Page { scope: Scope::All, before: None }])
}

/// There is no limit to the number of older pages, and the status changes every second. Neither is kept.
pub(super) fn is_kept_warm(resource: &Resource) -> bool {
    matches!(
        resource,
        Resource::Feed { .. }
            | Resource::Opml
            | Resource::Page { before: None, .. }
            | Resource::CompactPage { before: None, .. }
    )
}

/// Whether a resource says something about now, such as the age of an entry.
pub(super) fn speaks_of_now(resource: &Resource) -> bool {
    matches!(resource, Resource::Page { .. } | Resource::CompactPage { .. })
}

/// Whether a resource is a page of an archive: it stays the same until an entry of it changes.
pub(super) fn is_archive(resource: &Resource) -> bool {
    matches!(resource, Resource::ArchiveFeed { .. } | Resource::ArchivePage { .. })
}

/// The scope of a resource that is kept warm; `None`: the list of sources.
pub(super) fn scope_of(resource: &Resource) -> Option<&Scope> {
    match resource {
        Resource::Feed { scope, .. }
        | Resource::Page { scope, .. }
        | Resource::CompactPage { scope, .. } => Some(scope),
        _ => None,
    }
}
