//! WebSub subscriptions: which exist, what is requested from each hub and what it answers, which pushes wait.
//!
//! The rules are those of `websub`; here they meet the store and the loop's clock. Tokens
//! and secrets go to the hub and to the store, and nowhere else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::RunError;
use super::jobs::PushEnded;
use super::new_subscription::new_subscription;
use super::subscription_table::SubscriptionTable;
use crate::config::Config;
use crate::fetch::PostError;
use crate::http::{
    CALLBACK_FOLDER, CallbackEndpoint, CallbackRequest, DeliveredPush, PushAdmission,
};
use crate::ingest::HubDiscovery;
use crate::model::{HubMode, Location, Secret, Source, SourceId, Subscription};
use crate::store::Store;
use crate::websub::{
    self, NextHub, PushRateLimit, SubscriptionStep, VerificationRequest, VerificationVerdict,
};

/// Requests to hubs at the same time: requests are small, and many sources share a hub.
const MAX_REQUESTS_AT_ONCE: usize = 8;
/// A hub's response to a request about the subscription with this token.
pub(super) type HubResponse = (Secret, Result<(), PostError>);
/// The result of a push of this source, for the subscription with this token.
pub(super) type PushRead = (Secret, SourceId, PushEnded);

/// The subscriptions and everything that is under way about them.
pub(super) struct HubSubscriptions {
    store: Store,
    callbacks: Arc<CallbackEndpoint>,
    /// Our public base address; `None`: WebSub is off.
    callback_base: Option<Url>,
    table: SubscriptionTable,
    pending_pushes: BTreeMap<SourceId, VecDeque<DeliveredPush>>,
    push_rates: BTreeMap<SourceId, PushRateLimit>,
    /// Requests of hubs that arrive at the callback.
    pub(super) calls: mpsc::Receiver<CallbackRequest>,
    /// Running requests to hubs.
    pub(super) requests: JoinSet<HubResponse>,
    /// Pushes that are being read.
    pub(super) push_reads: JoinSet<PushRead>,
}

/// A request to make to a hub.
pub(super) struct HubRequest {
    pub(super) token: Secret,
    pub(super) hub: Url,
    pub(super) form: String,
}

impl HubSubscriptions {
    /// Loads the subscriptions of the store; the callback stays closed until `reconfigure`.
    pub(super) fn new(
        store: Store,
        callbacks: Arc<CallbackEndpoint>,
        calls: mpsc::Receiver<CallbackRequest>,
    ) -> Result<Self, RunError> {
        let stored = store.subscriptions()?;
        Ok(Self {
            store,
            callbacks,
            callback_base: None,
            table: stored.into_iter().collect(),
            pending_pushes: BTreeMap::new(),
            push_rates: BTreeMap::new(),
            calls,
            requests: JoinSet::new(),
            push_reads: JoinSet::new(),
        })
    }

    /// Applies a configuration: ends subscriptions that it no longer wants, and all of them if it turns
    /// WebSub off.
    pub(super) fn reconfigure(&mut self, config: &Config, now: Timestamp) -> Result<(), RunError> {
        self.callback_base = config.push_base().cloned();
        let base = self.callback_base.as_ref().map(ToString::to_string);
        if base.is_some() || !self.table.is_empty() {
            self.callbacks.open(config.polling.max_bytes);
        }
        for token in self.table.tokens() {
            let is_wanted = |it: &Subscription| {
                let is_allowed = config.source(&it.source).is_some_and(|it| can_use_websub(it));
                is_allowed && base.as_ref() == Some(&it.base)
            };
            if self.table.get(&token).is_some_and(|it| !is_wanted(it)) {
                self.update_subscription(&token, |it| websub::begin_unsubscribe(it, now))?;
            }
        }
        self.close_callback_if_unused();
        Ok(())
    }

    /// When WebSub is off, the callback stays open only until the hubs have confirmed every unsubscription.
    fn close_callback_if_unused(&mut self) {
        if self.callback_base.is_none() && self.table.is_empty() {
            self.callbacks.close();
            self.pending_pushes.clear();
        }
    }

    /// Ends the current subscription of a source.
    pub(super) fn unsubscribe(
        &mut self,
        source: &SourceId,
        now: Timestamp,
    ) -> Result<(), RunError> {
        if let Some(token) = self.current_subscription(source).map(|it| it.token.clone()) {
            self.update_subscription(&token, |it| websub::begin_unsubscribe(it, now))?;
        }
        Ok(())
    }

    /// How long a source may stay unpolled if a poll finds nothing new. `None`: no push can be relied on.
    pub(super) fn relaxed_interval(&self, source: &SourceId, now: Timestamp) -> Option<Duration> {
        self.current_subscription(source)
            .filter(|it| websub::is_relaxed(it, now))
            .map(|_| websub::RELAXED_INTERVAL)
    }

