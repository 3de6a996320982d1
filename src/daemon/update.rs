//! One update, from bytes to the commit: `poll` (many hands: fetch and read), then `settle` (one
//! hand: decide against what is known, say what to commit and when to ask next).

mod listing;
mod push;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::daemon::fetch::{self, Answer, Client, FetchError, Hop, Request};
use crate::daemon::store::Commit;
use crate::feed::model::{
    Document, Failure, FeedCard, Freshness, Known, KnownEntry, ListedEntry, Location, Moved, Offer,
    PollState, Source, Stage, Validators, Warning,
};
use crate::feed::pipeline::{self, Hints, ReadError, Reading};
use crate::feed::push::offer;
use crate::feed::schedule::{self, Bounds, Outcome, PollOutcome};

pub use push::{Offered, Push, Received, receive, settle_push};

/// Publication instants that are remembered for the rhythm.
const RECENT: usize = 32;
/// Warnings that are remembered as text.
const WARNINGS: usize = 8;

/// Why an update failed: one variant per station, because where is the operator's first question.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// Getting the bytes.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Understanding them.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A defect of ours that this document brought to light.
    #[error("the reader panicked on this document; please report it")]
    Defect,
}

impl UpdateError {
    /// The station that failed.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Fetch(_) => Stage::Fetch,
            Self::Read(error) => error.stage(),
            Self::Defect => Stage::Normalize,
        }
    }
}

/// What a poll brought, before anything is decided.
#[derive(Debug)]
pub struct Polled {
    /// What the answer was.
    pub brought: Brought,
    /// HTTP status; 0: none (a file, or nobody answered).
    pub status: u16,
    /// What the headers allow and ask for.
    pub freshness: Freshness,
    /// The redirects that were followed.
    pub hops: Vec<Hop>,
}

/// What an answer was.
#[derive(Debug)]
pub enum Brought {
    /// A document that is not the one read last time.
    Fresh {
        /// The document understood.
        reading: Box<Reading>,
        /// To ask again with.
        validators: Option<Validators>,
        /// Hash of the body; `None`: the body was cut short, so the next one is read in any case.
        body_hash: Option<[u8; 16]>,
        /// The hubs that it names; `None`: none.
        offer: Option<Offer>,
    },
    /// 304, or the same body again.
    Same {
        /// Validators to take over; `None` keeps the old ones.
        validators: Option<Validators>,
    },
    /// Nothing usable.
    Failed(UpdateError),
}

/// Who fetches and reads.
pub struct Hands {
    /// Fetches.
    pub client: Client,
    /// The largest file that is read, in bytes.
    pub max_bytes: u64,
    /// Documents read at the same time: reading is CPU work, more than the machine has cores for
    /// only holds more memory.
    pub readers: Semaphore,
}

/// Fetches and reads one source. Never fails: a failure is a result. `config_hash` stands for what
/// the operator says about the source now.
pub async fn poll(
    hands: &Hands,
    source: &Arc<Source>,
    state: &PollState,
    config_hash: [u8; 16],
    now: Timestamp,
) -> Polled {
    // What was read under other settings is read again, whatever the publisher's validators say.
    let same_config = state.config_hash == config_hash;
    let answer = match &source.location {
        Location::File(path) => fetch::read_file(path, hands.max_bytes).await.map(whole_file),
        Location::Web(url) => {
            let request = Request {
                url,
                validators: state.validators.as_ref().filter(|_| same_config),
                headers: &source.headers,
                user_agent: source.user_agent.as_deref(),
                accept: source.page.as_ref().map_or(fetch::Accept::Feed, |_| fetch::Accept::Page),
            };
            hands.client.get(&request, now).await
        }
    };
    match answer {
        Err(error) => {
            let (status, freshness) = (error.status().unwrap_or(0), error.freshness());
            Polled { brought: Brought::Failed(error.into()), status, freshness, hops: Vec::new() }
        }
        Ok(Answer::NotModified { validators, freshness, hops }) => {
            Polled { brought: Brought::Same { validators }, status: 304, freshness, hops }
        }
        Ok(Answer::Fresh { document, validators, freshness, status, hops, links, cut, .. }) => {
            let url = document.url.clone();
            let body_hash = short_hash(&document.bytes);
            let brought = if same_config && state.body_hash == Some(body_hash) {
                Brought::Same { validators }
            } else {
                match read_apart(hands, document, Arc::clone(source)).await {
                    Ok(mut reading) => {
                        let body_hash = match cut {
                            Some(reason) => {
                                reading.feed.warnings.push(cut_warning(&reason));
                                None
                            }
                            None => Some(body_hash),
                        };
                        let offer = url.and_then(|url| offer(&links, &reading.feed, &url));
                        Brought::Fresh { reading, validators, body_hash, offer }
                    }
                    Err(error) => Brought::Failed(error),
                }
            };
            Polled { brought, status, freshness, hops }
        }
    }
}

