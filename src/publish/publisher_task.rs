//! Changes and requests → renditions in the cache: renders the outputs that readers request, renders them again
//! after changes, and drops those that no one requests any more. Runs beside the writer.
//!
//! Outputs are rendered one after another, and each is served as soon as it is ready. Between two of them the
//! requests that wait are answered: a reader waits for one rendering, and not for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::archive_memory::Archives;
use super::program_files;
use super::publisher_event::PublisherEvent;
use super::publisher_setup::PublisherSetup;
use super::render_pace::RenderPace;
use super::render_queue::{RenderQueue, RenderRound};
use super::renderer::Renderer;
use super::stale_outputs::{
    ChangeMemory, OutputChange, ReportedChanges, StaleOutputs, find_stale_outputs,
};
use super::warm_outputs::{
    initial_warm_outputs, is_archive, is_kept_warm, scope_of, speaks_of_now,
};
use crate::http::{RenderRequest, Reply, Resource, ServedRendition};
use crate::model::{PollingPause, Scope};
use crate::render::page_moment::PageMoment;
use crate::store::StoreError;

/// At the latest after this time, a change leads to a rendering of everything that is warm, whatever changed. (Stories
/// of entries that an earlier version stored are decided without any report.)
const FULL_ROUND_INTERVAL: Duration = Duration::from_mins(10);
/// An output stays warm for this long after the last request for it. The next request warms it again.
const WARM_TIME: Duration = Duration::from_hours(1);
/// The maximum number of warm outputs: the four of all sources, and those of some hundred categories and
/// sources.
const MAX_WARM: usize = 1_000;
/// The maximum number of archive pages in memory, with a hundred entries each: 12 MB.
const MAX_ARCHIVE_PAGES: usize = 64;
/// A resource that is not kept warm is rendered at most once within this time.
const SHORT_CACHE_TIME: Duration = Duration::from_secs(1);

/// The state of the publisher.
pub(super) struct PublisherTask {
    setup: PublisherSetup,
    /// The number of the last change that was reported.
    last_change: u64,
    /// What was reported since the last round began.
    reported: ReportedChanges,
    /// What changes are compared with.
    memory: ChangeMemory,
    /// The instant from which the times of rounds are counted.
    started: Instant,
    pace: RenderPace,
    /// When everything was rendered.
    full_round_at: Option<Instant>,
    /// Outputs that could not be rendered: the next round tries again.
    failed: BTreeSet<Resource>,
    /// The warm outputs, each with the time of its last request (`None`: it is always warm).
    warm: BTreeMap<Resource, Option<Instant>>,
    /// Renditions made a moment ago that are not kept warm.
    short_cache: BTreeMap<Resource, (Instant, Arc<ServedRendition>)>,
    /// Pages of archives, made since the last change of entries or the configuration.
    archive_cache: BTreeMap<Resource, Arc<ServedRendition>>,
    archives: Arc<Archives>,
    /// Since when outputs are stale; `None`: no output is, but for those of the current round.
    stale_since: Option<Instant>,
    /// The outputs that are being rendered; `None`: none are.
    round: Option<RenderRound>,
    /// Whether a new moment began, of which pages speak.
    is_new_moment: bool,
    /// When a source was polled last.
    polled_at: Option<Timestamp>,
    config_error: Option<String>,
    polling_pause: Option<PollingPause>,
    now: fn() -> Timestamp,
}

impl PublisherTask {
    /// A publisher that has rendered nothing yet.
    pub(super) fn new(setup: PublisherSetup) -> Self {
        Self {
            setup,
            last_change: 0,
            reported: ReportedChanges::default(),
            memory: ChangeMemory::default(),
            started: Instant::now(),
            pace: RenderPace::default(),
            full_round_at: None,
            failed: BTreeSet::new(),
            warm: initial_warm_outputs().map(|resource| (resource, None)).collect(),
            short_cache: BTreeMap::new(),
            archive_cache: BTreeMap::new(),
            archives: Arc::default(),
            stale_since: None,
            round: None,
            is_new_moment: false,
            polled_at: None,
            config_error: None,
            polling_pause: None,
            now: Timestamp::now,
        }
    }

