//! Entries of sources with the setting `full_text` → their pages, requested politely with a poll or a push,
//! and the text of these pages.
//!
//! | when | which pages | how many | for how long |
//! | --- | --- | --- | --- |
//! | before the entries of a document are listed | those of its new and changed entries | 10 | 5 s |
//! | after that | pending ones | 20, in four rounds that are each stored | 4 min |
//!
//! Only one page of a source is requested at a time. An entry whose page does not arrive in time is listed
//! with the feed's own text; when the page arrives, its text replaces that one, and neither `listed_at` nor
//! `changed_at` of the entry changes, so that it does not appear as news twice. The result of a page is
//! stored together with its text, so that it is not requested again after a restart. The rules themselves,
//! without clock and network, are in `decide::full_text_queue`.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `page_fetch` | an address → its page |
//! | `robots_cache` | sites → what their `robots.txt` allows |

mod page_fetch;
pub(in crate::ingest) mod robots_cache;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::extract::{FeedText, TextChoice};
use rafid_feed::model::{Article, Document, Entry, RepeatedBlocks, Validators};
use rafid_feed::pipeline;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::read_document::may_be_large;
use super::resources::PollResources;
use super::update_report::{UpdateReport, finish_update};
use crate::decide::decided_feed::decide_listable_entries;
use crate::decide::entry_changes::EntryChanges;
use crate::decide::full_text_queue::{self, PageFetchOutcome};
use crate::decide::hub_discovery::HubDiscovery;
use crate::decide::poll::Decision;
use crate::model::{
    EntryId, EntryStatus, FullTextState, PageText, PollState, PublicUrl, SeenEntry, Source,
    StoredEntry,
};
use crate::store::{Commit, Store, StoreError};
use page_fetch::{FetchedPage, PageFetcher, PageResponse};

pub use robots_cache::RobotsCache;

/// How long entries wait for their pages before they are listed, and how many entries wait.
const WAIT_BEFORE_LISTING: Duration = Duration::from_secs(5);
const MAX_BEFORE_LISTING: usize = 10;
/// Pages that are requested in one later round.
const MAX_IN_ROUND: usize = 5;
/// Rounds after one poll or push.
pub const ROUNDS: usize = 4;
/// How long all rounds after one poll or push may take: the source is not polled during this time.
pub const ROUNDS_TIME: Duration = Duration::from_mins(4);
/// After this many failures in a row the other pages are not requested: their host has a problem.
const MAX_FAILURES: usize = 3;

/// Fetches pages of one source.
pub struct FullTextFetcher<'a> {
    /// Fetches and reads documents.
    pub resources: &'a PollResources,
    /// What sites allow.
    pub robots: &'a RobotsCache,
    /// The store.
    pub store: &'a Store,
    /// The source.
    pub source: &'a Arc<Source>,
}

/// A page to request.
struct PageRequest {
    id: EntryId,
    /// When the entry is listed; `None`: it is not listed yet.
    listed_at: Option<Timestamp>,
    url: Url,
    tries: u8,
    validators: Option<Validators>,
    feed_text: FeedText,
}

/// The results of pages, to be stored.
#[derive(Debug, Default)]
pub struct FetchedTexts {
    pages: FullTextState,
    outcomes: BTreeMap<EntryId, PageFetchOutcome>,
    texts: BTreeMap<EntryId, (Option<Timestamp>, PageText)>,
}

impl FullTextFetcher<'_> {
    /// Fetches the pages of the new and changed entries of a document, before they are listed. `None`: the
    /// source does not have the setting `full_text`, or the store cannot be read.
    pub async fn fetch_before_listing(
        &self,
        entries: &[Entry],
        now: Timestamp,
    ) -> Option<FetchedTexts> {
        if !self.source.full_text {
            return None;
        }
        let (source, store) = (Arc::clone(self.source), self.store.clone());
        let entries = entries.to_vec();
        let known = self
            .resources
            .run_blocking(move || requests_before_listing(&source, entries, &store, now));
        let (state, requests) = log_store_error(known.await?)?;
        Some(self.fetch_pages(state, requests, Instant::now() + WAIT_BEFORE_LISTING, now).await)
    }

    /// Fetches pending pages. `None`: none is due.
    pub async fn fetch_pending(&self, until: Instant, now: Timestamp) -> Option<FetchedTexts> {
        let state = log_store_error(self.store.full_text_state(&self.source.id))??;
        let mut finished = BTreeMap::new();
        let mut requests = Vec::new();
        for page in full_text_queue::due_pages(&state, now).take(MAX_IN_ROUND) {
            let listed = log_store_error(self.store.entry(page.id, page.listed_at))?;
            match listed.and_then(|listed| request_for_listed(&listed, page.tries, now)) {
                Some(request) => requests.push(request),
                // The entry was pruned, or no longer needs its page.
                None => drop(finished.insert(page.id, PageFetchOutcome::Done)),
            }
        }
        if requests.is_empty() && finished.is_empty() {
            return None;
        }
        let mut texts = self.fetch_pages(state, requests, until, now).await;
        texts.outcomes.append(&mut finished);
        Some(texts)
    }

    async fn fetch_pages(
        &self,
        pages: FullTextState,
        requests: Vec<PageRequest>,
        until: Instant,
        now: Timestamp,
    ) -> FetchedTexts {
        let Self { resources, robots, source, .. } = *self;
        let fetcher = PageFetcher { resources, robots, source, until, now };
        let mut texts = FetchedTexts { pages, ..FetchedTexts::default() };
        let mut failures = 0;
        for request in requests {
            let is_over = Instant::now() >= until || failures >= MAX_FAILURES;
            if is_over || !full_text_queue::has_daily_budget(&mut texts.pages, now) {
                break;
            }
            let response = fetcher.fetch(&request.url, request.validators.as_ref()).await;
            let is_requested = !matches!(response, PageResponse::Postponed(_));
            texts.pages.requested_count += u32::from(is_requested);
            failures = if matches!(response, PageResponse::Failed(_)) { failures + 1 } else { 0 };
            record_response(&fetcher, &mut texts, request, response).await;
        }
        texts
    }
}

