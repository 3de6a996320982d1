//! What is wanted → finished bytes: reads the newest entries and the cards of their sources from the
//! store, and has them rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::opml::{self, Outline, OutlineKind};
use serde_json::json;

use super::published_site::{PublishedSite, base_source_info};
use super::status_report::StatusInputs;
use super::story_lookup::StoryLookup;
use super::{cursor, explain, filter_dry_run, link_headers, static_site, status_report};
use crate::http::{OutputFormat, Resource, encode_rendition, rendition_hash};
use crate::model::{
    EntryId, PerSource, Publication, Rendition, Scope, Source, SourceId, SourceInfo, StoredEntry,
};
use crate::query::SearchableEntry;
use crate::render::arabic_wording::LocalClock;
use crate::render::html::PageView;
use crate::render::other_tellings::StoryView;
use crate::render::{self, status};
use crate::search_index::SearchIndex;
use crate::store::{FairShare, LatestQuery, Store, StoreError};

/// A third: two sources that flood at the same time leave room for all others, and the busiest
/// newsroom (100 entries a day) still has its last eight hours in a feed of a hundred.
const SHARE_DIVISOR: usize = 3;
/// What is older than a day before the newest was there to be read a day long.
const SHARE_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Everything a rendering is made from.
pub struct Renderer {
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub site: Arc<PublishedSite>,
    /// When the program started.
    pub started_at: Timestamp,
    /// Why the configuration's file is refused just now.
    pub config_error: Option<String>,
    /// The index, for telling how it is; `None`: nothing is searched, or nobody keeps the index.
    pub search: Option<SearchIndex>,
}

/// A text ready to be finished.
struct RenderedText {
    media_type: &'static str,
    text: String,
    /// When its content last changed, as far as the content itself tells.
    changed_at: Option<Timestamp>,
    max_age_seconds: u64,
}

