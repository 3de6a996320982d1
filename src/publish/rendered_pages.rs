//! A resource for people → its page: an output, what is new in it, a page of its archive, a story, the sources.

use std::sync::Arc;

use jiff::Timestamp;

use super::page_pictures::{find_lead, find_page_pictures};
use super::publication::{OutputPart, build_publication, feed_publication};
use super::publication_cache::PublishedPart;
use super::rendered_text::RenderedText;
use super::selection::FeedOrPage;
use super::site_reader::SiteReader;
use super::source_cards::ScopeSources;
use super::story_lookup::StoryLookup;
use super::{cursor, feed_text, static_site, status_report};
use crate::model::{ArchiveLinks, EntryId, PageDensity, Publication, Scope, StoryDisplay};
use crate::pictures::PictureShelf;
use crate::render;
use crate::render::html::{PageView, SinceView, SourceNote};
use crate::render::most_reported::{MostReported, find_most_reported};
use crate::render::page_moment::PageMoment;
use crate::render::page_pictures::PagePictures;
use crate::render::sources_page::{SourcesView, render_sources_page};
use crate::render::status::StatusReport;
use crate::render::story_page::{StoryView, render_story_page};
use crate::store::StoreError;

/// Renders the pages of a site.
#[derive(Clone, Copy)]
pub(super) struct PageRenderer<'a> {
    /// The store and the site.
    pub(super) reader: SiteReader<'a>,
    /// When a source was polled last, as far as this process knows.
    pub(super) polled_at: Option<Timestamp>,
    /// The copies of pictures; `None`: pages show none.
    pub(super) pictures: Option<&'a PictureShelf>,
}

/// Which page of an output is rendered, and when.
pub(super) struct OutputPageRequest<'a> {
    /// The cursor after which its entries start; `None`: from the newest.
    pub(super) before: Option<&'a str>,
    /// How much it shows of each entry.
    pub(super) density: PageDensity,
    /// Its number among the files of a static site.
    pub(super) number: usize,
    /// The current time.
    pub(super) now: Timestamp,
}

impl<'a> OutputPageRequest<'a> {
    /// The page after a cursor.
    pub(super) fn new(before: Option<&'a str>, now: Timestamp) -> Self {
        Self { before, density: PageDensity::Normal, number: 1, now }
    }

    /// The same with headlines alone.
    pub(super) fn compact(self) -> Self {
        Self { density: PageDensity::Compact, ..self }
    }
}

