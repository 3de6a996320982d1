//! A store without a format number → the same store in format 1, every record at the version that is read.
//!
//! Development versions wrote a new version of a record only when the record changed, and read the older
//! ones. So their stores hold several versions side by side. This file is the only one that knows them; it
//! runs once, when a store without a format number is opened.
//!
//! | record | version | what the next version added |
//! | --- | --- | --- |
//! | poll state | 1 | the publisher's clock, the move, the order of day and month: 10 bytes at the end |
//! | poll state | 2 | the life of the source, and its hubs: 6 bytes |
//! | poll state | 3 | the health: 17 bytes |
//! | poll state | 4 | freshness and retention: 2 bytes |
//! | chunk | 1 | whether the source still lists an entry: a flag behind each entry |
//! | entry | 1 | what its own page gave: 1 byte |
//!
//! Records are replaced in atomic batches, and one of the current version is left as it is: a migration
//! that was interrupted goes on where it ended.

use sled::{Db, Tree};

use super::batch::WriteBatch;
use super::decode;
use super::keys::{self, EntryPosition};
use super::records::envelope::{Compression, EncodedRecord, Envelope, encode_record};
use super::records::seen_chunk::{self, SeenEntryRecord};
use super::records::{RecordError, poll_state, stored_entry};
use super::store_error::{StoreError, read_error, write_error};
use crate::model::{EntryId, NewsHistory};

/// Bytes that each version of a poll state lacks of the next one, from the first version on. All are zero
/// where nothing is known.
const ADDED_TO_STATES: [usize; 4] = [10, 6, 17, 2];

/// Records of one kind.
struct Kind {
    prefix: [u8; 1],
    /// The version that is read.
    version: u8,
    packing: Compression,
    /// The fields of an earlier version → those of the one that is read.
    convert: fn(u8, &[u8]) -> Result<Vec<u8>, RecordError>,
}

/// Brings all records to the versions that are read, and makes that durable. Gives how many it replaced.
///
/// # Errors
/// `Database`, and `Undecodable` where a record of an earlier version is broken.
pub(super) fn to_format_1(db: &Db, tree: &Tree) -> Result<u64, StoreError> {
    let states = Kind {
        prefix: keys::poll_state_prefix(),
        version: poll_state::VERSION,
        packing: Compression::WhereShorter,
        convert: poll_state,
    };
    let chunks = Kind {
        prefix: keys::chunk_prefix(),
        version: seen_chunk::VERSION,
        packing: Compression::Never,
        convert: |_, fields| chunk(fields),
    };
    let entries = Kind {
        prefix: keys::entry_prefix(),
        version: stored_entry::VERSION,
        packing: Compression::WhereShorter,
        convert: |_, fields| Ok(entry(fields)),
    };
    let mut replaced = 0;
    for kind in [states, chunks, entries] {
        let mut changes = WriteBatch::new(tree);
        for item in tree.scan_prefix(kind.prefix) {
            let (key, value) = item.map_err(read_error)?;
            let Some(sealed) = converted(&kind, tree, &key, &value)? else { continue };
            changes.put(&key, sealed)?;
            replaced += 1;
            if changes.is_full() {
                let full = std::mem::replace(&mut changes, WriteBatch::new(tree));
                tree.apply_batch(full.into_sled_batch()).map_err(write_error)?;
                tracing::info!(records = replaced, "the store is being upgraded");
            }
        }
        tree.apply_batch(changes.into_sled_batch()).map_err(write_error)?;
    }
    db.flush().map_err(write_error)?;
    Ok(replaced)
}

/// The record at the version that is read; `None`: it stays, as it is no earlier one.
fn converted(
    kind: &Kind,
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<Option<EncodedRecord>, StoreError> {
    match value.first() {
        Some(version) if (1..kind.version).contains(version) => {}
        _ => return Ok(None),
    }
    let fault = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(fault)?;
    let fields = decode::join_fields(tree, key, &envelope)?;
    let fields = (kind.convert)(envelope.version, &fields).map_err(fault)?;
    encode_record(kind.version, envelope.label, &fields, kind.packing)
        .map(Some)
        .map_err(|error| StoreError::unencodable(key, error))
}

/// The fields of a poll state of an earlier version → those of the current one.
pub(super) fn poll_state(version: u8, fields: &[u8]) -> Result<Vec<u8>, RecordError> {
    let added: usize = ADDED_TO_STATES.iter().skip(usize::from(version) - 1).sum();
    let mut fields = fields.to_vec();
    fields.resize(fields.len() + added, 0);
    if version > 2 {
        return Ok(fields);
    }
    // Where nothing is known of a life, the last change is the newest news.
    let mut state = poll_state::decode(poll_state::VERSION, &fields)?;
    let news_at = state.schedule.changed_at;
    let news_days = u64::from(news_at.is_some());
    state.health.news = NewsHistory { news_at, news_days, empty_since: None };
    poll_state::encode(&state)
}

/// An entry of a chunk of the first version: id, place, hash of the content, whether it is kept, names.
pub(super) type EntryOfChunk = ([u8; 16], i64, [u8; 8], bool, Vec<[u8; 8]>);

/// The fields of a chunk of the first version → those of the current one.
pub(super) fn chunk(fields: &[u8]) -> Result<Vec<u8>, RecordError> {
    // The head is counted again.
    type Head = (u64, Option<i64>);
    let (_, records) = postcard::from_bytes::<(Head, Vec<EntryOfChunk>)>(fields)?;
    let record = |(id, listed_ms, content_hash, kept, names): EntryOfChunk| SeenEntryRecord {
        position: EntryPosition { listed_ms, id: EntryId::from_bytes(id) },
        content_hash: u64::from_be_bytes(content_hash),
        kept,
        // Not known: the next whole document says it.
        listed: false,
        fingerprints: names.into_iter().map(u64::from_be_bytes).collect(),
    };
    seen_chunk::encode(&records.into_iter().map(record).collect::<Vec<_>>())
}

/// The fields of an entry of the first version → those of the current one.
pub(super) fn entry(fields: &[u8]) -> Vec<u8> {
    [fields, &[0]].concat()
}
