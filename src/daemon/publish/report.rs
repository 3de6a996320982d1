//! What the store remembers of the sources → the report of their health.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::edition::name_of;
use super::press::Press;
use crate::daemon::search::{Search, State};
use crate::daemon::store::{SetAside, Store, StoreError};
use crate::feed::likeness::{self, Portrait};
use crate::feed::model::{
    Adopted, ClockSetting, ClockState, ClockVerdict, Finding, Location, Moved, PollState, Silence,
    Source, SourceId, Standing, Subscription,
};
use crate::feed::render::status::{
    ClockStatus, FrozenStatus, FullTextStatus, HijackedStatus, LostStatus, MovedStatus, PushStatus,
    RefusedStatus, SCHEMA_VERSION, SearchStatus, SetAsideStatus, SilentStatus, SourceError,
    SourceStatus, StatusReport, StoreStatus, SystemClockStatus, Totals,
};
use crate::feed::{frozen, silence};

/// The report, in the operator's order.
pub(super) fn of(press: &Press) -> Result<StatusReport, StoreError> {
    let pushes = pushes(press)?;
    let states = press.edition.sources.iter().map(|source| press.store.poll_state(&source.id));
    let states = states.collect::<Result<Vec<_>, _>>()?;
    let same = same_feeds(&press.edition.sources, &states);
    let mut sources = Vec::with_capacity(press.edition.sources.len());
    for ((source, state), same_as) in press.edition.sources.iter().zip(&states).zip(same) {
        let entries = press.store.count(&source.id)?;
        let push = pushes.get(&source.id).cloned();
        let full_text = full_text(press, source)?;
        let line = line(source, state.as_ref(), entries);
        let line = match state {
            Some(state) => with_findings(source, state, line),
            None => line,
        };
        sources.push(SourceStatus { same_as, push, full_text, ..line });
    }
    let totals = Totals::of(&sources);
    Ok(StatusReport {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: press.started_at,
        listen: press.edition.listen.clone(),
        config_error: press.config_error.clone(),
        instance: press.edition.instance.clone(),
        store: storing(&press.store),
        system_clock: system_clock(press)?,
        search: press.search.as_ref().map(searching),
        sources,
        totals,
    })
}

/// How the store is.
fn storing(store: &Store) -> StoreStatus {
    let aside = |SetAside { at, path }: SetAside| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SetAsideStatus { name, at }
    };
    StoreStatus {
        error: store.check_place().err().map(|error| error.to_string()),
        set_aside: store.set_aside().into_iter().map(aside).collect(),
    }
}

/// Why this machine's clock is doubted. `None`: it is not.
fn system_clock(press: &Press) -> Result<Option<SystemClockStatus>, StoreError> {
    let doubt = press.store.system_clock()?.and_then(|clock| clock.doubt);
    Ok(doubt.as_ref().map(SystemClockStatus::of))
}

/// How the search index is.
fn searching(search: &Search) -> SearchStatus {
    let (state, error, since) = match &*search.state() {
        State::Building { .. } => ("building", None, None),
        State::Ready => ("ready", None, None),
        State::Failed { reason, since } => ("failed", Some(reason.clone()), Some(*since)),
    };
    SearchStatus { state: state.to_owned(), entries: search.len(), error, since }
}

/// For each source the id of an earlier one that is the same feed.
fn same_feeds(sources: &[Arc<Source>], states: &[Option<PollState>]) -> Vec<Option<String>> {
    let unknown = Portrait { address: None, marks: &[] };
    let portraits: Vec<Portrait<'_>> = sources
        .iter()
        .zip(states)
        .map(|(source, state)| state.as_ref().map_or(unknown, |it| Portrait::of(source, it)))
        .collect();
    let firsts = likeness::same_feeds(&portraits).into_iter();
    firsts.map(|first| Some(sources.get(first?)?.id.to_string())).collect()
}

/// The line with what was found and is told.
fn with_findings(source: &Source, state: &PollState, line: SourceStatus) -> SourceStatus {
    let tells = |finding: &Finding| source.tells(*finding);
    let health = &state.health;
    let silent = silence_of(state).filter(|silence| tells(&(*silence).into()));
    let frozen = frozen::of(&health.dates).filter(|_| tells(&Finding::FrozenDates));
    let hijacked = health.voice.hijacked.as_ref().filter(|_| tells(&Finding::Hijacked));
    let refusal = health.refusal.as_ref().filter(|refusal| refusal.is_told());
    let refusal = refusal.filter(|_| state.failure.is_some() && tells(&Finding::Refused));
    let findings = [
        silent.map(Finding::from),
        frozen.map(|_| Finding::FrozenDates),
        hijacked.map(|_| Finding::Hijacked),
        refusal.map(|_| Finding::Refused),
    ];
    SourceStatus {
        silent: silent.map(SilentStatus::of),
        frozen_dates: frozen.map(FrozenStatus::of),
        hijacked: hijacked.map(HijackedStatus::of),
        refused: refusal.map(|refusal| RefusedStatus::of(refusal, state.succeeded_at)),
        findings: findings.into_iter().flatten().map(|it| it.as_str().to_owned()).collect(),
        ..line
    }
}