/// Records the response to a page request.
async fn record_response(
    fetcher: &PageFetcher<'_>,
    texts: &mut FetchedTexts,
    request: PageRequest,
    response: PageResponse,
) {
    let (id, now) = (request.id, fetcher.now);
    let stats = &mut texts.pages.stats;
    let outcome = match response {
        PageResponse::Page(page) => match read_page(fetcher, texts, request, *page).await {
            Some(outcome) => outcome,
            None => return,
        },
        PageResponse::NotModified => PageFetchOutcome::Done,
        PageResponse::Postponed(None) => return,
        PageResponse::Postponed(Some(left)) => {
            let left = SignedDuration::try_from(left).unwrap_or_default();
            PageFetchOutcome::NotBefore(now.checked_add(left).unwrap_or(now))
        }
        PageResponse::Forbidden => {
            stats.refused += 1;
            texts.record_error(&request, "robots.txt forbids it", now);
            PageFetchOutcome::Done
        }
        PageResponse::Failed(why) => {
            let tries = request.tries.saturating_add(1);
            stats.failed += u64::from(full_text_queue::is_given_up(tries));
            texts.record_error(&request, &why, now);
            PageFetchOutcome::Failed(tries)
        }
        PageResponse::PermanentFailure(why) => {
            stats.failed += 1;
            texts.record_error(&request, &why, now);
            PageFetchOutcome::Done
        }
    };
    texts.outcomes.insert(id, outcome);
}

/// Reads a page, and decides whether its text is used. `None`: there was no time for it.
async fn read_page(
    fetcher: &PageFetcher<'_>,
    texts: &mut FetchedTexts,
    request: PageRequest,
    page: FetchedPage,
) -> Option<PageFetchOutcome> {
    let FetchedPage { document, validators, room } = page;
    if document.url.as_ref().is_some_and(full_text_queue::is_home_page) {
        texts.pages.stats.other += 1;
        texts.record_error(&request, "it leads to the home page", fetcher.now);
        return Some(PageFetchOutcome::Done);
    }
    let seen = texts.pages.repeated_blocks.clone();
    let extracted = extract_page(fetcher, document, request.feed_text.clone(), seen);
    let extracted = timeout_at(fetcher.until, extracted).await.ok()?;
    drop(room);
    let read = match extracted {
        Some((read, seen)) => {
            texts.pages.repeated_blocks = seen;
            read
        }
        None => Err("the reader panicked on it; please report it".to_owned()),
    };
    let stats = &mut texts.pages.stats;
    match read {
        Err(why) => {
            stats.failed += 1;
            texts.record_error(&request, &why, fetcher.now);
        }
        Ok((_, TextChoice::OtherPage)) => {
            stats.other += 1;
            texts.record_error(&request, "it is the page of another text", fetcher.now);
        }
        Ok((article, choice)) => {
            let is_text = choice == TextChoice::Page;
            stats.taken += u64::from(is_text);
            stats.shorter += u64::from(!is_text);
            let html = Some(article.html).filter(|_| is_text);
            let attributions = article.attributions;
            if is_text || !attributions.is_empty() {
                let text = PageText { html, attributions, validators };
                texts.texts.insert(request.id, (request.listed_at, text));
            }
        }
    }
    Some(PageFetchOutcome::Done)
}

/// The article of a page or the reason why a page has none, and the repeated blocks of the source's pages.
type ExtractedPage = (Result<(Article, TextChoice), String>, RepeatedBlocks);

