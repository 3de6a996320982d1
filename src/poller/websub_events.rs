//! The loop's part in WebSub: answers hubs and sends requests to them; reads, stores and publishes what
//! they push, one job at a time per source, in turn with its polls.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::Document;
use tokio::task::JoinError;

use super::event_loop::to_monotonic;
use super::jobs::{PushEnded, SourceJob};
use super::subscriptions::{HubResponse, HubSubscriptions, PushRead};
use super::write_pause::ignore_refusal;
use super::{Daemon, PollEvent, RunError, settings};
use crate::config::Config;
use crate::http::{CallbackEndpoint, CallbackRequest, PushMetric};
use crate::ingest::{SignedPush, UpdateReport};
use crate::model::{PollReason, PollState, Source, SourceId};
use crate::store::Store;

/// Where hubs call back, and the subscriptions that they call for.
pub(super) fn start_subscriptions(
    store: &Store,
    config: &Config,
) -> Result<(Arc<CallbackEndpoint>, HubSubscriptions), RunError> {
    let (callbacks, calls) = CallbackEndpoint::new();
    let callbacks = Arc::new(callbacks);
    let mut subscriptions = HubSubscriptions::new(store.clone(), Arc::clone(&callbacks), calls)?;
    ignore_refusal(subscriptions.reconfigure(config, Timestamp::now()))?;
    Ok((callbacks, subscriptions))
}

impl Daemon {
    /// A hub sent a request to the callback.
    pub(super) fn on_callback(&mut self, call: CallbackRequest) -> Result<(), RunError> {
        let now = Timestamp::now();
        // The hub may have closed its connection already.
        match call {
            // A reply that is dropped is a 503: the hub sends again.
            CallbackRequest::Verification { .. } | CallbackRequest::PushHeaders { .. }
                if self.is_paused() => {}
            CallbackRequest::Verification { token, query, reply } => {
                let answer = self.subscriptions.answer_verification(&token, &query, now);
                let Some(answer) = self.pause_if_refused(answer)? else { return Ok(()) };
                if answer.is_some() {
                    // It may have been a denial.
                    self.end_relaxed_intervals(now);
                    self.publisher.polled();
                }
                let _ = reply.send(answer);
            }
            CallbackRequest::PushHeaders { token, reply } => {
                let _ = reply.send(self.subscriptions.admit_push(&token, now));
            }
            CallbackRequest::Push(delivery) => self.subscriptions.queue_push(delivery, now),
        }
        Ok(())
    }

    /// Reads the pushes whose sources have no running job.
    pub(super) fn start_pending_pushes(&mut self) {
        if self.is_paused() {
            return;
        }
        let now = Timestamp::now();
        for id in self.subscriptions.sources_with_pushes() {
            if !self.due_queue.reserve(&id) {
                continue;
            }
            let next = self.subscriptions.take_next_push(&id, now);
            let (Some((delivery, subscription)), Some(job)) = (next, self.job_for_source(&id, now))
            else {
                self.release_source(&id, now);
                continue;
            };
            let push = SignedPush {
                document: Document {
                    bytes: delivery.body.into(),
                    content_type: delivery.content_type,
                    url: subscription.topic.parse().ok(),
                },
                signature: delivery.signature,
                secret: subscription.secret,
            };
            let (reading, permit) = (self.jobs.read_push(job, push), delivery.permit);
            let token = subscription.token;
            self.subscriptions.push_reads.spawn(async move {
                let delivered = reading.await;
                drop(permit);
                (token, id, delivered)
            });
        }
    }

