//! Entries and the offset of their publisher's clock → the same entries with corrected dates, and
//! the warning about it.

use jiff::SignedDuration;

use crate::model::{ClockOffset, Entry, Stage, Warning};

/// Shifts the dates of entries as if the clock that wrote them were right; returns how many entries
/// were changed. The feed's own date stays: another program often writes it.
pub fn shift_entry_dates<'a>(
    entries: impl Iterator<Item = &'a mut Entry>,
    offset: ClockOffset,
) -> usize {
    let ahead = SignedDuration::from_secs(offset.seconds());
    let mut count = 0;
    for entry in entries {
        let dates = [&mut entry.published_at, &mut entry.updated_at];
        let mut is_moved = false;
        for at in dates.into_iter().flatten() {
            if let Ok(moved) = at.checked_sub(ahead) {
                *at = moved;
                is_moved = true;
            }
        }
        count += usize::from(is_moved);
    }
    count
}

/// The evidence that a clock is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockEvidence {
    /// The source's settings.
    Operator,
    /// The observations of earlier polls.
    Readings,
}

/// The warning about shifted dates; `None` when no entry was changed.
pub fn correction_warning(
    offset: ClockOffset,
    moved: usize,
    evidence: ClockEvidence,
) -> Option<Warning> {
    let reason = match evidence {
        ClockEvidence::Operator => "as the settings say",
        ClockEvidence::Readings => "as its readings show",
    };
    let detail = format!("the publisher's clock is {offset}, {reason}: dates of entries are moved");
    let warning = Warning::new(Stage::Normalize, "clock-corrected", detail).times(moved);
    (moved > 0).then_some(warning)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Identity, IdentityKind, PlainText};

    fn entry(guid: &str, published: Option<i64>, updated: Option<i64>) -> Entry {
        let at =
            |second: Option<i64>| second.and_then(|second| Timestamp::from_second(second).ok());
        let identity =
            Identity { kind: IdentityKind::Guid, key: guid.to_owned(), weaker_names: Vec::new() };
        Entry {
            published_at: at(published),
            updated_at: at(updated),
            ..Entry::titled(identity, PlainText::from_trusted("خبر".to_owned()))
        }
    }

    #[test]
    fn dates_are_shifted_with_a_warning() {
        let at = |second: i64| Timestamp::from_second(second).ok();
        let behind = ClockOffset::from_minutes(-180).unwrap();
        let mut entries = [entry("a", Some(100_000), Some(200_000)), entry("b", None, None)];
        assert_eq!(shift_entry_dates(entries.iter_mut(), behind), 1);
        assert_eq!((entries[0].published_at, entries[0].updated_at), (at(110_800), at(210_800)));
        assert_eq!((entries[1].published_at, entries[1].updated_at), (None, None));
        let mut last = [Entry { published_at: Some(Timestamp::MAX), ..entries[1].clone() }];
        assert_eq!(shift_entry_dates(last.iter_mut(), behind), 0, "there is no later instant");
        let warning = correction_warning(behind, 2, ClockEvidence::Readings).unwrap();
        assert_eq!(
            (warning.stage, warning.code, warning.count),
            (Stage::Normalize, "clock-corrected", 2)
        );
        let expected = "the publisher's clock is 3 hours behind, as its readings show: dates of \
                        entries are moved";
        assert_eq!(warning.detail, expected);
        assert_eq!(correction_warning(behind, 0, ClockEvidence::Operator), None);
    }
}
