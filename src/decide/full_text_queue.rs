//! The entries of a source and the results of their pages → which pages are requested and when; the text of a
//! page → its entry.
//!
//! | what | limit |
//! | --- | --- |
//! | which entries | new ones, and those that the publisher changed, up to four times each; with a link that no other entry of the document has; at most three days old |
//! | pages of a source on one day (UTC) | 240 |
//! | pending pages | 100, those of the newest entries |
//! | a page that failed | requested again after 15 minutes, one hour and four hours, then given up |

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::{Entry, EntryPage};
use url::Url;

use crate::model::{EntryId, FullTextError, FullTextState, PageText, PendingPage, StoredEntry};

/// Older entries have already been read.
const MAX_ENTRY_AGE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Some publishers rewrite an entry before every poll; newsrooms correct an article once or twice.
const MAX_REVISIONS: u32 = 4;
/// The busiest known outlets publish two hundred articles a day.
const MAX_PER_DAY: u32 = 240;
/// Half of what such an outlet publishes in a day.
const MAX_PENDING: usize = 100;
/// How long after each failure a page is requested again; after one more failure it is given up.
const RETRY_DELAYS: [SignedDuration; 3] =
    [SignedDuration::from_mins(15), SignedDuration::from_hours(1), SignedDuration::from_hours(4)];
/// The stored length of an error's address and message.
const MAX_ERROR_CHARACTERS: usize = 500;

/// The result of a page request, as far as the queue depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFetchOutcome {
    /// The page is no longer needed.
    Done,
    /// The page has failed this many times.
    Failed(u8),
    /// The page may not be requested before this time; this does not count as a failure.
    NotBefore(Timestamp),
}

/// The address of an entry's page, if it should be requested at `now`. `None`: the entry has no page, is
/// too old, or was changed too often.
pub fn page_address(entry: &Entry, revision: u32, now: Timestamp) -> Option<Url> {
    let at = entry.published_at.or(entry.updated_at).unwrap_or(now);
    let is_recent = now.duration_since(at) <= MAX_ENTRY_AGE;
    let url = Url::parse(entry.link.as_deref()?).ok()?;
    let is_needed = is_recent && revision <= MAX_REVISIONS && has_own_page(entry);
    (is_needed && !is_home_page(&url)).then_some(url)
}

/// Whether no other entry of the document has the same link: only then the link is one of its names.
fn has_own_page(entry: &Entry) -> bool {
    entry.identity.weaker_names.iter().any(|name| name.starts_with("link:"))
}

/// Whether an address is a home page, which is not an article.
pub fn is_home_page(url: &Url) -> bool {
    url.query().is_none() && matches!(url.path(), "" | "/")
}

/// The pages that are due, those of the newest entries first.
pub fn due_pages(pages: &FullTextState, now: Timestamp) -> impl Iterator<Item = &PendingPage> {
    pages.pending.iter().filter(move |page| page.not_before <= now)
}

/// Whether one more request is allowed on this day.
pub fn has_daily_budget(pages: &mut FullTextState, now: Timestamp) -> bool {
    let day = now.as_second().div_euclid(24 * 3600);
    if pages.day != day {
        (pages.day, pages.requested_count) = (day, 0);
    }
    pages.requested_count < MAX_PER_DAY
}

/// Records the error of a page.
pub fn record_error(pages: &mut FullTextState, url: &str, message: &str, now: Timestamp) {
    let short = |text: &str| text.chars().take(MAX_ERROR_CHARACTERS).collect::<String>();
    pages.last_error = Some(FullTextError { url: short(url), message: short(message), at: now });
}

/// Whether a page is given up after this many failures.
pub fn is_given_up(tries: u8) -> bool {
    usize::from(tries) > RETRY_DELAYS.len()
}

/// Updates the queue with the results of the requested pages and with the new and changed entries of a
/// document.
pub fn update_queue<'a>(
    pages: &mut FullTextState,
    outcomes: &BTreeMap<EntryId, PageFetchOutcome>,
    listed: impl Iterator<Item = &'a StoredEntry>,
    now: Timestamp,
) {
    for listed in listed {
        let is_known = pages.pending.iter().any(|page| page.id == listed.id);
        if !is_known && page_address(&listed.entry, listed.revision, now).is_some() {
            let (id, listed_at) = (listed.id, listed.listed_at);
            pages.pending.push(PendingPage { id, listed_at, tries: 0, not_before: now });
        }
    }
    pages.pending.retain_mut(|page| {
        let is_recent = now.duration_since(page.listed_at) <= MAX_ENTRY_AGE;
        is_recent && outcomes.get(&page.id).is_none_or(|outcome| stays_pending(page, *outcome, now))
    });
    pages.pending.sort_by_key(|page| std::cmp::Reverse((page.listed_at, page.id)));
    pages.pending.truncate(MAX_PENDING);
}

fn stays_pending(page: &mut PendingPage, outcome: PageFetchOutcome, now: Timestamp) -> bool {
    let later = |wait: SignedDuration| now.checked_add(wait).unwrap_or(now);
    match outcome {
        PageFetchOutcome::Done => false,
        PageFetchOutcome::Failed(tries) => {
            let wait = usize::from(tries).checked_sub(1).and_then(|index| RETRY_DELAYS.get(index));
            (page.tries, page.not_before) = (tries, wait.map_or(now, |wait| later(*wait)));
            !is_given_up(tries)
        }
        PageFetchOutcome::NotBefore(at) => {
            page.not_before = at;
            true
        }
    }
}

/// Puts the text of its page into an entry. The feed's own full text becomes the summary, if it has none.
pub fn apply_page_text(entry: &mut Entry, text: PageText) {
    let PageText { html, attributions, validators } = text;
    let was_text = entry.page.as_ref().is_some_and(|page| page.is_text);
    let is_text = html.is_some() || was_text;
    if let Some(html) = html {
        let own = entry.content.replace(html).filter(|_| !was_text);
        entry.summary = entry.summary.take().or(own);
    }
    entry.page = Some(EntryPage { is_text, attributions, validators });
}

/// Keeps the text of its page when the publisher changes an entry in the feed.
pub fn preserve_page_text(entry: &mut Entry, earlier: &Entry) {
    let Some(page) = earlier.page.clone() else { return };
    let html = earlier.content.clone().filter(|_| page.is_text);
    apply_page_text(
        entry,
        PageText { html, attributions: page.attributions, validators: page.validators },
    );
}

#[cfg(test)]
mod tests;
