//! The loop's part in WebSub: hubs are answered and asked, and what they push is read, kept and
//! published, one after another with the polls of its source.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinError;

use super::crew::{Delivered, Errand};
use super::hubs::{HubAnswered, Read};
use super::turn::instant;
use super::{Event, Loop, RunError, translate};
use crate::daemon::serve::{Call, PushOutcome};
use crate::daemon::update::{Push, Report};
use crate::feed::model::{Document, PollReason, PollState, SourceId};

impl Loop {
    /// A hub called.
    pub(super) fn take_call(&mut self, call: Call) -> Result<(), RunError> {
        let now = Timestamp::now();
        // Who asked may be gone.
        match call {
            Call::Question { token, query, reply } => {
                let answer = self.hubs.question(&token, &query, now)?;
                if answer.is_some() {
                    // It may have been a denial.
                    self.tighten(now);
                    self.publisher.polled();
                }
                let _ = reply.send(answer);
            }
            Call::Knock { token, reply } => {
                let _ = reply.send(self.hubs.admit(&token, now));
            }
            Call::Push(delivery) => self.hubs.queue(delivery, now),
        }
        Ok(())
    }

    /// Reads the pushes whose sources are not being polled or pushed just now.
    pub(super) fn start_pushes(&mut self) {
        let now = Timestamp::now();
        for id in self.hubs.waiting() {
            if !self.table.take(&id) {
                continue;
            }
            let next = self.hubs.next_push(&id, now);
            let (Some((delivery, subscription)), Some(errand)) = (next, self.errand(&id, now))
            else {
                self.put_back(&id, now);
                continue;
            };
            let push = Push {
                document: Document {
                    bytes: delivery.body.into(),
                    content_type: delivery.content_type,
                    url: subscription.topic.parse().ok(),
                },
                signature: delivery.signature,
                secret: subscription.secret,
            };
            let (reading, room) = (self.crew.receive(errand, push), delivery.room);
            let token = subscription.token;
            self.hubs.readings.spawn(async move {
                let delivered = reading.await;
                drop(room);
                (token, id, delivered)
            });
        }
    }

    /// A push was read, or could not be.
    pub(super) fn take_pushed(&mut self, read: Result<Read, JoinError>) -> Result<(), RunError> {
        let (token, id, delivered) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "a push ended badly; please report it");
                return Ok(());
            }
        };
        let now = Timestamp::now();
        let source = id.as_str();
        let mut is_to_be_polled = false;
        match delivered {
            Delivered::Forged => {
                self.metrics.pushed(PushOutcome::Forged);
                tracing::warn!(source, "a push without a good signature was dropped");
            }
            Delivered::Unreadable(error) => {
                self.metrics.pushed(PushOutcome::Unreadable);
                tracing::warn!(source, %error, "a push cannot be read; the source is polled");
                is_to_be_polled = true;
            }
            Delivered::Kept(None) => {}
            Delivered::Kept(Some(kept)) => {
                let report = kept?;
                self.hubs.pushed(&token, now)?;
                self.take_kept(&report);
            }
        }
        self.put_back(&id, now);
        if is_to_be_polled {
            self.hasten(&id, now);
        } else {
            self.start_pages(&id, now);
        }
        Ok(())
    }

    fn take_kept(&mut self, report: &Report) {
        self.metrics.pushed(PushOutcome::Kept);
        self.metrics.entries_new.inc_by(report.new_count as u64);
        self.metrics.entries_changed.inc_by(report.changed_count as u64);
        if let Some(state) = self.states.get_mut(&report.source.id) {
            state.clone_from(&report.state);
        }
        if report.changes_outputs() {
            self.publisher.changed();
        } else {
            self.publisher.polled();
        }
        (self.on_event)(Event::Pushed(report));
    }

    /// A source that was away for something else than a poll is due when it was.
    pub(super) fn put_back(&mut self, id: &SourceId, now: Timestamp) {
        let was_planned = self.table.back(id);
        if let (Some(source), Some(state)) = (self.config.source(id), self.states.get(id)) {
            let due = if was_planned {
                self.due_again(source, state, now)
            } else {
                self.due(source, state, now)
            };
            self.table.put(id, instant(due, now));
        }
    }

    /// A hub says that there is something new, but not what: the source is polled as soon as is polite.
    fn hasten(&mut self, id: &SourceId, now: Timestamp) {
        let Some(state) = self.states.get(id) else { return };
        let wait = SignedDuration::try_from(self.config.polling.at_least).unwrap_or_default();
        let soonest = state.polled_at.and_then(|at| at.checked_add(wait).ok()).unwrap_or(now);
        if soonest < state.due_at {
            self.table.put(id, instant(soonest, now));
        }
    }

    /// Sources that were polled rarely because of pushes that cannot be counted on any more are due.
    pub(super) fn tighten(&mut self, now: Timestamp) {
        for (id, state) in &self.states {
            if self.is_let_down(id, state, now) {
                self.table.put(id, instant(now, now));
            }
        }
    }

    /// Whether a source waits long for its next poll although no hub pushes any more.
    pub(super) fn is_let_down(&self, id: &SourceId, state: &PollState, now: Timestamp) -> bool {
        state.reason == PollReason::Push && self.hubs.relaxed(id, now).is_none()
    }

    /// Asks the hubs that are due.
    pub(super) fn ask_hubs(&mut self, now: Timestamp) -> Result<(), RunError> {
        let (requests, has_expired) = self.hubs.due(now)?;
        for request in requests {
            let answer = self.crew.ask(request.hub, request.form);
            self.hubs.requests.spawn(async move { (request.token, answer.await) });
        }
        if has_expired {
            self.tighten(now);
            self.publisher.polled();
        }
        Ok(())
    }

    /// A hub took a request, or did not.
    pub(super) fn take_hub_answer(
        &mut self,
        answered: Result<HubAnswered, JoinError>,
    ) -> Result<(), RunError> {
        match answered {
            Ok(answered) => {
                self.hubs.answered(answered, Timestamp::now())?;
                self.publisher.polled();
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a request to a hub ended badly; please report it");
                Ok(())
            }
        }
    }

    /// What a poll or a push of a source needs to know.
    pub(super) fn errand(&self, id: &SourceId, now: Timestamp) -> Option<Errand> {
        let (source, prior) = (self.config.source(id)?, self.states.get(id)?);
        Some(Errand {
            source: Arc::clone(source),
            prior: prior.clone(),
            config_hash: self.config.source_hash(source),
            bounds: self.config.polling.bounds(),
            retention: translate::retention(&self.config),
            is_fresh: false,
            pushed: self.hubs.relaxed(id, now),
        })
    }
}
