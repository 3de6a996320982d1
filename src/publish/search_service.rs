//! A search → finished bytes: the index gives positions, the store gives the entries, and the query itself
//! marks the matches in their original spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::feed_text;
use super::index_sync::{IndexNotifier, IndexSyncError};
use super::link_headers;
use super::published_site::{PublishedSite, display_name, source_info};
use super::query_subject::query_subject;
use super::search_cursors;
use crate::http::{Metrics, SearchFormat, SearchMetric, encode_rendition};
use crate::model::{
    ArchiveLinks, Publication, Rendition, Scope, SearchOrder, SiteName, SourceId, SourceInfo,
    StoredEntry,
};
use crate::query::{Query, QueryError, QueryField, QueryHint, excerpt, highlight_matches};
use crate::render::{self, breaking_label, search_page as shape};
use crate::search_index::{Hit, IndexState, SearchError, SearchIndex, SearchRequest};
use crate::store::Store;

/// The maximum number of entries that are checked one by one when the index cannot decide: about a fifth of a
/// second.
const MAX_CHECKED: usize = 5_000;
/// No entry is checked after this time: a pattern can take any time on a text.
const MAX_CHECK_TIME: Duration = Duration::from_secs(1);
/// The maximum number of sources in the list of the page: more are a page of their own, and `source:` in the query
/// reaches them all.
const MAX_SOURCE_CHOICES: usize = 100;
/// The number of words up to which the cost of their forms is not counted before a search.
const FEW_WORDS: usize = 5;
/// Characters of an excerpt, as under a headline.
const EXCERPT_CHARACTERS: usize = 280;

/// Everything that a search needs.
#[derive(Clone)]
pub struct SearchService {
    /// The index.
    pub search: SearchIndex,
    /// The store, for reading.
    pub store: Store,
    /// What the operator publishes.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Reports that the index cannot be read.
    pub notifier: IndexNotifier,
    /// Counts searches.
    pub metrics: Arc<Metrics>,
    /// The current time.
    pub now: fn() -> Timestamp,
}

/// A parsed search.
struct SearchQuery<'a> {
    query: &'a Query,
    order: SearchOrder,
    before: Option<u64>,
    limit: usize,
}

/// The results of a search.
struct SearchResults {
    entries: Vec<StoredEntry>,
    infos: BTreeMap<SourceId, SourceInfo>,
    count: u64,
    may_be_more: bool,
    next: Option<u64>,
    newer: Option<u64>,
}

impl SearchService {
    /// The results of a search, for people and programs. The report says when the query is invalid.
    ///
    /// # Errors
    /// When index or store cannot be read.
    pub fn report(
        &self,
        words: &str,
        order: SearchOrder,
        before: Option<u64>,
        limit: usize,
    ) -> Result<shape::SearchReport, IndexSyncError> {
        let index = match *self.search.state() {
            IndexState::Building { .. } => "building",
            IndexState::Ready => "ready",
            IndexState::Failed { .. } => "failed",
        };
        let mut report = shape::SearchReport {
            schema_version: shape::SCHEMA_VERSION,
            query: words.to_owned(),
            sort: order.as_str().to_owned(),
            index: index.to_owned(),
            ..shape::SearchReport::default()
        };
        if words.is_empty() {
            return Ok(report);
        }
        match parse_search(words) {
            Err(error) => {
                report.mistake = Some(shape::SearchMistake {
                    column: error.column,
                    message: error.mistake.to_string(),
                    arabic: error.mistake.in_arabic(),
                });
            }
            Ok(query) => {
                report.hints = query.hints().iter().map(shown_hint).collect();
                let results =
                    self.search_and_count(&SearchQuery { query: &query, order, before, limit })?;
                let hits = results.entries.iter();
                report.hits = hits.map(|entry| search_hit(entry, &results.infos, &query)).collect();
                report.count = results.count;
                report.may_be_more = results.may_be_more;
                report.next = results.next.map(|next| next.to_string());
                report.newer = results.newer.map(|newer| newer.to_string());
            }
        }
        Ok(report)
    }

