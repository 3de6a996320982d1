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

mod ask;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::push::Offered;
use super::read::may_be_large;
use super::{Hands, Report, listing, search};
use crate::daemon::store::{Commit, Store, StoreError};
use crate::feed::extract::{Choice, Told};
use crate::feed::model::{
    Article, Assignment, Document, Entry, EntryId, KnownEntry, ListedEntry, PageText, Pages,
    PollState, PublicUrl, Repeats, Source, Validators,
};
use crate::feed::pages::{self, Outcome};
use crate::feed::pipeline;

use ask::{Asked, Had, Visit};

pub use rules::Rules;

/// How long entries wait for their pages before they are listed, and how many do.
const BESIDE: Duration = Duration::from_secs(5);
const MOST_BESIDE: usize = 10;
/// Pages that are asked in one round behind that, and how many rounds there are.
const MOST_IN_ROUND: usize = 5;
/// Rounds behind one poll or push.
pub const ROUNDS: usize = 4;
/// How long all rounds behind one poll or push may take: a source is not polled meanwhile.
pub const ROUNDS_TIME: Duration = Duration::from_mins(4);
/// Failures in a row after which the others are not tried: it is their host.
const FAILURES: usize = 3;

/// Who asks for pages, and for whom.
pub struct Desk<'a> {
    /// Who fetches and reads.
    pub hands: &'a Hands,
    /// What sites allow.
    pub rules: &'a Rules,
    /// What is known.
    pub store: &'a Store,
    /// Whose pages.
    pub source: &'a Arc<Source>,
}

/// A page that is to be asked.
struct Want {
    id: EntryId,
    /// Where the entry is listed; `None`: it is not listed yet.
    listed_at: Option<Timestamp>,
    url: Url,
    tries: u8,
    validators: Option<Validators>,
    told: Told,
}

/// What was had of pages, to be kept.
#[derive(Debug, Default)]
pub struct Gathered {
    pages: Pages,
    outcomes: BTreeMap<EntryId, Outcome>,
    texts: BTreeMap<EntryId, (Option<Timestamp>, PageText)>,
}

impl Desk<'_> {
    /// Asks for the pages of a reading's new and changed entries, before they are listed. `None`: the
    /// operator wants none of this source, or what is known cannot be read.
    pub async fn beside(&self, entries: &[Entry], now: Timestamp) -> Option<Gathered> {
        if !self.source.full_text {
            return None;
        }
        let (source, store) = (Arc::clone(self.source), self.store.clone());
        let entries = entries.to_vec();
        let known = search::apart(self.hands, move || wants_of(&source, entries, &store, now));
        let (known, wants) = told(known.await?)?;
        Some(self.gather(known, wants, Instant::now() + BESIDE, now).await)
    }

    /// Asks for pages that wait. `None`: none is due.
    pub async fn round(&self, until: Instant, now: Timestamp) -> Option<Gathered> {
        let known = told(self.store.pages(&self.source.id))??;
        let mut gathered = Gathered::default();
        let mut wants = Vec::new();
        for page in pages::due(&known, now).take(MOST_IN_ROUND) {
            let listed = told(self.store.entry(page.id, page.listed_at))?;
            match listed.and_then(|listed| want_of_listed(&listed, page.tries, now)) {
                Some(want) => wants.push(want),
                // It is not kept any more, or not to be asked.
                None => drop(gathered.outcomes.insert(page.id, Outcome::Done)),
            }
        }
        if wants.is_empty() && gathered.outcomes.is_empty() {
            return None;
        }
        let mut had = self.gather(known, wants, until, now).await;
        had.outcomes.append(&mut gathered.outcomes);
        Some(had)
    }

    async fn gather(
        &self,
        pages: Pages,
        wants: Vec<Want>,
        until: Instant,
        now: Timestamp,
    ) -> Gathered {
        let Self { hands, rules, source, .. } = *self;
        let visit = Visit { hands, rules, source, until, now };
        let mut gathered = Gathered { pages, ..Gathered::default() };
        let mut failures = 0;
        for want in wants {
            let is_over = Instant::now() >= until || failures >= FAILURES;
            if is_over || !pages::has_room(&mut gathered.pages, now) {
                break;
            }
            let asked = visit.page(&want.url, want.validators.as_ref()).await;
            let is_asked = !matches!(asked, Asked::NotNow(_));
            gathered.pages.asked_count += u32::from(is_asked);
            failures = if matches!(asked, Asked::Failed(_)) { failures + 1 } else { 0 };
            take(&visit, &mut gathered, want, asked).await;
        }
        gathered
    }
}