    /// A push was read, or could not be.
    pub(super) fn on_push(&mut self, read: Result<PushRead, JoinError>) -> Result<(), RunError> {
        let (token, id, delivered) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "a push panicked; please report it");
                return Ok(());
            }
        };
        let now = Timestamp::now();
        let source = id.as_str();
        let mut is_to_be_polled = false;
        match delivered {
            PushEnded::Forged => {
                self.metrics.count_push(PushMetric::Forged);
                tracing::warn!(source, "a push without a good signature was dropped");
            }
            PushEnded::Unreadable(error) => {
                self.metrics.count_push(PushMetric::Unreadable);
                tracing::warn!(source, %error, "a push cannot be read; the source is polled");
                is_to_be_polled = true;
            }
            PushEnded::Stored(None) => {}
            PushEnded::Stored(Some(stored)) => {
                match self.pause_if_refused(stored)? {
                    Some(report) => {
                        let recorded = self.subscriptions.record_push(&token, now);
                        self.pause_if_refused(recorded)?;
                        self.on_push_stored(&report);
                    }
                    // The hub was answered 202 and does not send it again.
                    None => is_to_be_polled = true,
                }
            }
        }
        self.release_source(&id, now);
        if is_to_be_polled {
            self.poll_soon(&id, now);
        } else {
            self.start_pending_pages(&id, now);
        }
        Ok(())
    }

    fn on_push_stored(&mut self, report: &UpdateReport) {
        self.metrics.count_push(PushMetric::Kept);
        self.metrics.entries_new.inc_by(report.new_count as u64);
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        let id = &report.source.id;
        let mut before = None;
        if self.states.contains_key(id) {
            before = self.states.insert(id.clone(), report.state.clone());
            self.count_sources();
        }
        self.publish_update(before.as_ref(), report);
        (self.on_event)(PollEvent::Pushed(report));
    }

    /// Ends the reservation of a source by another job than a poll: it is due when it was due before.
    pub(super) fn release_source(&mut self, id: &SourceId, now: Timestamp) {
        let was_rescheduled = self.due_queue.release(id);
        if let (Some(source), Some(state)) = (self.config.source(id), self.states.get(id)) {
            let due = if was_rescheduled {
                self.recomputed_due_time(source, state, now)
            } else {
                self.due_time(source, state, now)
            };
            self.due_queue.schedule(id, to_monotonic(due, now));
        }
    }

    /// A hub reports news, but the push cannot be read: the source is polled as soon as is polite.
    fn poll_soon(&mut self, id: &SourceId, now: Timestamp) {
        let Some(state) = self.states.get(id) else { return };
        let wait = SignedDuration::try_from(self.config.polling.at_least).unwrap_or_default();
        let soonest =
            state.last_poll.polled_at.and_then(|at| at.checked_add(wait).ok()).unwrap_or(now);
        if soonest < state.schedule.due_at {
            self.due_queue.schedule(id, to_monotonic(soonest, now));
        }
    }

    /// Makes sources due that were polled rarely because of pushes that can no longer be relied on.
    pub(super) fn end_relaxed_intervals(&mut self, now: Timestamp) {
        for (id, state) in self.states.iter() {
            if self.has_lost_push(id, state, now) {
                self.due_queue.schedule(id, to_monotonic(now, now));
            }
        }
    }

    /// Whether a source waits long for its next poll although no hub pushes any more.
    pub(super) fn has_lost_push(&self, id: &SourceId, state: &PollState, now: Timestamp) -> bool {
        state.schedule.reason == PollReason::Push
            && self.subscriptions.relaxed_interval(id, now).is_none()
    }

    /// Applies what a poll shows about the subscription of its source.
    pub(super) fn update_subscriptions(
        &mut self,
        source: &Source,
        report: &UpdateReport,
        now: Timestamp,
    ) -> Result<(), RunError> {
        if report.new_count > 0 {
            self.subscriptions.record_missed_push(&source.id)?;
        }
        self.subscriptions.update_offer(source, &report.hubs, now)
    }

    /// Sends the requests to hubs that are due.
    pub(super) fn send_hub_requests(&mut self, now: Timestamp) -> Result<(), RunError> {
        if self.is_paused() {
            return Ok(());
        }
        let due = self.subscriptions.take_due_requests(now);
        let Some((requests, has_expired)) = self.pause_if_refused(due)? else { return Ok(()) };
        for request in requests {
            let answer = self.jobs.post_to_hub(request.hub, request.form);
            self.subscriptions.requests.spawn(async move { (request.token, answer.await) });
        }
        if has_expired {
            self.end_relaxed_intervals(now);
            self.publisher.polled();
        }
        Ok(())
    }

    /// A hub answered a request, or did not.
    pub(super) fn on_hub_response(
        &mut self,
        answered: Result<HubResponse, JoinError>,
    ) -> Result<(), RunError> {
        match answered {
            Ok(answered) => {
                let recorded = self.subscriptions.record_response(answered, Timestamp::now());
                self.pause_if_refused(recorded)?;
                self.publisher.polled();
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a request to a hub panicked; please report it");
                Ok(())
            }
        }
    }

    /// What a job for a source needs.
    pub(super) fn job_for_source(&self, id: &SourceId, now: Timestamp) -> Option<SourceJob> {
        let (source, prior) = (self.config.source(id)?, self.states.get(id)?);
        Some(SourceJob {
            source: Arc::clone(source),
            prior: prior.clone(),
            config_hash: self.config.source_hash(source),
            bounds: self.config.polling.bounds(),
            retention: settings::retention(&self.config),
            is_fresh: false,
            relaxed_interval: self.subscriptions.relaxed_interval(id, now),
            stories: self.jobs.stories(&self.config),
        })
    }
}
