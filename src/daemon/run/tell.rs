//! What became of sources → log lines, each once: addresses that moved, feeds that were found elsewhere,
//! silence, feeds that somebody else writes, dates that say nothing, refusals, second copies of one feed. All of it stands in the status as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::daemon::publish::{self, Edition, RuleEffect};
use crate::daemon::store::Store;
use crate::daemon::update::Report;
use crate::feed::likeness::{self, Portrait};
use crate::feed::model::{Finding, Hijacked, PollState, Refusal, Silence, Source, SourceId};
use crate::feed::{frozen, silence};

/// Sources are compared with each other this often: nobody waits for it.
const COMPARE: SignedDuration = SignedDuration::from_hours(1);

/// Tells what one poll changed in what is known of its source.
pub(super) fn changes(before: &PollState, report: &Report) {
    moves(before, report);
    finds(before, report);
    silences(before, report);
    // What was known of another address ends without a word.
    if before.health.stands_for == report.state.health.stands_for {
        hijacks(before, report);
        frozen_dates(before, report);
        refusals(before, report);
    }
}

fn silences(before: &PollState, report: &Report) {
    let source = report.source.id.as_str();
    let told = |state: &PollState| {
        silence_of(state).filter(|silence| report.source.tells((*silence).into()))
    };
    match (told(before), told(&report.state)) {
        (None, Some(Silence::Quiet { since, .. })) => {
            tracing::warn!(source, %since, "answers well, and has nothing new for unusually long");
        }
        (None, Some(Silence::Empty { since })) => {
            tracing::warn!(source, %since, "answers well, and its feed is empty");
        }
        (Some(_), None) if report.state.failure.is_none() => {
            tracing::info!(source, "is silent no longer");
        }
        _ => {}
    }
}

fn silence_of(state: &PollState) -> Option<Silence> {
    let until = state.succeeded_at?;
    silence::of(&state.life, &state.recent, until)
}

/// A feed that sells what it never sold is the operator's to look at.
fn hijacks(before: &PollState, report: &Report) {
    if !report.source.tells(Finding::Hijacked) {
        return;
    }
    let source = report.source.id.as_str();
    match (&before.health.voice.hijacked, &report.state.health.voice.hijacked) {
        (None, Some(Hijacked { arabic_before, arabic_now, words, .. })) => {
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

fn frozen_dates(before: &PollState, report: &Report) {
    if !report.source.tells(Finding::FrozenDates) {
        return;
    }
    let source = report.source.id.as_str();
    let found = |state: &PollState| frozen::of(&state.health.dates);
    match (found(before), found(&report.state)) {
        (None, Some(_)) => tracing::warn!(source, "the dates of its entries say nothing"),
        (Some(_), None) => tracing::info!(source, "the dates of its entries move again"),
        _ => {}
    }
}

/// Told of as long as nobody knows that it answers again.
fn refusals(before: &PollState, report: &Report) {
    if !report.source.tells(Finding::Refused) {
        return;
    }
    let source = report.source.id.as_str();
    let told = |state: &PollState| state.health.refusal.filter(Refusal::is_told);
    match (told(before), told(&report.state)) {
        (None, Some(Refusal { by, status, .. })) => {
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
fn moves(before: &PollState, report: &Report) {
    let source = report.source.id.as_str();
    match (&before.adopted, &report.state.adopted) {
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
fn finds(before: &PollState, report: &Report) {
    let found = |state: &PollState| state.life.lost.as_ref()?.found.clone();
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
pub(super) fn idle_rules(store: &Store, edition: &Arc<Edition>) {
    let (store, edition) = (store.clone(), Arc::clone(edition));
    // Nobody waits for it.
    drop(tokio::task::spawn_blocking(move || match publish::idle_rules(&store, &edition) {
        Ok(found) => {
            for RuleEffect { owner, rule, holds_all, judged } in found {
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
pub(super) struct Copies {
    told: BTreeMap<SourceId, SourceId>,
    compared_at: Option<Timestamp>,
}

impl Copies {
    /// Compares the sources, if it is time, and tells what is new.
    pub(super) fn look(
        &mut self,
        sources: &[Arc<Source>],
        states: &BTreeMap<SourceId, PollState>,
        now: Timestamp,
    ) {
        if self.compared_at.is_some_and(|at| now.duration_since(at).abs() < COMPARE) {
            return;
        }
        self.compared_at = Some(now);
        let known = sources.iter().filter_map(|source| Some((source, states.get(&source.id)?)));
        let known: Vec<_> = known.collect();
        let portraits: Vec<_> =
            known.iter().map(|(source, state)| Portrait::of(source, state)).collect();
        let mut found = BTreeMap::new();
        for ((source, _), first) in known.iter().zip(likeness::same_feeds(&portraits)) {
            if let Some((first, _)) = first.and_then(|first| known.get(first)) {
                found.insert(source.id.clone(), first.id.clone());
            }
        }
        for (source, first) in found.iter().filter(|(id, first)| self.told.get(id) != Some(first)) {
            let (source, same_as) = (source.as_str(), first.as_str());
            tracing::warn!(source, same_as, "the same feed as an earlier source");
        }
        self.told = found;
    }
}
