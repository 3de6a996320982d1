//! One update, from bytes to the commit: `poll` (many hands: fetch and read), then `settle` (one
//! hand: decide against what is known, say what to commit and when to ask next).

mod clock_offset;
mod delta_feed;
mod entry_changes;
mod feed_health;
pub mod full_text;
mod large_documents;
mod listing_times;
mod outcome;
mod process_feed;
mod push;
mod read_document;
mod redirect_adoption;
mod rediscovery;
mod reuse_conditions;
mod update_report;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::hash;
use rafid_feed::model::{Document, Stage, Validators, Warning};
use rafid_feed::pipeline::{ParsedFeed, ReadError};
use tokio::sync::Semaphore;

use crate::decide::schedule::{self, Bounds, PollResultKind, ScheduleInput};
use crate::fetch::{
    self, Client, FetchError, FetchRequest, FetchResponse, FollowedRedirect, LargeDocPermit,
};
use crate::model::{
    Freshness, HubOffer, Location, PollState, Retention, SeenEntry, SeenIndex, Source, StoredEntry,
};
use crate::store::Commit;
use crate::websub::find_hub_offer;
use outcome::{record_failure, record_request, record_success};
use read_document::{is_truncated, read_document};
use update_report::finish_update;

pub use clock_offset::ClockChange;
pub use large_documents::{LargeReader, ReservedMemory};
pub use outcome::{NetworkStatus, is_network_failure, is_postponed};
pub use push::{HubDiscovery, PushReadResult, SignedPush, decide_push, read_push};
pub use redirect_adoption::poll_address;
pub use rediscovery::RediscoveryResult;
pub use reuse_conditions::ReuseConditions;
pub use update_report::UpdateReport;

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
    fn with_cut_reason(self, cut: Option<String>) -> Self {
        match (self, cut) {
            (Self::Read(_), Some(reason)) => FetchError::Body { reason }.into(),
            (error, _) => error,
        }
    }
}

/// What a poll brought, before anything is decided.
#[derive(Debug)]
pub struct PollResult {
    /// What the answer was.
    pub body: PollBody,
    /// HTTP status; 0: none (a file, or nobody answered).
    pub status: u16,
    /// What the headers allow and ask for.
    pub freshness: Freshness,
    /// The redirects that were followed.
    pub hops: Vec<FollowedRedirect>,
    /// That the feed, gone for days, was looked for on its site; `None`: it was not.
    pub rediscovery: Option<RediscoveryResult>,
}

impl PollResult {
    fn new(
        brought: PollBody,
        status: u16,
        freshness: Freshness,
        hops: Vec<FollowedRedirect>,
    ) -> Self {
        Self { body: brought, status, freshness, hops, rediscovery: None }
    }
}

impl PollResult {
    /// What it takes from others until it is kept.
    pub fn reserved_memory(&self) -> ReservedMemory {
        match &self.body {
            PollBody::Changed { held, .. } => held.clone(),
            _ => ReservedMemory::default(),
        }
    }
}

/// What an answer was.
#[derive(Debug)]
pub enum PollBody {
    /// A document that is not the one read last time.
    Changed {
        /// The document understood.
        reading: Box<ParsedFeed>,
        /// To ask again with.
        validators: Option<Validators>,
        /// Hash of the body; `None`: the body was cut short or holds only what is new, so the next
        /// one is read in any case.
        body_hash: Option<[u8; 16]>,
        /// The hubs that it names; `None`: none.
        offer: Option<HubOffer>,
        /// What it takes from others until it is kept.
        held: ReservedMemory,
    },
    /// 304.
    NotModified {
        /// Validators to take over; `None` keeps the old ones.
        validators: Option<Validators>,
    },
    /// The body that was read last time, byte for byte.
    SameBody {
        /// Validators to take over; `None` drops the old ones: this answer has none.
        validators: Option<Validators>,
    },
    /// Nothing usable.
    Failed(UpdateError),
}