    /// Records that a poll found something that no hub had pushed.
    pub(super) fn record_missed_push(&mut self, source: &SourceId) -> Result<(), RunError> {
        let trusted = self.current_subscription(source).filter(|it| it.is_trusted);
        let Some(token) = trusted.map(|it| it.token.clone()) else { return Ok(()) };
        tracing::info!(source = source.as_str(), "a poll found entries that no hub had pushed");
        self.update_subscription(&token, websub::record_missed_push)
    }

    /// Applies what the publisher says about hubs, as a poll found it.
    pub(super) fn update_offer(
        &mut self,
        source: &Source,
        offered: &HubDiscovery,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let Some(base) = self.callback_base.as_ref().map(ToString::to_string) else {
            return Ok(());
        };
        let offer = match offered {
            HubDiscovery::Unknown => return Ok(()),
            HubDiscovery::NoHubs => None,
            HubDiscovery::Hubs(offer) => Some(offer),
        };
        if !can_use_websub(source) {
            return Ok(());
        }
        let first = offer.and_then(|it| Some(NextHub { hub: it.hubs.first()?, at: now }));
        let (mut next, mut attempts) = (first, 0);
        if let Some(current) = self.current_subscription(&source.id) {
            let other = offer.and_then(|offer| websub::next_hub(current, offer, now));
            if other.is_none() && websub::matches_offer(current, offer, now) {
                return Ok(());
            }
            if let Some(other) = other {
                tracing::info!(source = source.id.as_str(), hub = current.hub, "the hub failed");
                (next, attempts) = (Some(other), current.attempts);
            }
            self.unsubscribe(&source.id, now)?;
        }
        let Some((NextHub { hub, at }, topic)) = next.zip(offer.map(|it| &it.topic)) else {
            return Ok(());
        };
        tracing::info!(source = source.id.as_str(), %hub, "the publisher names a hub");
        let names = (topic.clone(), hub.to_owned());
        let subscription = new_subscription(source.id.clone(), names, base, now)?;
        self.add_subscription(Subscription { attempts, next_at: at, ..subscription })
    }

    fn add_subscription(&mut self, subscription: Subscription) -> Result<(), RunError> {
        self.store.save_subscription(&subscription)?;
        self.table.insert(subscription);
        Ok(())
    }

    /// What is due: the requests to make to hubs now, and whether a lease ran out.
    pub(super) fn take_due_requests(
        &mut self,
        now: Timestamp,
    ) -> Result<(Vec<HubRequest>, bool), RunError> {
        let mut requests = Vec::new();
        let mut has_expired = false;
        for token in self.table.tokens() {
            let Some(it) = self.table.get(&token) else { continue };
            match websub::next_step(it, now) {
                SubscriptionStep::Wait => {}
                SubscriptionStep::Expire => {
                    tracing::warn!(source = it.source.as_str(), hub = it.hub, "the lease ran out");
                    has_expired = true;
                    self.update_subscription(&token, websub::expire_lease)?;
                }
                SubscriptionStep::Delete => self.remove_subscription(&token)?,
                SubscriptionStep::Request(_)
                    if self.requests.len() + requests.len() >= MAX_REQUESTS_AT_ONCE => {}
                SubscriptionStep::Request(mode) => {
                    // Before the request, because some hubs verify before they respond to it.
                    self.update_subscription(&token, |it| websub::record_request(it, mode, now))?;
                    requests.extend(self.build_request(&token, mode));
                }
            }
        }
        Ok((requests, has_expired))
    }

    fn build_request(&self, token: &Secret, mode: HubMode) -> Option<HubRequest> {
        let it = self.table.get(token)?;
        let callback = format!("{}{CALLBACK_FOLDER}{}", it.base, token.reveal());
        let hub = Url::parse(&it.hub).ok()?;
        Some(HubRequest {
            token: token.clone(),
            hub,
            form: websub::request_form(it, mode, &callback),
        })
    }

    /// Whether a subscription changed since the last call, so that a request may be due. The passage of time makes
    /// others due: those wait for the next heartbeat.
    pub(super) fn take_changed(&mut self) -> bool {
        self.table.take_changed()
    }

    /// Records a hub's response to a request.
    pub(super) fn record_response(
        &mut self,
        (token, answer): HubResponse,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let Some(it) = self.table.get(&token) else { return Ok(()) };
        let (source, hub) = (it.source.as_str().to_owned(), it.hub.clone());
        let Err(error) = answer else {
            tracing::debug!(source, hub, "the hub accepted the request");
            return Ok(());
        };
        let retry_after = match &error {
            PostError::Refused { retry_after_seconds, .. } => *retry_after_seconds,
            PostError::Fetch(_) => None,
        };
        let error = error.to_string();
        self.update_subscription(&token, |it| {
            websub::record_refusal(it, &error, retry_after, now);
        })?;
        let last_error = self.table.get(&token).and_then(|it| it.last_error.clone());
        tracing::warn!(source, hub, error = last_error, "the hub did not accept the request");
        Ok(())
    }