/// Whether a source was silent when it last answered well.
fn silence_of(state: &PollState) -> Option<Silence> {
    let until = state.succeeded_at.filter(|_| state.failure.is_none())?;
    silence::of(&state.life, &state.recent, until)
}

/// What became of the pages of a source's entries. `None`: the operator does not want them.
fn full_text(press: &Press, source: &Source) -> Result<Option<FullTextStatus>, StoreError> {
    if !source.full_text {
        return Ok(None);
    }
    let pages = press.store.pages(&source.id)?.unwrap_or_default();
    Ok(Some(FullTextStatus::of(&pages)))
}

/// The subscription of every source that has one; one that is being left is told only where there is no
/// other.
fn pushes(press: &Press) -> Result<BTreeMap<SourceId, PushStatus>, StoreError> {
    let mut all = press.store.subscriptions()?;
    all.sort_by_key(|it| it.standing != Standing::Leaving);
    Ok(all.into_iter().map(|it| (it.source.clone(), push(it))).collect())
}

fn push(it: Subscription) -> PushStatus {
    let lease_until = match it.standing {
        Standing::Active { until } => Some(until),
        _ => None,
    };
    PushStatus {
        state: it.standing.as_str().to_owned(),
        hub: it.hub,
        lease_until,
        last_push: it.pushed_at,
        relaxes_polling: it.is_trusted,
        trouble: it.trouble,
    }
}

/// Where a source is, for everybody: of a file only its name.
fn shown(location: &Location) -> String {
    match location {
        Location::Web(url) => url.to_string(),
        Location::File(path) => {
            format!("file:{}", path.file_name().unwrap_or_default().to_string_lossy())
        }
    }
}

fn line(source: &Source, state: Option<&PollState>, entries: u64) -> SourceStatus {
    let failure = state.and_then(|state| state.failure.as_ref());
    SourceStatus {
        id: source.id.to_string(),
        name: name_of(source, state),
        url: shown(&source.location),
        category: source.categories.first().map(|category| category.name.clone()),
        categories: source.categories.iter().map(|category| category.name.clone()).collect(),
        last_poll: state.and_then(|state| state.polled_at),
        last_success: state.and_then(|state| state.succeeded_at),
        last_change: state.and_then(|state| state.changed_at),
        next_poll: state.map(|state| state.due_at),
        reason: state.map_or("new", |state| state.reason.as_str()).to_owned(),
        failures: state.map_or(0, |state| state.failures),
        last_error: failure.map(|failure| SourceError {
            stage: failure.stage.as_str().to_owned(),
            message: failure.message.clone(),
            at: failure.at,
        }),
        clock: state.and_then(|state| clock(&state.clock, source.clock)),
        silent: None,
        hijacked: None,
        frozen_dates: None,
        refused: None,
        findings: Vec::new(),
        lost: state.and_then(|state| state.life.lost.as_ref()).map(LostStatus::of),
        same_as: None,
        moved: state.and_then(|state| moved(source, state)),
        push: None,
        full_text: None,
        entries,
        feed_entries: state.map_or(0, |state| state.entries_count.into()),
        warnings_count: state.map_or(0, |state| state.warnings_count.into()),
        warnings: state.map(|state| state.warnings.clone()).unwrap_or_default(),
    }
}

/// What is wrong with a publisher's clock under the operator's `setting`. `None`: nothing.
fn clock(state: &ClockState, setting: ClockSetting) -> Option<ClockStatus> {
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
fn moved(source: &Source, state: &PollState) -> Option<MovedStatus> {
    let adopted = state.adopted.as_ref();
    let adopted = adopted.filter(|adopted| adopted.from == source.location.to_string());
    let adopted = adopted.map(|Adopted { to, since, at, .. }| MovedStatus {
        to: to.clone(),
        since: *since,
        adopted_at: Some(*at),
    });
    let seen = state.moved.as_ref();
    let seen = seen.map(|Moved { to, since, .. }| MovedStatus {
        to: to.clone(),
        since: *since,
        adopted_at: None,
    });
    adopted.or(seen)
}