/// Who fetches and reads.
pub struct PollResources {
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
    hands: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    terms: ReuseConditions,
    now: Timestamp,
) -> PollResult {
    let polled = fetch_and_read(hands, source, state, terms, now).await;
    let searched = rediscovery::find_lost_feed(hands, source, state, &polled, now).await;
    PollResult { rediscovery: searched, ..polled }
}

async fn fetch_and_read(
    hands: &PollResources,
    source: &Arc<Source>,
    state: &PollState,
    terms: ReuseConditions,
    now: Timestamp,
) -> PollResult {
    let is_trusted = terms.allow_reuse(state);
    let answer = match &source.location {
        Location::File(path) => fetch::read_file(path, hands.max_bytes).await.map(file_response),
        Location::Web(configured) => {
            let url = &redirect_adoption::effective_address(configured, state);
            // What the operator says to one host is not for another.
            let is_theirs = url.origin() == configured.origin();
            let request = FetchRequest {
                validators: state.document.validators.as_ref().filter(|_| is_trusted),
                headers: if is_theirs { &source.headers } else { &[] },
                user_agent: source.user_agent.as_deref(),
                accept: source.page.as_ref().map_or(fetch::Accept::Feed, |_| fetch::Accept::Page),
                ..FetchRequest::new(url)
            };
            hands.client.get(&request, now).await
        }
    };
    match answer {
        Err(error) => {
            let (status, freshness) = (error.status().unwrap_or(0), error.freshness());
            PollResult::new(PollBody::Failed(error.into()), status, freshness, Vec::new())
        }
        Ok(FetchResponse::NotModified { validators, freshness, hops }) => {
            PollResult::new(PollBody::NotModified { validators }, 304, freshness, hops)
        }
        Ok(FetchResponse::Fresh {
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
            let is_whole = cut.is_none() && status != fetch::IM_USED;
            let brought = if is_trusted && state.document.body_hash == Some(body_hash) {
                PollBody::SameBody { validators }
            } else {
                let date_order = state.learned_date_order(terms.config_hash);
                match read_document(hands, document, Arc::clone(source), date_order, now).await {
                    Ok((mut reading, turn)) => {
                        reading.feed.warnings.extend(cut.as_deref().map(cut_warning));
                        let body_hash = is_whole.then_some(body_hash);
                        let validators = validators.filter(|_| !is_truncated(&reading));
                        let offer = url.and_then(|url| find_hub_offer(&links, &reading.feed, &url));
                        let held = ReservedMemory { room, reader_permit: turn };
                        PollBody::Changed { reading, validators, body_hash, offer, held }
                    }
                    Err(error) => PollBody::Failed(error.with_cut_reason(cut)),
                }
            };
            PollResult::new(brought, status, freshness, hops)
        }
    }
}

fn file_response(document: Document) -> FetchResponse {
    FetchResponse::Fresh {
        document,
        validators: None,
        freshness: Freshness::default(),
        status: 0,
        hops: Vec::new(),
        links: Vec::new(),
        wire_bytes: 0,
        cut: None,
        room: LargeDocPermit::default(),
    }
}

fn cut_warning(reason: &str) -> Warning {
    let detail = format!("the answer ends before its end ({reason}); what came is kept");
    Warning::new(Stage::Fetch, "body-cut", detail)
}

/// What is remembered and in force while deciding.
pub struct DecideInput<'a> {
    /// What the store remembers of the source.
    pub known: &'a SeenIndex,
    /// Looks an entry up as it was listed; `None`: it was pruned.
    pub earlier: &'a dyn Fn(&SeenEntry) -> Option<StoredEntry>,
    /// The operator's bounds on polling.
    pub bounds: Bounds,
    /// Stands for what the operator says about the source, as it was polled.
    pub config_hash: [u8; 16],
    /// How much is kept of each source.
    pub retention: Retention,
    /// Whether our own network works.
    pub network: NetworkStatus,
    /// How long may be waited if nothing new is found, as hubs push. `None`: they do not.
    pub push_interval: Option<Duration>,
}

