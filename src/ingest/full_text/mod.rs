//! Entries whose full text the operator wants → their pages, asked politely beside a poll or a push, and
//! what is made of them.
//!
//! | when | which pages | how many | for how long |
//! | --- | --- | --- | --- |
//! | before the entries of a reading are listed | those of its new and changed entries | 10 | 5 s |
//! | behind that | those that wait | 20, in four rounds that are kept each | 4 min |
//!
//! One page of a source is asked at a time. What is not had in time waits, and its entry is listed with the
//! feed's own text; when the page comes, the text is put in its place, and neither the entry's place nor
//! its `changed_at` moves: nobody is shown it as news twice. What became of a page is kept together with
//! its text, so that no start of the program asks for it again. The rules themselves, which know no clock
//! and no network, are `feed::pages`.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `ask` | an address → its page |
//! | `rules` | sites → what their `robots.txt` allows |

mod page_fetch;
mod robots_cache;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::extract::{FeedText, TextChoice};
use rafid_feed::model::{Article, Document, Entry, RepeatedBlocks, Validators};
use rafid_feed::pipeline;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::push::HubDiscovery;
use super::read_document::may_be_large;
use super::{PollResources, UpdateReport, entry_changes, rediscovery};
use crate::decide::full_text_queue::{self, PageFetchOutcome};
use crate::model::{
    EntryId, EntryStatus, FullTextState, PageText, PollState, PublicUrl, SeenEntry, Source,
    StoredEntry,
};
use crate::store::{Commit, Store, StoreError};
use page_fetch::{FetchedPage, PageFetcher, PageResponse};

pub use robots_cache::RobotsCache;

/// How long entries wait for their pages before they are listed, and how many do.
const WAIT_BEFORE_LISTING: Duration = Duration::from_secs(5);
const MAX_BEFORE_LISTING: usize = 10;
/// Pages that are asked in one round behind that, and how many rounds there are.
const MAX_IN_ROUND: usize = 5;
/// Rounds behind one poll or push.
pub const ROUNDS: usize = 4;
/// How long all rounds behind one poll or push may take: a source is not polled meanwhile.
pub const ROUNDS_TIME: Duration = Duration::from_mins(4);
/// Failures in a row after which the others are not tried: it is their host.
const MAX_FAILURES: usize = 3;

/// Who asks for pages, and for whom.
pub struct FullTextFetcher<'a> {
    /// Who fetches and reads.
    pub resources: &'a PollResources,
    /// What sites allow.
    pub robots: &'a RobotsCache,
    /// What is known.
    pub store: &'a Store,
    /// Whose pages.
    pub source: &'a Arc<Source>,
}

/// A page that is to be asked.
struct PageRequest {
    id: EntryId,
    /// Where the entry is listed; `None`: it is not listed yet.
    listed_at: Option<Timestamp>,
    url: Url,
    tries: u8,
    validators: Option<Validators>,
    feed_text: FeedText,
}

/// What was had of pages, to be kept.
#[derive(Debug, Default)]
pub struct FetchedTexts {
    pages: FullTextState,
    outcomes: BTreeMap<EntryId, PageFetchOutcome>,
    texts: BTreeMap<EntryId, (Option<Timestamp>, PageText)>,
}

