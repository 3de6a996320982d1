//! What the store remembers of the sources → the report of their health.

use std::collections::BTreeMap;
use std::sync::Arc;

use rafid_feed::model::ClockSetting;

use super::published_site::display_name;
use super::renderer::Renderer;
use crate::health::duplicate_feeds::{self, SourceFingerprint};
use crate::health::{frozen_dates, silence};
use crate::model::{
    AdoptedRedirect, ClockState, ClockVerdict, Finding, PendingRedirect, PollState, PublicUrl,
    Silence, Source, SourceId, Subscription, SubscriptionState,
};
use crate::render::status::{
    ClockStatus, FrozenStatus, FullTextStatus, HijackedStatus, LostStatus, MovedStatus, PushStatus,
    RefusedStatus, SCHEMA_VERSION, SearchStatus, SetAsideStatus, SilentStatus, SourceError,
    SourceStatus, StatusReport, StatusTotals, StoreStatus, SystemClockStatus,
};
use crate::search_index::{IndexState, SearchIndex};
use crate::store::{BrokenDatabase, Store, StoreError};

/// The report, in the operator's order.
pub(super) fn build_status_report(press: &Renderer) -> Result<StatusReport, StoreError> {
    let pushes = push_statuses(press)?;
    let states = press.site.sources.iter().map(|source| press.store.poll_state(&source.id));
    let states = states.collect::<Result<Vec<_>, _>>()?;
    let same = duplicate_feeds(&press.site.sources, &states);
    let mut sources = Vec::with_capacity(press.site.sources.len());
    for ((source, state), same_as) in press.site.sources.iter().zip(&states).zip(same) {
        let entries = press.store.kept_entry_count(&source.id)?;
        let push = pushes.get(&source.id).cloned().map(|push| redact_push_status(source, push));
        let full_text = full_text_status(press, source)?;
        let line = source_status(source, state.as_ref(), entries);
        let line = match state {
            Some(state) => with_findings(source, state, line),
            None => line,
        };
        sources.push(SourceStatus { same_as, push, full_text, ..line });
    }
    let totals = StatusTotals::sum_sources(&sources);
    Ok(StatusReport {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: press.started_at,
        listen: press.site.listen.clone(),
        config_error: press.config_error.as_deref().map(PublicUrl::redact_in_text),
        instance: press.site.instance.clone(),
        store: store_status(&press.store),
        system_clock: system_clock_status(press)?,
        search: press.search.as_ref().map(search_status),
        sources,
        totals,
    })
}

/// How the store is.
fn store_status(store: &Store) -> StoreStatus {
    let aside = |BrokenDatabase { at, path }: BrokenDatabase| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SetAsideStatus { name, at }
    };
    StoreStatus {
        error: store.check_location().err().map(|error| error.to_string()),
        set_aside: store.broken_databases().into_iter().map(aside).collect(),
    }
}

/// Why this machine's clock is doubted. `None`: it is not.
fn system_clock_status(press: &Renderer) -> Result<Option<SystemClockStatus>, StoreError> {
    let doubt = press.store.system_clock()?.and_then(|clock| clock.doubt);
    Ok(doubt.as_ref().map(SystemClockStatus::from_doubt))
}

/// How the search index is.
fn search_status(search: &SearchIndex) -> SearchStatus {
    let (state, error, since) = match &*search.state() {
        IndexState::Building { .. } => ("building", None, None),
        IndexState::Ready => ("ready", None, None),
        IndexState::Failed { reason, since } => ("failed", Some(reason.clone()), Some(*since)),
    };
    SearchStatus { state: state.to_owned(), entries: search.len(), error, since }
}

/// For each source the id of an earlier one that is the same feed.
fn duplicate_feeds(sources: &[Arc<Source>], states: &[Option<PollState>]) -> Vec<Option<String>> {
    let unknown = SourceFingerprint { address: None, keys: &[] };
    let portraits: Vec<SourceFingerprint<'_>> = sources
        .iter()
        .zip(states)
        .map(|(source, state)| {
            state.as_ref().map_or(unknown, |it| SourceFingerprint::from_state(source, it))
        })
        .collect();
    let firsts = duplicate_feeds::find_duplicate_feeds(&portraits).into_iter();
    firsts.map(|first| Some(sources.get(first?)?.id.to_string())).collect()
}

