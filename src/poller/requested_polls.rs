//! Requests of the operator to poll sources now → polls, as far as publishers allow them, and a line of JSON about each.
//!
//! | the source | what happens |
//! | --- | --- |
//! | is being polled | the request gets the outcome of that poll |
//! | is reserved by another job (a push, pages) | the request waits for the end of that job |
//! | may be polled (`decide::requested_poll`, the backoff of its host) | it is due now |
//! | may not be polled yet | the request says why, and until when |

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Daemon;
use crate::decide::requested_poll::earliest_requested_poll;
use crate::decide::schedule::NextPoll;
use crate::http::{PollRequest, StreamPiece};
use crate::ingest::UpdateReport;
use crate::model::{PollReason, PollState, Source, SourceId};

/// What became of a request to poll one source: a line of the response.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestedPollReport {
    /// The id of the source.
    pub source: String,
    /// What became of it.
    pub outcome: RequestedPollOutcome,
    /// The entries of its document; `None`: it is unchanged, or was not read.
    pub entries: Option<usize>,
    /// The new ones.
    pub new: usize,
    /// The changed ones.
    pub changed: usize,
    /// The stage that failed, and why.
    pub error: Option<String>,
    /// When it is polled next.
    pub next_poll: Option<Timestamp>,
    /// Why it is polled then, or why it is not polled now (a stable word).
    pub reason: Option<String>,
}

/// What became of a request to poll a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestedPollOutcome {
    /// It was polled, and read.
    Polled,
    /// It was polled, and its document is the one of before.
    Unchanged,
    /// It was polled, and could not be read.
    Failed,
    /// Its publisher does not allow a poll yet.
    TooEarly,
    /// Nothing is polled at present: the store takes nothing.
    Paused,
    /// The configuration that is in force has no such source.
    Unknown,
    /// The daemon was stopped before it was polled, or is of another version.
    #[default]
    #[serde(other)]
    NoAnswer,
}

/// Requests that wait until the loop looks at them.
const MAX_WAITING_REQUESTS: usize = 8;

/// The requests that wait for polls.
pub(super) struct RequestedPolls {
    requests: mpsc::Receiver<PollRequest>,
    waiting: BTreeMap<SourceId, Vec<mpsc::Sender<StreamPiece>>>,
    /// The sources among them that are not due yet.
    postponed: BTreeSet<SourceId>,
}

impl RequestedPolls {
    /// No request so far; they come through the channel.
    pub(super) fn new() -> (mpsc::Sender<PollRequest>, Self) {
        let (sender, requests) = mpsc::channel(MAX_WAITING_REQUESTS);
        (sender, Self { requests, waiting: BTreeMap::new(), postponed: BTreeSet::new() })
    }

    /// The next request; `None`: there will be no more.
    pub(super) async fn next_request(&mut self) -> Option<PollRequest> {
        self.requests.recv().await
    }

    /// Answers all requests that wait for a source.
    fn answer(&mut self, id: &SourceId, report: &RequestedPollReport) {
        self.postponed.remove(id);
        for outcomes in self.waiting.remove(id).unwrap_or_default() {
            send_report(&outcomes, report);
        }
    }

    /// A poll ended, and its result is stored.
    pub(super) fn on_polled(&mut self, report: &UpdateReport, due_at: Timestamp) {
        let id = &report.source.id;
        if self.waiting.contains_key(id) {
            self.answer(id, &describe_poll(report, due_at));
        }
    }

    /// A source is not polled now, and this is why.
    pub(super) fn on_refused(&mut self, id: &SourceId, outcome: RequestedPollOutcome) {
        self.answer(id, &RequestedPollReport::new(id, outcome));
    }

    /// The poll of a source is put off.
    pub(super) fn on_postponed(&mut self, id: &SourceId, until: NextPoll) {
        self.answer(id, &describe_wait(id, until));
    }
}

impl RequestedPollReport {
    fn new(id: &SourceId, outcome: RequestedPollOutcome) -> Self {
        Self { source: id.to_string(), outcome, ..Self::default() }
    }
}

