//! What is wanted → finished bytes: reads the newest entries and the cards of their sources from the
//! store, and has them rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::edition::{Edition, card};
use super::tellings::Tellings;
use super::{cursor, explain, folder, links, report, trial};
use crate::daemon::search::Search;
use crate::daemon::serve::{OutputFormat, Wanted, finish, hash_of};
use crate::daemon::store::{Newest, Share, Store, StoreError};
use crate::feed::model::{
    EntryId, ListedEntry, PerSource, Publication, Rendition, Scope, SourceCard, SourceId,
};
use crate::feed::opml::{self, Outline, OutlineKind};
use crate::feed::query::Subject;
use crate::feed::render::also::StoryView;
use crate::feed::render::wording::Clock;
use crate::feed::render::{self, html::PageView, status};

/// A third: two sources that flood at the same time leave room for all others, and the busiest
/// newsroom (100 entries a day) still has its last eight hours in a feed of a hundred.
const SHARE: usize = 3;
/// What is older than a day before the newest was there to be read a day long.
const SAME_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Everything a rendering is made from.
pub struct Press {
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub edition: Arc<Edition>,
    /// When the program started.
    pub started_at: Timestamp,
    /// Why the configuration's file is refused just now.
    pub config_error: Option<String>,
    /// The index, for telling how it is; `None`: nothing is searched, or nobody keeps the index.
    pub search: Option<Search>,
}

/// A text ready to be finished.
struct Sheet {
    media_type: &'static str,
    text: String,
    /// When its content last changed, as far as the content itself tells.
    changed_at: Option<Timestamp>,
    max_age_seconds: u64,
}

