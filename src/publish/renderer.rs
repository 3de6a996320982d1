//! A resource → finished bytes: selects entries and source information from the store and renders them.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::opml::{self, Outline, OutlineKind};
use serde_json::json;

use super::archive_memory::Archives;
use super::feed_text;
use super::publication::{OutputPart, build_publication, feed_publication, was_closed};
use super::publication_cache::PublishedPart;
use super::published_site::{PublishedSite, base_source_info};
use super::selection::FeedOrPage;
use super::site_reader::SiteReader;
use super::source_cards::ScopeSources;
use super::status_report::{self, StatusInputs};
use super::story_lookup::StoryLookup;
use super::{cursor, explain, filter_dry_run, link_headers, static_site};
use crate::http::{OutputFormat, Resource, encode_rendition, rendition_hash};
use crate::model::{
    ArchiveLinks, EntryId, FeedMark, PollingPause, Publication, Rendition, Scope, Source,
};
use crate::render::arabic_wording::LocalClock;
use crate::render::html::{PageView, SinceView};
use crate::render::other_tellings::StoryView;
use crate::render::{self, status};
use crate::search_index::SearchIndex;
use crate::store::{Store, StoreError};

/// Everything that a rendering is made from.
pub struct Renderer {
    /// The store, for reading.
    pub store: Store,
    /// What the operator publishes.
    pub site: Arc<PublishedSite>,
    /// When the program started.
    pub started_at: Timestamp,
    /// Why the configuration file is refused at present; `None`: it is not.
    pub config_error: Option<String>,
    /// Why no source is polled at present; `None`: polls go on, or this process polls nothing.
    pub polling_pause: Option<PollingPause>,
    /// The search index, for reporting its state; `None`: nothing is searched, or this process does not
    /// maintain the index.
    pub search: Option<SearchIndex>,
    /// What is remembered of the journal of arrivals between renderings.
    pub archives: Arc<Archives>,
}

/// Seconds that a page of an archive is fresh: a day. What it holds does not change; an edit reaches readers
/// through the feed.
const ARCHIVE_MAX_AGE_SECONDS: u64 = 86_400;

/// A rendered text, not yet encoded.
struct RenderedText {
    media_type: &'static str,
    text: String,
    /// When its content last changed, as far as the content itself shows.
    changed_at: Option<Timestamp>,
    max_age_seconds: u64,
    /// Its place in the chain of archive pages.
    archive: ArchiveLinks,
    /// Its position in the journal of arrivals, if it is a feed.
    mark: Option<FeedMark>,
}

