//! What became of sources → log lines, each once: addresses that moved, feeds that were found elsewhere,
//! silence, feeds that somebody else writes, dates that say nothing, refusals, second copies of one feed. All of it stands in the status as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::health::duplicate_feeds::{self, SourceFingerprint};
use crate::health::{frozen_dates, silence};
use crate::ingest::UpdateReport;
use crate::model::{AccessDenied, Finding, HijackFinding, PollState, Silence, Source, SourceId};
use crate::publish::{self, IdleRule, PublishedSite};
use crate::store::Store;

/// Sources are compared with each other this often: nobody waits for it.
const COMPARE_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Tells what one poll changed in what is known of its source.
pub(super) fn log_poll_changes(before: &PollState, report: &UpdateReport) {
    log_move(before, report);
    log_rediscovery(before, report);
    log_silence(before, report);
    // What was known of another address ends without a word.
    if before.health.stands_for == report.state.health.stands_for {
        log_hijack(before, report);
        log_frozen_dates(before, report);
        log_refusal(before, report);
    }
}

fn log_silence(before: &PollState, report: &UpdateReport) {
    let source = report.source.id.as_str();
    let told = |state: &PollState| {
        find_silence(state).filter(|silence| report.source.reports((*silence).into()))
    };
    match (told(before), told(&report.state)) {
        (None, Some(Silence::Quiet { since, .. })) => {
            tracing::warn!(source, %since, "answers well, and has nothing new for unusually long");
        }
        (None, Some(Silence::Empty { since })) => {
            tracing::warn!(source, %since, "answers well, and its feed is empty");
        }
        (Some(_), None) if report.state.last_poll.failure.is_none() => {
            tracing::info!(source, "is silent no longer");
        }
        _ => {}
    }
}

fn find_silence(state: &PollState) -> Option<Silence> {
    let until = state.last_poll.succeeded_at?;
    silence::detect_silence(&state.health.news, &state.schedule.recent, until)
}

/// A feed that sells what it never sold is the operator's to look at.
fn log_hijack(before: &PollState, report: &UpdateReport) {
    if !report.source.reports(Finding::Hijacked) {
        return;
    }
    let source = report.source.id.as_str();
    match (&before.health.writing.hijacked, &report.state.health.writing.hijacked) {
        (None, Some(HijackFinding { arabic_before, arabic_now, words, .. })) => {
            let words = words.join(", ");
            tracing::warn!(
                source,
                arabic_before,
                arabic_now,
                words,
                "somebody else seems to write it; look at its site"
            );
        }
        (Some(_), None) => tracing::info!(source, "writes as before again"),
        _ => {}
    }
}

fn log_frozen_dates(before: &PollState, report: &UpdateReport) {
    if !report.source.reports(Finding::FrozenDates) {
        return;
    }
    let source = report.source.id.as_str();
    let found = |state: &PollState| frozen_dates::detect_frozen_dates(&state.health.dates);
    match (found(before), found(&report.state)) {
        (None, Some(_)) => tracing::warn!(source, "the dates of its entries say nothing"),
        (Some(_), None) => tracing::info!(source, "the dates of its entries move again"),
        _ => {}
    }
}

/// Told of as long as nobody knows that it answers again.
fn log_refusal(before: &PollState, report: &UpdateReport) {
    if !report.source.reports(Finding::Refused) {
        return;
    }
    let source = report.source.id.as_str();
    let told = |state: &PollState| state.health.access_denied.filter(AccessDenied::is_reported);
    match (told(before), told(&report.state)) {
        (None, Some(AccessDenied { by, status, .. })) => {
            let by = by.as_str();
            tracing::warn!(
                source,
                by,
                status,
                "refuses our requests; write to its publisher, or look for another address"
            );
        }
        (Some(_), None) => tracing::info!(source, "refuses our requests no longer"),
        _ => {}
    }
}

/// Which address is asked is the operator's affair: a change of it is told once.
fn log_move(before: &PollState, report: &UpdateReport) {
    let source = report.source.id.as_str();
    match (&before.address.adopted_redirect, &report.state.address.adopted_redirect) {
        (before, Some(now)) if before.as_ref().is_none_or(|before| before.to != now.to) => {
            let to = report.source.published_text(&now.to);
            tracing::warn!(source, to, "moved and asked there; change its url");
        }
        (Some(before), None) => {
            let to = report.source.published_text(&before.to);
            tracing::warn!(source, to, "asked at its configured url again");
        }
        _ => {}
    }
}

/// A feed that was found on a lost one's site is the operator's to take.
fn log_rediscovery(before: &PollState, report: &UpdateReport) {
    let found = |state: &PollState| state.address.lost.as_ref()?.rediscovered.clone();
    let Some(now) = found(&report.state) else { return };
    if found(before).is_none_or(|before| before.url != now.url) {
        tracing::warn!(
            source = report.source.id.as_str(),
            found = report.source.published_text(&now.url),
            likeness = now.likeness.as_str(),
            "gone from its address and found on its site; to take it, change its url"
        );
    }
}

/// Warns of rules that hold back all or none of what is stored, beside the loop: it reads entries.
pub(super) fn warn_of_idle_rules(store: &Store, edition: &Arc<PublishedSite>) {
    let (store, edition) = (store.clone(), Arc::clone(edition));
    // Nobody waits for it.
    drop(tokio::task::spawn_blocking(move || match publish::idle_rules(&store, &edition) {
        Ok(found) => {
            for IdleRule { owner, rule, excludes_all: holds_all, judged } in found {
                if holds_all {
                    tracing::warn!(owner, rule, judged, "a rule holds back all stored entries");
                } else {
                    tracing::warn!(
                        owner,
                        rule,
                        judged,
                        "a rule holds back none of the stored entries"
                    );
                }
            }
        }
        Err(error) => tracing::debug!(%error, "the rules were not tried on stored entries"),
    }));
}

/// Which sources are one feed, as far as it was told.
#[derive(Debug, Default)]
pub(super) struct DuplicateSources {
    reported: BTreeMap<SourceId, SourceId>,
    compared_at: Option<Timestamp>,
}

impl DuplicateSources {
    /// Compares the sources, if it is time, and tells what is new.
    pub(super) fn compare_if_due(
        &mut self,
        sources: &[Arc<Source>],
        states: &BTreeMap<SourceId, PollState>,
        now: Timestamp,
    ) {
        if self.compared_at.is_some_and(|at| now.duration_since(at).abs() < COMPARE_INTERVAL) {
            return;
        }
        self.compared_at = Some(now);
        let known = sources.iter().filter_map(|source| Some((source, states.get(&source.id)?)));
        let known: Vec<_> = known.collect();
        let portraits: Vec<_> = known
            .iter()
            .map(|(source, state)| SourceFingerprint::from_state(source, state))
            .collect();
        let mut found = BTreeMap::new();
        for ((source, _), first) in
            known.iter().zip(duplicate_feeds::find_duplicate_feeds(&portraits))
        {
            if let Some((first, _)) = first.and_then(|first| known.get(first)) {
                found.insert(source.id.clone(), first.id.clone());
            }
        }
        for (source, first) in
            found.iter().filter(|(id, first)| self.reported.get(id) != Some(first))
        {
            let (source, same_as) = (source.as_str(), first.as_str());
            tracing::warn!(source, same_as, "the same feed as an earlier source");
        }
        self.reported = found;
    }
}