impl Press {
    /// The finished bytes. What has not changed since `before` is `before`. `None`: there is no
    /// such category, source or page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn print(
        &self,
        wanted: &Wanted,
        before: Option<&Arc<Rendition>>,
        now: Timestamp,
    ) -> Result<Option<Arc<Rendition>>, StoreError> {
        let Some(sheet) = self.sheet(wanted)? else { return Ok(None) };
        if let Some(before) = before
            && before.hash == hash_of(&sheet.text)
        {
            return Ok(Some(before.lasting(sheet.max_age_seconds)));
        }
        // Content can also change by losing an entry: then only the clock knows when.
        let modified_at = match before {
            Some(_) => now,
            None => sheet.changed_at.unwrap_or(now),
        };
        let Sheet { media_type, text, max_age_seconds, .. } = sheet;
        let finished = finish(media_type, text, modified_at, max_age_seconds);
        Ok(Some(Arc::new(Rendition { links: links::of(&self.edition, wanted), ..finished })))
    }

    /// The health of every source.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn report(&self) -> Result<status::StatusReport, StoreError> {
        report::of(self)
    }

    /// The sources as outlines of a subscription list, in the operator's order, without private ones and files.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let mut outlines = Vec::new();
        for source in &self.edition.sources {
            if let Some(url) = source.published_url() {
                let card = card(source, self.store.poll_state(&source.id)?.as_ref());
                outlines.push(Outline {
                    title: card.name,
                    kind: OutlineKind::of(source),
                    url: url.to_string(),
                    site_url: card.site.map(|site| site.to_string()),
                    categories: card.categories.into_iter().map(|it| it.name).collect(),
                    language: card.language.map(|language| language.to_string()),
                });
            }
        }
        Ok(outlines)
    }

    fn sheet(&self, wanted: &Wanted) -> Result<Option<Sheet>, StoreError> {
        let brief =
            |media_type, text| Sheet { media_type, text, changed_at: None, max_age_seconds: 0 };
        Ok(match wanted {
            Wanted::Feed { scope, format } => self.feed(scope, *format)?,
            Wanted::Page { scope, before } => self.page(scope, before.as_deref(), 1)?,
            Wanted::File(path) => self.file(path)?,
            // `search` answers these.
            Wanted::Search { .. } => None,
            Wanted::Opml => Some(Sheet {
                max_age_seconds: self.edition.max_age_seconds(),
                ..brief(opml::MEDIA_TYPE, opml::write(&self.edition.title, &self.outlines()?))
            }),
            Wanted::Status => {
                let page = status::page(&self.report()?, &self.edition.base, &self.clock());
                Some(brief(render::html::MEDIA_TYPE, page))
            }
            Wanted::Story(id) => self.story(*id)?,
            Wanted::Explanation(words) => Some(brief(trial::MEDIA_TYPE, explain::of(self, words)?)),
            Wanted::Trial { scope, rules } => {
                let judged = trial::of(self, scope, rules)?;
                let text = judged.map(|judged| {
                    judged.unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string())
                });
                text.map(|text| brief(trial::MEDIA_TYPE, text))
            }
            Wanted::StatusJson => Some(brief(status::MEDIA_TYPE, status::json(&self.report()?))),
        })
    }

    fn feed(&self, scope: &Scope, format: OutputFormat) -> Result<Option<Sheet>, StoreError> {
        let limit = self.feed_limit(scope);
        let Some(publication) = self.publication(scope, limit, Place::Feed)? else {
            return Ok(None);
        };
        let (media_type, text) = match format {
            OutputFormat::Rss => (render::rss::MEDIA_TYPE, render::rss::render(&publication)),
            OutputFormat::Atom => (render::atom::MEDIA_TYPE, render::atom::render(&publication)),
            OutputFormat::Json => {
                (render::json_feed::MEDIA_TYPE, render::json_feed::render(&publication))
            }
        };
        let max_age_seconds = self.edition.max_age_seconds();
        Ok(Some(Sheet { media_type, text, changed_at: publication.updated_at, max_age_seconds }))
    }

    /// A file of a folder that is the whole site, whatever else is served.
    fn file(&self, path: &str) -> Result<Option<Sheet>, StoreError> {
        let Some((wanted, number)) = folder::wanted_of(path) else { return Ok(None) };
        let own = Edition { is_folder: true, can_search: false, ..Edition::clone(&self.edition) };
        let press = Self {
            store: self.store.clone(),
            edition: Arc::new(own),
            started_at: self.started_at,
            config_error: None,
            search: None,
        };
        match &wanted {
            Wanted::Page { scope, before } => press.page(scope, before.as_deref(), number),
            _ => press.sheet(&wanted),
        }
    }

    /// `number` is the page's among the files of a folder.
    fn page(
        &self,
        scope: &Scope,
        before: Option<&str>,
        number: usize,
    ) -> Result<Option<Sheet>, StoreError> {
        let from = match before.map(cursor::read) {
            Some(None) => return Ok(None),
            from => from.flatten(),
        };
        let size = self.edition.page_entries;
        let Some(mut publication) = self.publication(scope, size + 1, Place::Page(from))? else {
            return Ok(None);
        };
        let has_more = publication.entries.len() > size;
        publication.entries.truncate(size);
        let may_go_on = !self.edition.is_folder || number <= folder::MOST_OLDER;
        let older = publication.entries.last().filter(|_| has_more && may_go_on);
        let older = older.map(cursor::write);
        let view = PageView {
            categories: self.edition.categories(),
            outputs: self.edition.outputs.iter().map(|o| (o.id.clone(), o.name.clone())).collect(),
            before: before.map(ToOwned::to_owned),
            older,
            number,
            clock: self.clock(),
            can_search: self.edition.can_search,
        };
        Ok(Some(Sheet {
            media_type: render::html::MEDIA_TYPE,
            text: render::html::render(&publication, &view),
            changed_at: publication.updated_at,
            max_age_seconds: self.edition.max_age_seconds(),
        }))
    }

    /// The page of the story of an entry; `None`: there is no such entry any more, or nobody tells.
    fn story(&self, id: EntryId) -> Result<Option<Sheet>, StoreError> {
        let tellings = Tellings::new(self, &Scope::All, &BTreeMap::new()).all_of(id)?;
        if tellings.is_empty() {
            return Ok(None);
        }
        let changed_at = tellings.iter().map(|telling| telling.listed.changed_at).max();
        let groups = |at: usize| tellings.get(at).map(|it| it.told.assignment.text_group);
        let is_same_text = (0..tellings.len())
            .map(|at| (0..at).any(|other| groups(other) == groups(at)))
            .collect();
        let view = StoryView {
            site: self.edition.title.clone(),
            base: self.edition.base.clone(),
            is_same_text,
            tellings: tellings.into_iter().map(|it| (it.listed, it.card)).collect(),
            clock: self.clock(),
            is_folder: self.edition.is_folder,
        };
        Ok(Some(Sheet {
            media_type: render::html::MEDIA_TYPE,
            text: render::also::page(&view),
            changed_at,
            max_age_seconds: self.edition.max_age_seconds(),
        }))
    }

    fn clock(&self) -> Clock {
        Clock::of(self.edition.timezone.as_deref())
    }

    /// Entries of an output's feed at most.
    fn feed_limit(&self, scope: &Scope) -> usize {
        let own = match scope {
            Scope::Output(id) => self.edition.output(id).and_then(|output| output.entries),
            _ => None,
        };
        own.unwrap_or(self.edition.entries)
    }

    /// The entries that an output's feed holds now, and how many it may hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn feed_entries(
        &self,
        scope: &Scope,
        tellings: &Tellings<'_>,
        cards: &BTreeMap<SourceId, SourceCard>,
    ) -> Result<(Vec<ListedEntry>, usize), StoreError> {
        let limit = self.feed_limit(scope);
        Ok((self.entries(scope, tellings, cards, (limit, Place::Feed))?, limit))
    }

    /// Entries of one source that come first in a feed of so many, where sources have shares.
    pub(super) fn share_of(limit: usize) -> usize {
        limit.div_ceil(SHARE)
    }

    /// The newest entries of an output, as many as the limits of their sources allow.
    fn entries(
        &self,
        scope: &Scope,
        tellings: &Tellings<'_>,
        cards: &BTreeMap<SourceId, SourceCard>,
        (limit, place): (usize, Place),
    ) -> Result<Vec<ListedEntry>, StoreError> {
        let before = match place {
            Place::Feed => None,
            Place::Page(before) => before,
        };
        // A source's own output holds all of it.
        let is_merged = !matches!(scope, Scope::Source(_));
        let sources = &cards.keys().cloned().collect::<BTreeSet<SourceId>>();
        let own = self.edition.sources_of(scope);
        let own = own.filter_map(|source| Some((source.id.clone(), source.cap?)));
        let caps = &own.filter(|_| is_merged).collect::<BTreeMap<SourceId, usize>>();
        let limits = if is_merged { self.edition.per_source } else { PerSource::Any };
        let sieve = &self.edition.sieve;
        let passes = |listed: &ListedEntry| {
            let is_let_through =
                sieve.is_open(scope) || sieve.passes(scope, listed, cards.get(&listed.source));
            is_let_through && (!tellings.collapses() || tellings.stands(listed))
        };
        let chooses = tellings.collapses() || !sieve.is_open(scope);
        let fits = chooses.then_some(&passes as &dyn Fn(&ListedEntry) -> bool);
        let any = Newest { sources, limit, before, per_source: None, caps, fits };
        match (limits, place) {
            (PerSource::AtMost(most), _) => {
                self.store.newest(&Newest { per_source: Some(most), ..any })
            }
            (PerSource::Share, Place::Feed) => {
                let share = Share { entries: Self::share_of(limit), within: SAME_DAY };
                self.store.newest_by_shares(&any, share)
            }
            (PerSource::Share | PerSource::Any, _) => self.store.newest(&any),
        }
    }

    /// A card for every source of an output. `None`: there is no such output.
    pub(super) fn cards(
        &self,
        scope: &Scope,
    ) -> Result<Option<BTreeMap<SourceId, SourceCard>>, StoreError> {
        let edition = &self.edition;
        let mut cards = BTreeMap::new();
        for source in edition.sources_of(scope) {
            cards.insert(source.id.clone(), edition.card_of(&self.store, source)?);
        }
        let is_known = match scope {
            Scope::All => true,
            Scope::Output(id) => edition.output(id).is_some(),
            Scope::Category(_) | Scope::Source(_) => !cards.is_empty(),
        };
        Ok(is_known.then_some(cards))
    }

    /// Everything one output says. `None`: no source has that scope.
    fn publication(
        &self,
        scope: &Scope,
        limit: usize,
        place: Place,
    ) -> Result<Option<Publication>, StoreError> {
        let edition = &self.edition;
        let Some(cards) = self.cards(scope)? else { return Ok(None) };
        let tellings = Tellings::new(self, scope, &cards);
        let entries = self.entries(scope, &tellings, &cards, (limit, place))?;
        let stories = tellings.cards_of(&entries)?;
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
            folder: links::folder(scope),
            is_folder: edition.is_folder,
            name: edition.name_of_site(&self.store)?,
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
pub(super) fn subject<'a>(listed: &'a ListedEntry, card: Option<&'a SourceCard>) -> Subject<'a> {
    let name = card.map_or("", |card| card.name.as_str());
    let categories = card.map_or(&[][..], |card| card.categories.as_slice());
    let language = card.and_then(|card| card.language.as_ref());
    let subject = Subject::new(&listed.entry, &listed.source, name, categories, language);
    if card.is_none_or(|card| card.believes_breaking) { subject } else { subject.without_flag() }
}

/// Where entries are to stand.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In a feed.
    Feed,
    /// On a page; `None`: the first one.
    Page(Option<(Timestamp, EntryId)>),
}