impl FullTextFetcher<'_> {
    /// Asks for the pages of a reading's new and changed entries, before they are listed. `None`: the
    /// operator wants none of this source, or what is known cannot be read.
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
        let known = rediscovery::run_blocking(self.resources, move || {
            requests_before_listing(&source, entries, &store, now)
        });
        let (known, wants) = log_store_error(known.await?)?;
        Some(self.fetch_pages(known, wants, Instant::now() + WAIT_BEFORE_LISTING, now).await)
    }

    /// Asks for pages that wait. `None`: none is due.
    pub async fn fetch_pending(&self, until: Instant, now: Timestamp) -> Option<FetchedTexts> {
        let known = log_store_error(self.store.full_text_state(&self.source.id))??;
        let mut gathered = FetchedTexts::default();
        let mut wants = Vec::new();
        for page in full_text_queue::due_pages(&known, now).take(MAX_IN_ROUND) {
            let listed = log_store_error(self.store.entry(page.id, page.listed_at))?;
            match listed.and_then(|listed| request_for_listed(&listed, page.tries, now)) {
                Some(want) => wants.push(want),
                // It is not kept any more, or not to be asked.
                None => drop(gathered.outcomes.insert(page.id, PageFetchOutcome::Done)),
            }
        }
        if wants.is_empty() && gathered.outcomes.is_empty() {
            return None;
        }
        let mut had = self.fetch_pages(known, wants, until, now).await;
        had.outcomes.append(&mut gathered.outcomes);
        Some(had)
    }

    async fn fetch_pages(
        &self,
        pages: FullTextState,
        wants: Vec<PageRequest>,
        until: Instant,
        now: Timestamp,
    ) -> FetchedTexts {
        let Self { resources: hands, robots: rules, source, .. } = *self;
        let visit = PageFetcher { resources: hands, robots: rules, source, until, now };
        let mut gathered = FetchedTexts { pages, ..FetchedTexts::default() };
        let mut failures = 0;
        for want in wants {
            let is_over = Instant::now() >= until || failures >= MAX_FAILURES;
            if is_over || !full_text_queue::has_daily_budget(&mut gathered.pages, now) {
                break;
            }
            let asked = visit.fetch(&want.url, want.validators.as_ref()).await;
            let is_asked = !matches!(asked, PageResponse::Postponed(_));
            gathered.pages.requested_count += u32::from(is_asked);
            failures = if matches!(asked, PageResponse::Failed(_)) { failures + 1 } else { 0 };
            record_response(&visit, &mut gathered, want, asked).await;
        }
        gathered
    }
}

/// Takes over what came of asking for a page.
async fn record_response(
    visit: &PageFetcher<'_>,
    gathered: &mut FetchedTexts,
    want: PageRequest,
    asked: PageResponse,
) {
    let (id, now) = (want.id, visit.now);
    let tally = &mut gathered.pages.stats;
    let outcome = match asked {
        PageResponse::Page(had) => match read_page(visit, gathered, want, *had).await {
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
            tally.refused += 1;
            gathered.record_trouble(&want, "robots.txt forbids it", now);
            PageFetchOutcome::Done
        }
        PageResponse::Failed(why) => {
            let tries = want.tries.saturating_add(1);
            tally.failed += u64::from(full_text_queue::is_given_up(tries));
            gathered.record_trouble(&want, &why, now);
            PageFetchOutcome::Failed(tries)
        }
        PageResponse::PermanentFailure(why) => {
            tally.failed += 1;
            gathered.record_trouble(&want, &why, now);
            PageFetchOutcome::Done
        }
    };
    gathered.outcomes.insert(id, outcome);
}

/// Reads a page, and decides whether its text is taken. `None`: there was no time for it.
async fn read_page(
    visit: &PageFetcher<'_>,
    gathered: &mut FetchedTexts,
    want: PageRequest,
    had: FetchedPage,
) -> Option<PageFetchOutcome> {
    let FetchedPage { document, validators, room } = had;
    if document.url.as_ref().is_some_and(full_text_queue::is_home_page) {
        gathered.pages.stats.other += 1;
        gathered.record_trouble(&want, "it leads to the home page", visit.now);
        return Some(PageFetchOutcome::Done);
    }
    let seen = gathered.pages.repeated_blocks.clone();
    let understood = extract_page(visit, document, want.feed_text.clone(), seen);
    let understood = timeout_at(visit.until, understood).await.ok()?;
    drop(room);
    let read = match understood {
        Some((read, seen)) => {
            gathered.pages.repeated_blocks = seen;
            read
        }
        None => Err("the reader panicked on it; please report it".to_owned()),
    };
    let tally = &mut gathered.pages.stats;
    match read {
        Err(why) => {
            tally.failed += 1;
            gathered.record_trouble(&want, &why, visit.now);
        }
        Ok((_, TextChoice::OtherPage)) => {
            tally.other += 1;
            gathered.record_trouble(&want, "it is the page of another text", visit.now);
        }
        Ok((article, choice)) => {
            let is_text = choice == TextChoice::Page;
            tally.taken += u64::from(is_text);
            tally.shorter += u64::from(!is_text);
            let html = Some(article.html).filter(|_| is_text);
            let attributions = article.attributions;
            if is_text || !attributions.is_empty() {
                let text = PageText { html, attributions, validators };
                gathered.texts.insert(want.id, (want.listed_at, text));
            }
        }
    }
    Some(PageFetchOutcome::Done)
}

