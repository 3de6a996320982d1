//! An output → the publication that all of its formats are rendered from.

use std::sync::Arc;

use super::archive::{self, OutputArchive};
use super::archive_memory::Archives;
use super::arrivals_since::{MAX_SINCE, entries_since};
use super::cursor;
use super::delta_feed;
use super::link_headers;
use super::publication_cache::{PublicationKey, PublishedPart};
use super::published_site::PublishedSite;
use super::selection::{FeedOrPage, feed_entries, feed_limit, find_newer_page, select_entries};
use super::site_reader::SiteReader;
use super::story_lookup::StoryLookup;
use crate::model::{ArchiveAddress, ArchiveLinks, Publication, Scope, StoredEntry};
use crate::store::{Store, StoreError};

/// A document of an output.
#[derive(Debug, Clone, Copy)]
pub(super) enum OutputPart {
    /// The feed.
    Feed,
    /// A page for people.
    Page {
        /// The maximum number of its entries. One more is selected: it shows whether there is a next page.
        limit: usize,
        /// Where it starts.
        place: FeedOrPage,
    },
    /// A closed page of the archive.
    Archive(ArchiveAddress),
    /// What arrived since this number of the journal, if it is not too much.
    Since(u64),
    /// What arrived first since this number of the journal, for a subscriber.
    Delta(u64),
}

/// Everything that one document of an output says. `None`: there is no such output, or the page holds no
/// entries any more.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn build_publication(
    reader: SiteReader<'_>,
    scope: &Scope,
    part: OutputPart,
) -> Result<Option<PublishedPart>, StoreError> {
    let Some(sources) = reader.scope_sources(scope)? else { return Ok(None) };
    let lookup = StoryLookup::new(reader, scope, &sources);
    let archive = update_archive(&lookup)?;
    build_part(&lookup, &archive, part)
}

/// The same for the feed, which all of its formats share until something changes that it may show.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn feed_publication(
    reader: SiteReader<'_>,
    scope: &Scope,
) -> Result<Option<Arc<PublishedPart>>, StoreError> {
    // Everything that is read below is at least as new.
    let changes = reader.store.published_changes();
    let Some((sources, cards)) = reader.versioned_sources(scope)? else { return Ok(None) };
    let key = PublicationKey { scope: scope.clone(), changes, cards };
    let known = reader.archives.publications().find(&key);
    if known.is_some() {
        return Ok(known);
    }
    let lookup = StoryLookup::new(reader, scope, &sources);
    let archive = update_archive(&lookup)?;
    let part = build_part(&lookup, &archive, OutputPart::Feed)?.map(Arc::new);
    if let Some(part) = part.as_ref().filter(|_| archive.is_judged) {
        reader.archives.publications().put(key, Arc::clone(part));
    }
    Ok(part)
}

fn build_part(
    lookup: &StoryLookup<'_>,
    archive: &OutputArchive,
    part: OutputPart,
) -> Result<Option<PublishedPart>, StoreError> {
    let (reader, scope, site) = (lookup.reader, lookup.scope, lookup.reader.site);
    let Some(selected) = select_part(lookup, archive, part)? else { return Ok(None) };
    let SelectedPart { entries, links, position, is_complete, newer } = selected;
    let stories = lookup.story_summaries(&entries)?;
    let publication = Publication {
        scope: scope.clone(),
        title: output_title(lookup),
        description: site.description.clone(),
        base: site.base.clone(),
        folder: link_headers::scope_folder(site, scope),
        is_private: site.is_private(scope),
        archive: links,
        is_folder: site.is_folder,
        name: site.site_name(reader.store)?,
        language: site.language.clone(),
        updated_at: entries.iter().map(|entry| entry.changed_at).max(),
        ttl_seconds: site.max_age_seconds(),
        content: site.content,
        contact: site.contact.clone(),
        entries,
        stories,
        sources: Arc::clone(&lookup.sources.infos),
    };
    let mark = delta_feed::feed_mark(lookup, &publication.name, position);
    Ok(Some(PublishedPart { publication, mark, is_complete, newer }))
}

/// What a document holds.
struct SelectedPart {
    entries: Vec<Arc<StoredEntry>>,
    links: ArchiveLinks,
    /// The number of the last arrival that it may hold.
    position: u64,
    is_complete: bool,
    /// The cursor of the page before this page.
    newer: Option<String>,
}

