//! The values of one column of a row group → a compressed data page.
//!
//! Source: <https://parquet.apache.org/docs/file-format/>, data pages of version 1, encoding `PLAIN`. Two levels
//! say where the values belong: the repetition level is 0 for the first value of a row and 1 for others; the
//! definition level says how much of the path to the value exists.

use std::io;

use super::thrift::{write_struct, write_varint};

/// zstd's own default: three times smaller than the texts, at 200 MB a second.
const ZSTD_LEVEL: i32 = 3;
const DATA_PAGE: i32 = 0;
const ENCODING_PLAIN: i32 = 0;
const ENCODING_RLE: i32 = 3;

/// The type of the values of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeafType {
    /// One bit each.
    Boolean,
    /// 64 bits.
    Integer,
    /// Milliseconds since 1970, UTC.
    Time,
    /// Double precision.
    Real,
    /// UTF-8.
    Text,
}

/// One value; its type is that of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LeafValue<'a> {
    Boolean(bool),
    /// An integer or an instant.
    Integer(i64),
    Real(f64),
    Text(&'a str),
}

/// A column without nested columns.
#[derive(Debug)]
pub(super) struct LeafColumn {
    /// The names on the way from the root.
    pub(super) path: Vec<&'static str>,
    pub(super) leaf_type: LeafType,
    /// The definition level of a value; lower ones say that it is missing.
    pub(super) max_definition: u8,
    /// 1 within a list, otherwise 0.
    pub(super) max_repetition: u8,
    definitions: LevelRuns,
    repetitions: LevelRuns,
    values: Vec<u8>,
    /// The values of a Boolean column, which are packed last.
    bits: Vec<bool>,
}

/// The page of a column, and what the metadata says about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EncodedPage {
    /// Header and content.
    pub(super) bytes: Vec<u8>,
    /// The size of both before compression.
    pub(super) uncompressed_bytes: usize,
    /// The number of values, missing ones included.
    pub(super) value_count: usize,
}

impl LeafColumn {
    pub(super) fn new(
        path: Vec<&'static str>,
        leaf_type: LeafType,
        max_definition: u8,
        max_repetition: u8,
    ) -> Self {
        let (definitions, repetitions) = (LevelRuns::default(), LevelRuns::default());
        let (values, bits) = (Vec::new(), Vec::new());
        Self {
            path,
            leaf_type,
            max_definition,
            max_repetition,
            definitions,
            repetitions,
            values,
            bits,
        }
    }

    /// Appends a value.
    pub(super) fn push_value(&mut self, repetition: u8, value: LeafValue<'_>) {
        self.push_levels(repetition, self.max_definition);
        match value {
            LeafValue::Boolean(bit) => self.bits.push(bit),
            LeafValue::Integer(number) => self.values.extend_from_slice(&number.to_le_bytes()),
            LeafValue::Real(number) => self.values.extend_from_slice(&number.to_le_bytes()),
            LeafValue::Text(text) => {
                // No text of an entry has 4 GiB: documents are smaller.
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                self.values.extend_from_slice(&length.to_le_bytes());
                self.values.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Appends a missing value; `definition` says how much of its path exists.
    pub(super) fn push_missing(&mut self, repetition: u8, definition: u8) {
        self.push_levels(repetition, definition);
    }

    fn push_levels(&mut self, repetition: u8, definition: u8) {
        self.repetitions.push_level(repetition);
        self.definitions.push_level(definition);
    }

    /// The bytes that its values take up.
    pub(super) fn buffered_bytes(&self) -> usize {
        self.values.len() + self.bits.len()
    }

    /// The page of all values so far; the column is empty afterwards.
    pub(super) fn take_page(&mut self) -> io::Result<EncodedPage> {
        let mut content = Vec::new();
        if self.max_repetition > 0 {
            self.repetitions.write_to(&mut content);
        }
        self.definitions.write_to(&mut content);
        content.append(&mut self.values);
        content.extend(self.bits.chunks(8).map(|bits| {
            bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << at)
        }));
        let value_count = self.definitions.count;
        (self.definitions, self.repetitions) = (LevelRuns::default(), LevelRuns::default());
        self.bits.clear();
        let packed = zstd::bulk::compress(&content, ZSTD_LEVEL)?;
        let mut bytes = Vec::new();
        write_struct(&mut bytes, |header| {
            header.put_i32(1, DATA_PAGE);
            header.put_i32(2, to_i32(content.len()));
            header.put_i32(3, to_i32(packed.len()));
            header.put_struct(5, |page| {
                page.put_i32(1, to_i32(value_count));
                page.put_i32(2, ENCODING_PLAIN);
                page.put_i32(3, ENCODING_RLE);
                page.put_i32(4, ENCODING_RLE);
            });
        });
        let uncompressed_bytes = bytes.len() + content.len();
        bytes.extend(packed);
        Ok(EncodedPage { bytes, uncompressed_bytes, value_count })
    }
}

/// Pages are far below two gigabytes.
fn to_i32(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Levels as runs of the same level.
#[derive(Debug, Default)]
struct LevelRuns {
    /// Each level and how often it follows.
    runs: Vec<(u8, u64)>,
    count: usize,
}

impl LevelRuns {
    fn push_level(&mut self, level: u8) {
        self.count += 1;
        match self.runs.last_mut() {
            Some((last, length)) if *last == level => *length += 1,
            _ => self.runs.push((level, 1)),
        }
    }

    /// The encoding `RLE` with its length before it: each run as twice its length, then the level in one byte.
    fn write_to(&self, out: &mut Vec<u8>) {
        let mut encoded = Vec::new();
        for (level, length) in &self.runs {
            write_varint(&mut encoded, length << 1);
            encoded.push(*level);
        }
        out.extend_from_slice(&u32::try_from(encoded.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(encoded);
    }
}
