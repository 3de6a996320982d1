//! What a reading shows of its feed beside its entries, and what a failure says of us → the source's
//! health: how it writes, whether its dates say anything, that it refuses our requests.

use jiff::Timestamp;

use super::UpdateError;
use super::listing::{Decided, Listing};
use crate::daemon::fetch::{Blocked, FetchError};
use crate::feed::frozen::{self, Novelty};
use crate::feed::hash;
use crate::feed::hijack;
use crate::feed::model::{
    Assignment, Dates, Entry, Finding, Health, Language, PollState, Refusal, Refuser, Source,
};
use crate::feed::silence::Reading;

/// Forgets what is known of another address, or under another language.
pub(super) fn forget_if_changed(state: &mut PollState, source: &Source) {
    let language = source.language.as_ref().map_or("", Language::as_str);
    let stands_for = hash::digest_64(format!("{}\n{language}", source.location));
    if state.health.stands_for != stands_for {
        state.health = Health { stands_for, ..Health::default() };
    }
}

/// Takes note of how new entries are written.
pub(super) fn hear(listing: &Listing, state: &mut PollState, reading: Reading, now: Timestamp) {
    let mut new: Vec<_> = listing.new.iter().collect();
    new.sort_by_key(|listed| listed.listed_at);
    let entries: Vec<&Entry> = new.into_iter().map(|listed| &listed.entry).collect();
    match reading {
        Reading::First => hijack::learn(&mut state.health.voice, &entries, now),
        Reading::Later => hijack::hear(&mut state.health.voice, &entries, now),
    }
}

/// Takes note of the dates of a whole document, and passes over those that say nothing, unless the
/// operator does not mind them.
pub(super) fn see_to_dates(
    source: &Source,
    decided: &mut Decided,
    dates: &mut Dates,
    now: Timestamp,
) {
    let claims: Vec<Timestamp> = decided.iter().filter_map(|(entry, _)| claim(entry)).collect();
    let is_same = |assignment: &Assignment| matches!(assignment, Assignment::Same(_));
    let unchanged = decided.iter().filter(|(_, decision)| is_same(&decision.assignment)).count();
    frozen::look(dates, &claims, unchanged, now);
    pass_over_dates(source, decided, dates, now);
}

/// The same for a part of one, which says nothing of the rest.
pub(super) fn pass_over_dates(
    source: &Source,
    decided: &mut Decided,
    dates: &mut Dates,
    now: Timestamp,
) {
    let new = decided.iter().filter(|(_, decision)| novelty(decision.assignment) == Novelty::New);
    let claims: Vec<Timestamp> = new.filter_map(|(entry, _)| claim(entry)).collect();
    frozen::hear(dates, &claims, now);
    let found = frozen::of(dates).filter(|_| source.tells(Finding::FrozenDates));
    if let Some(found) = found {
        let entries = decided.iter_mut();
        let entries = entries.map(|(entry, decision)| (entry, novelty(decision.assignment)));
        frozen::pass_over(found, entries);
    }
}

fn claim(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}

fn novelty(assignment: Assignment) -> Novelty {
    match assignment {
        Assignment::New => Novelty::New,
        Assignment::Changed(_) | Assignment::Same(_) | Assignment::Repeated(_) => Novelty::Known,
    }
}

/// Takes a failure that is the source's into account. One that says nothing of refusing leaves what was
/// known, unless there is no feed any more: that is told elsewhere.
pub(super) fn note_failure(state: &mut PollState, error: &UpdateError, now: Timestamp) {
    let refusal = &mut state.health.refusal;
    if let Some((by, status)) = refuser(error) {
        let before = refusal.unwrap_or(Refusal { by, status, since: now, count: 0 });
        let count = before.count.saturating_add(1);
        *refusal = Some(Refusal { by, status, count, ..before });
    } else if is_gone(error) {
        *refusal = None;
    }
}

/// Who refuses, with which status. `None`: it is no refusal. 429 alone asks for patience, not for another
/// client.
fn refuser(error: &UpdateError) -> Option<(Refuser, u16)> {
    let UpdateError::Fetch(FetchError::Status { code, reason, .. }) = error else { return None };
    let by = match (reason, code) {
        (Some(Blocked::Cloudflare), _) => Refuser::Cloudflare,
        (Some(Blocked::AwsWaf), _) => Refuser::AwsWaf,
        (Some(Blocked::Vercel), _) => Refuser::Vercel,
        // RFC 9110 sections 15.5.2, 15.5.4 and 15.5.7; RFC 7725.
        (None, 401 | 403 | 406 | 451) => Refuser::Server,
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
