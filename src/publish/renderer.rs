//! A resource → finished bytes: selects entries and source information from the store and renders them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::opml::{self, Outline, OutlineKind};
use serde_json::json;

use super::publication::build_publication;
use super::published_site::{PublishedSite, base_source_info};
use super::selection::{FeedOrPage, feed_limit};
use super::site_reader::SiteReader;
use super::status_report::{self, StatusInputs};
use super::story_lookup::StoryLookup;
use super::{cursor, explain, filter_dry_run, link_headers, static_site};
use crate::http::{OutputFormat, Resource, encode_rendition, rendition_hash};
use crate::model::{EntryId, PollingPause, Rendition, Scope, Source};
use crate::render::arabic_wording::LocalClock;
use crate::render::html::PageView;
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
}

/// A rendered text, not yet encoded.
struct RenderedText {
    media_type: &'static str,
    text: String,
    /// When its content last changed, as far as the content itself shows.
    changed_at: Option<Timestamp>,
    max_age_seconds: u64,
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
        {
            return Ok(Some(before.with_max_age(rendered.max_age_seconds)));
        }
        // Content also changes when it loses an entry. Only the current time is known for that.
        let modified_at = match before {
            Some(_) => now,
            None => rendered.changed_at.unwrap_or(now),
        };
        let RenderedText { media_type, text, max_age_seconds, .. } = rendered;
        let finished = encode_rendition(media_type, text, modified_at, max_age_seconds);
        Ok(Some(Arc::new(Rendition {
            links: link_headers::output_link_header(&self.site, resource),
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
        };
        Ok(match resource {
            Resource::Feed { scope, format } => self.render_feed(scope, *format)?,
            Resource::Page { scope, before } => self.render_page(scope, before.as_deref(), 1)?,
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
                explain::explain_entry(self.reader(), words)?,
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
    ) -> Result<Option<RenderedText>, StoreError> {
        let limit = feed_limit(&self.site, scope);
        let Some(publication) = build_publication(self.reader(), scope, limit, FeedOrPage::Feed)?
        else {
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
        let Some(mut publication) =
            build_publication(self.reader(), scope, size + 1, FeedOrPage::Page(from))?
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

    /// The page of the story of an entry. `None`: the entry is no longer stored, or no published entry
    /// belongs to its story.
    fn render_story(&self, id: EntryId) -> Result<Option<RenderedText>, StoreError> {
        let members =
            StoryLookup::new(self.reader(), &Scope::All, &BTreeMap::new()).published_members(id)?;
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
            tellings: members.into_iter().map(|it| (it.listed, it.info)).collect(),
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

    pub(super) fn reader(&self) -> SiteReader<'_> {
        SiteReader { store: &self.store, site: &self.site }
    }

    fn clock(&self) -> LocalClock {
        LocalClock::in_timezone(self.site.timezone.as_deref())
    }
}

/// The kind that a source is listed as. A source that is read from a web page has no feed to subscribe to.
pub fn outline_kind(source: &Source) -> OutlineKind {
    if source.page.is_some() { OutlineKind::Page } else { OutlineKind::Feed }
}