/// The line with what was found and is told.
fn with_findings(source: &Source, state: &PollState, line: SourceStatus) -> SourceStatus {
    let tells = |finding: &Finding| source.reports(*finding);
    let health = &state.health;
    let silent = detect_silence(state).filter(|silence| tells(&(*silence).into()));
    let frozen =
        frozen_dates::detect_frozen_dates(&health.dates).filter(|_| tells(&Finding::FrozenDates));
    let hijacked = health.writing.hijacked.as_ref().filter(|_| tells(&Finding::Hijacked));
    let refusal = health.access_denied.as_ref().filter(|refusal| refusal.is_reported());
    let refusal = refusal.filter(|_| state.last_poll.failure.is_some() && tells(&Finding::Refused));
    let findings = [
        silent.map(Finding::from),
        frozen.map(|_| Finding::FrozenDates),
        hijacked.map(|_| Finding::Hijacked),
        refusal.map(|_| Finding::Refused),
    ];
    SourceStatus {
        silent: silent.map(SilentStatus::from_silence),
        frozen_dates: frozen.map(FrozenStatus::from_finding),
        hijacked: hijacked.map(HijackedStatus::from_finding),
        refused: refusal
            .map(|refusal| RefusedStatus::from_refusal(refusal, state.last_poll.succeeded_at)),
        findings: findings.into_iter().flatten().map(|it| it.as_str().to_owned()).collect(),
        ..line
    }
}

/// Whether a source was silent when it last answered well.
fn detect_silence(state: &PollState) -> Option<Silence> {
    let until = state.last_poll.succeeded_at.filter(|_| state.last_poll.failure.is_none())?;
    silence::detect_silence(&state.health.news, &state.schedule.recent, until)
}

/// What became of the pages of a source's entries. `None`: the operator does not want them.
fn full_text_status(
    press: &Renderer,
    source: &Source,
) -> Result<Option<FullTextStatus>, StoreError> {
    if !source.full_text {
        return Ok(None);
    }
    let pages = press.store.full_text_state(&source.id)?.unwrap_or_default();
    let mut status = FullTextStatus::from_state(&pages);
    if let Some(error) = &mut status.last_error {
        error.url = source.published_text(&error.url);
        error.message = source.published_text(&error.message);
    }
    Ok(Some(status))
}

/// The subscription of every source that has one; one that is being left is told only where there is no
/// other.
fn push_statuses(press: &Renderer) -> Result<BTreeMap<SourceId, PushStatus>, StoreError> {
    let mut all = press.store.subscriptions()?;
    all.sort_by_key(|it| it.state != SubscriptionState::Leaving);
    Ok(all.into_iter().map(|it| (it.source.clone(), push_status(it))).collect())
}

/// A subscription with what everybody may see of its hub.
fn redact_push_status(source: &Source, push: PushStatus) -> PushStatus {
    let trouble = push.trouble.map(|trouble| source.published_text(&trouble));
    PushStatus { hub: source.published_text(&push.hub), trouble, ..push }
}

fn push_status(it: Subscription) -> PushStatus {
    let lease_until = match it.state {
        SubscriptionState::Active { until } => Some(until),
        _ => None,
    };
    PushStatus {
        state: it.state.as_str().to_owned(),
        hub: it.hub,
        lease_until,
        last_push: it.pushed_at,
        relaxes_polling: it.is_trusted,
        trouble: it.last_error,
    }
}

fn source_status(source: &Source, state: Option<&PollState>, entries: u64) -> SourceStatus {
    let failure = state.and_then(|state| state.last_poll.failure.as_ref());
    SourceStatus {
        id: source.id.to_string(),
        name: display_name(source, state),
        url: source.published_location(),
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
        clock: state.and_then(|state| clock_status(&state.health.clock, source.clock)),
        silent: None,
        hijacked: None,
        frozen_dates: None,
        refused: None,
        findings: Vec::new(),
        lost: state.and_then(|state| lost_status(source, state)),
        same_as: None,
        moved: state.and_then(|state| moved_status(source, state)),
        push: None,
        full_text: None,
        entries,
        feed_entries: state.map_or(0, |state| state.document.entries_count.into()),
        warnings_count: state.map_or(0, |state| state.document.warnings_count.into()),
        warnings: state.map(|state| published_warnings(source, state)).unwrap_or_default(),
    }
}