fn whole_file(document: Document) -> Answer {
    Answer::Fresh {
        document,
        validators: None,
        freshness: Freshness::default(),
        status: 0,
        hops: Vec::new(),
        links: Vec::new(),
        wire_bytes: 0,
        cut: None,
    }
}

fn cut_warning(reason: &str) -> Warning {
    let detail = format!("the answer ends before its end ({reason}); what came is kept");
    Warning::new(Stage::Fetch, "body-cut", detail)
}

/// Reading is CPU work: off the async threads, and a panic harms this update only.
async fn read_apart(
    hands: &Hands,
    document: Document,
    source: Arc<Source>,
) -> Result<Box<Reading>, UpdateError> {
    // The semaphore is never closed.
    let _turn = hands.readers.acquire().await.map_err(|_| UpdateError::Defect)?;
    let reading = tokio::task::spawn_blocking(move || {
        pipeline::read(&document, Hints::of(&source)).map(Box::new)
    });
    match reading.await {
        Ok(result) => result.map_err(UpdateError::Read),
        Err(_) => Err(UpdateError::Defect),
    }
}

fn short_hash(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    let hash = blake3::hash(bytes);
    let (half, _) = hash.as_bytes().split_at(16);
    short.copy_from_slice(half);
    short
}

/// What one update came to, for logs, progress and metrics.
#[derive(Debug, Clone)]
pub struct Report {
    /// The source.
    pub source: Arc<Source>,
    /// Entries listed for the first time.
    pub new_count: usize,
    /// Entries updated in place.
    pub changed_count: usize,
    /// Entries that the document held; `None`: it was not read.
    pub entries_count: Option<usize>,
    /// What was learnt about pushes.
    pub offered: Offered,
    /// The state as committed: status, failure, when next and why then.
    pub state: PollState,
}

impl Report {
    /// Whether an output may look different now.
    pub fn changes_outputs(&self) -> bool {
        self.new_count + self.changed_count > 0
    }
}

/// Whether our own network works, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// A failure is the source's.
    Up,
    /// Nobody answers at all: a failure is ours, and no source is blamed for it.
    Down,
}

/// What is remembered and in force while deciding.
pub struct Memory<'a> {
    /// What the store remembers of the source.
    pub known: &'a Known,
    /// Looks an entry up as it was listed; `None`: it was pruned.
    pub earlier: &'a dyn Fn(&KnownEntry) -> Option<ListedEntry>,
    /// The operator's bounds on polling.
    pub bounds: Bounds,
    /// Stands for what the operator says about the source, as it was polled.
    pub config_hash: [u8; 16],
    /// Whether our own network works.
    pub network: Network,
    /// How long may be waited if nothing new is found, as hubs push. `None`: they do not.
    pub pushed: Option<Duration>,
}

