//! An entry → its main fields, its dates, the reason for its date, and how it is recognized again.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rafid_feed::dates;
use rafid_feed::model::ClockSetting;
use serde_json::{Value, json};

use super::super::site_reader::SiteReader;
use crate::model::{ClockVerdict, SourceId, SourceInfo, StoredEntry};
use crate::store::StoreError;

/// The entry. `info` is about its source; `None`: the site does not have this source.
pub(super) fn entry_json(
    reader: SiteReader<'_>,
    listed: &StoredEntry,
    info: Option<&SourceInfo>,
) -> Result<Value, StoreError> {
    let entry = &listed.entry;
    Ok(json!({
        "id": listed.id.to_urn(),
        "title": entry.title.as_str(),
        "link": entry.link,
        "source": listed.source.as_str(),
        "source_name": info.map(|info| info.name.as_str()),
        "is_configured": info.is_some(),
        "published_at": entry.published_at.map(|at| at.to_string()),
        "updated_at": entry.updated_at.map(|at| at.to_string()),
        "first_seen_at": listed.first_seen_at.to_string(),
        "listed_at": listed.listed_at.to_string(),
        "listed_by": listing_reason(listed),
        "clock": clock_json(reader, &listed.source)?,
    }))
}

/// The reason for the date of an entry, as far as the stored values show it.
fn listing_reason(listed: &StoredEntry) -> &'static str {
    if is_dated_by_link(listed) {
        return "day-in-link";
    }
    let (published, updated) = (listed.entry.published_at, listed.entry.updated_at);
    let is_first_seen = listed.listed_at == listed.first_seen_at;
    match published.or(updated) {
        Some(at) if at == listed.listed_at && published.is_some() => "published",
        Some(at) if at == listed.listed_at => "updated",
        Some(at) if is_first_seen && at > listed.first_seen_at => "first-seen-as-date-was-ahead",
        None if is_first_seen => "first-seen-as-undated",
        None => "estimated-as-undated",
        Some(_) => "earlier-date",
    }
}

/// Whether an entry without a date has the date of the day in its link.
fn is_dated_by_link(listed: &StoredEntry) -> bool {
    let entry = &listed.entry;
    let is_undated = entry.published_at.is_none() && entry.updated_at.is_none();
    let day = entry.link.as_deref().and_then(dates::day_in_link);
    // The source's time zone is not known here: days differ by at most one.
    let start = day.and_then(|day| day.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).ok());
    let is_near = start.is_some_and(|start| {
        listed.listed_at.duration_since(start.timestamp()).abs() <= SignedDuration::from_hours(15)
    });
    is_undated && is_near && listed.listed_at < listed.first_seen_at
}

/// What is known about the publisher's clock, when dates are corrected for it.
fn clock_json(reader: SiteReader<'_>, id: &SourceId) -> Result<Value, StoreError> {
    let source = reader.source(id);
    let (offset, by) = match source.map(|source| source.clock) {
        Some(ClockSetting::Off(offset)) => (offset, "settings"),
        Some(ClockSetting::Auto) => {
            match reader.store.poll_state(id)?.map(|it| it.health.clock.verdict) {
                Some(ClockVerdict::Off(offset)) => (offset, "readings"),
                _ => return Ok(Value::Null),
            }
        }
        _ => return Ok(Value::Null),
    };
    Ok(json!({ "offset": offset.to_string(), "by": by }))
}

/// How the entry is recognized again, and how often it changed.
pub(super) fn identity_json(
    reader: SiteReader<'_>,
    listed: &StoredEntry,
) -> Result<Value, StoreError> {
    let identity = &listed.entry.identity;
    let seen = reader.store.seen_index(&listed.source)?;
    let names_count = seen.names().filter(|(_, seen)| seen.id == listed.id).count();
    Ok(json!({
        "rung": identity.kind.as_str(),
        "key": identity.key,
        "also": identity.weaker_names,
        "guid": listed.entry.guid,
        "names_count": names_count,
        "changes_count": listed.revision,
        "changed_at": listed.changed_at.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::EntryId;
    use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText};

    #[test]
    fn every_date_has_its_reason() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let check = |published: Option<i64>, updated: Option<i64>, place: i64, expected: &str| {
            let identity =
                Identity { kind: IdentityKind::Guid, key: "1".into(), weaker_names: Vec::new() };
            let entry = Entry {
                published_at: published.map(at),
                updated_at: updated.map(at),
                ..Entry::titled(identity, PlainText::from_trusted(String::new()))
            };
            let listed = StoredEntry {
                id: EntryId::from_bytes([0; 16]),
                source: SourceId::new("a").unwrap(),
                entry,
                first_seen_at: at(100),
                listed_at: at(place),
                changed_at: at(100),
                revision: 0,
                fingerprints: Vec::new(),
                content_hash: 0,
            };
            assert_eq!(listing_reason(&listed), expected, "{published:?} {updated:?} {place}");
        };
        check(Some(50), Some(60), 50, "published");
        check(None, Some(60), 60, "updated");
        check(None, None, 100, "first-seen-as-undated");
        check(Some(200), None, 100, "first-seen-as-date-was-ahead");
        check(Some(100), None, 100, "published");
        check(Some(70), None, 50, "earlier-date");
        check(None, None, 50, "estimated-as-undated");
    }
}
