//! The messages of one page → its records: the whole state, and the changes after it.
//!
//! | state of a page | content |
//! | --- | --- |
//! | number | the next page, or 0 |
//! | number | a page that is being merged, or 0 |
//! | 1 byte | whether this page is being merged |
//! | 1 byte | length of the prefix: the bytes of the lowest key that begin every key |
//! | string | the lowest key |
//! | string | the first key of the next page, or empty |
//! | 1 byte | 0 records, 1 other pages |
//! | number | how many |
//! | strings | the keys, without the prefix |
//! | strings | the values |
//!
//! A change is one byte (0 put, 1 remove, others concern the order of pages), the key without the prefix,
//! and for 0 the value.

use std::collections::BTreeMap;

use super::sled_number::{split_number, split_string};

/// A page with records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LeafPage {
    /// No key in it is lower.
    pub(super) low: Vec<u8>,
    /// All keys in it are lower; empty: it is the last page.
    pub(super) high: Vec<u8>,
    /// Its records.
    pub(super) records: BTreeMap<Vec<u8>, Vec<u8>>,
    prefix: Vec<u8>,
}

impl LeafPage {
    /// Parses a whole state; `None`: it holds other pages, or is not valid.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let (_, rest) = split_number(body)?;
        let (_, rest) = split_number(rest)?;
        let ([_, prefix_bytes], rest) = rest.split_first_chunk()?;
        let (low, rest) = split_string(rest)?;
        let (high, rest) = split_string(rest)?;
        let (&form, rest) = rest.split_first()?;
        if form != 0 {
            return None;
        }
        let prefix = low.get(..usize::from(*prefix_bytes))?;
        let (count, mut rest) = split_number(rest)?;
        let mut keys = Vec::new();
        for _ in 0..count {
            let (key, after) = split_string(rest)?;
            keys.push([prefix, key].concat());
            rest = after;
        }
        let mut records = BTreeMap::new();
        for key in keys {
            let (value, after) = split_string(rest)?;
            records.insert(key, value.to_vec());
            rest = after;
        }
        Some(Self { low: low.to_vec(), high: high.to_vec(), records, prefix: prefix.to_vec() })
    }

    /// Applies a change. One that is not valid, or leads out of the page because an earlier change is lost,
    /// does nothing.
    pub(super) fn apply(&mut self, body: &[u8]) {
        let Some((&form, rest)) = body.split_first() else { return };
        let Some((key, rest)) = split_string(rest).filter(|_| form < 2) else { return };
        let key = [&self.prefix[..], key].concat();
        if !self.covers(&key) {
            return;
        }
        match split_string(rest) {
            Some((value, _)) if form == 0 => drop(self.records.insert(key, value.to_vec())),
            None if form == 1 => drop(self.records.remove(&key)),
            _ => {}
        }
    }

    /// Whether the key belongs into the page.
    pub(super) fn covers(&self, key: &[u8]) -> bool {
        is_between(&self.low, key, &self.high)
    }
}

/// Whether `key` is not below `low` and below `high`; an empty `high` is above every key.
pub(super) fn is_between(low: &[u8], key: &[u8], high: &[u8]) -> bool {
    low <= key && (high.is_empty() || key < high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys from `ba` up to `bz`, with the prefix `b`.
    const PAGE: &[u8] = b"\x05\0\0\x01\x02ba\x02bz\0\x02\x01c\x01d\x03one\x03two";

    #[test]
    fn a_page_is_its_state_and_the_changes_after_it() {
        let mut page = LeafPage::parse(PAGE).unwrap();
        page.apply(b"\0\x01d\x05three");
        page.apply(b"\0\x02ee\x04four");
        page.apply(b"\x01\x01c");
        page.apply(b"\0\x01z\x03out");
        page.apply(b"\0\x01e\x09short");
        page.apply(b"\x04");
        page.apply(b"");
        let records: Vec<(&[u8], &[u8])> =
            page.records.iter().map(|(key, value)| (&key[..], &value[..])).collect();
        assert_eq!(records, [(&b"bd"[..], &b"three"[..]), (b"bee", b"four")]);
        assert!(page.covers(b"ba") && !page.covers(b"bz") && !page.covers(b"b"));
    }

    #[test]
    fn what_is_no_page_with_records_is_refused() {
        assert_eq!(LeafPage::parse(b"\x05\0\0\x01\x02ba\x02bz\x01\x01\x01c\x05"), None);
        for length in 0..PAGE.len() {
            assert_eq!(LeafPage::parse(&PAGE[..length]), None, "{length} bytes");
        }
        assert_eq!(LeafPage::parse(b"\x05\0\0\x09\x02ba\x02bz\0\0"), None, "a prefix too long");
    }
}
