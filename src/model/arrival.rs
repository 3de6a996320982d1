//! What the journal of arrivals holds, and the archive pages that are closed from it: each arrival has a number
//! that is never used twice, and a page is a range of numbers.

use std::fmt;

use jiff::Timestamp;

use crate::model::EntryId;

/// Why an entry stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArrivalKind {
    /// A new entry of a source that was read before.
    New,
    /// An edit that readers see: the entry's `changed_at` advanced.
    Changed,
    /// An entry that is not news although it arrived: part of the first reading of a source, or stored again.
    FirstReading,
}

/// One record of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its number: greater than those of all earlier arrivals.
    pub number: u64,
    /// Why it is there.
    pub kind: ArrivalKind,
    /// Whether it is the first arrival of its commit.
    pub starts_commit: bool,
    /// The entry.
    pub id: EntryId,
    /// When the entry was listed as it arrived.
    pub listed_at: Timestamp,
    /// The hash of the entry's source.
    pub source_hash: u32,
}

/// The output and the rules that decide what it holds, as a digest: pages that were closed under other rules
/// are other pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeKey(pub [u8; 16]);

/// What an archive page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchivePageKind {
    /// New entries, in the order of their arrival.
    Arrivals,
    /// Entries of a first reading.
    FirstReading,
}

/// A closed page of an output's archive: the entries of a range of the journal. What it holds never changes,
/// except that entries are edited and deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivePage {
    /// Its number among the pages of its output, from 1.
    pub number: u32,
    /// The number of the first arrival that it may hold.
    pub from: u64,
    /// The number of the last one.
    pub to: u64,
    /// Which arrivals of this range it holds.
    pub kind: ArchivePageKind,
}

/// A page in the address of an archive: `<number>`, or `<rules>-<number>` where rules decide what the output
/// holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchiveAddress {
    /// The first four bytes of the scope key; `None`: the output holds every entry of its sources.
    pub rules: Option<u32>,
    /// The number of the page.
    pub number: u32,
}

impl ArchiveAddress {
    /// The page that a word names. `None`: no address is written like this.
    pub fn parse(word: &str) -> Option<Self> {
        let (rules, number) = match word.split_once('-') {
            Some((rules, number)) => (Some(u32::from_str_radix(rules, 16).ok()?), number),
            None => (None, word),
        };
        let address = Self { rules, number: number.parse().ok()? };
        // Each page has one address: no plus signs, no capital letters, no leading zeros.
        (address.number > 0 && address.to_string() == word).then_some(address)
    }
}

impl fmt::Display for ArchiveAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rules {
            Some(rules) => write!(f, "{rules:08x}-{}", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

/// The place of a document in the chain of an output's archive pages (RFC 5005 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArchiveLinks {
    /// The page that the document is; `None`: it is the current feed.
    pub page: Option<ArchiveAddress>,
    /// The next older page that still holds entries.
    pub previous: Option<ArchiveAddress>,
    /// The next newer closed page.
    pub next: Option<ArchiveAddress>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_address() {
        for (word, rules, number) in
            [("1", None, 1), ("4294967295", None, u32::MAX), ("00ab12cd-7", Some(0x00ab_12cd), 7)]
        {
            let address = ArchiveAddress { rules, number };
            assert_eq!(ArchiveAddress::parse(word), Some(address), "{word}");
            assert_eq!(address.to_string(), word);
        }
        for other in [
            "",
            "0",
            "01",
            "+1",
            "-1",
            "1-",
            "x",
            "4294967296",
            "ab12cd-7",
            "00AB12CD-7",
            "+0ab12cd-7",
            "00ab12cd-07",
            "00ab12cd-7-1",
            "\u{661}",
        ] {
            assert_eq!(ArchiveAddress::parse(other), None, "{other}");
        }
    }
}
