//! What a reading shows of its feed beside its entries, and what a failure says of us → the source's
//! health: how it writes, whether its dates say anything, that it refuses our requests.

use jiff::Timestamp;
use rafid_feed::hash;
use rafid_feed::model::{Entry, Language};

use super::UpdateError;
use super::entry_changes::{DecidedEntries, EntryChanges};
use crate::fetch::{FetchError, Waf};
use crate::health::frozen_dates::{self, Novelty};
use crate::health::hijack;
use crate::health::silence::WhichReading;
use crate::model::{
    AccessDenied, DateHistory, DeniedBy, EntryStatus, Finding, PollState, Source, SourceHealth,
};

/// Forgets what is known of another address, or under another language.
pub(super) fn reset_if_source_changed(state: &mut PollState, source: &Source) {
    let language = source.language.as_ref().map_or("", Language::as_str);
    let stands_for = hash::digest_64(format!("{}\n{language}", source.location));
    if state.health.stands_for != stands_for {
        let SourceHealth { clock, news, article_keys, .. } = std::mem::take(&mut state.health);
        state.health =
            SourceHealth { clock, news, article_keys, stands_for, ..SourceHealth::default() };
    }
}

/// Takes note of how new entries are written.
pub(super) fn record_new_entries(
    listing: &EntryChanges,
    state: &mut PollState,
    reading: WhichReading,
    now: Timestamp,
) {
    let mut new: Vec<_> = listing.new.iter().collect();
    new.sort_by_key(|listed| listed.listed_at);
    let entries: Vec<&Entry> = new.into_iter().map(|listed| &listed.entry).collect();
    match reading {
        WhichReading::First => hijack::learn_baseline(&mut state.health.writing, &entries, now),
        WhichReading::Later => hijack::record_and_judge(&mut state.health.writing, &entries, now),
    }
}

/// Takes note of the dates of a whole document, and passes over those that say nothing, unless the
/// operator does not mind them.
pub(super) fn check_dates(
    source: &Source,
    decided: &mut DecidedEntries,
    dates: &mut DateHistory,
    now: Timestamp,
) {
    let claims: Vec<Timestamp> =
        decided.iter().filter_map(|(entry, _)| claimed_time(entry)).collect();
    let is_same = |assignment: &EntryStatus| matches!(assignment, EntryStatus::Same(_));
    let unchanged = decided.iter().filter(|(_, decision)| is_same(&decision.status)).count();
    frozen_dates::record_document(dates, &claims, unchanged, now);
    drop_meaningless_dates(source, decided, dates, now);
}

/// The same for a part of one, which says nothing of the rest.
pub(super) fn drop_meaningless_dates(
    source: &Source,
    decided: &mut DecidedEntries,
    dates: &mut DateHistory,
    now: Timestamp,
) {
    let new = decided.iter().filter(|(_, decision)| novelty(decision.status) == Novelty::New);
    let claims: Vec<Timestamp> = new.filter_map(|(entry, _)| claimed_time(entry)).collect();
    frozen_dates::record_entries(dates, &claims, now);
    let found =
        frozen_dates::detect_frozen_dates(dates).filter(|_| source.reports(Finding::FrozenDates));
    if let Some(found) = found {
        let entries = decided.iter_mut();
        let entries = entries.map(|(entry, decision)| (entry, novelty(decision.status)));
        frozen_dates::ignore_dates(found, entries);
    }
}

fn claimed_time(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}

fn novelty(assignment: EntryStatus) -> Novelty {
    match assignment {
        EntryStatus::New => Novelty::New,
        EntryStatus::Changed(_) | EntryStatus::Same(_) | EntryStatus::Repeated(_) => Novelty::Known,
    }
}

/// Takes a failure that is the source's into account. One that says nothing of refusing leaves what was
/// known, unless there is no feed any more: that is told elsewhere.
pub(super) fn record_refusal(state: &mut PollState, error: &UpdateError, now: Timestamp) {
    let refusal = &mut state.health.access_denied;
    if let Some((by, status)) = denied_by(error) {
        let before = refusal.unwrap_or(AccessDenied { by, status, since: now, count: 0 });
        let count = before.count.saturating_add(1);
        *refusal = Some(AccessDenied { by, status, count, ..before });
    } else if is_gone(error) {
        *refusal = None;
    }
}

/// Who refuses, with which status. `None`: it is no refusal. 429 alone asks for patience, not for another
/// client.
fn denied_by(error: &UpdateError) -> Option<(DeniedBy, u16)> {
    let UpdateError::Fetch(FetchError::Status { code, reason, .. }) = error else { return None };
    let by = match (reason, code) {
        (Some(Waf::Cloudflare), _) => DeniedBy::Cloudflare,
        (Some(Waf::AwsWaf), _) => DeniedBy::AwsWaf,
        (Some(Waf::Vercel), _) => DeniedBy::Vercel,
        // RFC 9110 sections 15.5.2, 15.5.4 and 15.5.7; RFC 7725.
        (None, 401 | 403 | 406 | 451) => DeniedBy::Server,
        (None, _) => return None,
    };
    Some((by, *code))
}

fn is_gone(error: &UpdateError) -> bool {
    match error {
        UpdateError::Fetch(error) => matches!(error.status(), Some(404 | 410)),
        UpdateError::Read(error) => error.is_page(),
        UpdateError::Defect => false,
    }
}