/// A line for the client. One that is gone or does not read gets none: its channel has room for all of its sources.
fn send_report(outcomes: &mpsc::Sender<StreamPiece>, report: &RequestedPollReport) {
    // Our own types always serialize.
    let mut line = serde_json::to_vec(report).unwrap_or_default();
    line.push(b'\n');
    let _ = outcomes.try_send(Ok(Bytes::from(line)));
}

fn describe_wait(id: &SourceId, until: NextPoll) -> RequestedPollReport {
    RequestedPollReport {
        next_poll: Some(until.due_at),
        reason: Some(until.reason.as_str().to_owned()),
        ..RequestedPollReport::new(id, RequestedPollOutcome::TooEarly)
    }
}

fn describe_poll(report: &UpdateReport, due_at: Timestamp) -> RequestedPollReport {
    let state = &report.state;
    let failure = state.last_poll.failure.as_ref();
    let outcome = match (failure, report.entries_count) {
        (Some(_), _) => RequestedPollOutcome::Failed,
        (None, None) => RequestedPollOutcome::Unchanged,
        (None, Some(_)) => RequestedPollOutcome::Polled,
    };
    let error = failure.map(|failure| {
        let message = report.source.published_text(&failure.message);
        format!("{}: {message}", failure.stage.as_str())
    });
    RequestedPollReport {
        entries: report.entries_count,
        new: report.new_count,
        changed: report.changed_count,
        error,
        next_poll: Some(due_at),
        reason: Some(state.schedule.reason.as_str().to_owned()),
        ..RequestedPollReport::new(&report.source.id, outcome)
    }
}

impl Daemon {
    /// Polls the sources of a request as soon as is polite, and answers about those that must wait.
    pub(super) fn on_poll_request(&mut self, request: PollRequest) {
        let PollRequest { sources, outcomes } = request;
        tracing::info!(sources = sources.len(), "the operator requests polls");
        for id in sources {
            let waiting = self.requested_polls.waiting.entry(id.clone());
            waiting.or_default().push(outcomes.clone());
            self.requested_polls.postponed.insert(id);
        }
    }

    /// Makes requested sources due, but for those that another job still has reserved.
    pub(super) fn schedule_requested_polls(&mut self) {
        let now = Timestamp::now();
        let is_free = |id: &&SourceId| !self.due_queue.is_reserved(id);
        let free: Vec<SourceId> =
            self.requested_polls.postponed.iter().filter(is_free).cloned().collect();
        for id in free {
            if let Some(report) = self.refusal_of_poll(&id, now) {
                self.requested_polls.answer(&id, &report);
            } else if self.states.contains_key(&id) {
                self.requested_polls.postponed.remove(&id);
                self.due_queue.schedule(&id, Instant::now());
            }
        }
    }

    /// Why a source is not polled now; `None`: it may be polled, or it is new and about to get its state.
    fn refusal_of_poll(&self, id: &SourceId, now: Timestamp) -> Option<RequestedPollReport> {
        let Some(source) = self.config.source(id) else {
            return Some(RequestedPollReport::new(id, RequestedPollOutcome::Unknown));
        };
        if self.is_paused() {
            return Some(RequestedPollReport::new(id, RequestedPollOutcome::Paused));
        }
        let wait = self.wait_before_poll(source, self.states.get(id)?, now)?;
        Some(describe_wait(id, wait))
    }

    fn wait_before_poll(
        &self,
        source: &Source,
        state: &PollState,
        now: Timestamp,
    ) -> Option<NextPoll> {
        let own = earliest_requested_poll(source, state, self.config.polling.bounds(), now);
        let of_host = self.jobs.host_backoff(source, state).and_then(|left| {
            let due_at = now.checked_add(left).ok()?;
            Some(NextPoll { due_at, reason: PollReason::RetryAfter })
        });
        own.into_iter().chain(of_host).max_by_key(|wait| wait.due_at)
    }
}
