//! An output → the publication that all of its formats are rendered from.

use super::link_headers;
use super::selection::{FeedOrPage, select_entries};
use super::site_reader::SiteReader;
use super::story_lookup::StoryLookup;
use crate::model::{Publication, Scope};
use crate::store::StoreError;

/// Everything that one output says. `None`: there is no such output.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn build_publication(
    reader: SiteReader<'_>,
    scope: &Scope,
    limit: usize,
    place: FeedOrPage,
) -> Result<Option<Publication>, StoreError> {
    let site = reader.site;
    let Some(infos) = reader.source_infos(scope)? else { return Ok(None) };
    let lookup = StoryLookup::new(reader, scope, &infos);
    let entries = select_entries(&lookup, limit, place)?;
    let stories = lookup.story_summaries(&entries)?;
    let title = match scope {
        Scope::Output(id) => {
            let name = site.output(id).map_or("", |output| output.name.as_str());
            format!("{name} — {}", site.title)
        }
        Scope::All => site.title.clone(),
        Scope::Category(slug) => {
            let mut categories = infos.values().flat_map(|info| &info.categories);
            let category = categories.find(|category| category.slug == *slug);
            let name = category.map_or("", |category| category.name.as_str());
            format!("{name} — {}", site.title)
        }
        Scope::Source(id) => infos.get(id).map_or(String::new(), |info| info.name.clone()),
    };
    Ok(Some(Publication {
        scope: scope.clone(),
        title,
        description: site.description.clone(),
        base: site.base.clone(),
        folder: link_headers::scope_folder(scope),
        is_folder: site.is_folder,
        name: site.site_name(reader.store)?,
        language: site.language.clone(),
        updated_at: entries.iter().map(|entry| entry.changed_at).max(),
        ttl_seconds: site.max_age_seconds(),
        content: site.content,
        contact: site.contact.clone(),
        entries,
        stories,
        sources: infos,
    }))
}
