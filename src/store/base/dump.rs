//! A tree → the blocks of a base.

use std::io::{self, Write};
use std::ops::Bound;
use std::path::Path;

use sled::Tree;

use super::super::keys;
use super::super::store_error::{StoreError, read_error};
use super::block::{BlockRole, BlockWriter};
use super::description::{Description, records_about_database};
use super::dumped_record::append_record;
use super::{BasePoint, BaseProgress, BaseSummary};

/// The content of a block; a longer record makes its block longer. Measured on 2,595 newspaper articles in a
/// fresh database of 8.6 MB: two bases take 62 % of it with 256 KiB, 59 % with 1 MiB, 57 % with 4 MiB. One
/// damaged block of 1 MiB costs some 300 entries.
const BLOCK_BYTES: usize = 1 << 20;

/// Writes all records of `tree`. Records that change meanwhile are dumped in one of their states; the log
/// after `point` gives the last one.
///
/// # Errors
/// `Database` when a record cannot be read, `Files` when `out` fails.
pub(in crate::store) fn write_base(
    tree: &Tree,
    point: BasePoint,
    out: impl Write,
    on_progress: &dyn Fn(BaseProgress),
) -> Result<BaseSummary, StoreError> {
    let (about_database, count) = records_about_database(tree)?;
    let mut summary = BaseSummary { records: count, left_out: 0, bytes: 0 };
    let first =
        Description { taken_at: point.taken_at, records: 0, about_database: &about_database };
    let mut writer = BlockWriter::new(out, point.position).map_err(output_error)?;
    writer.write(BlockRole::First, &first.encode()).map_err(output_error)?;
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    for item in dumped_ranges().into_iter().flat_map(|range| tree.range(range)) {
        let (key, value) = item.map_err(read_error)?;
        if append_record(&mut block, tree, &key, &value)? {
            summary.records += 1;
        } else {
            summary.left_out += 1;
        }
        if block.len() >= BLOCK_BYTES {
            writer.write(BlockRole::Records, &block).map_err(output_error)?;
            block.clear();
            let (records, bytes) = (summary.records, writer.bytes());
            on_progress(BaseProgress { records, bytes, total_bytes: None });
        }
    }
    if !block.is_empty() {
        writer.write(BlockRole::Records, &block).map_err(output_error)?;
    }
    let last = Description { records: summary.records, ..first };
    writer.write(BlockRole::Last, &last.encode()).map_err(output_error)?;
    writer.flush().map_err(output_error)?;
    summary.bytes = writer.bytes();
    Ok(summary)
}

/// The bounds of some keys.
type KeyRange = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Everything but the records about the database itself, which the first and last block hold, and the parts
/// of long values, which are dumped with their values.
fn dumped_ranges() -> [KeyRange; 3] {
    let ([database], [part]) = (keys::database_prefix(), keys::part_prefix());
    let from = |byte: u8| Bound::Included(vec![byte]);
    let until = |byte: u8| Bound::Excluded(vec![byte]);
    [
        (Bound::Unbounded, until(database)),
        (from(database + 1), until(part)),
        (from(part + 1), Bound::Unbounded),
    ]
}

fn output_error(source: io::Error) -> StoreError {
    StoreError::file_error("write", Path::new("a base of the store"), source)
}
