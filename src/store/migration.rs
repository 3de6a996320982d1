//! A store of an earlier format → the same store in the current format.
//!
//! | from | to | step |
//! | --- | --- | --- |
//! | no number | 1 | every record in its current version |
//! | 1 | 2 | the journal of arrivals, filled with the stored entries |
//! | 2 | 3 | story records and arrivals in packs (new records are compressed with a dictionary) |
//!
//! Development versions wrote a new version of a record only when the record changed, and read the older
//! ones. So their stores hold several versions side by side. This is the only file that knows them. A step
//! runs once, when a store of its format is opened.
//!
//! | record | version | what the next version added |
//! | --- | --- | --- |
//! | poll state | 1 | the publisher's clock, the redirect, the order of day and month: 10 bytes at the end |
//! | poll state | 2 | the history of the source, and its hubs: 6 bytes |
//! | poll state | 3 | the health: 17 bytes |
//! | poll state | 4 | freshness and retention: 2 bytes |
//! | chunk | 1 | whether the source still lists an entry: a flag after each entry |
//! | entry | 1 | the text of its own page: 1 byte |
//!
//! Records are replaced in atomic batches, and records of the current version stay as they are. So an
//! interrupted migration continues where it stopped.

use sled::{Db, IVec, Tree};

use super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::keys::{self, EntryPosition};
use super::records::envelope::{Compression, EncodedRecord, Envelope, encode_record};
use super::records::seen_chunk::{self, SeenEntryRecord};
use super::records::{RecordError, poll_state, stored_entry};
use super::store_error::{StoreError, read_error, write_error};
use super::{decode, journal, packs};
use crate::model::{EntryId, NewsHistory};

/// The number of bytes that each version of a poll state lacks compared to the next one, from the first
/// version on. All of them are zero when nothing is known.
const ADDED_TO_STATES: [usize; 4] = [10, 6, 17, 2];

/// The number of records that are put into packs in one batch.
const PACKED_AT_A_TIME: usize = MAX_BATCH_RECORDS;
/// A line of the log is written whenever this many more are in packs.
const RECORDS_PER_LINE: u64 = 100 * 500;

/// Records of one kind.
struct Kind {
    prefix: [u8; 1],
    /// The current version.
    version: u8,
    compression: Compression,
    /// Converts the fields of an earlier version to those of the current one.
    convert: fn(u8, &[u8]) -> Result<Vec<u8>, RecordError>,
}

/// Converts all records to their current versions, and makes that durable. Returns the number of replaced
/// records.
///
/// # Errors
/// `Database`, and `Undecodable` when a record of an earlier version is broken.
pub(super) fn to_format_1(db: &Db, tree: &Tree) -> Result<u64, StoreError> {
    let states = Kind {
        prefix: keys::poll_state_prefix(),
        version: poll_state::VERSION,
        compression: Compression::WhereShorter,
        convert: poll_state,
    };
    let chunks = Kind {
        prefix: keys::chunk_prefix(),
        version: seen_chunk::VERSION,
        compression: Compression::Never,
        convert: |_, fields| chunk(fields),
    };
    let entries = Kind {
        prefix: keys::entry_prefix(),
        version: stored_entry::VERSION,
        compression: Compression::WhereShorter,
        convert: |_, fields| Ok(entry(fields)),
    };
    let mut replaced = 0;
    for kind in [states, chunks, entries] {
        let mut batch = WriteBatch::new(tree);
        for item in tree.scan_prefix(kind.prefix) {
            let (key, value) = item.map_err(read_error)?;
            let Some(encoded) = convert_record(&kind, tree, &key, &value)? else { continue };
            batch.put(&key, encoded)?;
            replaced += 1;
            if batch.is_full() {
                let full = std::mem::replace(&mut batch, WriteBatch::new(tree));
                full.apply()?;
                tracing::info!(records = replaced, "the store is being upgraded");
            }
        }
        batch.apply()?;
    }
    db.flush().map_err(write_error)?;
    Ok(replaced)
}

/// Fills the journal of arrivals, and makes that durable. Returns the number of arrivals. What an interrupted
/// upgrade left behind is removed first: the store may have changed since.
///
/// # Errors
/// `Database`, and `Undecodable` when an entry is broken.
pub(super) fn to_format_2(db: &Db, tree: &Tree) -> Result<u64, StoreError> {
    for item in tree.scan_prefix(keys::arrival_prefix()) {
        tree.remove(item.map_err(read_error)?.0).map_err(write_error)?;
    }
    let mut batch = WriteBatch::new(tree);
    for item in packs::arrivals_from(tree, &keys::arrival_prefix()) {
        batch.remove_raw(&item?.0);
        if batch.is_full() {
            std::mem::replace(&mut batch, WriteBatch::new(tree)).apply()?;
        }
    }
    batch.apply()?;
    let arrivals = journal::fill_journal(tree)?;
    db.flush().map_err(write_error)?;
    Ok(arrivals)
}

