//! A resource → finished bytes: selects entries and source information from the store and renders them.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::opml::{self, Outline, OutlineKind};
use serde_json::json;

use super::archive_memory::Archives;
use super::feed_text;
use super::publication::{OutputPart, build_publication, feed_publication, was_closed};
use super::published_site::{PublishedSite, base_source_info};
use super::rendered_pages::{OutputPageRequest, PageRenderer};
use super::rendered_text::RenderedText;
use super::site_reader::SiteReader;
use super::status_report::{self, StatusInputs};
use super::{explain, filter_dry_run, link_headers, static_site};
use crate::http::{Audience, OutputFormat, Resource, encode_rendition, rendition_hash};
use crate::model::{ArchiveLinks, PollingPause, Rendition, Scope, Source};
use crate::pictures::PictureShelf;
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
    /// When a source was polled last, as far as this process knows; pages name it.
    pub polled_at: Option<Timestamp>,
    /// The search index, for reporting its state; `None`: nothing is searched, or this process does not
    /// maintain the index.
    pub search: Option<SearchIndex>,
    /// What is remembered of the journal of arrivals between renderings.
    pub archives: Arc<Archives>,
    /// The copies of pictures; `None`: pages show none.
    pub pictures: Option<PictureShelf>,
}

/// Seconds that a page of an archive is fresh: a day. What it holds does not change; an edit reaches readers
/// through the feed.
const ARCHIVE_MAX_AGE_SECONDS: u64 = 86_400;

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
        let Some(rendered) = self.render_text(resource, now)? else { return Ok(None) };
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

    fn report_for(&self, audience: Audience) -> Result<status::StatusReport, StoreError> {
        let report = self.status_report()?;
        Ok(match audience {
            Audience::Operator => report,
            Audience::Public => report.into_public(),
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

    fn render_text(
        &self,
        resource: &Resource,
        now: Timestamp,
    ) -> Result<Option<RenderedText>, StoreError> {
        let uncached = RenderedText::uncached;
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
            Resource::Page { scope, before } => {
                self.pages().render_page(scope, &OutputPageRequest::new(before.as_deref(), now))?
            }
            Resource::CompactPage { scope, before } => self
                .pages()
                .render_page(scope, &OutputPageRequest::new(before.as_deref(), now).compact())?,
            Resource::ArchivePage { scope, page } => {
                self.pages().render_other_page(scope, OutputPart::Archive(*page), now)?
            }
            Resource::NewSince { scope, after } => {
                self.pages().render_other_page(scope, OutputPart::Since(*after), now)?
            }
            Resource::SiteFile(path) => self.render_site_file(path, now)?,
            // `search_service` and `picture_service` answer these.
            Resource::Search { .. } | Resource::Picture(_) => None,
            Resource::Opml => Some(RenderedText {
                max_age_seconds: self.site.max_age_seconds(),
                ..uncached(opml::MEDIA_TYPE, opml::write_opml(&self.site.title, &self.outlines()?))
            }),
            Resource::Status { failing_only, order, audience } => {
                let view = status::StatusView {
                    frame: self.site.frame(),
                    // The sentences of the findings have their numbers in these digits.
                    clock: self.site.clock_with_latin_digits(),
                    now,
                    failing_only: *failing_only,
                    order: *order,
                };
                let page = status::render_status_page(&self.report_for(*audience)?, &view);
                Some(uncached(render::html::MEDIA_TYPE, page))
            }
            Resource::Sources => Some(self.pages().render_sources(&self.status_report()?, now)),
            Resource::Story(id) => self.pages().render_story(*id)?,
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
            Resource::StatusJson { audience } => {
                let report = self.report_for(*audience)?;
                Some(uncached(status::MEDIA_TYPE, status::status_json(&report)))
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
    fn render_site_file(
        &self,
        path: &str,
        now: Timestamp,
    ) -> Result<Option<RenderedText>, StoreError> {
        let Some((resource, number)) = static_site::parse_site_path(path) else { return Ok(None) };
        if resource.scope().is_some_and(|scope| self.site.is_private(scope)) {
            return Ok(None);
        }
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
            polled_at: None,
            search: None,
            archives: Arc::clone(&self.archives),
            // A page as a file can be anywhere; the copies are here.
            pictures: None,
        };
        match &resource {
            Resource::Page { scope, before } => {
                let request =
                    OutputPageRequest { number, ..OutputPageRequest::new(before.as_deref(), now) };
                renderer.pages().render_page(scope, &request)
            }
            _ => renderer.render_text(&resource, now),
        }
    }

    fn pages(&self) -> PageRenderer<'_> {
        PageRenderer {
            reader: self.reader(),
            polled_at: self.polled_at,
            pictures: self.pictures.as_ref(),
        }
    }

    pub(super) fn reader(&self) -> SiteReader<'_> {
        SiteReader { store: &self.store, site: &self.site, archives: &self.archives }
    }
}

/// The kind that a source is listed as. A source that is read from a web page has no feed to subscribe to.
pub fn outline_kind(source: &Source) -> OutlineKind {
    if source.page.is_some() { OutlineKind::Page } else { OutlineKind::Feed }
}
