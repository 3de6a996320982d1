//! Subscriptions at hubs: which ones there are, what each hub is asked and says, which pushes wait.
//!
//! The rules are those of `feed::push`; here they meet the store, the clock's hand of the loop and
//! random numbers. Tokens and secrets go to the hub and to the store, and nowhere else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::RunError;
use super::crew::Delivered;
use crate::config::Config;
use crate::daemon::fetch::PostError;
use crate::daemon::serve::{Admission, CALLBACK_FOLDER, Call, Callbacks, Delivery};
use crate::daemon::store::Store;
use crate::daemon::update::Offered;
use crate::feed::model::{Location, Mode, Secret, Source, SourceId, Standing, Subscription};
use crate::feed::push::{self, NextHub, Question, Rate, Step, Verdict};

/// Hubs that are asked at the same time: requests are small, and many sources share a hub.
const REQUESTS: usize = 8;
/// Random bytes of a token and of a secret: 128 bits cannot be guessed; 256 are the key length of the
/// digest that hubs use most.
const TOKEN_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;

/// A hub's answer to a request about the subscription with this token.
pub(super) type HubAnswered = (Secret, Result<(), PostError>);
/// What a push of this source, for the subscription with this token, came to.
pub(super) type Read = (Secret, SourceId, Delivered);

/// What is known of hubs.
pub(super) struct Hubs {
    store: Store,
    callbacks: Arc<Callbacks>,
    /// Our public base address; `None`: WebSub is off.
    base: Option<Url>,
    book: BTreeMap<Secret, Subscription>,
    waiting: BTreeMap<SourceId, VecDeque<Delivery>>,
    rates: BTreeMap<SourceId, Rate>,
    /// Hubs' requests, as the callback tells them.
    pub(super) calls: mpsc::Receiver<Call>,
    /// Requests to hubs under way.
    pub(super) requests: JoinSet<HubAnswered>,
    /// Pushes that are being read.
    pub(super) readings: JoinSet<Read>,
}

/// A request to a hub that is to be made.
pub(super) struct Request {
    pub(super) token: Secret,
    pub(super) hub: Url,
    pub(super) form: String,
}

impl Hubs {
    /// What the store remembers; the callback stays closed until `set`.
    pub(super) fn new(
        store: Store,
        callbacks: Arc<Callbacks>,
        calls: mpsc::Receiver<Call>,
    ) -> Result<Self, RunError> {
        let remembered = store.subscriptions()?;
        let book = remembered.into_iter().map(|it| (it.token.clone(), it)).collect();
        Ok(Self {
            store,
            callbacks,
            base: None,
            book,
            waiting: BTreeMap::new(),
            rates: BTreeMap::new(),
            calls,
            requests: JoinSet::new(),
            readings: JoinSet::new(),
        })
    }

    /// Takes over a configuration: subscriptions that it does not want any more are left, and all of them
    /// where it switches WebSub off.
    pub(super) fn set(&mut self, config: &Config, now: Timestamp) -> Result<(), RunError> {
        self.base = config.push_base().cloned();
        let base = self.base.as_ref().map(ToString::to_string);
        if base.is_some() || !self.book.is_empty() {
            self.callbacks.open(config.polling.max_bytes);
        }
        for token in self.book.keys().cloned().collect::<Vec<_>>() {
            let is_wanted = |it: &Subscription| {
                let may = config.source(&it.source).is_some_and(|it| may_be_pushed(it));
                may && base.as_ref() == Some(&it.base)
            };
            if self.book.get(&token).is_some_and(|it| !is_wanted(it)) {
                self.change(&token, |it| push::leave(it, now))?;
            }
        }
        self.close_if_over();
        Ok(())
    }

    /// Once WebSub is off, the callback stays for the hubs' last questions only.
    fn close_if_over(&mut self) {
        if self.base.is_none() && self.book.is_empty() {
            self.callbacks.close();
            self.waiting.clear();
        }
    }

    /// Leaves whatever a source is subscribed to.
    pub(super) fn leave(&mut self, source: &SourceId, now: Timestamp) -> Result<(), RunError> {
        if let Some(token) = self.current(source).map(|it| it.token.clone()) {
            self.change(&token, |it| push::leave(it, now))?;
        }
        Ok(())
    }

    /// How long a source may go unpolled, if a poll finds nothing new. `None`: no push can be counted on.
    pub(super) fn relaxed(&self, source: &SourceId, now: Timestamp) -> Option<Duration> {
        self.current(source).filter(|it| push::is_relaxed(it, now)).map(|_| push::RELAXED)
    }