impl PageRenderer<'_> {
    /// A page of an output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn render_page(
        self,
        scope: &Scope,
        request: &OutputPageRequest<'_>,
    ) -> Result<Option<RenderedText>, StoreError> {
        let from = match request.before.map(cursor::parse_cursor) {
            Some(None) => return Ok(None),
            from => from.flatten(),
        };
        let site = self.reader.site;
        let page_size = site.page_entries;
        let part = OutputPart::Page { limit: page_size, place: FeedOrPage::Page(from) };
        let Some(mut part) = build_publication(self.reader, scope, part)? else {
            return Ok(None);
        };
        let publication = &mut part.publication;
        let has_more = publication.entries.len() > page_size;
        publication.entries.truncate(page_size);
        let may_go_on = !site.is_folder || request.number <= static_site::MAX_OLDER_PAGES;
        let older = publication.entries.last().filter(|_| has_more && may_go_on);
        let older = older.map(|last| cursor::format_cursor(last));
        let before = request.before.map(ToOwned::to_owned);
        // Who turns many pages over must not have all old pictures fetched.
        let may_request = before.is_none() && request.density == PageDensity::Normal;
        let moment = self.moment(request.now);
        let most_reported = match moment {
            Some(moment) if before.is_none() => self.most_reported(scope, moment)?,
            _ => None,
        };
        let view = PageView {
            before,
            newer: part.newer.take(),
            older,
            number: request.number,
            density: request.density,
            moment,
            most_reported,
            source: self.source_note(&part.publication)?,
            pictures: self.page_pictures(&part.publication, may_request),
            ..self.page_view(part.mark.position)
        };
        Ok(Some(self.page_text(&part.publication, &view)))
    }

    /// A page of the archive, or of what is new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn render_other_page(
        self,
        scope: &Scope,
        part: OutputPart,
        now: Timestamp,
    ) -> Result<Option<RenderedText>, StoreError> {
        let is_since = matches!(part, OutputPart::Since(_));
        let Some(part) = build_publication(self.reader, scope, part)? else { return Ok(None) };
        let PublishedPart { publication, mark, is_complete, newer: _ } = part;
        let since = is_since.then_some(SinceView { is_complete });
        let position = if is_since { mark.position } else { 0 };
        // A page of the archive is kept for any time.
        let moment = self.moment(now).filter(|_| is_since);
        let pictures = self.page_pictures(&publication, false);
        let view = PageView { number: 1, since, moment, pictures, ..self.page_view(position) };
        Ok(Some(self.page_text(&publication, &view)))
    }

    /// The moment that a page speaks of; `None`: it is a file, which is read at any time.
    fn moment(self, now: Timestamp) -> Option<PageMoment> {
        let site = self.reader.site;
        (!site.is_folder).then(|| PageMoment::for_page(now, site.max_age_seconds()))
    }

    /// The stories that the most sources report, of those in the feed of all sources. Pages of other outputs have
    /// no such list: each would need its feed at every rendering.
    fn most_reported(
        self,
        scope: &Scope,
        moment: PageMoment,
    ) -> Result<Option<MostReported>, StoreError> {
        if *scope != Scope::All || self.reader.site.stories == StoryDisplay::Off {
            return Ok(None);
        }
        let Some(feed) = feed_publication(self.reader, scope)? else { return Ok(None) };
        // The page now also depends on the sources that the feed names.
        self.reader.archives.record_named(&feed.publication);
        Ok(find_most_reported(&feed.publication, moment, &self.reader.site.clock()))
    }

    /// What the page of a source says about it; `None`: the page is of others, too, or a file.
    fn source_note(self, publication: &Publication) -> Result<Option<SourceNote>, StoreError> {
        let SiteReader { store, site, .. } = self.reader;
        let Scope::Source(id) = &publication.scope else { return Ok(None) };
        let Some(source) = self.reader.source(id).filter(|_| !site.is_folder) else {
            return Ok(None);
        };
        let info = publication.sources.get(id);
        let address = info.and_then(|info| Some(info.site.as_ref()?.to_string()));
        let language = info.and_then(|info| info.language.clone());
        let description = info.and_then(|info| info.description.clone());
        let state = status_report::source_state(store, source)?;
        Ok(Some(SourceNote { description, language, address, state: state.in_arabic() }))
    }

    /// The pictures that a page shows.
    fn page_pictures(self, publication: &Publication, may_request: bool) -> PagePictures {
        let Some(copies) = self.pictures else { return PagePictures::default() };
        find_page_pictures(copies, publication, may_request)
    }

    /// What all pages show of the site.
    fn page_view(self, position: u64) -> PageView {
        let site = self.reader.site;
        PageView {
            frame: site.frame(),
            clock: site.clock(),
            polled_at: self.polled_at,
            position,
            ..PageView::default()
        }
    }

    fn page_text(self, publication: &Publication, view: &PageView) -> RenderedText {
        let SiteReader { site, archives, .. } = self.reader;
        archives.record_named(publication);
        RenderedText {
            media_type: render::html::MEDIA_TYPE,
            text: feed_text::render_page(publication, view, archives),
            changed_at: publication.updated_at,
            max_age_seconds: site.max_age_seconds(),
            archive: publication.archive,
            mark: None,
        }
    }

    /// The page of the story of an entry. `None`: the entry is no longer stored, or no published entry
    /// belongs to its story.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn render_story(self, id: EntryId) -> Result<Option<RenderedText>, StoreError> {
        let site = self.reader.site;
        let sources = ScopeSources::default();
        let lookup = StoryLookup::new(self.reader, &Scope::All, &sources);
        let members = lookup.published_members(id)?;
        if members.is_empty() {
            return Ok(None);
        }
        let changed_at = members.iter().map(|member| member.listed.changed_at).max();
        let groups = |at: usize| members.get(at).map(|it| it.record.assignment.text_group);
        let is_same_text =
            (0..members.len()).map(|at| (0..at).any(|other| groups(other) == groups(at))).collect();
        let picture = self.pictures.and_then(|copies| {
            members.iter().find_map(|member| find_lead(copies, &member.listed, false))
        });
        let view = StoryView {
            frame: site.frame(),
            picture,
            is_same_text,
            tellings: members
                .into_iter()
                .map(|it| (Arc::unwrap_or_clone(it.listed), Arc::unwrap_or_clone(it.info)))
                .collect(),
            clock: site.clock(),
        };
        Ok(Some(RenderedText {
            changed_at,
            max_age_seconds: site.max_age_seconds(),
            archive: ArchiveLinks::default(),
            ..RenderedText::uncached(render::html::MEDIA_TYPE, render_story_page(&view))
        }))
    }

    /// The list of the sources for readers.
    pub(super) fn render_sources(self, report: &StatusReport, now: Timestamp) -> RenderedText {
        let site = self.reader.site;
        let view = SourcesView { frame: site.frame(), clock: site.clock(), now };
        let text = render_sources_page(report, &view);
        RenderedText::uncached(render::html::MEDIA_TYPE, text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore, at};
    use super::*;
    use crate::http::Resource;
    use crate::model::{SourceId, StoredEntry};
    use crate::publish::Renderer;

    /// 230 entries of two sources; every fifth one of the second source is in the story of one of the first.
    fn keep_two_sources(shop: &TestStore) {
        for source in ["a", "b"] {
            let new: Vec<StoredEntry> = (0..115)
                .map(|number| StoredEntry {
                    // Two of each are listed in the same second.
                    listed_at: at(-(number / 2)),
                    ..sample::listed(source, &number.to_string(), &format!("خبر {source}{number}."))
                })
                .collect();
            let records = new.iter().zip(0..115_i64).map(|(listed, number)| {
                let story = sample::listed("a", &number.to_string(), "").id;
                let story = if number % 5 == 0 { story } else { listed.id };
                sample::story_record(listed, story, i64::from(source == "b"))
            });
            let records = records.collect();
            shop.keep_with_stories(source, 0, new, records);
        }
    }

    fn page_text(renderer: &Renderer, scope: &Scope, before: Option<String>) -> String {
        let resource = Resource::Page { scope: scope.clone(), before };
        let page = renderer.render(&resource, None, at(60)).unwrap().unwrap();
        String::from_utf8(page.body.to_vec()).unwrap()
    }

    /// The cursor in the link with this relation; `None`: there is no such link, or it is that of the first page.
    fn cursor_in_link(page: &str, relation: &str) -> Option<String> {
        let (link, _) = page.split_once(&format!("\" rel=\"{relation}\">"))?;
        let (_, cursor) = link.rsplit_once("href=\"")?.1.split_once("?before=")?;
        Some(cursor.to_owned())
    }

    fn titles(page: &str) -> Vec<&str> {
        let titles = page.split("خبر ").skip(1).filter_map(|rest| rest.split_once(".</a></h3>"));
        titles.map(|(title, _)| title).collect()
    }

    #[test]
    fn the_way_back_from_an_older_page_has_the_same_pages() {
        let shop = TestStore::open();
        keep_two_sources(&shop);
        let renderer = shop.renderer(["a", "b"].map(sample::source).into());
        let own = Scope::Source(SourceId::new("b").unwrap());
        for (scope, entries) in [(Scope::All, 230_usize - 23), (own, 115)] {
            let mut cursors = vec![None];
            let mut pages = vec![page_text(&renderer, &scope, None)];
            while let Some(next) = cursor_in_link(pages.last().unwrap(), "next") {
                pages.push(page_text(&renderer, &scope, Some(next.clone())));
                cursors.push(Some(next));
            }
            let all: Vec<&str> = pages.iter().flat_map(|page| titles(page)).collect();
            assert_eq!((all.len(), pages.len()), (entries, entries.div_ceil(40)), "{scope:?}");
            assert!(!pages[0].contains(">الأحدث</a>"), "{}", pages[0]);
            assert!(pages[1].contains("rel=\"first prev\">الأحدث</a>"), "{}", pages[1]);
            for (number, page) in pages.iter().enumerate().skip(2) {
                let newer = cursor_in_link(page, "prev");
                assert_eq!(newer, cursors[number - 1], "{scope:?}, page {number}");
            }
        }
    }

    #[test]
    fn the_page_above_any_cursor_ends_there() {
        let shop = TestStore::open();
        keep_two_sources(&shop);
        let renderer = shop.renderer(["a", "b"].map(sample::source).into());
        // Nothing is older than this cursor.
        let end = format!("0-{}", EntryId::from_bytes([0; 16]));
        let last = page_text(&renderer, &Scope::All, Some(end.clone()));
        assert_eq!(titles(&last), Vec::<&str>::new());
        let newer = cursor_in_link(&last, "prev");
        let oldest = page_text(&renderer, &Scope::All, newer);
        assert_eq!(titles(&oldest).len(), 40);
        assert_eq!(cursor_in_link(&oldest, "next"), None, "{oldest}");
    }
}