impl Renderer {
    /// The finished bytes. What has not changed since `before` is `before`. `None`: there is no
    /// such category, source or page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn render(
        &self,
        wanted: &Resource,
        before: Option<&Arc<Rendition>>,
        now: Timestamp,
    ) -> Result<Option<Arc<Rendition>>, StoreError> {
        let Some(sheet) = self.render_text(wanted)? else { return Ok(None) };
        if let Some(before) = before
            && before.hash == rendition_hash(&sheet.text)
        {
            return Ok(Some(before.with_max_age(sheet.max_age_seconds)));
        }
        // Content can also change by losing an entry: then only the clock knows when.
        let modified_at = match before {
            Some(_) => now,
            None => sheet.changed_at.unwrap_or(now),
        };
        let RenderedText { media_type, text, max_age_seconds, .. } = sheet;
        let finished = encode_rendition(media_type, text, modified_at, max_age_seconds);
        Ok(Some(Arc::new(Rendition {
            links: link_headers::output_link_header(&self.site, wanted),
            ..finished
        })))
    }

    /// The health of every source.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn status_report(&self) -> Result<status::StatusReport, StoreError> {
        status_report::build_status_report(&StatusInputs {
            store: &self.store,
            site: &self.site,
            started_at: self.started_at,
            config_error: self.config_error.as_deref(),
            search: self.search.as_ref(),
        })
    }

    /// The sources as outlines of a subscription list, in the operator's order, without private ones and files.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let mut outlines = Vec::new();
        for source in &self.site.sources {
            if let Some(url) = source.published_url() {
                let card = base_source_info(source, self.store.poll_state(&source.id)?.as_ref());
                outlines.push(Outline {
                    title: card.name,
                    kind: outline_kind(source),
                    url: url.to_string(),
                    site_url: card.site.map(|site| site.to_string()),
                    categories: card.categories.into_iter().map(|it| it.name).collect(),
                    language: card.language.map(|language| language.to_string()),
                });
            }
        }
        Ok(outlines)
    }

    fn render_text(&self, wanted: &Resource) -> Result<Option<RenderedText>, StoreError> {
        let brief = |media_type, text| RenderedText {
            media_type,
            text,
            changed_at: None,
            max_age_seconds: 0,
        };
        Ok(match wanted {
            Resource::Feed { scope, format } => self.render_feed(scope, *format)?,
            Resource::Page { scope, before } => self.render_page(scope, before.as_deref(), 1)?,
            Resource::SiteFile(path) => self.render_site_file(path)?,
            // `search` answers these.
            Resource::Search { .. } => None,
            Resource::Opml => Some(RenderedText {
                max_age_seconds: self.site.max_age_seconds(),
                ..brief(opml::MEDIA_TYPE, opml::write_opml(&self.site.title, &self.outlines()?))
            }),
            Resource::Status => {
                let page = status::render_status_page(
                    &self.status_report()?,
                    &self.site.base,
                    &self.clock(),
                );
                Some(brief(render::html::MEDIA_TYPE, page))
            }
            Resource::Story(id) => self.render_story(*id)?,
            Resource::Explanation(words) => {
                Some(brief(filter_dry_run::MEDIA_TYPE, explain::explain_entry(self, words)?))
            }
            Resource::FilterDryRun { scope, rules } => {
                let judged = filter_dry_run::dry_run_filter(self, scope, rules)?;
                let text = judged.map(|judged| {
                    judged.unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string())
                });
                text.map(|text| brief(filter_dry_run::MEDIA_TYPE, text))
            }
            Resource::StatusJson => {
                Some(brief(status::MEDIA_TYPE, status::status_json(&self.status_report()?)))
            }
        })
    }

    fn render_feed(
        &self,
        scope: &Scope,
        format: OutputFormat,
    ) -> Result<Option<RenderedText>, StoreError> {
        let limit = self.feed_limit(scope);
        let Some(publication) = self.build_publication(scope, limit, FeedOrPage::Feed)? else {
            return Ok(None);
        };
        let (media_type, text) = match format {
            OutputFormat::Rss => (render::rss::MEDIA_TYPE, render::rss::render_rss(&publication)),
            OutputFormat::Atom => {
                (render::atom::MEDIA_TYPE, render::atom::render_atom(&publication))
            }
            OutputFormat::Json => {
                (render::json_feed::MEDIA_TYPE, render::json_feed::render_json_feed(&publication))
            }
        };
        let max_age_seconds = self.site.max_age_seconds();
        Ok(Some(RenderedText {
            media_type,
            text,
            changed_at: publication.updated_at,
            max_age_seconds,
        }))
    }

    /// A file of a folder that is the whole site, whatever else is served.
    fn render_site_file(&self, path: &str) -> Result<Option<RenderedText>, StoreError> {
        let Some((wanted, number)) = static_site::parse_site_path(path) else { return Ok(None) };
        let own = PublishedSite {
            is_folder: true,
            can_search: false,
            ..PublishedSite::clone(&self.site)
        };
        let press = Self {
            store: self.store.clone(),
            site: Arc::new(own),
            started_at: self.started_at,
            config_error: None,
            search: None,
        };
        match &wanted {
            Resource::Page { scope, before } => press.render_page(scope, before.as_deref(), number),
            _ => press.render_text(&wanted),
        }
    }

    /// `number` is the page's among the files of a folder.
    fn render_page(
        &self,
        scope: &Scope,
        before: Option<&str>,
        number: usize,
    ) -> Result<Option<RenderedText>, StoreError> {
        let from = match before.map(cursor::parse_cursor) {
            Some(None) => return Ok(None),
            from => from.flatten(),
        };
        let size = self.site.page_entries;
        let Some(mut publication) =
            self.build_publication(scope, size + 1, FeedOrPage::Page(from))?
        else {
            return Ok(None);
        };
        let has_more = publication.entries.len() > size;
        publication.entries.truncate(size);
        let may_go_on = !self.site.is_folder || number <= static_site::MAX_OLDER_PAGES;
        let older = publication.entries.last().filter(|_| has_more && may_go_on);
        let older = older.map(cursor::format_cursor);
        let view = PageView {
            categories: self.site.categories(),
            outputs: self.site.outputs.iter().map(|o| (o.id.clone(), o.name.clone())).collect(),
            before: before.map(ToOwned::to_owned),
            older,
            number,
            clock: self.clock(),
            can_search: self.site.can_search,
        };
        Ok(Some(RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: render::html::render_html(&publication, &view),
            changed_at: publication.updated_at,
            max_age_seconds: self.site.max_age_seconds(),
        }))
    }

    /// The page of the story of an entry; `None`: there is no such entry any more, or nobody tells.
    fn render_story(&self, id: EntryId) -> Result<Option<RenderedText>, StoreError> {
        let tellings =
            StoryLookup::new(self, &Scope::All, &BTreeMap::new()).published_tellings(id)?;
        if tellings.is_empty() {
            return Ok(None);
        }
        let changed_at = tellings.iter().map(|telling| telling.listed.changed_at).max();
        let groups = |at: usize| tellings.get(at).map(|it| it.record.assignment.text_group);
        let is_same_text = (0..tellings.len())
            .map(|at| (0..at).any(|other| groups(other) == groups(at)))
            .collect();
        let view = StoryView {
            site: self.site.title.clone(),
            base: self.site.base.clone(),
            is_same_text,
            tellings: tellings.into_iter().map(|it| (it.listed, it.card)).collect(),
            clock: self.clock(),
            is_folder: self.site.is_folder,
        };
        Ok(Some(RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: render::other_tellings::render_story_page(&view),
            changed_at,
            max_age_seconds: self.site.max_age_seconds(),
        }))
    }

    fn clock(&self) -> LocalClock {
        LocalClock::in_timezone(self.site.timezone.as_deref())
    }

    /// Entries of an output's feed at most.
    fn feed_limit(&self, scope: &Scope) -> usize {
        let own = match scope {
            Scope::Output(id) => self.site.output(id).and_then(|output| output.entries),
            _ => None,
        };
        own.unwrap_or(self.site.entries)
    }

    /// The entries that an output's feed holds now, and how many it may hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn feed_entries(
        &self,
        scope: &Scope,
        tellings: &StoryLookup<'_>,
        cards: &BTreeMap<SourceId, SourceInfo>,
    ) -> Result<(Vec<StoredEntry>, usize), StoreError> {
        let limit = self.feed_limit(scope);
        Ok((self.select_entries(scope, tellings, cards, (limit, FeedOrPage::Feed))?, limit))
    }

    /// Entries of one source that come first in a feed of so many, where sources have shares.
    pub(super) fn share_limit(limit: usize) -> usize {
        limit.div_ceil(SHARE_DIVISOR)
    }

    /// The newest entries of an output, as many as the limits of their sources allow.
    fn select_entries(
        &self,
        scope: &Scope,
        tellings: &StoryLookup<'_>,
        cards: &BTreeMap<SourceId, SourceInfo>,
        (limit, place): (usize, FeedOrPage),
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let before = match place {
            FeedOrPage::Feed => None,
            FeedOrPage::Page(before) => before,
        };
        // A source's own output holds all of it.
        let is_merged = !matches!(scope, Scope::Source(_));
        let sources = &cards.keys().cloned().collect::<BTreeSet<SourceId>>();
        let own = self.site.sources_of(scope);
        let own = own.filter_map(|source| Some((source.id.clone(), source.cap?)));
        let caps = &own.filter(|_| is_merged).collect::<BTreeMap<SourceId, usize>>();
        let limits = if is_merged { self.site.per_source } else { PerSource::Any };
        let sieve = &self.site.filters;
        let passes = |listed: &StoredEntry| {
            let is_let_through =
                sieve.accepts_all(scope) || sieve.passes(scope, listed, cards.get(&listed.source));
            is_let_through && (!tellings.collapses() || tellings.is_representative(listed))
        };
        let chooses = tellings.collapses() || !sieve.accepts_all(scope);
        let fits = chooses.then_some(&passes as &dyn Fn(&StoredEntry) -> bool);
        let any = LatestQuery { sources, limit, before, per_source: None, caps, filter: fits };
        match (limits, place) {
            (PerSource::AtMost(most), _) => {
                self.store.latest_entries(&LatestQuery { per_source: Some(most), ..any })
            }
            (PerSource::Share, FeedOrPage::Feed) => {
                let share = FairShare { entries: Self::share_limit(limit), within: SHARE_WINDOW };
                self.store.latest_by_fair_share(&any, share)
            }
            (PerSource::Share | PerSource::Any, _) => self.store.latest_entries(&any),
        }
    }

    /// A card for every source of an output. `None`: there is no such output.
    pub(super) fn source_infos(
        &self,
        scope: &Scope,
    ) -> Result<Option<BTreeMap<SourceId, SourceInfo>>, StoreError> {
        let edition = &self.site;
        let mut cards = BTreeMap::new();
        for source in edition.sources_of(scope) {
            cards.insert(source.id.clone(), edition.source_info(&self.store, source)?);
        }
        let is_known = match scope {
            Scope::All => true,
            Scope::Output(id) => edition.output(id).is_some(),
            Scope::Category(_) | Scope::Source(_) => !cards.is_empty(),
        };
        Ok(is_known.then_some(cards))
    }

    /// Everything one output says. `None`: no source has that scope.
    fn build_publication(
        &self,
        scope: &Scope,
        limit: usize,
        place: FeedOrPage,
    ) -> Result<Option<Publication>, StoreError> {
        let edition = &self.site;
        let Some(cards) = self.source_infos(scope)? else { return Ok(None) };
        let tellings = StoryLookup::new(self, scope, &cards);
        let entries = self.select_entries(scope, &tellings, &cards, (limit, place))?;
        let stories = tellings.story_summaries(&entries)?;
        let title = match scope {
            Scope::Output(id) => {
                let name = edition.output(id).map_or("", |output| output.name.as_str());
                format!("{name} — {}", edition.title)
            }
            Scope::All => edition.title.clone(),
            Scope::Category(slug) => {
                let mut categories = cards.values().flat_map(|card| &card.categories);
                let category = categories.find(|category| category.slug == *slug);
                let name = category.map_or("", |category| category.name.as_str());
                format!("{name} — {}", edition.title)
            }
            Scope::Source(id) => cards.get(id).map_or(String::new(), |card| card.name.clone()),
        };
        Ok(Some(Publication {
            scope: scope.clone(),
            title,
            description: edition.description.clone(),
            base: edition.base.clone(),
            folder: link_headers::scope_folder(scope),
            is_folder: edition.is_folder,
            name: edition.site_name(&self.store)?,
            language: edition.language.clone(),
            updated_at: entries.iter().map(|entry| entry.changed_at).max(),
            ttl_seconds: edition.max_age_seconds(),
            content: edition.content,
            contact: edition.contact.clone(),
            entries,
            stories,
            sources: cards,
        }))
    }
}

/// An entry as queries look at it.
pub(super) fn query_subject<'a>(
    listed: &'a StoredEntry,
    card: Option<&'a SourceInfo>,
) -> SearchableEntry<'a> {
    let name = card.map_or("", |card| card.name.as_str());
    let categories = card.map_or(&[][..], |card| card.categories.as_slice());
    let language = card.and_then(|card| card.language.as_ref());
    let subject = SearchableEntry::new(&listed.entry, &listed.source, name, categories, language);
    if card.is_none_or(|card| card.believes_breaking) {
        subject
    } else {
        subject.without_breaking()
    }
}

/// Where entries are to stand.
#[derive(Debug, Clone, Copy)]
enum FeedOrPage {
    /// In a feed.
    Feed,
    /// On a page; `None`: the first one.
    Page(Option<(Timestamp, EntryId)>),
}

/// The kind that a source is listed as: one that is read from a page has no feed to subscribe to.
pub fn outline_kind(source: &Source) -> OutlineKind {
    if source.page.is_some() { OutlineKind::Page } else { OutlineKind::Feed }
}