/// Decides what a poll means: the commit, and the report of it. One thread calls it, one update
/// after another.
pub fn settle(
    source: &Arc<Source>,
    polled: Polled,
    mut state: PollState,
    memory: &Memory<'_>,
    now: Timestamp,
) -> (Commit, Report) {
    state.polled_at = Some(now);
    state.status = polled.status;
    let mut listing = listing::Listing::default();
    let mut entries_count = None;
    let mut offered = Offered::Unread;
    let outcome = match polled.brought {
        Brought::Failed(error) => note_failure(&mut state, &error, memory.network, now),
        Brought::Same { validators } => {
            note_success(&mut state, &polled.hops, now);
            if validators.is_some() {
                state.validators = validators;
            }
            Outcome::Success
        }
        Brought::Fresh { reading, validators, body_hash, offer } => {
            offered = match offer {
                Some(offer) => Offered::Hubs(offer),
                // What is cut may have named one.
                None if body_hash.is_none() => Offered::Unread,
                None => Offered::Nothing,
            };
            note_success(&mut state, &polled.hops, now);
            state.validators = validators;
            state.body_hash = body_hash;
            state.config_hash = memory.config_hash;
            entries_count = Some(reading.feed.entries.len());
            remember(&mut state, &reading);
            listing = listing::list(source, reading.feed.entries, memory, now);
            if !listing.new.is_empty() || !listing.changed.is_empty() {
                state.changed_at = Some(now);
            }
            Outcome::Success
        }
    };
    let due = schedule::next(&PollOutcome {
        now,
        source: &source.id,
        every: source.every,
        bounds: memory.bounds,
        pace: &state.pace,
        freshness: polled.freshness,
        recent: &state.recent,
        pushed: memory.pushed.filter(|_| listing.new.is_empty()),
        failures: state.failures,
        outcome,
    });
    (state.due_at, state.reason) = (due.due_at, due.reason);
    let report = Report {
        source: Arc::clone(source),
        new_count: listing.new.len(),
        changed_count: listing.changed.len(),
        entries_count,
        offered,
        state: state.clone(),
    };
    let listing::Listing { new, changed, remembered } = listing;
    (Commit { source: source.id.clone(), state, new, changed, remembered }, report)
}

fn note_success(state: &mut PollState, hops: &[Hop], now: Timestamp) {
    state.succeeded_at = Some(now);
    state.failures = 0;
    state.failure = None;
    let is_permanent = !hops.is_empty() && hops.iter().all(|hop| matches!(hop.status, 301 | 308));
    let to = hops.last().filter(|_| is_permanent).map(|hop| hop.to.to_string());
    state.moved = to.map(|to| match state.moved.take() {
        Some(moved) if moved.to == to => {
            Moved { sightings: moved.sightings.saturating_add(1), ..moved }
        }
        _ => Moved { to, since: now, sightings: 1 },
    });
}

fn note_failure(
    state: &mut PollState,
    error: &UpdateError,
    network: Network,
    now: Timestamp,
) -> Outcome {
    state.failure = Some(Failure { stage: error.stage(), message: error.to_string(), at: now });
    if network == Network::Down && is_networks(error) {
        return Outcome::NetworkDown;
    }
    state.failures = state.failures.saturating_add(1);
    match state.status {
        410 => Outcome::Gone,
        429 | 503 => Outcome::Throttled,
        _ => Outcome::Failure,
    }
}

/// Whether an error can come from our own network being down.
pub fn is_networks(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Fetch(error) if error.is_unreachable())
}

/// Takes over what the document says about the feed itself.
fn remember(state: &mut PollState, reading: &Reading) {
    let feed = &reading.feed;
    state.pace = feed.pace.clone();
    state.card = FeedCard {
        title: feed.title.as_ref().map(ToString::to_string),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
        rights: feed.rights.as_ref().map(ToString::to_string),
        image: feed.image.as_ref().map(|image| image.url.clone()),
        updated_at: feed.updated_at,
    };
    let mut recent: Vec<_> = feed.entries.iter().filter_map(|entry| entry.published_at).collect();
    recent.sort_unstable_by(|a, b| b.cmp(a));
    recent.truncate(RECENT);
    state.recent = recent;
    state.entries_count = u32::try_from(feed.entries.len()).unwrap_or(u32::MAX);
    let count: usize = feed.warnings.iter().map(|warning| warning.count).sum();
    state.warnings_count = u32::try_from(count).unwrap_or(u32::MAX);
    state.warnings = feed.warnings.iter().take(WARNINGS).map(warning_line).collect();
}

/// A warning on one line, as operators see it.
pub fn warning_line(warning: &Warning) -> String {
    let place =
        warning.place.map_or(String::new(), |p| format!("line {}, column {}: ", p.line, p.column));
    let times =
        if warning.count > 1 { format!(" ({} times)", warning.count) } else { String::new() };
    format!("{}: {place}{}{times}", warning.stage.as_str(), warning.detail)
}

#[cfg(test)]
mod tests;
