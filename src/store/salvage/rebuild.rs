//! The pages of a damaged database → records in a new tree, without those that cannot be decoded.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use sled::Tree;

use super::super::batch::WriteBatch;
use super::super::decode;
use super::super::keys;
use super::super::packs;
use super::super::records::envelope::Envelope;
use super::super::seen_entries;
use super::super::store_error::{StoreError, read_error, write_error};
use super::Salvage;
use super::missing_entries::forget_missing_entries;
use super::sled_messages::{PageChange, PageMessage, SledMessages, count_damaged_places};
use super::sled_page::{LeafPage, is_between};

/// The number of neighbors of a page that may overlap it: only older states of damaged pages do.
const NEIGHBORS: usize = 16;

/// Which keys a page holds, and since when.
struct PageRange {
    low: Vec<u8>,
    high: Vec<u8>,
    lsn: u64,
    page: u64,
}

/// The number of damaged places in the file of the database in `db_dir`, which no process has open; 0: it is
/// intact, or missing. sled itself notices some of them only later, and skips some without a word.
///
/// # Errors
/// `Files` when the file cannot be read.
pub(in crate::store) fn damaged_places(db_dir: &Path) -> Result<u64, StoreError> {
    let path = db_dir.join("db");
    let to_error = |error| StoreError::file_error("read", &path, error);
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(to_error(error)),
        Ok(mut file) => count_damaged_places(&mut file).map_err(to_error),
    }
}

/// Puts every record of the database in `db_dir` that can be read and decoded into `to`, which is empty, and
/// makes that durable. The database is not opened and not changed. No other process may have it open.
///
/// `on_progress` is called with the number of pages that were copied, and of all pages.
///
/// Where the last state of a page is damaged, its records come back as they were in an earlier state, if one
/// is still in the file. So a record that was changed or deleted since may be found as it was before.
///
/// # Errors
/// `Files` when the file cannot be read, `Database` when `to` cannot be written.
pub(in crate::store) fn salvage_database(
    db_dir: &Path,
    to: &Tree,
    on_progress: &dyn Fn(u64, u64),
) -> Result<Salvage, StoreError> {
    let path = db_dir.join("db");
    let to_error = |error| StoreError::file_error("read", &path, error);
    let mut file = File::open(&path).map_err(to_error)?;
    let messages = SledMessages::read_from(&mut file).map_err(to_error)?;
    let ranges = page_ranges(&messages, &mut file).map_err(to_error)?;
    // The digests of recent entries are computed at the next opening.
    to.remove(keys::DIGESTS_FROM).map_err(write_error)?;
    let mut batch = WriteBatch::new(to);
    let total = u64::try_from(ranges.len()).unwrap_or(u64::MAX);
    for (copied, range) in (0..).zip(&ranges) {
        on_progress(copied, total);
        let Some(list) = messages.pages.get(&range.page) else { continue };
        let Some(page) = read_page(list, &mut file).map_err(to_error)? else { continue };
        for (key, value) in &page.records {
            let is_skipped = &key[..] == keys::OPENINGS || keys::is_derived(key);
            if !is_skipped && !is_newer_elsewhere(&ranges, range, key) {
                batch.put_raw(key, value);
            }
            if batch.is_full() {
                let full = std::mem::replace(&mut batch, WriteBatch::new(to));
                full.apply()?;
            }
        }
    }
    batch.apply()?;
    let undecodable = remove_undecodable(to)?;
    to.flush().map_err(write_error)?;
    Ok(Salvage {
        copied: u64::try_from(to.len()).unwrap_or(u64::MAX),
        damaged_places: messages.damaged_places,
        undecodable,
        missing_entries: forget_missing_entries(to)?,
    })
}

/// The ranges of all pages with records, by their lowest keys.
fn page_ranges(messages: &SledMessages, file: &mut File) -> std::io::Result<Vec<PageRange>> {
    let mut ranges = Vec::new();
    for (page, list) in &messages.pages {
        let Some(LeafPage { low, high, records, .. }) = read_page(list, file)? else { continue };
        // The only page of a tree without records, which sled always creates beside ours.
        if records.is_empty() && low.is_empty() && high.is_empty() {
            continue;
        }
        let lsn = list.first().map_or(0, |message| message.lsn);
        ranges.push(PageRange { low, high, lsn, page: *page });
    }
    ranges.sort_by(|one, other| one.low.cmp(&other.low));
    Ok(ranges)
}

/// The last state of a page; `None`: it is not used, holds no records, or no whole state of it is left.
fn read_page(list: &[PageMessage], file: &mut File) -> std::io::Result<Option<LeafPage>> {
    let Some((first, changes)) = list.split_first() else { return Ok(None) };
    if first.change != PageChange::Replace {
        return Ok(None);
    }
    let Some(mut page) = LeafPage::parse(&first.read_body(file)?) else { return Ok(None) };
    for change in changes {
        page.apply(&change.read_body(file)?);
    }
    Ok(Some(page))
}

/// Whether another page that was written later holds this key, or would if it still existed.
fn is_newer_elsewhere(ranges: &[PageRange], own: &PageRange, key: &[u8]) -> bool {
    let after = ranges.partition_point(|range| &range.low[..] <= key);
    ranges[..after].iter().rev().take(NEIGHBORS).any(|range| {
        range.page != own.page && range.lsn > own.lsn && is_between(&range.low, key, &range.high)
    })
}

/// Removes what cannot be decoded. Otherwise the new database would count as broken too.
fn remove_undecodable(tree: &Tree) -> Result<u64, StoreError> {
    let mut removed = 0;
    let mut batch = WriteBatch::new(tree);
    for item in tree {
        let (key, value) = item.map_err(read_error)?;
        match check_record(tree, &key, &value) {
            Ok(()) => {}
            Err(error @ StoreError::Database { .. }) => return Err(error),
            Err(_) => {
                removed += 1;
                batch.remove(&key)?;
            }
        }
        if batch.is_full() {
            let full = std::mem::replace(&mut batch, WriteBatch::new(tree));
            full.apply()?;
        }
    }
    batch.apply()?;
    Ok(removed)
}

fn check_record(tree: &Tree, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    if key.starts_with(&keys::entry_prefix()) {
        decode::decode_entry(tree, key, value).map(drop)
    } else if key.starts_with(&keys::chunk_prefix()) {
        seen_entries::decode_chunk(key, value).map(drop)
    } else if key.starts_with(&keys::poll_state_prefix()) {
        decode::decode_poll_state(tree, key, value).map(drop)
    } else if keys::packed_kind(key).is_some() {
        packs::decode_pack(tree, key, value).map(drop)
    } else if keys::has_envelope(key) {
        let envelope =
            Envelope::parse(value).map_err(|error| StoreError::undecodable(key, error))?;
        decode::join_fields(tree, key, &envelope).map(drop)
    } else {
        Ok(())
    }
}