/// What a page gave, or why nothing, and what was seen of the source's pages then.
type ExtractedPage = (Result<(Article, TextChoice), String>, RepeatedBlocks);

/// Takes the article out of a page, off the async threads. `None`: a defect of ours.
async fn extract_page(
    visit: &PageFetcher<'_>,
    document: Document,
    told: FeedText,
    mut seen: RepeatedBlocks,
) -> Option<ExtractedPage> {
    let is_large = may_be_large(&document);
    let source = visit.source.clone();
    let work = move || {
        let read = pipeline::read_article_of_entry(
            &document,
            source.read_hints(),
            &source.article,
            &told,
            &mut seen,
        );
        (read.map_err(|error| format!("{}: {error}", error.stage())), seen)
    };
    if is_large {
        visit.resources.large.run(work).await.map(|(understood, _)| understood)
    } else {
        rediscovery::run_blocking(visit.resources, work).await
    }
}

impl FetchedTexts {
    fn record_trouble(&mut self, want: &PageRequest, why: &str, now: Timestamp) {
        tracing::debug!(url = %PublicUrl::redact(&want.url), why, "no text from a page");
        full_text_queue::record_error(&mut self.pages, want.url.as_str(), why, now);
    }

    /// Puts the texts into the entries of a commit; what is to be remembered of the source's pages then.
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

/// A commit that replaces the entries that `gathered` has texts for in their places. Of the source nothing
/// else changes; `earlier` looks an entry up as it was listed.
pub fn commit_page_texts(
    source: &Arc<Source>,
    gathered: Option<&FetchedTexts>,
    state: PollState,
    earlier: &dyn Fn(&SeenEntry) -> Option<StoredEntry>,
) -> (Commit, UpdateReport) {
    let texts = gathered.iter().flat_map(|gathered| &gathered.texts);
    let placed = texts.filter_map(|(id, (at, _))| Some((*id, (*at)?)));
    let listed = placed.filter_map(|(id, listed_at)| {
        let listed = earlier(&SeenEntry { id, listed_at, content_hash: 0 })?;
        Some(StoredEntry { revision: listed.revision.saturating_add(1), ..listed })
    });
    let changed: Vec<StoredEntry> = listed.collect();
    let report = UpdateReport {
        source: Arc::clone(source),
        new_count: 0,
        restored_count: 0,
        changed_count: changed.len(),
        entries_count: None,
        clock: None,
        hubs: HubDiscovery::Unknown,
        state: state.clone(),
    };
    let (new, remembered) = (Vec::new(), Vec::new());
    (
        Commit {
            source: source.id.clone(),
            state,
            new,
            changed,
            restored: Vec::new(),
            story_records: Vec::new(),
            observed: remembered,
            is_whole: false,
        },
        report,
    )
}

/// What is known of a source's pages, and those of a reading's new and changed entries, newest first.
fn requests_before_listing(
    source: &Source,
    entries: Vec<Entry>,
    store: &Store,
    now: Timestamp,
) -> Result<(FullTextState, Vec<PageRequest>), StoreError> {
    let pages = store.full_text_state(&source.id)?.unwrap_or_default();
    let known = store.seen_index(&source.id)?;
    let mut wants = Vec::new();
    for (entry, decision) in entry_changes::decide_entries(source, entries, &known) {
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
        let waiting = pages.pending.iter().find(|page| page.id == decision.id);
        if waiting.is_some_and(|page| page.not_before > now) {
            continue;
        }
        let at = entry.published_at.or(entry.updated_at).unwrap_or(now);
        let want = PageRequest {
            id: decision.id,
            listed_at: before.as_ref().map(|before| before.listed_at),
            url,
            tries: waiting.map_or(0, |page| page.tries),
            validators: before.and_then(|before| before.entry.page?.validators),
            feed_text: FeedText::from_entry(&entry),
        };
        wants.push((at, want));
    }
    wants.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut seen = BTreeSet::new();
    let wants = wants.into_iter().map(|(_, want)| want);
    Ok((
        pages,
        wants.filter(|want| seen.insert(want.url.clone())).take(MAX_BEFORE_LISTING).collect(),
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

/// A store that fails is told by the next commit to all; no page is asked then.
fn log_store_error<T>(read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(%error, "pages are not asked")).ok()
}