    /// Finished bytes. `None`: there is no such resource (a feed of an invalid query).
    pub(super) fn render(
        &self,
        words: &str,
        format: &SearchFormat,
    ) -> Result<Option<Rendition>, IndexSyncError> {
        let site = self.site.load_full();
        let now = Timestamp::UNIX_EPOCH;
        Ok(match *format {
            SearchFormat::Json { order, before, limit } => {
                let report = self.report(words, order, before, limit)?;
                let text = shape::search_json(&report);
                Some(encode_rendition(render::status::MEDIA_TYPE, text, latest_change(&report), 10))
            }
            SearchFormat::Page { order, before } => {
                let report = self.report(words, order, before, site.page_entries)?;
                let view = shape::SearchView {
                    frame: site.frame(),
                    sources: source_choices(&site, &self.store)?,
                    clock: site.clock(),
                    is_first: before.is_none(),
                };
                let text = shape::render_search_page(&report, &view);
                let page =
                    encode_rendition(render::html::MEDIA_TYPE, text, latest_change(&report), 10);
                let links = link_headers::search_link_header(&site, words, format);
                let is_sound = !words.is_empty() && report.mistake.is_none();
                let links = links.filter(|_| is_sound);
                Some(Rendition { links, ..page })
            }
            SearchFormat::FeedGuide(feed_format) => {
                let Some(publication) = self.feed_publication(&site, words)? else {
                    return Ok(None);
                };
                let text = feed_text::render_guide(&site, &publication, feed_format);
                let changed = publication.updated_at.unwrap_or(now);
                let media = render::html::MEDIA_TYPE;
                let page = encode_rendition(media, text, changed, site.max_age_seconds());
                let links = link_headers::search_link_header(&site, words, format);
                Some(Rendition { links, ..page })
            }
            SearchFormat::Feed(feed_format) => {
                let Some(publication) = self.feed_publication(&site, words)? else {
                    return Ok(None);
                };
                let (media, text) = feed_text::render_feed_as(&publication, feed_format);
                let changed = publication.updated_at.unwrap_or(now);
                let feed = encode_rendition(media, text, changed, site.max_age_seconds());
                let links = link_headers::search_link_header(&site, words, format);
                Some(Rendition { links, ..feed })
            }
        })
    }

    /// What the feed of a search holds. `None`: the query is invalid.
    fn feed_publication(
        &self,
        site: &PublishedSite,
        words: &str,
    ) -> Result<Option<Publication>, IndexSyncError> {
        let Ok(query) = parse_search(words) else { return Ok(None) };
        let (order, before, limit) = (SearchOrder::Newest, None, site.entries);
        let results =
            self.search_and_count(&SearchQuery { query: &query, order, before, limit })?;
        let name = site.site_name(&self.store)?;
        Ok(Some(search_publication(site, (words, name), results)))
    }

    /// Whether a search is answered in some milliseconds. An invalid query is. Words that may hold a pattern
    /// or exact letters are not even parsed for this, because compiling patterns takes time.
    pub(super) fn is_quick(&self, words: &str) -> Result<bool, SearchError> {
        if words.contains(['/', '=']) {
            return Ok(false);
        }
        // Looking up the forms of a few words takes less than a millisecond, and would be done twice.
        let is_short = words.split_whitespace().count() <= FEW_WORDS;
        let query = if is_short { Query::parse(words) } else { parse_search(words) };
        query.map_or(Ok(true), |query| self.search.is_quick(&query))
    }

    /// Runs a search and counts its outcome.
    fn search_and_count(
        &self,
        search_query: &SearchQuery<'_>,
    ) -> Result<SearchResults, IndexSyncError> {
        let results = self.run_search(search_query)?;
        let outcome = if results.may_be_more { SearchMetric::Cut } else { SearchMetric::Whole };
        self.metrics.count_search(outcome);
        Ok(results)
    }