impl Renderer {
    /// The finished bytes. If the text is the same as in `before`, the result is `before`. `None`: there is
    /// no such category, source or page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn render(
        &self,
        resource: &Resource,
        before: Option<&Arc<Rendition>>,
        now: Timestamp,
    ) -> Result<Option<Arc<Rendition>>, StoreError> {
        let Some(rendered) = self.render_text(resource)? else { return Ok(None) };
        if let Some(before) = before
            && before.hash == rendition_hash(&rendered.text)
            && before.mark.map(|mark| mark.rules) == rendered.mark.map(|mark| mark.rules)
        {
            return Ok(Some(before.with_max_age(rendered.max_age_seconds)));
        }
        // Content also changes when it loses an entry. Only the current time is known for that.
        let modified_at = match before {
            Some(_) => now,
            None => rendered.changed_at.unwrap_or(now),
        };
        let RenderedText { media_type, text, max_age_seconds, archive, mark, .. } = rendered;
        let finished = encode_rendition(media_type, text, modified_at, max_age_seconds);
        Ok(Some(Arc::new(Rendition {
            links: link_headers::output_link_header(&self.site, resource, &archive),
            mark,
            ..finished
        })))
    }

    /// Whether a resource existed once and was deleted: a page of an archive without entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_gone(&self, resource: &Resource) -> Result<bool, StoreError> {
        match resource {
            Resource::ArchiveFeed { scope, page, .. } | Resource::ArchivePage { scope, page } => {
                was_closed(self.reader(), scope, *page)
            }
            _ => Ok(false),
        }
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
            polling_pause: self.polling_pause.as_ref(),
            search: self.search.as_ref(),
        })
    }

    /// The sources as outlines of a subscription list, in the operator's order, without private sources and
    /// files.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let mut outlines = Vec::new();
        for source in &self.site.sources {
            if let Some(url) = source.published_url() {
                let info = base_source_info(source, self.store.poll_state(&source.id)?.as_ref());
                outlines.push(Outline {
                    title: info.name,
                    kind: outline_kind(source),
                    url: url.to_string(),
                    site_url: info.site.map(|site| site.to_string()),
                    categories: info.categories.into_iter().map(|it| it.name).collect(),
                    language: info.language.map(|language| language.to_string()),
                });
            }
        }
        Ok(outlines)
    }

    fn render_text(&self, resource: &Resource) -> Result<Option<RenderedText>, StoreError> {
        let uncached = |media_type, text| RenderedText {
            media_type,
            text,
            changed_at: None,
            max_age_seconds: 0,
            archive: ArchiveLinks::default(),
            mark: None,
        };
        Ok(match resource {
            Resource::Feed { scope, format } => {
                self.render_feed(scope, *format, OutputPart::Feed)?
            }
            Resource::DeltaFeed { scope, format, after } => {
                self.render_feed(scope, *format, OutputPart::Delta(*after))?
            }
            Resource::ArchiveFeed { scope, format, page } => {
                self.render_feed(scope, *format, OutputPart::Archive(*page))?
            }
            Resource::FeedGuide { scope, format } => self.render_feed_guide(scope, *format)?,
            Resource::Page { scope, before } => self.render_page(scope, before.as_deref(), 1)?,
            Resource::ArchivePage { scope, page } => {
                self.render_other_page(scope, OutputPart::Archive(*page))?
            }
            Resource::NewSince { scope, after } => {
                self.render_other_page(scope, OutputPart::Since(*after))?
            }
            Resource::SiteFile(path) => self.render_site_file(path)?,
            // `search_service` renders these.
            Resource::Search { .. } => None,
            Resource::Opml => Some(RenderedText {
                max_age_seconds: self.site.max_age_seconds(),
                ..uncached(opml::MEDIA_TYPE, opml::write_opml(&self.site.title, &self.outlines()?))
            }),
            Resource::Status => {
                let page = status::render_status_page(
                    &self.status_report()?,
                    &self.site.base,
                    &self.clock(),
                );
                Some(uncached(render::html::MEDIA_TYPE, page))
            }
            Resource::Story(id) => self.render_story(*id)?,
            Resource::Explanation(words) => Some(uncached(
                filter_dry_run::MEDIA_TYPE,
                explain::explain_entry(self.reader(), self.search.as_ref(), words)?,
            )),
            Resource::FilterDryRun { scope, rules } => {
                let report = filter_dry_run::dry_run_filter(self.reader(), scope, rules)?;
                let text = report.map(|report| {
                    report.unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string())
                });
                text.map(|text| uncached(filter_dry_run::MEDIA_TYPE, text))
            }
            Resource::StatusJson => {
                Some(uncached(status::MEDIA_TYPE, status::status_json(&self.status_report()?)))
            }
        })
    }

    fn render_feed(
        &self,
        scope: &Scope,
        format: OutputFormat,
        part: OutputPart,
    ) -> Result<Option<RenderedText>, StoreError> {
        let part = match part {
            OutputPart::Feed => feed_publication(self.reader(), scope)?,
            part => build_publication(self.reader(), scope, part)?.map(Arc::new),
        };
        let Some(part) = part else { return Ok(None) };
        let publication = &part.publication;
        let (media_type, text) = feed_text::render_output_feed(publication, format, &self.archives);
        let is_archive = publication.archive.page.is_some();
        let max_age_seconds =
            if is_archive { ARCHIVE_MAX_AGE_SECONDS } else { self.site.max_age_seconds() };
        self.archives.record_named(publication);
        Ok(Some(RenderedText {
            media_type,
            text,
            changed_at: publication.updated_at,
            max_age_seconds,
            archive: publication.archive,
            mark: (!is_archive).then_some(part.mark),
        }))
    }

    /// The page about a feed, with what the feed holds now.
    fn render_feed_guide(
        &self,
        scope: &Scope,
        format: OutputFormat,
    ) -> Result<Option<RenderedText>, StoreError> {
        let part = feed_publication(self.reader(), scope)?;
        Ok(part.map(|part| RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: feed_text::render_guide(&self.site, &part.publication, format),
            changed_at: part.publication.updated_at,
            max_age_seconds: self.site.max_age_seconds(),
            archive: ArchiveLinks::default(),
            mark: None,
        }))
    }

    /// A file of a static site. It is rendered as for a static site even when the site is also served over
    /// HTTP.
    fn render_site_file(&self, path: &str) -> Result<Option<RenderedText>, StoreError> {
        let Some((resource, number)) = static_site::parse_site_path(path) else { return Ok(None) };
        let own = PublishedSite {
            is_folder: true,
            can_search: false,
            ..PublishedSite::clone(&self.site)
        };
        let renderer = Self {
            store: self.store.clone(),
            site: Arc::new(own),
            started_at: self.started_at,
            config_error: None,
            polling_pause: None,
            search: None,
            archives: Arc::clone(&self.archives),
        };
        match &resource {
            Resource::Page { scope, before } => {
                renderer.render_page(scope, before.as_deref(), number)
            }
            _ => renderer.render_text(&resource),
        }
    }

    /// `number` is the number of the page among the files of a static site.
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
        let part = OutputPart::Page { limit: size + 1, place: FeedOrPage::Page(from) };
        let Some(mut part) = build_publication(self.reader(), scope, part)? else {
            return Ok(None);
        };
        let publication = &mut part.publication;
        let has_more = publication.entries.len() > size;
        publication.entries.truncate(size);
        let may_go_on = !self.site.is_folder || number <= static_site::MAX_OLDER_PAGES;
        let older = publication.entries.last().filter(|_| has_more && may_go_on);
        let older = older.map(|last| cursor::format_cursor(last));
        let before = before.map(ToOwned::to_owned);
        let view = PageView { before, older, number, ..self.page_view(part.mark.position) };
        Ok(Some(self.page_text(&part.publication, &view)))
    }

    /// A page of the archive, or of what is new.
    fn render_other_page(
        &self,
        scope: &Scope,
        part: OutputPart,
    ) -> Result<Option<RenderedText>, StoreError> {
        let is_since = matches!(part, OutputPart::Since(_));
        let Some(part) = build_publication(self.reader(), scope, part)? else { return Ok(None) };
        let PublishedPart { publication, mark, is_complete } = part;
        let since = is_since.then_some(SinceView { is_complete });
        let position = if is_since { mark.position } else { 0 };
        let view = PageView { number: 1, since, ..self.page_view(position) };
        Ok(Some(self.page_text(&publication, &view)))
    }

    /// What all pages show of the site.
    fn page_view(&self, position: u64) -> PageView {
        PageView {
            categories: self.site.categories(),
            outputs: self.site.outputs.iter().map(|o| (o.id.clone(), o.name.clone())).collect(),
            clock: self.clock(),
            can_search: self.site.can_search,
            position,
            ..PageView::default()
        }
    }

    fn page_text(&self, publication: &Publication, view: &PageView) -> RenderedText {
        self.archives.record_named(publication);
        RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: feed_text::render_page(publication, view, &self.archives),
            changed_at: publication.updated_at,
            max_age_seconds: self.site.max_age_seconds(),
            archive: publication.archive,
            mark: None,
        }
    }

    /// The page of the story of an entry. `None`: the entry is no longer stored, or no published entry
    /// belongs to its story.
    fn render_story(&self, id: EntryId) -> Result<Option<RenderedText>, StoreError> {
        let sources = ScopeSources::default();
        let lookup = StoryLookup::new(self.reader(), &Scope::All, &sources);
        let members = lookup.published_members(id)?;
        if members.is_empty() {
            return Ok(None);
        }
        let changed_at = members.iter().map(|member| member.listed.changed_at).max();
        let groups = |at: usize| members.get(at).map(|it| it.record.assignment.text_group);
        let is_same_text =
            (0..members.len()).map(|at| (0..at).any(|other| groups(other) == groups(at))).collect();
        let view = StoryView {
            site: self.site.title.clone(),
            base: self.site.base.clone(),
            is_same_text,
            tellings: members
                .into_iter()
                .map(|it| (Arc::unwrap_or_clone(it.listed), Arc::unwrap_or_clone(it.info)))
                .collect(),
            clock: self.clock(),
            is_folder: self.site.is_folder,
        };
        Ok(Some(RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: render::other_tellings::render_story_page(&view),
            changed_at,
            max_age_seconds: self.site.max_age_seconds(),
            archive: ArchiveLinks::default(),
            mark: None,
        }))
    }

    pub(super) fn reader(&self) -> SiteReader<'_> {
        SiteReader { store: &self.store, site: &self.site, archives: &self.archives }
    }

    fn clock(&self) -> LocalClock {
        LocalClock::in_timezone(self.site.timezone.as_deref())
    }
}

/// The kind that a source is listed as. A source that is read from a web page has no feed to subscribe to.
pub fn outline_kind(source: &Source) -> OutlineKind {
    if source.page.is_some() { OutlineKind::Page } else { OutlineKind::Feed }
}
