//! A file with blocks → what it contains, and an empty tree → the dumped one. A damaged block costs its own
//! records.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use sled::{Batch, Tree};

use super::super::batch::{MAX_BATCH_RECORDS, WriteBatch};
use super::super::keys;
use super::super::store_error::{StoreError, write_error};
use super::block::{Block, BlockReader, BlockRole};
use super::description::Description;
use super::dumped_record::{DumpedRecord, DumpedValue, decode_dumped};
use super::{BaseContents, BaseProgress};

/// Reads all of a base without using it.
///
/// # Errors
/// `Files` when the file cannot be read, or nothing in it is a block of a base.
pub(in crate::store) fn verify_base(
    path: &Path,
    on_progress: &dyn Fn(BaseProgress),
) -> Result<BaseContents, StoreError> {
    read_records(path, on_progress, &mut |_| Ok(()))
}

/// The same, with the key of every readable record.
///
/// # Errors
/// As for `verify_base`.
pub(in crate::store) fn inspect_base(
    path: &Path,
    on_progress: &dyn Fn(BaseProgress),
    on_key: &mut dyn FnMut(&[u8]),
) -> Result<BaseContents, StoreError> {
    read_records(path, on_progress, &mut |record| {
        on_key(record.key);
        Ok(())
    })
}

/// Puts all readable records of a base into `tree`, which is empty, and makes that durable.
///
/// # Errors
/// As for `verify_base`; `Database` when the tree cannot be written, `Unencodable` when a record does not fit
/// into it.
pub(in crate::store) fn restore_base(
    path: &Path,
    tree: &Tree,
    on_progress: &dyn Fn(BaseProgress),
) -> Result<BaseContents, StoreError> {
    // An empty tree has digests of all of its recent entries, the restored one has none.
    tree.remove(keys::DIGESTS_FROM).map_err(write_error)?;
    let (mut batch, mut count) = (Batch::default(), 0);
    // A base of an earlier format has them by themselves.
    let mut packed = WriteBatch::new(tree);
    let contents = read_records(path, on_progress, &mut |record| {
        let encoded =
            record.value.encode().map_err(|error| StoreError::unencodable(record.key, error))?;
        if keys::pack_key(record.key).is_some() {
            packed.put(record.key, encoded)?;
            if packed.is_full() {
                std::mem::replace(&mut packed, WriteBatch::new(tree)).apply()?;
            }
            return Ok(());
        }
        let parts = (0..).zip(encoded.parts);
        let puts = parts
            .map(|(number, part)| (keys::part_key(record.key, number), part))
            .chain([(record.key.to_vec(), encoded.value)]);
        for (key, value) in puts {
            batch.insert(key, value);
            count += 1;
            if count >= MAX_BATCH_RECORDS {
                count = 0;
                tree.apply_batch(std::mem::take(&mut batch)).map_err(write_error)?;
            }
        }
        Ok(())
    })?;
    packed.apply()?;
    tree.apply_batch(batch).map_err(write_error)?;
    tree.flush().map_err(write_error)?;
    Ok(contents)
}

/// What was read so far.
#[derive(Default)]
struct ReadState {
    position: Option<u64>,
    contents: Option<(jiff::Timestamp, Option<u32>)>,
    expected_records: Option<u64>,
    records: u64,
    /// The number that the next block should have.
    next_number: u32,
    missing: u64,
    invalid: u64,
}

/// Passes every readable record to `on_record`, each once.
fn read_records(
    path: &Path,
    on_progress: &dyn Fn(BaseProgress),
    on_record: &mut dyn FnMut(DumpedRecord<'_>) -> Result<(), StoreError>,
) -> Result<BaseContents, StoreError> {
    let to_error = |error| StoreError::file_error("read", path, error);
    let file = File::open(path).map_err(to_error)?;
    let total_bytes = Some(file.metadata().map_err(to_error)?.len());
    let mut reader = BlockReader::new(file).map_err(to_error)?;
    let mut state = ReadState::default();
    while let Some(block) = reader.next_block().map_err(to_error)? {
        state.read_block(&block, on_record)?;
        let bytes = reader.bytes_read();
        on_progress(BaseProgress { records: state.records, bytes, total_bytes });
    }
    let Some(position) = state.position else {
        let reason = io::Error::new(ErrorKind::InvalidData, "it is not a base of a store");
        return Err(to_error(reason));
    };
    // A base that ends too early shows it only by the missing last block.
    let missing = state.missing + u64::from(state.expected_records.is_none());
    let (taken_at, store_format) =
        state.contents.map_or((None, None), |(taken_at, format)| (Some(taken_at), format));
    Ok(BaseContents {
        position,
        taken_at,
        store_format,
        records: state.records,
        expected_records: state.expected_records,
        damaged_blocks: missing.max(reader.damages()) + state.invalid,
    })
}

impl ReadState {
    fn read_block(
        &mut self,
        block: &Block,
        on_record: &mut dyn FnMut(DumpedRecord<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let position = *self.position.get_or_insert(block.position);
        if block.number < self.next_number || block.position != position {
            // It is of another base, or stands twice.
            self.invalid += 1;
            return Ok(());
        }
        self.missing += u64::from(block.number - self.next_number);
        self.next_number = block.number + 1;
        if block.kind == BlockRole::Records {
            return self.read_list(&block.content, on_record);
        }
        let Some(description) = Description::parse(&block.content) else {
            self.invalid += 1;
            return Ok(());
        };
        if block.kind == BlockRole::Last {
            self.expected_records = Some(description.records);
        }
        if self.contents.is_none() {
            let format = store_format(description.about_database);
            self.contents = Some((description.taken_at, format));
            return self.read_list(description.about_database, on_record);
        }
        Ok(())
    }

    fn read_list(
        &mut self,
        mut list: &[u8],
        on_record: &mut dyn FnMut(DumpedRecord<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        while !list.is_empty() {
            let Some((record, rest)) = decode_dumped(list) else {
                // Its checksum is right, so it was written by a program with another idea of records.
                self.invalid += 1;
                return Ok(());
            };
            on_record(record)?;
            self.records += 1;
            list = rest;
        }
        Ok(())
    }
}

/// The format number of the store among the records about the database itself.
fn store_format(mut list: &[u8]) -> Option<u32> {
    while let Some((record, rest)) = decode_dumped(list) {
        if let (keys::FORMAT, DumpedValue::Raw(value)) = (record.key, record.value) {
            return <[u8; 4]>::try_from(value).ok().map(u32::from_be_bytes);
        }
        list = rest;
    }
    None
}

/// When a base was taken, by its first block alone; `None`: that cannot be read.
pub(super) fn taken_at(path: &Path) -> Option<jiff::Timestamp> {
    let block = BlockReader::new(File::open(path).ok()?).ok()?.next_block().ok()??;
    let is_first = block.kind == BlockRole::First;
    is_first.then(|| Description::parse(&block.content).map(|first| first.taken_at)).flatten()
}
