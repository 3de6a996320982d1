//! What changed about sources → log lines, each once: addresses that moved, lost feeds that were found
//! elsewhere, silence, feeds that somebody else writes, dates without meaning, refusals. The status shows all of it
//! as well; the sentences are those of `render::status`.

use std::sync::Arc;

use crate::health::{frozen_dates, silence};
use crate::ingest::UpdateReport;
use crate::model::{AccessDenied, Finding, HijackFinding, PollState, Silence};
use crate::publish::{self, IdleRule, PublishedSite};
use crate::render::status::{
    FrozenStatus, HijackedStatus, LostStatus, MovedStatus, RefusedStatus, SilentStatus,
};
use crate::store::Store;

/// Logs what one poll changed in the known state of its source.
pub(super) fn log_poll_changes(before: &PollState, report: &UpdateReport) {
    log_move(before, report);
    log_rediscovery(before, report);
    log_silence(before, report);
    // Findings about another address end without a log line.
    if before.health.stands_for == report.state.health.stands_for {
        log_hijack(before, report);
        log_frozen_dates(before, report);
        log_refusal(before, report);
    }
}

fn log_silence(before: &PollState, report: &UpdateReport) {
    let source = report.source.id.as_str();
    let reported = |state: &PollState| {
        find_silence(state).filter(|silence| report.source.reports((*silence).into()))
    };
    match (reported(before), reported(&report.state)) {
        (None, Some(silence @ (Silence::Quiet { since, .. } | Silence::Empty { since }))) => {
            tracing::warn!(source, %since, "{}", SilentStatus::log_begin(silence));
        }
        (Some(_), None) if report.state.last_poll.failure.is_none() => {
            tracing::info!(source, "{}", SilentStatus::LOG_END);
        }
        _ => {}
    }
}

fn find_silence(state: &PollState) -> Option<Silence> {
    let until = state.last_poll.succeeded_at?;
    silence::detect_silence(&state.health.news, &state.schedule.recent, until)
}

/// A feed that suddenly sells something needs a look by the operator.
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
                "{}",
                HijackedStatus::LOG_BEGIN
            );
        }
        (Some(_), None) => tracing::info!(source, "{}", HijackedStatus::LOG_END),
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
        (None, Some(_)) => tracing::warn!(source, "{}", FrozenStatus::LOG_BEGIN),
        (Some(_), None) => tracing::info!(source, "{}", FrozenStatus::LOG_END),
        _ => {}
    }
}

/// A refusal is reported until the source answers again.
fn log_refusal(before: &PollState, report: &UpdateReport) {
    if !report.source.reports(Finding::Refused) {
        return;
    }
    let source = report.source.id.as_str();
    let reported = |state: &PollState| state.health.access_denied.filter(AccessDenied::is_reported);
    match (reported(before), reported(&report.state)) {
        (None, Some(AccessDenied { by, status, .. })) => {
            let by = by.as_str();
            tracing::warn!(source, by, status, "{}", RefusedStatus::LOG_BEGIN);
        }
        (Some(_), None) => tracing::info!(source, "{}", RefusedStatus::LOG_END),
        _ => {}
    }
}

/// The operator decides which address is polled: a change of it is logged once.
fn log_move(before: &PollState, report: &UpdateReport) {
    let source = report.source.id.as_str();
    match (&before.address.adopted_redirect, &report.state.address.adopted_redirect) {
        (before, Some(now)) if before.as_ref().is_none_or(|before| before.to != now.to) => {
            let to = report.source.published_text(&now.to);
            tracing::warn!(source, to, "{}", MovedStatus::LOG_BEGIN);
        }
        (Some(before), None) => {
            let to = report.source.published_text(&before.to);
            tracing::warn!(source, to, "{}", MovedStatus::LOG_END);
        }
        _ => {}
    }
}

/// The operator decides whether to adopt a feed that was found on the site of a lost one.
fn log_rediscovery(before: &PollState, report: &UpdateReport) {
    let found = |state: &PollState| state.address.lost.as_ref()?.rediscovered.clone();
    let Some(now) = found(&report.state) else { return };
    if found(before).is_none_or(|before| before.url != now.url) {
        tracing::warn!(
            source = report.source.id.as_str(),
            found = report.source.published_text(&now.url),
            likeness = now.likeness.as_str(),
            "{}",
            LostStatus::LOG_FOUND
        );
    }
}

/// Warns of rules that hold back all or none of the stored entries. Runs beside the loop because it reads
/// entries.
pub(super) fn warn_of_idle_rules(store: &Store, site: &Arc<PublishedSite>) {
    let (store, site) = (store.clone(), Arc::clone(site));
    // Nothing waits for the result.
    drop(tokio::task::spawn_blocking(move || match publish::idle_rules(&store, &site) {
        Ok(found) => {
            for IdleRule { owner, rule, excludes_all, judged } in found {
                if excludes_all {
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