/// Decides what a poll means: the commit, and the report of it. One thread calls it, one update
/// after another.
pub fn decide_poll(
    source: &Arc<Source>,
    polled: PollResult,
    mut state: PollState,
    memory: &DecideInput<'_>,
    now: Timestamp,
) -> (Commit, UpdateReport) {
    record_request(&mut state, source, &polled, now);
    redirect_adoption::reset_if_address_changed(&mut state, source);
    let mut taken = process_feed::FeedOutcome::default();
    let mut same_feed = None;
    let mut offered = HubDiscovery::from_state(&state);
    let mut is_whole = false;
    let outcome = match polled.body {
        PollBody::Failed(error) => {
            offered = HubDiscovery::Unknown;
            rediscovery::record_loss(&mut state, source, &error, polled.rediscovery, now);
            record_failure(&mut state, &error, memory.network, now)
        }
        PollBody::NotModified { validators } => {
            state.document.validators = validators.or(state.document.validators);
            PollResultKind::Success
        }
        PollBody::SameBody { validators } => {
            state.document.validators = validators;
            same_feed = (state.document.entries_count > 0).then_some(true);
            PollResultKind::Success
        }
        PollBody::Changed { reading, validators, body_hash, offer, held: _ } => {
            let moment = clock_offset::PollTimes { before: state.last_poll.succeeded_at, now };
            offered = HubDiscovery::from_document(offer, body_hash.is_some());
            offered.store_in(&mut state);
            state.document.date_order = reading.feed.date_order;
            state.document.validators = validators;
            state.document.body_hash = body_hash;
            state.document.config_hash = memory.config_hash;
            let is_part = polled.status == fetch::IM_USED;
            is_whole = body_hash.is_some() && !is_part;
            state.document.retention =
                if is_whole { Some(memory.retention) } else { state.document.retention };
            let before = delta_feed::FullFeedState::take_from(&mut state);
            taken = process_feed::process_feed(source, reading.feed, &mut state, memory, moment);
            if is_part {
                before.merge_into(&mut state);
            }
            same_feed = taken.listing.has_known(memory.known).filter(|_| !is_part);
            if !taken.listing.new.is_empty() || !taken.listing.changed.is_empty() {
                state.schedule.changed_at = Some(now);
            }
            PollResultKind::Success
        }
    };
    if outcome == PollResultKind::Success {
        record_success(&mut state, polled.freshness, now);
        redirect_adoption::record_redirects(&mut state, source, &polled.hops, same_feed, now);
    }
    let pushed = memory.push_interval.filter(|_| taken.listing.new.is_empty());
    let memory = DecideInput { push_interval: pushed, ..*memory };
    schedule_next_poll(source, &mut state, &memory, (outcome, polled.freshness), now);
    finish_update(source, state, (taken, is_whole), offered)
}

/// Decides when the source is polled next.
fn schedule_next_poll(
    source: &Source,
    state: &mut PollState,
    memory: &DecideInput<'_>,
    (outcome, freshness): (PollResultKind, Freshness),
    now: Timestamp,
) {
    let due = schedule::schedule_next_poll(&ScheduleInput {
        now,
        source: &source.id,
        every: source.every,
        bounds: memory.bounds,
        pace: &state.schedule.poll_hints,
        freshness,
        recent: &state.schedule.recent,
        seen_at: state.schedule.changed_at,
        pushed: memory.push_interval,
        failures: state.last_poll.failures,
        outcome,
    });
    (state.schedule.due_at, state.schedule.reason) = (due.due_at, due.reason);
}

/// A warning on one line, as operators see it.
pub fn format_warning(warning: &Warning) -> String {
    let place = warning
        .position
        .map_or(String::new(), |p| format!("line {}, column {}: ", p.line, p.column));
    let times =
        if warning.count > 1 { format!(" ({} times)", warning.count) } else { String::new() };
    format!("{}: {place}{}{times}", warning.stage.as_str(), warning.detail)
}

#[cfg(test)]
mod tests;