    /// A poll of a source found something new.
    pub(super) fn missed(&mut self, source: &SourceId) -> Result<(), RunError> {
        let trusted = self.current(source).filter(|it| it.is_trusted);
        let Some(token) = trusted.map(|it| it.token.clone()) else { return Ok(()) };
        tracing::info!(source = source.as_str(), "a poll found what no hub had pushed");
        self.change(&token, push::missed)
    }

    /// A poll of a source told what its publisher says of hubs.
    pub(super) fn learn(
        &mut self,
        source: &Source,
        offered: &Offered,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let Some(base) = self.base.as_ref().map(ToString::to_string) else { return Ok(()) };
        let offer = match offered {
            Offered::Unread => return Ok(()),
            Offered::Nothing => None,
            Offered::Hubs(offer) => Some(offer),
        };
        if !may_be_pushed(source) {
            return Ok(());
        }
        let first = offer.and_then(|it| Some(NextHub { hub: it.hubs.first()?, at: now }));
        let (mut next, mut attempts) = (first, 0);
        if let Some(current) = self.current(&source.id) {
            let other = offer.and_then(|offer| push::next_hub(current, offer, now));
            if other.is_none() && push::suits(current, offer, now) {
                return Ok(());
            }
            if let Some(other) = other {
                tracing::info!(source = source.id.as_str(), hub = current.hub, "the hub failed");
                (next, attempts) = (Some(other), current.attempts);
            }
            self.leave(&source.id, now)?;
        }
        let Some((NextHub { hub, at }, topic)) = next.zip(offer.map(|it| &it.topic)) else {
            return Ok(());
        };
        tracing::info!(source = source.id.as_str(), %hub, "the publisher names a hub");
        let names = (topic.clone(), hub.to_owned());
        let made = wanted(source.id.clone(), names, base, now)?;
        self.make(Subscription { attempts, next_at: at, ..made })
    }

    fn make(&mut self, subscription: Subscription) -> Result<(), RunError> {
        self.store.keep_subscription(&subscription)?;
        self.book.insert(subscription.token.clone(), subscription);
        Ok(())
    }

    /// What is due: hubs to be asked now, and whether a lease ran out.
    pub(super) fn due(&mut self, now: Timestamp) -> Result<(Vec<Request>, bool), RunError> {
        let mut requests = Vec::new();
        let mut has_expired = false;
        for token in self.book.keys().cloned().collect::<Vec<_>>() {
            let Some(it) = self.book.get(&token) else { continue };
            match push::step(it, now) {
                Step::Rest => {}
                Step::Expire => {
                    tracing::warn!(source = it.source.as_str(), hub = it.hub, "the lease ran out");
                    has_expired = true;
                    self.change(&token, push::expire)?;
                }
                Step::Forget => self.forget(&token)?,
                Step::Ask(_) if self.requests.len() + requests.len() >= REQUESTS => {}
                Step::Ask(mode) => {
                    // Before the request, as some hubs verify before they answer it.
                    self.change(&token, |it| push::asked(it, mode, now))?;
                    requests.extend(self.request(&token, mode));
                }
            }
        }
        Ok((requests, has_expired))
    }

    fn request(&self, token: &Secret, mode: Mode) -> Option<Request> {
        let it = self.book.get(token)?;
        let callback = format!("{}{CALLBACK_FOLDER}{}", it.base, token.reveal());
        let hub = Url::parse(&it.hub).ok()?;
        Some(Request { token: token.clone(), hub, form: push::form(it, mode, &callback) })
    }

    /// A hub took a request, or did not.
    pub(super) fn answered(
        &mut self,
        (token, answer): HubAnswered,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let Some(it) = self.book.get(&token) else { return Ok(()) };
        let (source, hub) = (it.source.as_str().to_owned(), it.hub.clone());
        let Err(error) = answer else {
            tracing::debug!(source, hub, "the hub took the request");
            return Ok(());
        };
        let retry_after = match &error {
            PostError::Refused { retry_after_seconds, .. } => *retry_after_seconds,
            PostError::Fetch(_) => None,
        };
        let error = error.to_string();
        self.change(&token, |it| push::refused(it, &error, retry_after, now))?;
        let trouble = self.book.get(&token).and_then(|it| it.trouble.clone());
        tracing::warn!(source, hub, error = trouble, "the hub did not take the request");
        Ok(())
    }

