//! A publication and one of its entries → everything that a feed or page shows of the entry. Its text in one
//! format follows from this value alone, so it can be kept while the value stays the same.

use std::sync::Arc;

use rafid_feed::model::Language;

use super::local_clock::LocalClock;
use super::page_moment::PageMoment;
use super::page_pictures::PagePictures;
use crate::model::{
    ContentPolicy, PageDensity, Publication, SiteName, SourceInfo, StoredEntry, StorySummary,
    Thumbnail,
};

/// What all entries of a document show of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySettings {
    /// The public base address, ending in `/`.
    pub base: String,
    /// Whether all links lead to files.
    pub is_folder: bool,
    /// The site's name, from which ids are made.
    pub name: SiteName,
    /// The language of the document.
    pub language: Language,
    /// How much of an entry is published.
    pub content: ContentPolicy,
    /// The clock for the times on pages.
    pub clock: LocalClock,
    /// How much a page shows of each entry.
    pub density: PageDensity,
}

/// Everything that a document shows of one of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownEntry<'a> {
    /// The entry.
    pub listed: &'a Arc<StoredEntry>,
    /// Its source; `None`: the document does not know it.
    pub info: Option<&'a Arc<SourceInfo>>,
    /// Its story, if others belong to it.
    pub story: Option<&'a StorySummary>,
    /// What it shows of the site.
    pub settings: &'a Arc<EntrySettings>,
    /// Its age in minutes, where a page names it; `None`: the page names the time of day.
    pub age_in_minutes: Option<u8>,
    /// The copy of its picture, where a page shows it.
    pub lead: Option<Thumbnail>,
    /// The icon of its source, where a page shows it.
    pub icon: Option<Thumbnail>,
}

impl EntrySettings {
    /// What the entries of a publication show of the site, on a page with this clock.
    pub fn of_page(
        publication: &Publication,
        clock: LocalClock,
        density: PageDensity,
    ) -> Arc<Self> {
        Arc::new(Self {
            base: publication.base.clone(),
            is_folder: publication.is_folder,
            name: publication.name.clone(),
            language: publication.language.clone(),
            content: publication.content,
            clock,
            density,
        })
    }

    /// The same, of a feed, which shows no local times.
    pub fn of_feed(publication: &Publication) -> Arc<Self> {
        Self::of_page(publication, LocalClock::default(), PageDensity::Normal)
    }
}

impl<'a> ShownEntry<'a> {
    /// What a document with this publication shows of one of its entries.
    pub fn of_entry(
        publication: &'a Publication,
        settings: &'a Arc<EntrySettings>,
        listed: &'a Arc<StoredEntry>,
    ) -> Self {
        Self {
            listed,
            info: publication.sources.get(&listed.source),
            story: publication.stories.get(&listed.id),
            settings,
            age_in_minutes: None,
            lead: None,
            icon: None,
        }
    }

    /// The same on a page that speaks of this moment.
    #[must_use]
    pub fn at_moment(self, moment: Option<PageMoment>) -> Self {
        let age = moment.and_then(|moment| moment.age_in_minutes(self.listed.listed_at));
        Self { age_in_minutes: age, ..self }
    }

    /// The same on a page with these pictures.
    #[must_use]
    pub fn with_pictures(self, pictures: &PagePictures) -> Self {
        let lead = pictures.leads.get(&self.listed.id).copied();
        let icon = pictures.icons.get(&self.listed.source).copied();
        Self { lead, icon, ..self }
    }

    /// What the document says about its source.
    pub(super) fn source_info(&self) -> Option<&'a SourceInfo> {
        self.info.map(AsRef::as_ref)
    }
}

/// What a document shows of each of its entries, in their order.
pub fn shown_entries<'a>(
    publication: &'a Publication,
    settings: &'a Arc<EntrySettings>,
) -> impl Iterator<Item = ShownEntry<'a>> {
    let entries = publication.entries.iter();
    entries.map(move |listed| ShownEntry::of_entry(publication, settings, listed))
}
