//! Implausible dates in one document, and more news at once than a newsroom writes → warnings. Neither
//! changes an entry: a publisher gains nothing by a wrong date, and floods are limited elsewhere
//! (`docs/security.md`).

use jiff::{SignedDuration, Timestamp};
use rafid_feed::model::{Entry, Stage, Warning};

/// 1990-01-01T00:00:00Z: before that year there was no web page for an entry to link to.
const FIRST_YEAR: i64 = 631_152_000;
/// Time zones differ by about a day at most, so a wrong zone explains no more.
const FARTHEST_AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// A newsroom does not write this many entries at once: one with a hundred a day would need five days
/// without a poll, and a feed that goes back that far…
const FLOOD: usize = 500;
/// …if at least nine in ten entries of the document are new.
const NEW_IN_TEN: usize = 9;

/// Warnings about implausible dates of entries, which are in the order of their document.
pub fn implausible_date_warnings<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    now: Timestamp,
) -> Vec<Warning> {
    let latest = now.checked_add(FARTHEST_AHEAD).unwrap_or(Timestamp::MAX);
    let mut ahead: Option<(usize, usize)> = None;
    let mut long_ago: Option<(usize, usize)> = None;
    for (index, at) in (0..).zip(entries.map(|entry| entry.published_at)) {
        let found = match at {
            Some(at) if at > latest => &mut ahead,
            Some(at) if at.as_second() < FIRST_YEAR => &mut long_ago,
            _ => continue,
        };
        found.get_or_insert((index, 0)).1 += 1;
    }
    let warning = |found: Option<(usize, usize)>, code, detail| {
        found.map(|(first, count)| {
            Warning::new(Stage::Normalize, code, detail).of_entry(first).times(count)
        })
    };
    let ahead = warning(
        ahead,
        "date-ahead",
        "a date lies more than a day in the future: the entry is listed when it was first seen",
    );
    let long_ago = warning(
        long_ago,
        "date-long-ago",
        "a date lies before 1990: the entry is listed among the oldest",
    );
    ahead.into_iter().chain(long_ago).collect()
}

/// A warning if `new` of the `all` entries of a later document are new, and that is more than a newsroom
/// writes between two polls. `None`: it is not.
pub fn flood_warning(new: usize, all: usize) -> Option<Warning> {
    let is_flood = new >= FLOOD && new.saturating_mul(10) >= all.saturating_mul(NEW_IN_TEN);
    is_flood.then(|| {
        let detail = format!(
            "{new} of {all} entries are new at once: the newest are kept, and the oldest go for them"
        );
        Warning::new(Stage::Relate, "flood", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rafid_feed::model::{Identity, IdentityKind, PlainText};

    #[test]
    fn implausible_dates_have_warnings() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let check = |dates: &[&str], expected: &[(&str, usize, usize)]| {
            let entries: Vec<Entry> = dates
                .iter()
                .map(|date| {
                    let (rung, key) = (IdentityKind::Guid, (*date).to_owned());
                    let identity = Identity { kind: rung, key, weaker_names: Vec::new() };
                    let published_at = date.parse().ok();
                    Entry {
                        published_at,
                        ..Entry::titled(identity, PlainText::from_trusted("x".into()))
                    }
                })
                .collect();
            let found: Vec<_> = implausible_date_warnings(entries.iter(), now)
                .into_iter()
                .map(|warning| (warning.code, warning.entry.unwrap(), warning.count))
                .collect();
            assert_eq!(found, expected, "{dates:?}");
        };
        check(
            &["2026-11-24T09:00:00Z", "2026-11-25T10:00:00Z", "1990-01-01T00:00:00Z", "none"],
            &[],
        );
        check(&["2026-11-25T10:00:01Z"], &[("date-ahead", 0, 1)]);
        check(
            &[
                "2026-11-24T09:00:00Z",
                "1970-01-01T00:00:00Z",
                "9998-01-01T00:00:00Z",
                "1989-12-31T23:59:59Z",
            ],
            &[("date-ahead", 2, 1), ("date-long-ago", 1, 2)],
        );
    }

    #[test]
    fn too_many_new_entries_are_a_flood() {
        let check = |new, all, expected| {
            assert_eq!(flood_warning(new, all).is_some(), expected, "{new} {all}");
        };
        check(5_000, 5_000, true);
        check(500, 555, true);
        check(500, 556, false);
        check(499, 499, false);
        check(0, 0, false);
    }
}
