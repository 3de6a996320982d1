//! What is looked for → finished bytes: the index names places, the store gives the entries, the query
//! itself marks what it found in their own spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use super::index_sync::{IndexNotifier, IndexSyncError, subject_of};
use super::link_headers;
use super::published_site::PublishedSite;
use crate::http::{Metrics, OutputFormat, SearchFormat, SearchMetric, encode_rendition};
use crate::model::{Publication, Rendition, Scope, SiteName, SourceId, SourceInfo, StoredEntry};
use crate::query::{Query, QueryField, SearchOrder, excerpt, highlight_matches};
use crate::render::arabic_wording::LocalClock;
use crate::render::{self, breaking_label, search_page as shape};
use crate::search_index::{Hit, IndexState, MAX_SKIPPED, SearchError, SearchIndex, SearchRequest};
use crate::store::Store;

/// Entries that are looked at one by one where the index cannot tell: about a fifth of a second.
const MAX_CHECKED: usize = 5_000;
/// Nor is any looked at behind this time: patterns take as long as they like with a text.
const MAX_CHECK_TIME: Duration = Duration::from_secs(1);
/// Characters of an excerpt, as under a headline.
const EXCERPT_CHARACTERS: usize = 280;

/// Everything that a search is made with.
#[derive(Clone)]
pub struct SearchService {
    /// The index.
    pub search: SearchIndex,
    /// The store, for reading.
    pub store: Store,
    /// What the operator wants published.
    pub site: Arc<ArcSwap<PublishedSite>>,
    /// Told when the index cannot be read.
    pub notifier: IndexNotifier,
    /// For counting.
    pub metrics: Arc<Metrics>,
}

/// A question, read.
struct SearchQuery<'a> {
    query: &'a Query,
    order: SearchOrder,
    before: Option<u64>,
    limit: usize,
}

/// What came of it.
struct SearchResults {
    entries: Vec<StoredEntry>,
    cards: BTreeMap<SourceId, SourceInfo>,
    count: u64,
    may_be_more: bool,
    next: Option<u64>,
}

impl SearchService {
    /// What a search finds, for people and programs. A wrong query is told in the report.
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
        match Query::parse(words) {
            Err(error) => {
                report.mistake = Some(shape::SearchMistake {
                    column: error.column,
                    message: error.mistake.to_string(),
                    arabic: error.mistake.in_arabic(),
                });
            }
            Ok(query) => {
                let found =
                    self.search_and_count(&SearchQuery { query: &query, order, before, limit })?;
                let hits = found.entries.iter();
                report.hits = hits.map(|entry| search_hit(entry, &found.cards, &query)).collect();
                report.count = found.count;
                report.may_be_more = found.may_be_more;
                report.next = found.next.map(|next| next.to_string());
            }
        }
        Ok(report)
    }

    /// Finished bytes. `None`: there is no such thing (a feed of a wrong query).
    pub(super) fn render(
        &self,
        words: &str,
        form: &SearchFormat,
    ) -> Result<Option<Rendition>, IndexSyncError> {
        let edition = self.site.load_full();
        let now = jiff::Timestamp::UNIX_EPOCH;
        Ok(match *form {
            SearchFormat::Json { order, before, limit } => {
                let report = self.report(words, order, before, limit)?;
                let text = shape::search_json(&report);
                Some(encode_rendition(render::status::MEDIA_TYPE, text, latest_change(&report), 10))
            }
            SearchFormat::Page { order, before } => {
                let report = self.report(words, order, before, edition.page_entries)?;
                let view = shape::SearchView {
                    title: edition.title.clone(),
                    base: edition.base.clone(),
                    clock: LocalClock::in_timezone(edition.timezone.as_deref()),
                    is_first: before.is_none(),
                };
                let text = shape::render_search_page(&report, &view);
                let page =
                    encode_rendition(render::html::MEDIA_TYPE, text, latest_change(&report), 10);
                let links = link_headers::search_link_header(&edition, words, form);
                let is_sound = !words.is_empty() && report.mistake.is_none();
                let links = links.filter(|_| is_sound);
                Some(Rendition { links, ..page })
            }
            SearchFormat::Feed(format) => {
                let Ok(query) = Query::parse(words) else { return Ok(None) };
                let limit = edition.entries;
                let question =
                    SearchQuery { query: &query, order: SearchOrder::Newest, before: None, limit };
                let name = edition.site_name(&self.store)?;
                let found = self.search_and_count(&question)?;
                let publication = search_publication(&edition, (words, name), found);
                let (media, text) = match format {
                    OutputFormat::Rss => {
                        (render::rss::MEDIA_TYPE, render::rss::render_rss(&publication))
                    }
                    OutputFormat::Atom => {
                        (render::atom::MEDIA_TYPE, render::atom::render_atom(&publication))
                    }
                    OutputFormat::Json => (
                        render::json_feed::MEDIA_TYPE,
                        render::json_feed::render_json_feed(&publication),
                    ),
                };
                let changed = publication.updated_at.unwrap_or(now);
                let feed = encode_rendition(media, text, changed, edition.max_age_seconds());
                let links = link_headers::search_link_header(&edition, words, form);
                Some(Rendition { links, ..feed })
            }
        })
    }

    /// Whether a search is answered in some milliseconds; a wrong query is. What may hold a pattern or
    /// letters is not even read for it: preparing patterns takes time.
    pub(super) fn is_quick(&self, words: &str) -> Result<bool, SearchError> {
        if words.contains(['/', '=']) {
            return Ok(false);
        }
        Query::parse(words).map_or(Ok(true), |query| self.search.is_quick(&query))
    }

    /// What a question comes to, counted.
    fn search_and_count(
        &self,
        question: &SearchQuery<'_>,
    ) -> Result<SearchResults, IndexSyncError> {
        let found = self.run_search(question)?;
        let outcome = if found.may_be_more { SearchMetric::Cut } else { SearchMetric::Whole };
        self.metrics.count_search(outcome);
        Ok(found)
    }

    fn run_search(&self, question: &SearchQuery<'_>) -> Result<SearchResults, IndexSyncError> {
        // An index that was begun anew and could not be filled would tell that there is nothing.
        if matches!(*self.search.state(), IndexState::Failed { .. }) && self.search.is_empty() {
            return Err(SearchError::Closed.into());
        }
        let mut cards = BTreeMap::new();
        let edition = self.site.load();
        for source in &edition.sources {
            cards.insert(source.id.clone(), edition.source_info(&self.store, source)?);
        }
        let &SearchQuery { query, order, before, limit } = question;
        let limit_unsure = MAX_CHECKED;
        let ask = SearchRequest { query, order, limit: limit + 1, limit_unsure, after: before };
        let found = self.search.find(&ask)?;
        if found.is_exact {
            let (count, hits) = (found.count, &found.hits);
            let shown = &hits[..hits.len().min(limit)];
            let next = (hits.len() > limit).then(|| next_cursor(question, shown)).flatten();
            let entries = self.load_entries(shown, &cards)?;
            return Ok(SearchResults { entries, cards, count, may_be_more: false, next });
        }
        let mut may_be_more = found.hits.len() == MAX_CHECKED;
        let until = Instant::now() + MAX_CHECK_TIME;
        let may_go_on = || Instant::now() < until;
        let mut entries = Vec::new();
        for hit in &found.hits {
            let Some(entry) = self.load_entries(std::slice::from_ref(hit), &cards)?.pop() else {
                continue;
            };
            let Some(card) = cards.get(&entry.source) else { continue };
            match query.matches_while(&subject_of(&entry, card), &may_go_on) {
                Some(true) => entries.push(entry),
                Some(false) => {}
                None => {
                    may_be_more = true;
                    break;
                }
            }
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        entries.truncate(question.limit);
        Ok(SearchResults { entries, cards, count, may_be_more, next: None })
    }

    /// The entries at these places; what was pruned meanwhile is left out.
    fn load_entries(
        &self,
        hits: &[Hit],
        cards: &BTreeMap<SourceId, SourceInfo>,
    ) -> Result<Vec<StoredEntry>, IndexSyncError> {
        let mut entries = Vec::with_capacity(hits.len());
        for hit in hits {
            let entry = self.store.entry(hit.id, hit.listed_at)?;
            entries.extend(entry.filter(|entry| cards.contains_key(&entry.source)));
        }
        Ok(entries)
    }
}