    /// The answer to a hub's verification; `None`: it does not match any request of ours.
    pub(super) fn answer_verification(
        &mut self,
        token: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Option<String>, RunError> {
        let token = Secret::new(token);
        let Some(it) = self.table.get(&token) else { return Ok(None) };
        let (source, hub) = (it.source.as_str().to_owned(), it.hub.clone());
        let mut verified = it.clone();
        let request = VerificationRequest::parse(query);
        let answer = match websub::answer_verification(&mut verified, &request, now) {
            VerificationVerdict::Refused => return Ok(None),
            VerificationVerdict::Unsubscribed(challenge) => {
                tracing::info!(source, hub, "unsubscribed");
                self.remove_subscription(&token)?;
                return Ok(Some(challenge));
            }
            VerificationVerdict::Confirmed(challenge) => {
                tracing::info!(source, hub, "subscribed");
                challenge
            }
            VerificationVerdict::DenialRecorded => {
                tracing::warn!(
                    source,
                    hub,
                    reason = verified.last_error,
                    "the hub denied the subscription"
                );
                String::new()
            }
        };
        self.update_subscription(&token, |it| *it = verified)?;
        Ok(Some(answer))
    }

    /// Whether a push is accepted.
    pub(super) fn admit_push(&mut self, token: &str, now: Timestamp) -> PushAdmission {
        match self.active_subscription(token, now).map(|it| it.source.clone()) {
            None => PushAdmission::Unknown,
            Some(source) => {
                let rate = self.push_rates.entry(source).or_insert_with(|| PushRateLimit::new(now));
                if rate.try_take(now) { PushAdmission::Accepted } else { PushAdmission::TooOften }
            }
        }
    }

    /// Queues a push until its source is free.
    pub(super) fn queue_push(&mut self, delivery: DeliveredPush, now: Timestamp) {
        if let Some(source) =
            self.active_subscription(&delivery.token, now).map(|it| it.source.clone())
        {
            self.pending_pushes.entry(source).or_default().push_back(delivery);
        }
    }

    /// The sources with queued pushes.
    pub(super) fn sources_with_pushes(&self) -> Vec<SourceId> {
        self.pending_pushes.keys().cloned().collect()
    }

    /// The first queued push of a source, with its subscription; pushes whose subscription has ended are
    /// dropped.
    pub(super) fn take_next_push(
        &mut self,
        source: &SourceId,
        now: Timestamp,
    ) -> Option<(DeliveredPush, Subscription)> {
        let queue = self.pending_pushes.get_mut(source)?;
        let delivery = queue.pop_front();
        if queue.is_empty() {
            self.pending_pushes.remove(source);
        }
        let delivery = delivery?;
        let subscription = self.active_subscription(&delivery.token, now)?.clone();
        Some((delivery, subscription))
    }

    /// Records a push whose signature was good and that was read.
    pub(super) fn record_push(&mut self, token: &Secret, now: Timestamp) -> Result<(), RunError> {
        self.update_subscription(token, |it| websub::record_push(it, now))
    }

    /// The program ends: queued pushes are lost, so their sources are polled after the next start.
    pub(super) fn drop_pending_pushes(&mut self) -> Result<(), RunError> {
        for source in self.sources_with_pushes() {
            self.record_missed_push(&source)?;
        }
        self.pending_pushes.clear();
        Ok(())
    }

    /// The subscription of a source that is not being ended.
    fn current_subscription(&self, source: &SourceId) -> Option<&Subscription> {
        self.table.current(source)
    }

    fn active_subscription(&self, token: &str, now: Timestamp) -> Option<&Subscription> {
        self.table.get(&Secret::new(token)).filter(|it| websub::is_active(it, now))
    }

    /// Changes a subscription, here and in the store.
    fn update_subscription(
        &mut self,
        token: &Secret,
        change: impl FnOnce(&mut Subscription),
    ) -> Result<(), RunError> {
        if let Some(it) = self.table.get(token) {
            let mut changed = it.clone();
            change(&mut changed);
            self.store.save_subscription(&changed)?;
            self.table.insert(changed);
        }
        Ok(())
    }

    fn remove_subscription(&mut self, token: &Secret) -> Result<(), RunError> {
        self.store.delete_subscription(token)?;
        self.table.remove(token);
        self.close_callback_if_unused();
        Ok(())
    }
}

/// Page sources have no hubs, and files have no publisher.
fn can_use_websub(source: &Source) -> bool {
    source.push && source.page.is_none() && matches!(source.location, Location::Web(_))
}
