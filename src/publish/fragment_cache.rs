//! What a document shows of an entry → its text in one format, made once while everything that it shows stays the
//! same. After one new entry a feed of a hundred is one new text and 99 kept ones.
//!
//! A text is used again only if it was made from equal values: of the entry, its source, its story and the site.
//! No one has to report a change of them, and the bytes are those of a rendering from nothing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::OutputFormat;
use crate::model::{
    EntryId, PageDensity, Publication, RecentlyUsed, SourceInfo, StoredEntry, StorySummary,
    Thumbnail,
};
use crate::render::html::{self, PageView};
use crate::render::shown_entry::{EntrySettings, ShownEntry, shown_entries};
use crate::render::{atom, json_feed, page_entry, rss};

/// The maximum size of the texts that were used lately, and of those that were used before: the newest hundred
/// entries of ten outputs each that have no entry in common, in two formats.
const MAX_FRAGMENT_BYTES: usize = 4 << 20;
/// What a text takes besides its bytes and its share of the entry: the other values are mostly shared.
const OVERHEAD_BYTES: usize = 300;
/// The number of formats that keep an entry together.
const FORMATS: usize = 5;
/// The maximum number of settings that are remembered: feeds and pages of both densities, of a server and of a folder.
const MAX_SETTINGS: usize = 6;

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum FragmentFormat {
    Rss,
    Atom,
    Json,
    Page,
    CompactPage,
}

/// How the text of an entry is made.
type MakeText = fn(&ShownEntry<'_>) -> String;

/// An entry in a format, alone or with its story: outputs of one source show no stories.
type FragmentKey = (EntryId, FragmentFormat, bool);

/// A text and the values that it was made from.
struct Fragment {
    listed: Arc<StoredEntry>,
    info: Option<Arc<SourceInfo>>,
    story: Option<StorySummary>,
    settings: Arc<EntrySettings>,
    age_in_minutes: Option<u8>,
    pictures: (Option<Thumbnail>, Option<Thumbnail>),
    text: Arc<str>,
}

/// The texts of entries.
pub(super) struct FragmentCache(Mutex<KeptFragments>);

struct KeptFragments {
    texts: RecentlyUsed<FragmentKey, Fragment>,
    /// What the last documents show of the site.
    settings: VecDeque<Arc<EntrySettings>>,
}

impl Default for FragmentCache {
    fn default() -> Self {
        let texts = RecentlyUsed::new(MAX_FRAGMENT_BYTES);
        Self(Mutex::new(KeptFragments { texts, settings: VecDeque::new() }))
    }
}

impl fmt::Debug for FragmentCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FragmentCache").finish_non_exhaustive()
    }
}

impl FragmentCache {
    /// The feed with this publication.
    pub(super) fn render_feed(&self, publication: &Publication, format: OutputFormat) -> String {
        let settings = self.known_settings(EntrySettings::of_feed(publication));
        let entries = shown_entries(publication, &settings);
        match format {
            OutputFormat::Rss => {
                let texts = (FragmentFormat::Rss, rss::render_rss_item as MakeText);
                rss::join_rss_items(publication, &self.texts(texts, &settings, entries))
            }
            OutputFormat::Atom => {
                let texts = (FragmentFormat::Atom, atom::render_atom_entry as MakeText);
                atom::join_atom_entries(publication, &self.texts(texts, &settings, entries))
            }
            OutputFormat::Json => {
                let texts = (FragmentFormat::Json, json_feed::render_json_item as MakeText);
                json_feed::join_json_items(publication, &self.texts(texts, &settings, entries))
            }
        }
    }

    /// The page with this publication.
    pub(super) fn render_page(&self, publication: &Publication, view: &PageView) -> String {
        let settings = EntrySettings::of_page(publication, view.clock.clone(), view.density);
        let settings = self.known_settings(settings);
        let format = match view.density {
            PageDensity::Normal => FragmentFormat::Page,
            PageDensity::Compact => FragmentFormat::CompactPage,
        };
        let texts = (format, page_entry::render_article as MakeText);
        let entries = shown_entries(publication, &settings);
        let entries =
            entries.map(|shown| shown.at_moment(view.moment).with_pictures(&view.pictures));
        html::join_articles(publication, view, &self.texts(texts, &settings, entries))
    }

    /// The settings of earlier texts that are equal to these, so that one comparison is enough for all entries.
    fn known_settings(&self, settings: Arc<EntrySettings>) -> Arc<EntrySettings> {
        let known = &mut self.lock().settings;
        if let Some(same) = known.iter().find(|it| **it == settings) {
            return Arc::clone(same);
        }
        known.truncate(MAX_SETTINGS - 1);
        known.push_front(Arc::clone(&settings));
        settings
    }

    /// The texts of entries in their order.
    fn texts<'a>(
        &self,
        (format, make): (FragmentFormat, MakeText),
        settings: &Arc<EntrySettings>,
        entries: impl Iterator<Item = ShownEntry<'a>>,
    ) -> Vec<Arc<str>> {
        let text = |shown: ShownEntry<'_>| {
            let key = (shown.listed.id, format, shown.story.is_none());
            if let Some(fragment) = self.lock().texts.find(&key)
                && fragment.shows(&shown)
            {
                return Arc::clone(&fragment.text);
            }
            let text: Arc<str> = make(&shown).into();
            let fragment = Fragment {
                listed: Arc::clone(shown.listed),
                info: shown.info.cloned(),
                story: shown.story.cloned(),
                settings: Arc::clone(settings),
                age_in_minutes: shown.age_in_minutes,
                pictures: (shown.lead, shown.icon),
                text: Arc::clone(&text),
            };
            let bytes = OVERHEAD_BYTES + text.len() + text_bytes(shown.listed) / FORMATS;
            self.lock().texts.put(key, fragment, bytes);
            text
        };
        entries.map(text).collect()
    }

    fn lock(&self) -> MutexGuard<'_, KeptFragments> {
        // A panic cannot make a wrong text of a right one: what it was made from is compared.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The size of an entry's own texts.
fn text_bytes(listed: &StoredEntry) -> usize {
    let texts = [&listed.entry.summary, &listed.entry.content].into_iter().flatten();
    texts.map(|html| html.as_str().len()).sum()
}

impl Fragment {
    /// Whether the text was made from the same values.
    fn shows(&self, shown: &ShownEntry<'_>) -> bool {
        let same_info = match (&self.info, shown.info) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other) || own == other,
            (own, other) => own.is_none() && other.is_none(),
        };
        same_info
            && (Arc::ptr_eq(&self.listed, shown.listed) || self.listed == *shown.listed)
            && self.story.as_ref() == shown.story
            && Arc::ptr_eq(&self.settings, shown.settings)
            && self.age_in_minutes == shown.age_in_minutes
            && self.pictures == (shown.lead, shown.icon)
    }
}

#[cfg(test)]
mod tests;
