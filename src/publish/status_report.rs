//! The store's records of the sources → the report on their health, and which of them are one feed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::published_site::{PublishedSite, SiteLists, display_name};
use crate::health::duplicate_feeds::{self, SourceFingerprint};
use crate::health::{frozen_dates, silence};
use crate::model::{
    Finding, PollState, PollingPause, PublicUrl, RemoteList, Silence, Source, SourceId,
    SubscriptionState,
};
use crate::render::status::{
    ClockStatus, FrozenStatus, FullTextStatus, HijackedStatus, ListStatus, LostStatus, MovedStatus,
    PollingPauseStatus, PushStatus, RefusedStatus, SCHEMA_VERSION, SearchStatus, SetAsideStatus,
    SilentStatus, SourceError, SourceState, SourceStatus, StatusReport, StatusTotals, StoreStatus,
    SystemClockStatus,
};
use crate::search_index::{IndexState, SearchIndex};
use crate::store::{BrokenDatabase, Store, StoreError, read_stored_list};

/// What the report is made from.
pub(super) struct StatusInputs<'a> {
    /// The store, for reading.
    pub(super) store: &'a Store,
    /// What the operator wants published.
    pub(super) site: &'a PublishedSite,
    /// When the program started.
    pub(super) started_at: Timestamp,
    /// Why the newest configuration is refused. `None`: it is in force.
    pub(super) config_error: Option<&'a str>,
    /// Why no source is polled. `None`: polls go on.
    pub(super) polling_pause: Option<&'a PollingPause>,
    /// The search index. `None`: it does not exist.
    pub(super) search: Option<&'a SearchIndex>,
}

/// The report, in the operator's order.
pub(super) fn build_status_report(inputs: &StatusInputs<'_>) -> Result<StatusReport, StoreError> {
    let StatusInputs { store, site, .. } = *inputs;
    let mut subscriptions = push_statuses(store)?;
    // Of each state only a little is kept: those of tens of thousands of sources would not fit into memory.
    let mut fingerprints = Vec::with_capacity(site.sources.len());
    let mut sources = Vec::with_capacity(site.sources.len());
    for source in &site.sources {
        let state = store.poll_state(&source.id)?;
        fingerprints.push(OwnedFingerprint::new(source, state.as_ref()));
        let entries = store.kept_entry_count(&source.id)?;
        let push = subscriptions.remove(&source.id);
        let push = push.map(|push| redact_push_status(source, push));
        let full_text = full_text_status(store, source)?;
        let base = source_status(source, state.as_ref(), entries);
        let base = match &state {
            Some(state) => with_findings(source, state, base),
            None => base,
        };
        sources.push(SourceStatus { push, full_text, ..base });
    }
    let firsts = find_first_copies(&site.sources, &fingerprints);
    for (status, first) in sources.iter_mut().zip(firsts) {
        status.same_as = first.map(ToString::to_string);
    }
    let totals = StatusTotals::sum_sources(&sources);
    Ok(StatusReport {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: inputs.started_at,
        listen: site.listen.clone(),
        config_error: inputs.config_error.map(PublicUrl::redact_in_text),
        instance: site.instance.clone(),
        store: store_status(store),
        polling_paused: inputs.polling_pause.map(PollingPauseStatus::from_pause),
        system_clock: system_clock_status(store)?,
        search: inputs.search.map(search_status),
        lists: list_statuses(&site.lists),
        sources,
        totals,
    })
}

/// The state of the store.
fn store_status(store: &Store) -> StoreStatus {
    let aside = |BrokenDatabase { at, path, restored }: BrokenDatabase| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SetAsideStatus { name, at, restored: restored.map(|part| part.as_str().to_owned()) }
    };
    StoreStatus {
        error: store.check_location().err().map(|error| error.to_string()),
        set_aside: store.broken_databases().into_iter().map(aside).collect(),
    }
}

/// The state of the lists that are kept elsewhere. A list whose file cannot be read was never looked at, as far as is
/// known: the log says why.
fn list_statuses(site: &SiteLists) -> Vec<ListStatus> {
    let status = |list: &RemoteList| {
        let known = read_stored_list(&site.folder, &list.id).ok().flatten();
        ListStatus::from_list(list, known.as_ref())
    };
    site.lists.iter().map(status).collect()
}