/// That a source's feed is gone, with addresses that everybody may see.
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

/// What is wrong with a publisher's clock under the operator's `setting`. `None`: nothing.
fn clock_status(state: &ClockState, setting: ClockSetting) -> Option<ClockStatus> {
    let offset = state.verdict.offset()?;
    let is_off = matches!(state.verdict, ClockVerdict::Off(_));
    Some(ClockStatus {
        verdict: state.verdict.as_str().to_owned(),
        offset_minutes: offset.minutes(),
        offset: offset.to_string(),
        since: state.since,
        corrected: is_off && setting == ClockSetting::Auto,
        setting: setting.to_string(),
    })
}

/// The address that is asked instead of the configured one, else the one that it redirects to.
fn moved_status(source: &Source, state: &PollState) -> Option<MovedStatus> {
    let adopted = state.address.adopted_redirect.as_ref();
    let adopted = adopted.filter(|adopted| adopted.from == source.location.to_string());
    let adopted = adopted.map(|AdoptedRedirect { to, since, at, .. }| MovedStatus {
        to: source.published_text(to),
        since: *since,
        adopted_at: Some(*at),
    });
    let seen = state.address.pending_redirect.as_ref();
    let seen = seen.map(|PendingRedirect { to, since, .. }| MovedStatus {
        to: source.published_text(to),
        since: *since,
        adopted_at: None,
    });
    adopted.or(seen)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Shop, at};
    use super::*;
    use crate::model::{Failure, LostFeed};
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
        });
        state.document.warnings = vec!["fetch: see https://a.example/?key=s3cret".to_owned()];
        state
    }

    #[test]
    fn a_source_that_was_never_asked_waits() {
        let shop = Shop::open();
        let report = build_status_report(&shop.press(vec![sample::source("a")])).unwrap();
        assert_eq!((report.totals.sources, report.totals.waiting), (1, 1));
        let only = &report.sources[0];
        assert_eq!((only.url.as_str(), only.reason.as_str()), ("https://a.example/rss", "new"));
        assert_eq!((only.name.as_str(), only.entries), ("a.example", 0));
    }

    #[test]
    fn what_is_kept_is_counted() {
        let shop = Shop::open();
        shop.keep("a", 3, vec![sample::listed("a", "1", "خبر"), sample::listed("a", "2", "آخر")]);
        let report =
            build_status_report(&shop.press(vec![sample::source("a"), sample::source("b")]))
                .unwrap();
        assert_eq!((report.totals.entries, report.sources[0].entries), (2, 2));
        assert_eq!(report.sources[0].last_change, Some(at(3)));
    }

    #[test]
    fn the_report_holds_no_secret() {
        let mut source = sample::source("a");
        let url = "https://a.example/rss?token=s3cret&cat=7";
        source.location = crate::model::Location::Web(url.parse().unwrap());
        let state = failing(&format!("{url} answered 404"));
        let line = source_status(&source, Some(&state), 0);
        assert_eq!(line.url, "https://a.example/rss?cat=7");
        let error = line.last_error.as_ref().unwrap();
        assert_eq!(error.message, "https://a.example/rss?cat=7 answered 404");
        assert_eq!(line.moved.as_ref().unwrap().to, "https://b.example/feed");
        assert_eq!(line.warnings, ["fetch: see https://a.example/"]);

        source.is_private = true;
        let line = super::source_status(&source, Some(&state), 0);
        assert_eq!((line.url.as_str(), line.name.as_str()), ("(private)", "a"));
        assert_eq!(line.last_error.as_ref().unwrap().message, "(private) answered 404");
        assert_eq!(line.moved.as_ref().unwrap().to, "(private)");
    }

    #[test]
    fn a_lost_feed_is_told_with_public_addresses() {
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