/// The entries and links of a document. `None`: it holds nothing.
fn select_part(
    lookup: &StoryLookup<'_>,
    archive: &OutputArchive,
    part: OutputPart,
) -> Result<Option<SelectedPart>, StoreError> {
    let (mut position, mut is_complete, mut newer) = (archive.position, true, None);
    let (entries, links) = match part {
        OutputPart::Feed => {
            let links = head_links(lookup, archive)?;
            (feed_entries(lookup, archive)?.0, links)
        }
        OutputPart::Page { limit, place } => {
            if let FeedOrPage::Page(Some(from)) = place {
                let start = find_newer_page(lookup, limit, from)?;
                newer = start.map(|start| cursor::format_cursor(&start));
            }
            (select_entries(lookup, limit.saturating_add(1), place)?, head_links(lookup, archive)?)
        }
        OutputPart::Archive(address) => {
            let Some(page) = archive_page(lookup, archive, address)? else { return Ok(None) };
            page
        }
        OutputPart::Since(after) => {
            let since = entries_since(lookup, archive, after, MAX_SINCE)?;
            is_complete = since.is_some();
            (since.unwrap_or_default(), head_links(lookup, archive)?)
        }
        OutputPart::Delta(after) => {
            let Some(new) = delta_feed::new_entries(lookup, archive, after)? else {
                return Ok(None);
            };
            (position, is_complete) = (new.position, new.is_complete);
            (new.entries, head_links(lookup, archive)?)
        }
    };
    Ok(Some(SelectedPart { entries, links, position, is_complete, newer }))
}

/// Whether the page with an address was closed once. It may hold no entries any more.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn was_closed(
    reader: SiteReader<'_>,
    scope: &Scope,
    address: ArchiveAddress,
) -> Result<bool, StoreError> {
    let Some(infos) = reader.scope_sources(scope)? else { return Ok(false) };
    let archive = update_archive(&StoryLookup::new(reader, scope, &infos))?;
    Ok(archive.find_page(address).is_some())
}

/// Closes the full archive pages of every output, so that they are stored although no daemon renders the
/// outputs: a static site has the same pages in every build.
///
/// # Errors
/// When the store cannot be read.
pub fn close_archive_pages(store: &Store, site: &PublishedSite) -> Result<(), StoreError> {
    let archives = Archives::storing_together();
    let reader = SiteReader { store, site, archives: &archives };
    let categories = site.categories().into_iter().map(|it| Scope::Category(it.slug));
    let outputs = site.outputs.iter().map(|output| Scope::Output(output.id.clone()));
    let sources = site.sources.iter().map(|source| Scope::Source(source.id.clone()));
    for scope in [Scope::All].into_iter().chain(categories).chain(outputs).chain(sources) {
        if let Some(infos) = reader.scope_sources(&scope)? {
            update_archive(&StoryLookup::new(reader, &scope, &infos))?;
        }
    }
    archives.store_pages(store).unwrap_or_else(|error| archive::report_unstored(&error));
    Ok(())
}

/// The archive of an output, with every full page closed.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn update_archive(stories: &StoryLookup<'_>) -> Result<OutputArchive, StoreError> {
    let limit = feed_limit(stories.reader.site, stories.scope);
    archive::update_output(stories, limit)
}

/// The links of a document that is not an archive page.
fn head_links(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
) -> Result<ArchiveLinks, StoreError> {
    Ok(ArchiveLinks { previous: archive.newest_page(stories)?, ..ArchiveLinks::default() })
}

/// The entries and links of an archive page.
type ArchivedEntries = (Vec<Arc<StoredEntry>>, ArchiveLinks);

/// The same as stored now. `None`: it never was, or holds no entries any more.
fn archive_page(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
    address: ArchiveAddress,
) -> Result<Option<ArchivedEntries>, StoreError> {
    let Some(index) = archive.find_page(address) else { return Ok(None) };
    let entries = archive.page_entries(stories, index)?;
    if entries.is_empty() {
        return Ok(None);
    }
    let links = ArchiveLinks {
        page: Some(address),
        previous: archive.page_before(stories, index)?,
        next: archive.page_after(stories, index)?,
    };
    Ok(Some((entries, links)))
}

fn output_title(stories: &StoryLookup<'_>) -> String {
    let (site, infos) = (stories.reader.site, stories.infos);
    match stories.scope {
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
    }
}
