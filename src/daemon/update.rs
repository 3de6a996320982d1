//! One update, from bytes to the commit: `poll` (many hands: fetch and read), then `settle` (one
//! hand: decide against what is known, say what to commit and when to ask next).

mod clock;
mod health;
mod large;
mod listing;
mod moved;
pub mod pages;
mod part;
mod places;
mod push;
mod read;
mod report;
mod search;
mod signs;
mod take;
mod terms;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::daemon::fetch::{self, Answer, Client, FetchError, Hop, Request, Room};
use crate::daemon::store::Commit;
use crate::feed::hash;
use crate::feed::model::{
    Document, Freshness, Known, KnownEntry, ListedEntry, Location, Offer, PollState, Retention,
    Source, Stage, Validators, Warning,
};
use crate::feed::pipeline::{ReadError, Reading};
use crate::feed::push::offer;
use crate::feed::schedule::{self, Bounds, Outcome, PollOutcome};

pub use clock::ClockChange;
pub use health::{Network, is_networks, is_postponed};
pub use large::{Held, LargeReader};
pub use moved::address_of;
pub use push::{Offered, Push, Received, receive, settle_push};
pub use report::Report;
pub use search::Searched;
pub use terms::Terms;

use health::{note_asked, note_failure, note_success};
use read::{ends_early, read_apart};
use report::ended;

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

    /// The same of a body that ended before its end: that explains why nothing in it can be read.
    fn of_body(self, cut: Option<String>) -> Self {
        match (self, cut) {
            (Self::Read(_), Some(reason)) => FetchError::Body { reason }.into(),
            (error, _) => error,
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
    /// That the feed, gone for days, was looked for on its site; `None`: it was not.
    pub searched: Option<Searched>,
}

impl Polled {
    fn new(brought: Brought, status: u16, freshness: Freshness, hops: Vec<Hop>) -> Self {
        Self { brought, status, freshness, hops, searched: None }
    }
}

impl Polled {
    /// What it takes from others until it is kept.
    pub fn held(&self) -> Held {
        match &self.brought {
            Brought::Fresh { held, .. } => held.clone(),
            _ => Held::default(),
        }
    }
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
        /// Hash of the body; `None`: the body was cut short or holds only what is new, so the next
        /// one is read in any case.
        body_hash: Option<[u8; 16]>,
        /// The hubs that it names; `None`: none.
        offer: Option<Offer>,
        /// What it takes from others until it is kept.
        held: Held,
    },
    /// 304.
    Same {
        /// Validators to take over; `None` keeps the old ones.
        validators: Option<Validators>,
    },
    /// The body that was read last time, byte for byte.
    Again {
        /// Validators to take over; `None` drops the old ones: this answer has none.
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
    /// Reads what may be large (`fetch::LARGE_BYTES`).
    pub large: LargeReader,
}

/// Fetches and reads one source, and looks for it elsewhere when it is gone for days. Never fails: a
/// failure is a result.
pub async fn poll(
    hands: &Hands,
    source: &Arc<Source>,
    state: &PollState,
    terms: Terms,
    now: Timestamp,
) -> Polled {
    let polled = ask(hands, source, state, terms, now).await;
    let searched = search::after(hands, source, state, &polled, now).await;
    Polled { searched, ..polled }
}

async fn ask(
    hands: &Hands,
    source: &Arc<Source>,
    state: &PollState,
    terms: Terms,
    now: Timestamp,
) -> Polled {
    let is_trusted = terms.trust(state);
    let answer = match &source.location {
        Location::File(path) => fetch::read_file(path, hands.max_bytes).await.map(whole_file),
        Location::Web(configured) => {
            let url = &moved::address(configured, state);
            // What the operator says to one host is not for another.
            let is_theirs = url.origin() == configured.origin();
            let request = Request {
                validators: state.validators.as_ref().filter(|_| is_trusted),
                headers: if is_theirs { &source.headers } else { &[] },
                user_agent: source.user_agent.as_deref(),
                accept: source.page.as_ref().map_or(fetch::Accept::Feed, |_| fetch::Accept::Page),
                ..Request::new(url)
            };
            hands.client.get(&request, now).await
        }
    };
    match answer {
        Err(error) => {
            let (status, freshness) = (error.status().unwrap_or(0), error.freshness());
            Polled::new(Brought::Failed(error.into()), status, freshness, Vec::new())
        }
        Ok(Answer::NotModified { validators, freshness, hops }) => {
            Polled::new(Brought::Same { validators }, 304, freshness, hops)
        }
        Ok(Answer::Fresh {
            document,
            validators,
            freshness,
            status,
            hops,
            links,
            cut,
            room,
            ..
        }) => {
            let url = document.url.clone();
            let body_hash = hash::digest_128(&document.bytes);
            let is_whole = cut.is_none() && status != fetch::PART;
            let brought = if is_trusted && state.body_hash == Some(body_hash) {
                Brought::Again { validators }
            } else {
                let date_order = state.learnt_order(terms.config_hash);
                match read_apart(hands, document, Arc::clone(source), date_order, now).await {
                    Ok((mut reading, turn)) => {
                        reading.feed.warnings.extend(cut.as_deref().map(cut_warning));
                        let body_hash = is_whole.then_some(body_hash);
                        let validators = validators.filter(|_| !ends_early(&reading));
                        let offer = url.and_then(|url| offer(&links, &reading.feed, &url));
                        let held = Held { room, turn };
                        Brought::Fresh { reading, validators, body_hash, offer, held }
                    }
                    Err(error) => Brought::Failed(error.of_body(cut)),
                }
            };
            Polled::new(brought, status, freshness, hops)
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
        room: Room::default(),
    }
}

fn cut_warning(reason: &str) -> Warning {
    let detail = format!("the answer ends before its end ({reason}); what came is kept");
    Warning::new(Stage::Fetch, "body-cut", detail)
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
    /// How much is kept of each source.
    pub retention: Retention,
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
    note_asked(&mut state, source, &polled, now);
    moved::forget_if_changed(&mut state, source);
    let mut taken = take::Taken::default();
    let mut same_feed = None;
    let mut offered = Offered::as_before(&state);
    let mut is_whole = false;
    let outcome = match polled.brought {
        Brought::Failed(error) => {
            offered = Offered::Unread;
            search::note(&mut state, source, &error, polled.searched, now);
            note_failure(&mut state, &error, memory.network, now)
        }
        Brought::Same { validators } => {
            state.validators = validators.or(state.validators);
            Outcome::Success
        }
        Brought::Again { validators } => {
            state.validators = validators;
            same_feed = (state.entries_count > 0).then_some(true);
            Outcome::Success
        }
        Brought::Fresh { reading, validators, body_hash, offer, held: _ } => {
            let moment = clock::Moment { before: state.succeeded_at, now };
            offered = Offered::of(offer, body_hash.is_some());
            offered.keep(&mut state);
            state.date_order = reading.feed.date_order;
            state.validators = validators;
            state.body_hash = body_hash;
            state.config_hash = memory.config_hash;
            let is_part = polled.status == fetch::PART;
            is_whole = body_hash.is_some() && !is_part;
            state.retention = if is_whole { Some(memory.retention) } else { state.retention };
            let before = part::Whole::of(&mut state);
            taken = take::take(source, reading.feed, &mut state, memory, moment);
            if is_part {
                before.keep(&mut state);
            }
            same_feed = taken.listing.has_known(memory.known).filter(|_| !is_part);
            if !taken.listing.new.is_empty() || !taken.listing.changed.is_empty() {
                state.changed_at = Some(now);
            }
            Outcome::Success
        }
    };
    if outcome == Outcome::Success {
        note_success(&mut state, polled.freshness, now);
        moved::note_success(&mut state, source, &polled.hops, same_feed, now);
    }
    let pushed = memory.pushed.filter(|_| taken.listing.new.is_empty());
    let memory = Memory { pushed, ..*memory };
    plan(source, &mut state, &memory, (outcome, polled.freshness), now);
    ended(source, state, (taken, is_whole), offered)
}

/// Decides when the source is polled next.
fn plan(
    source: &Source,
    state: &mut PollState,
    memory: &Memory<'_>,
    (outcome, freshness): (Outcome, Freshness),
    now: Timestamp,
) {
    let due = schedule::next(&PollOutcome {
        now,
        source: &source.id,
        every: source.every,
        bounds: memory.bounds,
        pace: &state.pace,
        freshness,
        recent: &state.recent,
        seen_at: state.changed_at,
        pushed: memory.pushed,
        failures: state.failures,
        outcome,
    });
    (state.due_at, state.reason) = (due.due_at, due.reason);
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