/// The word for what stands behind these.
fn next_cursor(question: &SearchQuery<'_>, shown: &[Hit]) -> Option<u64> {
    match question.order {
        SearchOrder::Newest => shown.last().map(|hit| hit.place),
        SearchOrder::Best => {
            let count = u64::try_from(shown.len()).ok()?;
            let next = question.before.unwrap_or(0).saturating_add(count);
            Some(next).filter(|next| usize::try_from(*next).is_ok_and(|it| it <= MAX_SKIPPED))
        }
    }
}

fn search_hit(
    listed: &StoredEntry,
    cards: &BTreeMap<SourceId, SourceInfo>,
    query: &Query,
) -> shape::SearchHit {
    let pieces = |text: &str| {
        let pieces = highlight_matches(text, query).into_iter();
        let pieces =
            pieces.map(|it| shape::SearchPiece { text: it.text.into(), found: it.is_found });
        pieces.collect::<Vec<_>>()
    };
    let name = cards.get(&listed.source).map_or(listed.source.as_str(), |card| &card.name);
    let subject =
        crate::query::SearchableEntry::new(&listed.entry, &listed.source, name, &[], None);
    // Where the words stand; else the beginning of what there is.
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
        breaking: breaking_label::is_breaking(listed, cards.get(&listed.source)),
    }
}

fn latest_change(report: &shape::SearchReport) -> jiff::Timestamp {
    report.hits.iter().map(|hit| hit.listed_at).max().unwrap_or_default()
}

fn search_publication(
    edition: &PublishedSite,
    (words, name): (&str, SiteName),
    found: SearchResults,
) -> Publication {
    let used: BTreeSet<&SourceId> = found.entries.iter().map(|entry| &entry.source).collect();
    let mut sources = found.cards.clone();
    sources.retain(|source, _| used.contains(source));
    Publication {
        scope: Scope::All,
        title: format!("بحث: {words} — {}", edition.title),
        description: edition.description.clone(),
        base: edition.base.clone(),
        folder: shape::search_folder(words),
        is_folder: false,
        name,
        language: edition.language.clone(),
        updated_at: found.entries.iter().map(|entry| entry.changed_at).max(),
        ttl_seconds: edition.max_age_seconds(),
        content: edition.content,
        contact: edition.contact.clone(),
        entries: found.entries,
        stories: BTreeMap::new(),
        sources,
    }
}