/// Why the clock of this machine is doubted. `None`: it is not.
fn system_clock_status(store: &Store) -> Result<Option<SystemClockStatus>, StoreError> {
    let doubt = store.system_clock()?.and_then(|clock| clock.doubt);
    Ok(doubt.as_ref().map(SystemClockStatus::from_doubt))
}

/// The state of the search index.
fn search_status(search: &SearchIndex) -> SearchStatus {
    let (state, error, since) = match &*search.state() {
        IndexState::Building { .. } => ("building", None, None),
        IndexState::Ready => ("ready", None, None),
        IndexState::Failed { reason, since } => ("failed", Some(reason.clone()), Some(*since)),
    };
    SearchStatus { state: state.to_owned(), entries: search.len(), error, since }
}

/// A fingerprint that outlives the state that it is made from.
#[derive(Default)]
struct OwnedFingerprint {
    address: Option<String>,
    keys: Vec<u64>,
}

impl OwnedFingerprint {
    fn new(source: &Source, state: Option<&PollState>) -> Self {
        let Some(state) = state else { return Self::default() };
        let SourceFingerprint { address, keys } = SourceFingerprint::from_state(source, state);
        Self { address: address.map(ToOwned::to_owned), keys: keys.to_vec() }
    }
}

/// The state of one source in a word, for its own page.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn source_state(store: &Store, source: &Source) -> Result<SourceState, StoreError> {
    let state = store.poll_state(&source.id)?;
    let base = source_status(source, state.as_ref(), 0);
    let status = match &state {
        Some(state) => with_findings(source, state, base),
        None => base,
    };
    Ok(status.state())
}

/// For each source the id of an earlier one that is the same feed.
fn find_first_copies<'a>(
    sources: &'a [Arc<Source>],
    fingerprints: &[OwnedFingerprint],
) -> Vec<Option<&'a SourceId>> {
    let borrowed: Vec<SourceFingerprint<'_>> = fingerprints
        .iter()
        .map(|own| SourceFingerprint { address: own.address.as_deref(), keys: &own.keys })
        .collect();
    let firsts = duplicate_feeds::find_duplicate_feeds(&borrowed).into_iter();
    firsts.map(|first| Some(&sources.get(first?)?.id)).collect()
}

/// The sources that are second copies of one feed, each with the first one.
///
/// # Errors
/// When the store cannot be read.
pub fn find_duplicate_sources(
    store: &Store,
    sources: &[Arc<Source>],
) -> Result<BTreeMap<SourceId, SourceId>, StoreError> {
    let mut fingerprints = Vec::with_capacity(sources.len());
    for source in sources {
        fingerprints.push(OwnedFingerprint::new(source, store.poll_state(&source.id)?.as_ref()));
    }
    let firsts = find_first_copies(sources, &fingerprints);
    let pairs = sources.iter().zip(firsts);
    Ok(pairs.filter_map(|(source, first)| Some((source.id.clone(), first?.clone()))).collect())
}

/// The status of a source with the findings that the operator does not ignore.
fn with_findings(source: &Source, state: &PollState, status: SourceStatus) -> SourceStatus {
    let findings = reported_findings(source, state);
    let is_reported = |finding: Finding| findings.contains(&finding);
    let health = &state.health;
    let silent = detect_silence(state).filter(|silence| is_reported((*silence).into()));
    let frozen = frozen_dates::detect_frozen_dates(&health.dates)
        .filter(|_| is_reported(Finding::FrozenDates));
    let hijacked = health.writing.hijacked.as_ref().filter(|_| is_reported(Finding::Hijacked));
    let refusal = health.access_denied.as_ref().filter(|_| is_reported(Finding::Refused));
    SourceStatus {
        silent: silent.map(SilentStatus::from_silence),
        frozen_dates: frozen.map(FrozenStatus::from_finding),
        hijacked: hijacked.map(HijackedStatus::from_finding),
        refused: refusal
            .map(|refusal| RefusedStatus::from_refusal(refusal, state.last_poll.succeeded_at)),
        findings: findings.iter().map(|it| it.as_str().to_owned()).collect(),
        ..status
    }
}