    /// The answer to a hub's question; `None`: it is not about anything that was asked for.
    pub(super) fn question(
        &mut self,
        token: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Option<String>, RunError> {
        let token = Secret::new(token);
        let Some(it) = self.book.get_mut(&token) else { return Ok(None) };
        let (source, hub) = (it.source.as_str().to_owned(), it.hub.clone());
        let answer = match push::verify(it, &Question::read(query), now) {
            Verdict::Refused => return Ok(None),
            Verdict::Over(challenge) => {
                tracing::info!(source, hub, "unsubscribed");
                self.forget(&token)?;
                return Ok(Some(challenge));
            }
            Verdict::Confirmed(challenge) => {
                tracing::info!(source, hub, "subscribed");
                challenge
            }
            Verdict::Noted => {
                tracing::warn!(source, hub, reason = it.trouble, "the hub denied the subscription");
                String::new()
            }
        };
        self.change(&token, |_| ())?;
        Ok(Some(answer))
    }

    /// Whether a push may come.
    pub(super) fn admit(&mut self, token: &str, now: Timestamp) -> Admission {
        match self.active(token, now).map(|it| it.source.clone()) {
            None => Admission::Unknown,
            Some(source) => {
                let rate = self.rates.entry(source).or_insert_with(|| Rate::new(now));
                if rate.take(now) { Admission::Welcome } else { Admission::TooOften }
            }
        }
    }

    /// A push that came waits for its source's turn.
    pub(super) fn queue(&mut self, delivery: Delivery, now: Timestamp) {
        if let Some(source) = self.active(&delivery.token, now).map(|it| it.source.clone()) {
            self.waiting.entry(source).or_default().push_back(delivery);
        }
    }

    /// The sources of which pushes wait.
    pub(super) fn waiting(&self) -> Vec<SourceId> {
        self.waiting.keys().cloned().collect()
    }

    /// The first push of a source that waits, with its subscription; those whose subscription is over are
    /// dropped.
    pub(super) fn next_push(
        &mut self,
        source: &SourceId,
        now: Timestamp,
    ) -> Option<(Delivery, Subscription)> {
        let queue = self.waiting.get_mut(source)?;
        let delivery = queue.pop_front();
        if queue.is_empty() {
            self.waiting.remove(source);
        }
        let delivery = delivery?;
        let subscription = self.active(&delivery.token, now)?.clone();
        Some((delivery, subscription))
    }

    /// A push was signed and read.
    pub(super) fn pushed(&mut self, token: &Secret, now: Timestamp) -> Result<(), RunError> {
        self.change(token, |it| push::pushed(it, now))
    }

    /// The program ends: what waits is lost, and must be polled for after the next start.
    pub(super) fn give_up_waiting(&mut self) -> Result<(), RunError> {
        for source in self.waiting() {
            self.missed(&source)?;
        }
        self.waiting.clear();
        Ok(())
    }

    /// The subscription of a source that is not being left.
    fn current(&self, source: &SourceId) -> Option<&Subscription> {
        self.book.values().find(|it| it.source == *source && it.standing != Standing::Leaving)
    }

    fn active(&self, token: &str, now: Timestamp) -> Option<&Subscription> {
        self.book.get(&Secret::new(token)).filter(|it| push::is_active(it, now))
    }

    /// Changes a subscription, here and in the store.
    fn change(
        &mut self,
        token: &Secret,
        change: impl FnOnce(&mut Subscription),
    ) -> Result<(), RunError> {
        if let Some(it) = self.book.get_mut(token) {
            change(it);
            self.store.keep_subscription(it)?;
        }
        Ok(())
    }

    fn forget(&mut self, token: &Secret) -> Result<(), RunError> {
        self.book.remove(token);
        self.close_if_over();
        Ok(self.store.forget_subscription(token)?)
    }
}

/// Pages have no hubs, and files no publisher.
fn may_be_pushed(source: &Source) -> bool {
    source.push && source.page.is_none() && matches!(source.location, Location::Web(_))
}

/// A subscription that is to be asked for now, under new secrets.
fn wanted(
    source: SourceId,
    (topic, hub): (String, String),
    base: String,
    now: Timestamp,
) -> Result<Subscription, RunError> {
    Ok(Subscription {
        source,
        topic,
        hub,
        base,
        token: random(TOKEN_BYTES)?,
        secret: random(SECRET_BYTES)?,
        standing: Standing::Wanted,
        asked: None,
        attempts: 0,
        next_at: now,
        trouble: None,
        made_at: now,
        pushed_at: None,
        is_trusted: false,
    })
}

/// A word of so many random bytes, in hexadecimal digits.
fn random(bytes: usize) -> Result<Secret, RunError> {
    let mut word = vec![0; bytes];
    let filled = SystemRandom::new().fill(&mut word);
    filled.map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let digits = word.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
    Ok(Secret::new(digits.map(digit).collect::<String>()))
}