    /// Renders and answers until `stop` is cancelled.
    pub(super) async fn run(
        mut self,
        mut events: mpsc::UnboundedReceiver<PublisherEvent>,
        mut requests: mpsc::Receiver<RenderRequest>,
        stop: CancellationToken,
    ) {
        self.begin_round().await;
        let mut next_moment = self.next_moment();
        loop {
            let next = self.next_rendering();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(event) = events.recv() => self.handle_event(event),
                () = tokio::time::sleep_until(next_moment) => {
                    self.begin_moment();
                    next_moment = self.next_moment();
                }
                () = sleep_until_or_forever(next) => {
                    self.render_next().await;
                    self.answer_waiting(&mut requests).await;
                }
                Some(request) = requests.recv() => drop(self.answer(request).await),
            }
        }
        // Requests that arrived before the end are still answered.
        requests.close();
        while let Some(request) = requests.recv().await {
            self.answer(request).await;
        }
    }

    /// When the next moment begins, of which pages speak.
    fn next_moment(&self) -> Instant {
        Instant::now() + PageMoment::time_to_next((self.now)())
    }

    /// Pages that speak of now are rendered again.
    fn begin_moment(&mut self) {
        self.is_new_moment = true;
        self.stale_since.get_or_insert_with(Instant::now);
    }

    fn handle_event(&mut self, event: PublisherEvent) {
        match event {
            PublisherEvent::Changed(change, what) => {
                self.last_change = self.last_change.max(change);
                if matches!(what, OutputChange::Source(_)) {
                    self.polled_at = Some((self.now)());
                }
                self.reported.add(what);
                self.stale_since.get_or_insert_with(Instant::now);
                self.archive_cache.clear();
            }
            PublisherEvent::PicturesChanged => {
                self.reported.pictures = true;
                self.stale_since.get_or_insert_with(Instant::now);
            }
            PublisherEvent::Polled => self.polled_at = Some((self.now)()),
            PublisherEvent::ConfigRefused(reason) => self.config_error = reason,
            PublisherEvent::PollingPaused(pause) => self.polling_pause = pause.map(|it| *it),
        }
        self.short_cache.clear();
    }

    /// When an output is to be rendered; `None`: not before something changes.
    fn next_rendering(&self) -> Option<Instant> {
        if self.round.is_some() {
            return Some(Instant::now());
        }
        let since = self.stale_since?.duration_since(self.started);
        Some(self.started + self.pace.next_round(since))
    }

    /// Begins to render the outputs that may say something else now, and drops those that were not requested for a
    /// while.
    async fn begin_round(&mut self) {
        let begun_at = Instant::now();
        self.stale_since = None;
        self.warm.retain(|_, requested_at| {
            requested_at.is_none_or(|requested_at| requested_at.elapsed() < WARM_TIME)
        });
        self.setup.cache.retain(|resource| self.warm.contains_key(resource));
        let mut queue = RenderQueue::default();
        match self.find_stale().await {
            StaleOutputs::All => {
                program_files::put_site_pages(&self.setup.cache, &self.setup.site.load());
                self.full_round_at = Some(Instant::now());
                queue.add(self.warm.keys().cloned());
            }
            StaleOutputs::Some(stale) => queue.add(stale),
        }
        if std::mem::take(&mut self.is_new_moment) {
            queue.add(self.warm.keys().filter(|resource| speaks_of_now(resource)).cloned());
        }
        let failed = std::mem::take(&mut self.failed);
        queue.add(failed.into_iter().filter(|resource| self.warm.contains_key(resource)));
        self.forget_named(&queue);
        // Everything that is read from the store below includes these changes.
        self.round = Some(RenderRound { queue, begun_at, change: self.last_change, rendered: 0 });
    }

    /// The outputs that may say something else than when they were rendered. In doubt, all.
    async fn find_stale(&mut self) -> StaleOutputs {
        let mut reported = std::mem::take(&mut self.reported);
        reported.everything |=
            self.full_round_at.is_none_or(|at| at.elapsed() >= FULL_ROUND_INTERVAL);
        let mut memory = std::mem::take(&mut self.memory);
        let warm: Vec<Resource> = self.warm.keys().cloned().collect();
        let renderer = self.renderer();
        let finding = tokio::task::spawn_blocking(move || {
            let stale = find_stale_outputs(renderer.reader(), &mut memory, &reported, &warm);
            (memory, stale)
        });
        let Ok((memory, stale)) = finding.await else { return StaleOutputs::All };
        self.memory = memory;
        stale.unwrap_or_else(|error| {
            tracing::warn!(%error, "what changed cannot be read: everything is rendered");
            StaleOutputs::All
        })
    }

    /// Forgets what outputs named whose documents are all rendered again.
    fn forget_named(&self, queue: &RenderQueue) {
        let (renewed, kept): (Vec<_>, Vec<_>) =
            self.warm.keys().partition(|resource| queue.contains(resource));
        let kept: BTreeSet<&Scope> = kept.into_iter().filter_map(scope_of).collect();
        let renewed: BTreeSet<&Scope> = renewed.into_iter().filter_map(scope_of).collect();
        for scope in renewed.difference(&kept) {
            self.archives.forget_named(scope);
        }
    }

    /// Renders the next output of the round, or begins a round. The first round makes the daemon ready.
    async fn render_next(&mut self) {
        if self.round.is_none() {
            self.begin_round().await;
        }
        let next = self.round.as_mut().and_then(|round| round.queue.take_next());
        if let Some(resource) = next {
            match self.render(resource.clone()).await {
                Some(Some(rendition)) => self.put_rendered(&resource, &rendition),
                // A category or source that the configuration no longer has.
                Some(None) => {
                    self.warm.remove(&resource);
                    self.setup.cache.retain(|other| *other != resource);
                }
                // It keeps its previous bytes.
                None => drop(self.failed.insert(resource)),
            }
        }
        if let Some(round) = self.round.take_if(|round| round.queue.is_empty()) {
            let begun_at = round.begun_at.duration_since(self.started);
            self.pace = RenderPace::after_round(begun_at, self.started.elapsed());
            self.setup.health.set_ready();
            tracing::debug!(outputs = round.rendered, change = round.change, "outputs rendered");
        }
    }

    /// Puts an output into the cache: from now on it is served.
    fn put_rendered(&mut self, resource: &Resource, rendition: &Arc<ServedRendition>) {
        self.setup.cache.put(resource, rendition);
        if let Some(round) = &mut self.round {
            round.queue.remove(resource);
            round.rendered += 1;
        }
    }

    /// Answers the requests that wait, up to the first one that needed a rendering: then it is the turn of the
    /// round again.
    async fn answer_waiting(&mut self, requests: &mut mpsc::Receiver<RenderRequest>) {
        while let Ok(request) = requests.try_recv() {
            if self.answer(request).await {
                break;
            }
        }
    }

    /// Answers a request. Returns whether it needed a rendering.
    async fn answer(&mut self, request: RenderRequest) -> bool {
        let RenderRequest { resource, reply } = request;
        let cached =
            self.setup.cache.get(&resource).or_else(|| self.archive_cache.get(&resource).cloned());
        let cached = cached.or_else(|| {
            let (made, rendition) = self.short_cache.get(&resource)?;
            (made.elapsed() < SHORT_CACHE_TIME).then(|| Arc::clone(rendition))
        });
        // Several readers may have requested it before the first was answered.
        if let Some(ready) = cached {
            let _ = reply.send(Reply::Ready(ready));
            return false;
        }
        // Dropping the reply channel means "not now".
        let Some(rendition) = self.render(resource.clone()).await else { return true };
        let answer = match rendition {
            Some(rendition) => {
                self.cache_rendition(resource, &rendition);
                Reply::Ready(rendition)
            }
            None if self.is_gone(resource).await => Reply::Gone,
            None => Reply::NotFound,
        };
        let _ = reply.send(answer);
        true
    }

    fn cache_rendition(&mut self, resource: Resource, rendition: &Arc<ServedRendition>) {
        let has_room = self.warm.len() < MAX_WARM || self.warm.contains_key(&resource);
        if is_kept_warm(&resource) && has_room {
            self.put_rendered(&resource, rendition);
            let requested_at = self.warm.entry(resource).or_insert_with(|| Some(Instant::now()));
            *requested_at = requested_at.map(|_| Instant::now());
        } else if is_archive(&resource) {
            if self.archive_cache.len() >= MAX_ARCHIVE_PAGES {
                self.archive_cache.clear();
            }
            self.archive_cache.insert(resource, Arc::clone(rendition));
        } else {
            self.short_cache.retain(|_, (made, _)| made.elapsed() < SHORT_CACHE_TIME);
            self.short_cache.insert(resource, (Instant::now(), Arc::clone(rendition)));
        }
    }

    fn renderer(&self) -> Renderer {
        Renderer {
            store: self.setup.store.clone(),
            site: self.setup.site.load_full(),
            started_at: self.setup.started_at,
            config_error: self.config_error.clone(),
            polling_pause: self.polling_pause.clone(),
            polled_at: self.polled_at,
            search: self.setup.search.clone(),
            archives: Arc::clone(&self.archives),
            pictures: self.setup.pictures.clone(),
        }
    }

    /// Whether a resource that is not there was deleted. What cannot be determined was not.
    async fn is_gone(&self, resource: Resource) -> bool {
        if !is_archive(&resource) {
            return false;
        }
        let renderer = self.renderer();
        let outcome = tokio::task::spawn_blocking(move || renderer.is_gone(&resource)).await;
        matches!(outcome, Ok(Ok(true)))
    }

    /// Renders outside the async threads. An output that did not change keeps its bytes and validators. The
    /// outer `None`: rendering failed and the failure was logged. The inner `None`: there is no such
    /// resource.
    async fn render(&self, resource: Resource) -> Option<Option<Arc<ServedRendition>>> {
        self.setup.metrics.renders.inc();
        let renderer = self.renderer();
        let (before, now) = (self.setup.cache.get(&resource), (self.now)());
        let name = format!("{resource:?}");
        let outcome = tokio::task::spawn_blocking(move || {
            let known = before.as_ref().map(|served| served.rendition());
            let made = renderer.render(&resource, known, now)?;
            Ok(made.map(|rendition| match &before {
                // Its codings stay, too.
                Some(before) if Arc::ptr_eq(before.rendition(), &rendition) => Arc::clone(before),
                _ => Arc::new(ServedRendition::new(rendition)),
            }))
        });
        match outcome.await {
            Ok(Ok(rendition)) => Some(rendition),
            Ok(Err::<_, StoreError>(error)) => {
                tracing::error!(%error, output = name, "an output could not be rendered");
                None
            }
            Err(_) => {
                tracing::error!(output = name, "rendering an output panicked; please report it");
                None
            }
        }
    }
}

/// Waits until an instant; one that has passed is not waited for.
async fn sleep_until_or_forever(at: Option<Instant>) {
    match at {
        Some(at) if at <= Instant::now() => {}
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