/// The findings about a source that the operator does not ignore, in the order of `Finding::ALL`.
pub fn reported_findings(source: &Source, state: &PollState) -> Vec<Finding> {
    let health = &state.health;
    let is_failing = state.last_poll.failure.is_some();
    let refused = health.access_denied.is_some_and(|refusal| is_failing && refusal.is_reported());
    let frozen = frozen_dates::detect_frozen_dates(&health.dates);
    let found = [
        detect_silence(state).map(Finding::from),
        frozen.map(|_| Finding::FrozenDates),
        health.writing.hijacked.as_ref().map(|_| Finding::Hijacked),
        refused.then_some(Finding::Refused),
    ];
    found.into_iter().flatten().filter(|finding| source.reports(*finding)).collect()
}

/// Whether a source was silent when it last answered well.
fn detect_silence(state: &PollState) -> Option<Silence> {
    let until = state.last_poll.succeeded_at.filter(|_| state.last_poll.failure.is_none())?;
    silence::detect_silence(&state.health.news, &state.schedule.recent, until)
}

/// What became of the pages of a source's entries. `None`: the operator does not want them.
fn full_text_status(store: &Store, source: &Source) -> Result<Option<FullTextStatus>, StoreError> {
    if !source.full_text {
        return Ok(None);
    }
    let pages = store.full_text_state(&source.id)?.unwrap_or_default();
    let mut status = FullTextStatus::from_state(&pages);
    if let Some(error) = &mut status.last_error {
        error.url = source.published_text(&error.url);
        error.message = source.published_text(&error.message);
    }
    Ok(Some(status))
}

/// The subscription of every source that has one. One that is being ended counts only where there is no other.
fn push_statuses(store: &Store) -> Result<BTreeMap<SourceId, PushStatus>, StoreError> {
    let mut all = store.subscriptions()?;
    all.sort_by_key(|it| it.state != SubscriptionState::Leaving);
    Ok(all.into_iter().map(|it| (it.source.clone(), PushStatus::from_subscription(it))).collect())
}

/// A subscription with the public part of its hub's address.
fn redact_push_status(source: &Source, push: PushStatus) -> PushStatus {
    let trouble = push.trouble.map(|trouble| source.published_text(&trouble));
    PushStatus { hub: source.published_text(&push.hub), trouble, ..push }
}

/// The status of a source without its findings.
fn source_status(source: &Source, state: Option<&PollState>, entries: u64) -> SourceStatus {
    let failure = state.and_then(|state| state.last_poll.failure.as_ref());
    SourceStatus {
        id: source.id.to_string(),
        name: display_name(source, state),
        url: source.published_location(),
        list: source.list.as_ref().map(ToString::to_string),
        category: source.categories.first().map(|category| category.name.clone()),
        categories: source.categories.iter().map(|category| category.name.clone()).collect(),
        last_poll: state.and_then(|state| state.last_poll.polled_at),
        last_success: state.and_then(|state| state.last_poll.succeeded_at),
        last_change: state.and_then(|state| state.schedule.changed_at),
        next_poll: state.map(|state| state.schedule.due_at),
        reason: state.map_or("new", |state| state.schedule.reason.as_str()).to_owned(),
        failures: state.map_or(0, |state| state.last_poll.failures),
        last_error: failure.map(|failure| SourceError {
            stage: failure.stage.as_str().to_owned(),
            message: source.published_text(&failure.message),
            at: failure.at,
        }),
        clock: state.and_then(|state| ClockStatus::from_state(&state.health.clock, source.clock)),
        lost: state.and_then(|state| lost_status(source, state)),
        moved: state.and_then(|state| moved_status(source, state)),
        entries,
        feed_entries: state.map_or(0, |state| state.document.entries_count.into()),
        warnings_count: state.map_or(0, |state| state.document.warnings_count.into()),
        warnings: state.map(|state| published_warnings(source, state)).unwrap_or_default(),
        ..SourceStatus::default()
    }
}

/// The lost feed of a source, with public addresses.
fn lost_status(source: &Source, state: &PollState) -> Option<LostStatus> {
    let mut lost = LostStatus::from_lost_feed(state.address.lost.as_ref()?);
    lost.address = source.published_text(&lost.address);
    if let Some(found) = &mut lost.found {
        found.url = source.published_text(&found.url);
    }
    Some(lost)
}