    fn run_search(&self, search_query: &SearchQuery<'_>) -> Result<SearchResults, IndexSyncError> {
        // An index that was rebuilt but could not be filled would falsely report that there is nothing.
        if matches!(*self.search.state(), IndexState::Failed { .. }) && self.search.is_empty() {
            return Err(SearchError::Closed.into());
        }
        let mut infos = BTreeMap::new();
        let &SearchQuery { query, order, before, limit } = search_query;
        let limit_unsure = MAX_CHECKED;
        let since = query
            .period()
            .map(|period| self.site.load().clock().start_of_period(period, (self.now)()));
        let (limit_quick, after) = (limit + 1, before);
        let request =
            SearchRequest { query, order, limit: limit_quick, limit_unsure, after, since };
        let results = self.search.find(&request)?;
        if results.is_exact {
            let (count, hits) = (results.count, &results.hits);
            let shown = &hits[..hits.len().min(limit)];
            let last = shown.last().filter(|_| hits.len() > limit).map(|hit| hit.place);
            let (next, newer) = match order {
                SearchOrder::Newest => (last, results.newer),
                SearchOrder::Best => search_cursors::best_first(before, limit, last.is_some()),
            };
            let entries = self.load_entries(shown, &mut infos)?;
            return Ok(SearchResults { entries, infos, count, may_be_more: false, next, newer });
        }
        let mut may_be_more = results.hits.len() == MAX_CHECKED;
        let until = Instant::now() + MAX_CHECK_TIME;
        let may_go_on = || Instant::now() < until;
        let mut entries = Vec::new();
        for hit in &results.hits {
            let Some(entry) = self.load_entries(std::slice::from_ref(hit), &mut infos)?.pop()
            else {
                continue;
            };
            let Some(info) = infos.get(&entry.source) else { continue };
            match query.matches_while(&query_subject(&entry, Some(info)), &may_go_on) {
                Some(true) => entries.push(entry),
                Some(false) => {}
                None => {
                    may_be_more = true;
                    break;
                }
            }
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        entries.truncate(search_query.limit);
        Ok(SearchResults { entries, infos, count, may_be_more, next: None, newer: None })
    }

    /// The entries at these positions, without those that were pruned since or whose source is not configured any
    /// more. The information about their sources is added to `infos`.
    fn load_entries(
        &self,
        hits: &[Hit],
        infos: &mut BTreeMap<SourceId, SourceInfo>,
    ) -> Result<Vec<StoredEntry>, IndexSyncError> {
        let site = self.site.load();
        let mut entries = Vec::with_capacity(hits.len());
        for hit in hits {
            let Some(entry) = self.store.entry(hit.id, hit.listed_at)? else { continue };
            if !infos.contains_key(&entry.source) {
                let Some(source) = site.sources.find(&entry.source) else { continue };
                let info = source_info(&self.store, source)?;
                infos.insert(entry.source.clone(), info);
            }
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// A search also finds the other forms of its words.
fn parse_search(words: &str) -> Result<Query, QueryError> {
    Query::parse(words).map(Query::with_forms)
}

/// The sources that the page of a search offers for choice, by name; none if they are too many.
fn source_choices(
    site: &PublishedSite,
    store: &Store,
) -> Result<Vec<(String, String)>, IndexSyncError> {
    if site.sources.len() > MAX_SOURCE_CHOICES {
        return Ok(Vec::new());
    }
    let mut choices = Vec::with_capacity(site.sources.len());
    for source in &site.sources {
        let name = match &source.name {
            Some(name) => name.clone(),
            None => display_name(source, store.poll_state(&source.id)?.as_ref()),
        };
        choices.push((source.id.to_string(), name));
    }
    choices.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(choices)
}

fn shown_hint(hint: &QueryHint) -> shape::SearchHint {
    shape::SearchHint { message: hint.to_string(), arabic: hint.in_arabic() }
}

fn search_hit(
    listed: &StoredEntry,
    infos: &BTreeMap<SourceId, SourceInfo>,
    query: &Query,
) -> shape::SearchHit {
    let pieces = |text: &str| {
        let pieces = highlight_matches(text, query).into_iter();
        let pieces =
            pieces.map(|it| shape::SearchPiece { text: it.text.into(), found: it.is_found });
        pieces.collect::<Vec<_>>()
    };
    let name = infos.get(&listed.source).map_or(listed.source.as_str(), |info| &info.name);
    let subject =
        crate::query::SearchableEntry::new(&listed.entry, &listed.source, name, &[], None);
    // The text where the words occur, else the first text that is not empty.
    let texts = [QueryField::Summary, QueryField::Text].map(|field| subject.words(field));
    let says = |text: &&&str| highlight_matches(text, query).iter().any(|piece| piece.is_found);
    let text = texts.iter().find(says).or_else(|| texts.iter().find(|text| !text.is_empty()));
    let excerpt = excerpt(text.unwrap_or(&""), query, EXCERPT_CHARACTERS);
    let title = match listed.entry.title.as_str() {
        "" => "(بلا عنوان)",
        title => title,
    };
    shape::SearchHit {
        id: listed.id.to_urn(),
        title: pieces(title),
        excerpt: pieces(&excerpt),
        link: listed.entry.link.as_deref().map(render::output_address),
        source: listed.source.to_string(),
        source_name: name.to_owned(),
        listed_at: listed.listed_at,
        language: listed.entry.language.as_ref().map(ToString::to_string),
        direction: listed.entry.direction.as_str(),
        breaking: breaking_label::is_breaking(listed, infos.get(&listed.source)),
    }
}

fn latest_change(report: &shape::SearchReport) -> Timestamp {
    report.hits.iter().map(|hit| hit.listed_at).max().unwrap_or_default()
}

fn search_publication(
    site: &PublishedSite,
    (words, name): (&str, SiteName),
    results: SearchResults,
) -> Publication {
    let used: BTreeSet<&SourceId> = results.entries.iter().map(|entry| &entry.source).collect();
    let mut sources = results.infos.clone();
    sources.retain(|source, _| used.contains(source));
    Publication {
        scope: Scope::All,
        title: format!("بحث: {words} — {}", site.title),
        description: site.description.clone(),
        base: site.base.clone(),
        folder: shape::search_folder(words),
        is_private: false,
        archive: ArchiveLinks::default(),
        is_folder: false,
        name,
        language: site.language.clone(),
        updated_at: results.entries.iter().map(|entry| entry.changed_at).max(),
        ttl_seconds: site.max_age_seconds(),
        content: site.content,
        contact: site.contact.clone(),
        entries: results.entries.into_iter().map(Arc::new).collect(),
        stories: BTreeMap::new(),
        sources: Arc::new(sources.into_iter().map(|(id, info)| (id, Arc::new(info))).collect()),
    }
}