/// Takes over what came of asking for a page.
async fn take(visit: &Visit<'_>, gathered: &mut Gathered, want: Want, asked: Asked) {
    let (id, now) = (want.id, visit.now);
    let tally = &mut gathered.pages.tally;
    let outcome = match asked {
        Asked::Page(had) => match read(visit, gathered, want, *had).await {
            Some(outcome) => outcome,
            None => return,
        },
        Asked::Same => Outcome::Done,
        Asked::NotNow(None) => return,
        Asked::NotNow(Some(left)) => {
            let left = SignedDuration::try_from(left).unwrap_or_default();
            Outcome::NotBefore(now.checked_add(left).unwrap_or(now))
        }
        Asked::Refused => {
            tally.refused += 1;
            gathered.trouble(&want, "robots.txt forbids it", now);
            Outcome::Done
        }
        Asked::Failed(why) => {
            let tries = want.tries.saturating_add(1);
            tally.failed += u64::from(pages::is_given_up(tries));
            gathered.trouble(&want, &why, now);
            Outcome::Failed(tries)
        }
        Asked::Hopeless(why) => {
            tally.failed += 1;
            gathered.trouble(&want, &why, now);
            Outcome::Done
        }
    };
    gathered.outcomes.insert(id, outcome);
}

/// Reads a page, and decides whether its text is taken. `None`: there was no time for it.
async fn read(visit: &Visit<'_>, gathered: &mut Gathered, want: Want, had: Had) -> Option<Outcome> {
    let Had { document, validators, room } = had;
    if document.url.as_ref().is_some_and(pages::is_home) {
        gathered.pages.tally.other += 1;
        gathered.trouble(&want, "it leads to the home page", visit.now);
        return Some(Outcome::Done);
    }
    let seen = gathered.pages.repeats.clone();
    let understood = understand(visit, document, want.told.clone(), seen);
    let understood = timeout_at(visit.until, understood).await.ok()?;
    drop(room);
    let read = match understood {
        Some((read, seen)) => {
            gathered.pages.repeats = seen;
            read
        }
        None => Err("the reader panicked on it; please report it".to_owned()),
    };
    let tally = &mut gathered.pages.tally;
    match read {
        Err(why) => {
            tally.failed += 1;
            gathered.trouble(&want, &why, visit.now);
        }
        Ok((_, Choice::OtherPage)) => {
            tally.other += 1;
            gathered.trouble(&want, "it is the page of another text", visit.now);
        }
        Ok((article, choice)) => {
            let is_text = choice == Choice::Page;
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
    Some(Outcome::Done)
}

/// What a page gave, or why nothing, and what was seen of the source's pages then.
type Understood = (Result<(Article, Choice), String>, Repeats);

/// Takes the article out of a page, off the async threads. `None`: a defect of ours.
async fn understand(
    visit: &Visit<'_>,
    document: Document,
    told: Told,
    mut seen: Repeats,
) -> Option<Understood> {
    let is_large = may_be_large(&document);
    let source = visit.source.clone();
    let work = move || {
        let read = pipeline::article_of(&document, &source, &told, &mut seen);
        (read.map_err(|error| format!("{}: {error}", error.stage())), seen)
    };
    if is_large {
        visit.hands.large.run(work).await.map(|(understood, _)| understood)
    } else {
        search::apart(visit.hands, work).await
    }
}

impl Gathered {
    fn trouble(&mut self, want: &Want, why: &str, now: Timestamp) {
        tracing::debug!(url = %PublicUrl::of(&want.url), why, "no text from a page");
        pages::note_trouble(&mut self.pages, want.url.as_str(), why, now);
    }

    /// Puts the texts into the entries of a commit; what is to be remembered of the source's pages then.
    pub fn settle(mut self, commit: &mut Commit, now: Timestamp) -> Pages {
        for listed in commit.new.iter_mut().chain(&mut commit.changed) {
            if let Some((_, text)) = self.texts.remove(&listed.id) {
                pages::put(&mut listed.entry, text);
            }
        }
        let listed = commit.new.iter().chain(&commit.changed);
        pages::settle(&mut self.pages, &self.outcomes, listed, now);
        self.pages
    }
}

/// A commit that replaces the entries that `gathered` has texts for in their places. Of the source nothing
/// else changes; `earlier` looks an entry up as it was listed.
pub fn settle_pages(
    source: &Arc<Source>,
    gathered: Option<&Gathered>,
    state: PollState,
    earlier: &dyn Fn(&KnownEntry) -> Option<ListedEntry>,
) -> (Commit, Report) {
    let texts = gathered.iter().flat_map(|gathered| &gathered.texts);
    let placed = texts.filter_map(|(id, (at, _))| Some((*id, (*at)?)));
    let listed = placed.filter_map(|(id, listed_at)| {
        let listed = earlier(&KnownEntry { id, listed_at, content_hash: 0 })?;
        Some(ListedEntry { revision: listed.revision.saturating_add(1), ..listed })
    });
    let changed: Vec<ListedEntry> = listed.collect();
    let report = Report {
        source: Arc::clone(source),
        new_count: 0,
        restored_count: 0,
        changed_count: changed.len(),
        entries_count: None,
        clock: None,
        offered: Offered::Unread,
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
            told: Vec::new(),
            remembered,
            is_whole: false,
        },
        report,
    )
}

/// What is known of a source's pages, and those of a reading's new and changed entries, newest first.
fn wants_of(
    source: &Source,
    entries: Vec<Entry>,
    store: &Store,
    now: Timestamp,
) -> Result<(Pages, Vec<Want>), StoreError> {
    let pages = store.pages(&source.id)?.unwrap_or_default();
    let known = store.known(&source.id)?;
    let mut wants = Vec::new();
    for (entry, decision) in listing::decide(source, entries, &known) {
        let before = match decision.assignment {
            Assignment::New => None,
            Assignment::Changed(known) => match store.entry(known.id, known.listed_at)? {
                Some(before) => Some(before),
                None => continue,
            },
            Assignment::Same(_) | Assignment::Repeated(_) => continue,
        };
        let revision = before.as_ref().map_or(0, |before| before.revision.saturating_add(1));
        let Some(url) = pages::address_of(&entry, revision, now) else { continue };
        let waiting = pages.waiting.iter().find(|page| page.id == decision.id);
        if waiting.is_some_and(|page| page.not_before > now) {
            continue;
        }
        let at = entry.published_at.or(entry.updated_at).unwrap_or(now);
        let want = Want {
            id: decision.id,
            listed_at: before.as_ref().map(|before| before.listed_at),
            url,
            tries: waiting.map_or(0, |page| page.tries),
            validators: before.and_then(|before| before.entry.page?.validators),
            told: Told::of(&entry),
        };
        wants.push((at, want));
    }
    wants.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut seen = BTreeSet::new();
    let wants = wants.into_iter().map(|(_, want)| want);
    Ok((pages, wants.filter(|want| seen.insert(want.url.clone())).take(MOST_BESIDE).collect()))
}

fn want_of_listed(listed: &ListedEntry, tries: u8, now: Timestamp) -> Option<Want> {
    Some(Want {
        id: listed.id,
        listed_at: Some(listed.listed_at),
        url: pages::address_of(&listed.entry, listed.revision, now)?,
        tries,
        validators: listed.entry.page.as_ref().and_then(|page| page.validators.clone()),
        told: Told::of(&listed.entry),
    })
}

/// A store that fails is told by the next commit to all; no page is asked then.
fn told<T>(read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(%error, "pages are not asked")).ok()
}