fn published_warnings(source: &Source, state: &PollState) -> Vec<String> {
    state.document.warnings.iter().map(|warning| source.published_text(warning)).collect()
}

/// The redirect that is followed from the start, else the one that was last seen.
fn moved_status(source: &Source, state: &PollState) -> Option<MovedStatus> {
    let adopted = state.address.adopted_redirect.as_ref();
    let adopted = adopted.filter(|adopted| adopted.from == source.location.to_string());
    let pending = state.address.pending_redirect.as_ref();
    let mut moved = adopted
        .map(MovedStatus::from_adopted)
        .or_else(|| pending.map(MovedStatus::from_pending))?;
    moved.to = source.published_text(&moved.to);
    Some(moved)
}

#[cfg(test)]
mod tests {
    use super::super::renderer::Renderer;
    use super::super::sample::{self, TestStore, at};
    use super::*;
    use crate::model::{Failure, LostFeed, MoveSign, PendingRedirect};
    use rafid_feed::model::Stage;

    fn failing(message: &str) -> PollState {
        let mut state = PollState::new([0; 16], at(9));
        state.last_poll.failures = 2;
        state.last_poll.failure =
            Some(Failure { stage: Stage::Fetch, message: message.to_owned(), at: at(5) });
        state.address.pending_redirect = Some(PendingRedirect {
            to: "https://me:s3cret@b.example/feed?token=s3cret".to_owned(),
            since: at(1),
            seen_count: 1,
            same_feed: None,
            sign: MoveSign::Redirect,
        });
        state.document.warnings = vec!["fetch: see https://a.example/?key=s3cret".to_owned()];
        state
    }

    fn report(renderer: &Renderer) -> StatusReport {
        renderer.status_report().unwrap()
    }

    #[test]
    fn a_source_that_was_never_requested_waits() {
        let shop = TestStore::open();
        let report = report(&shop.renderer(vec![sample::source("a")]));
        assert_eq!((report.totals.sources, report.totals.waiting), (1, 1));
        let only = &report.sources[0];
        assert_eq!((only.url.as_str(), only.reason.as_str()), ("https://a.example/rss", "new"));
        assert_eq!((only.name.as_str(), only.entries), ("a.example", 0));
    }

    #[test]
    fn stored_entries_are_counted() {
        let shop = TestStore::open();
        shop.keep("a", 3, vec![sample::listed("a", "1", "خبر"), sample::listed("a", "2", "آخر")]);
        let report = report(&shop.renderer(vec![sample::source("a"), sample::source("b")]));
        assert_eq!((report.totals.entries, report.sources[0].entries), (2, 2));
        assert_eq!(report.sources[0].last_change, Some(at(3)));
    }

    #[test]
    fn the_report_holds_no_secret() {
        let mut source = sample::source("a");
        let url = "https://a.example/rss?token=s3cret&cat=7";
        source.location = crate::model::Location::Web(url.parse().unwrap());
        let state = failing(&format!("{url} answered 404"));
        let status = source_status(&source, Some(&state), 0);
        assert_eq!(status.url, "https://a.example/rss?cat=7");
        let error = status.last_error.as_ref().unwrap();
        assert_eq!(error.message, "https://a.example/rss?cat=7 answered 404");
        assert_eq!(status.moved.as_ref().unwrap().to, "https://b.example/feed");
        assert_eq!(status.warnings, ["fetch: see https://a.example/"]);

        source.is_private = true;
        let status = source_status(&source, Some(&state), 0);
        assert_eq!((status.url.as_str(), status.name.as_str()), ("(private)", "a"));
        assert_eq!(status.last_error.as_ref().unwrap().message, "(private) answered 404");
        assert_eq!(status.moved.as_ref().unwrap().to, "(private)");
    }

    #[test]
    fn a_lost_feed_is_reported_with_public_addresses() {
        let mut state = failing("gone");
        state.address.lost = Some(LostFeed {
            address: "https://a.example/rss?token=s3cret".to_owned(),
            since: at(1),
            searched_at: None,
            rediscovered: None,
        });
        let lost = lost_status(&sample::source("a"), &state).unwrap();
        assert_eq!(lost.address, "https://a.example/rss");
    }
}
