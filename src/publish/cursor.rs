//! The end of a page ↔ a word in its address: `<milliseconds>-<id>`.

use jiff::Timestamp;

use crate::model::{EntryId, StoredEntry};

/// The cursor of the entries after `entry`.
pub(super) fn format_cursor(entry: &StoredEntry) -> String {
    format!("{}-{}", entry.listed_at.as_millisecond(), entry.id)
}

/// The position of a cursor. `None`: it is not a valid cursor.
pub(super) fn parse_cursor(cursor: &str) -> Option<(Timestamp, EntryId)> {
    let (at, id) = cursor.split_once('-')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some((at, EntryId::parse(id)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_other_words_are_refused() {
        let id = EntryId::from_bytes([7; 16]);
        let at = Timestamp::from_millisecond(1_795_428_000_123).unwrap();
        assert_eq!(parse_cursor(&format!("1795428000123-{id}")), Some((at, id)));
        for other in ["", "1", "x-1", "1-zz", "1-07070707", "99999999999999999999-1"] {
            assert_eq!(parse_cursor(other), None, "{other}");
        }
    }
}