/// Puts records that stand by themselves into their packs, and makes that durable. Returns how many.
///
/// # Errors
/// `Database`, and `Undecodable` when a pack is broken.
pub(super) fn to_format_3(db: &Db, tree: &Tree) -> Result<u64, StoreError> {
    let mut moved = 0;
    for prefix in keys::packed_prefixes() {
        loop {
            let records = tree.scan_prefix(prefix).take(PACKED_AT_A_TIME);
            let records = records.collect::<Result<Vec<_>, _>>().map_err(read_error)?;
            if records.is_empty() {
                break;
            }
            moved += pack_records(tree, &records)?;
            if moved.is_multiple_of(RECORDS_PER_LINE) {
                tracing::info!(records = moved, "the store is being upgraded");
            }
        }
    }
    db.flush().map_err(write_error)?;
    Ok(moved)
}

/// Moves records into their packs, in one batch. What a pack has is newer.
fn pack_records(tree: &Tree, records: &[(IVec, IVec)]) -> Result<u64, StoreError> {
    let mut batch = WriteBatch::new(tree);
    for (key, value) in records {
        if packs::read_value(tree, key)?.is_none() {
            batch.put_raw(key, value);
        }
    }
    let mut packed = batch.pack()?;
    for (key, _) in records {
        packed.remove_value(key);
    }
    tree.apply_batch(packed.into_sled_batch()).map_err(write_error)?;
    Ok(u64::try_from(records.len()).unwrap_or(u64::MAX))
}

/// The record in its current version; `None`: it is not of an earlier version and stays as it is.
fn convert_record(
    kind: &Kind,
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<Option<EncodedRecord>, StoreError> {
    match value.first() {
        Some(version) if (1..kind.version).contains(version) => {}
        _ => return Ok(None),
    }
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let fields = decode::join_fields(tree, key, &envelope)?;
    let fields = (kind.convert)(envelope.version, &fields).map_err(to_error)?;
    encode_record(kind.version, envelope.label, &fields, kind.compression)
        .map(Some)
        .map_err(|error| StoreError::unencodable(key, error))
}

/// Converts the fields of a poll state of an earlier version to those of the current one.
pub(super) fn poll_state(version: u8, fields: &[u8]) -> Result<Vec<u8>, RecordError> {
    let added: usize = ADDED_TO_STATES.iter().skip(usize::from(version) - 1).sum();
    let mut fields = fields.to_vec();
    fields.resize(fields.len() + added, 0);
    if version > 2 {
        return Ok(fields);
    }
    // Without a history the last change counts as the latest news.
    let mut state = poll_state::decode(poll_state::VERSION, &fields)?;
    let news_at = state.schedule.changed_at;
    let news_days = u64::from(news_at.is_some());
    state.health.news = NewsHistory { news_at, news_days, empty_since: None };
    poll_state::encode(&state)
}

/// An entry in a chunk of the first version: id, position, content hash, whether it is stored, fingerprints.
pub(super) type EntryOfChunk = ([u8; 16], i64, [u8; 8], bool, Vec<[u8; 8]>);

/// Converts the fields of a chunk of the first version to those of the current one.
pub(super) fn chunk(fields: &[u8]) -> Result<Vec<u8>, RecordError> {
    // The header is computed again.
    type Head = (u64, Option<i64>);
    let (_, records) = postcard::from_bytes::<(Head, Vec<EntryOfChunk>)>(fields)?;
    let record =
        |(id, listed_ms, content_hash, kept, fingerprints): EntryOfChunk| SeenEntryRecord {
            position: EntryPosition { listed_ms, id: EntryId::from_bytes(id) },
            content_hash: u64::from_be_bytes(content_hash),
            kept,
            // Not known. The next whole document shows it.
            listed: false,
            fingerprints: fingerprints.into_iter().map(u64::from_be_bytes).collect(),
        };
    seen_chunk::encode(&records.into_iter().map(record).collect::<Vec<_>>())
}

/// Converts the fields of an entry of the first version to those of the current one.
pub(super) fn entry(fields: &[u8]) -> Vec<u8> {
    [fields, &[0]].concat()
}