/// Extracts the article of a page, off the async threads. `None`: it panicked.
async fn extract_page(
    fetcher: &PageFetcher<'_>,
    document: Document,
    feed_text: FeedText,
    mut seen: RepeatedBlocks,
) -> Option<ExtractedPage> {
    let is_large = may_be_large(&document);
    let source = fetcher.source.clone();
    let work = move || {
        let read = pipeline::read_article_of_entry(
            &document,
            source.read_hints(),
            &source.article,
            &feed_text,
            &mut seen,
        );
        (read.map_err(|error| format!("{}: {error}", error.stage())), seen)
    };
    if is_large {
        fetcher.resources.large.run(work).await.map(|(extracted, _)| extracted)
    } else {
        fetcher.resources.run_blocking(work).await
    }
}

impl FetchedTexts {
    fn record_error(&mut self, request: &PageRequest, why: &str, now: Timestamp) {
        tracing::debug!(url = %PublicUrl::redact(&request.url), why, "no text from a page");
        full_text_queue::record_error(&mut self.pages, request.url.as_str(), why, now);
    }

    /// Puts the texts into the entries of a commit. The result is the new state of the source's pages.
    pub fn apply_to_commit(mut self, commit: &mut Commit, now: Timestamp) -> FullTextState {
        for listed in commit.new.iter_mut().chain(&mut commit.changed) {
            if let Some((_, text)) = self.texts.remove(&listed.id) {
                full_text_queue::apply_page_text(&mut listed.entry, text);
            }
        }
        let listed = commit.new.iter().chain(&commit.changed);
        full_text_queue::update_queue(&mut self.pages, &self.outcomes, listed, now);
        self.pages
    }
}

/// A commit that replaces the entries that have a text in `texts`. Nothing else of the source changes;
/// `earlier` loads an entry as it is stored.
pub fn commit_page_texts(
    source: &Arc<Source>,
    texts: Option<&FetchedTexts>,
    state: PollState,
    earlier: &dyn Fn(&SeenEntry) -> Option<StoredEntry>,
) -> (Commit, UpdateReport) {
    let texts = texts.iter().flat_map(|texts| &texts.texts);
    let placed = texts.filter_map(|(id, (at, _))| Some((*id, (*at)?)));
    let listed = placed.filter_map(|(id, listed_at)| {
        let listed = earlier(&SeenEntry { id, listed_at, content_hash: 0 })?;
        Some(StoredEntry { revision: listed.revision.saturating_add(1), ..listed })
    });
    let changed: Vec<StoredEntry> = listed.collect();
    let decision = Decision {
        state,
        changes: EntryChanges::with_changed(changed),
        is_whole: false,
        entries_count: None,
        clock: None,
        hubs: HubDiscovery::Unknown,
    };
    finish_update(source, decision)
}

/// The state of a source's pages, and the requests for the new and changed entries of a document, newest
/// first.
fn requests_before_listing(
    source: &Source,
    entries: Vec<Entry>,
    store: &Store,
    now: Timestamp,
) -> Result<(FullTextState, Vec<PageRequest>), StoreError> {
    let pages = store.full_text_state(&source.id)?.unwrap_or_default();
    let known = store.seen_index(&source.id)?;
    let mut requests = Vec::new();
    for (entry, decision) in decide_listable_entries(source, entries, &known) {
        let before = match decision.status {
            EntryStatus::New => None,
            EntryStatus::Changed(known) => match store.entry(known.id, known.listed_at)? {
                Some(before) => Some(before),
                None => continue,
            },
            EntryStatus::Same(_) | EntryStatus::Repeated(_) => continue,
        };
        let revision = before.as_ref().map_or(0, |before| before.revision.saturating_add(1));
        let Some(url) = full_text_queue::page_address(&entry, revision, now) else { continue };
        let pending = pages.pending.iter().find(|page| page.id == decision.id);
        if pending.is_some_and(|page| page.not_before > now) {
            continue;
        }
        let at = entry.published_at.or(entry.updated_at).unwrap_or(now);
        let request = PageRequest {
            id: decision.id,
            listed_at: before.as_ref().map(|before| before.listed_at),
            url,
            tries: pending.map_or(0, |page| page.tries),
            validators: before.and_then(|before| before.entry.page?.validators),
            feed_text: FeedText::from_entry(&entry),
        };
        requests.push((at, request));
    }
    requests.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut seen = BTreeSet::new();
    let requests = requests.into_iter().map(|(_, request)| request);
    Ok((
        pages,
        requests
            .filter(|request| seen.insert(request.url.clone()))
            .take(MAX_BEFORE_LISTING)
            .collect(),
    ))
}

fn request_for_listed(listed: &StoredEntry, tries: u8, now: Timestamp) -> Option<PageRequest> {
    Some(PageRequest {
        id: listed.id,
        listed_at: Some(listed.listed_at),
        url: full_text_queue::page_address(&listed.entry, listed.revision, now)?,
        tries,
        validators: listed.entry.page.as_ref().and_then(|page| page.validators.clone()),
        feed_text: FeedText::from_entry(&listed.entry),
    })
}

/// A failing store is reported to everyone by the next commit; until then, no page is requested.
fn log_store_error<T>(read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(%error, "pages are not requested")).ok()
}
