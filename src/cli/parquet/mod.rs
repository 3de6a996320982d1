//! Rows of JSON → an Apache Parquet file, written from front to back in memory of a fixed size.
//!
//! A writer of our own: the crate `parquet` would bring 21 packages (a second zstd among them) and make the release
//! build some 5 % longer, for a format of which this needs one page version, one encoding and one codec. Files were
//! read back with pyarrow, `DuckDB` and pandas; the tests read them with a reader that follows the specification.
//!
//! | file | input → output |
//! | --- | --- |
//! | `thrift` | fields with numbers → the bytes of the metadata |
//! | `leaf_column` | the values of a column → a compressed page |
//!
//! Source: <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>. Lists have the
//! three levels of `LogicalTypes.md`, as readers expect them.

mod leaf_column;
mod thrift;

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::publish::ColumnKind;
use leaf_column::{LeafColumn, LeafType, LeafValue};
use thrift::{CompactFields, write_struct};

/// A row group is written when its values take up this much: enough for compression, small in memory.
const ROW_GROUP_BYTES: usize = 16 << 20;
const MAGIC: &[u8; 4] = b"PAR1";
const FORMAT_VERSION: i32 = 2;
const REQUIRED: i32 = 0;
const OPTIONAL: i32 = 1;
const REPEATED: i32 = 2;
const CONVERTED_TEXT: i32 = 0;
const CONVERTED_LIST: i32 = 3;
const CONVERTED_MILLISECONDS: i32 = 9;
const CODEC_ZSTD: i32 = 6;

/// A column of the file: its name, and its leaves.
struct FileColumn {
    name: &'static str,
    kind: ColumnKind,
    leaves: Vec<LeafColumn>,
}

/// A Parquet file that is being written.
pub(super) struct ParquetWriter<W> {
    out: W,
    /// The bytes that are written so far.
    position: usize,
    columns: Vec<FileColumn>,
    /// The rows of the current group.
    group_rows: i64,
    /// The rows of all finished groups.
    rows: i64,
    /// The metadata of the finished groups.
    groups: Vec<Vec<u8>>,
}

impl<W: Write> ParquetWriter<W> {
    /// Starts a file with these columns.
    pub(super) fn new(mut out: W, columns: &[(&'static str, ColumnKind)]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let columns = columns
            .iter()
            .map(|(name, kind)| FileColumn { name, kind: *kind, leaves: leaves_of(name, *kind) })
            .collect();
        let position = MAGIC.len();
        Ok(Self { out, position, columns, group_rows: 0, rows: 0, groups: Vec::new() })
    }

    /// Appends a row. Keys that are no column are ignored; a value that is missing or of another type is null.
    pub(super) fn push_row(&mut self, row: &Map<String, Value>) -> io::Result<()> {
        for column in &mut self.columns {
            column.push(row.get(column.name).unwrap_or(&Value::Null));
        }
        self.group_rows += 1;
        let leaves = self.columns.iter().flat_map(|column| &column.leaves);
        if leaves.map(LeafColumn::buffered_bytes).sum::<usize>() >= ROW_GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes the last row group and the metadata, and returns the output.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_group()?;
        let mut footer = Vec::new();
        write_struct(&mut footer, |file| {
            file.put_i32(1, FORMAT_VERSION);
            file.put_struct_list(2, &schema(&self.columns));
            file.put_i64(3, self.rows);
            file.put_struct_list(4, &self.groups);
            file.put_text(6, concat!("rafid version ", env!("CARGO_PKG_VERSION")));
        });
        let length = u32::try_from(footer.len()).map_err(io::Error::other)?;
        self.out.write_all(&footer)?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write_group(&mut self) -> io::Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let (mut chunks, mut uncompressed, start) = (Vec::new(), 0, self.position);
        for leaf in self.columns.iter_mut().flat_map(|column| &mut column.leaves) {
            let page = leaf.take_page()?;
            self.out.write_all(&page.bytes)?;
            chunks.push(column_chunk(leaf, &page, self.position));
            self.position += page.bytes.len();
            uncompressed += page.uncompressed_bytes;
        }
        let mut group = Vec::new();
        write_struct(&mut group, |fields| {
            fields.put_struct_list(1, &chunks);
            fields.put_i64(2, to_i64(uncompressed));
            fields.put_i64(3, self.group_rows);
            fields.put_i64(5, to_i64(start));
            fields.put_i64(6, to_i64(self.position - start));
        });
        self.groups.push(group);
        self.rows += self.group_rows;
        self.group_rows = 0;
        Ok(())
    }
}

fn column_chunk(leaf: &LeafColumn, page: &leaf_column::EncodedPage, position: usize) -> Vec<u8> {
    let mut chunk = Vec::new();
    write_struct(&mut chunk, |fields| {
        fields.put_i64(2, 0);
        fields.put_struct(3, |data| {
            data.put_i32(1, physical_type(leaf.leaf_type));
            data.put_i32_list(2, &[0, 3]);
            data.put_text_list(3, &leaf.path);
            data.put_i32(4, CODEC_ZSTD);
            data.put_i64(5, to_i64(page.value_count));
            data.put_i64(6, to_i64(page.uncompressed_bytes));
            data.put_i64(7, to_i64(page.bytes.len()));
            data.put_i64(9, to_i64(position));
        });
    });
    chunk
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn leaf_type(kind: ColumnKind) -> LeafType {
    match kind {
        ColumnKind::Integer => LeafType::Integer,
        ColumnKind::Real => LeafType::Real,
        ColumnKind::Boolean => LeafType::Boolean,
        ColumnKind::Time => LeafType::Time,
        ColumnKind::Text | ColumnKind::TextList | ColumnKind::RecordList(_) => LeafType::Text,
    }
}

/// The leaves of a column. A list is never null and its elements are not, but the fields of records may be.
fn leaves_of(name: &'static str, kind: ColumnKind) -> Vec<LeafColumn> {
    match kind {
        ColumnKind::TextList => {
            vec![LeafColumn::new(vec![name, "list", "element"], LeafType::Text, 1, 1)]
        }
        ColumnKind::RecordList(fields) => fields
            .iter()
            .map(|(field, kind)| {
                LeafColumn::new(vec![name, "list", "element", field], leaf_type(*kind), 2, 1)
            })
            .collect(),
        _ => vec![LeafColumn::new(vec![name], leaf_type(kind), 1, 0)],
    }
}

impl FileColumn {
    fn push(&mut self, value: &Value) {
        let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
        match self.kind {
            ColumnKind::TextList | ColumnKind::RecordList(_) if elements.is_empty() => {
                self.leaves.iter_mut().for_each(|leaf| leaf.push_missing(0, 0));
            }
            ColumnKind::TextList => {
                for (at, element) in elements.iter().enumerate() {
                    let text = LeafValue::Text(element.as_str().unwrap_or_default());
                    self.leaves.iter_mut().for_each(|leaf| leaf.push_value(u8::from(at > 0), text));
                }
            }
            ColumnKind::RecordList(fields) => {
                for (at, element) in elements.iter().enumerate() {
                    for (leaf, (field, _)) in self.leaves.iter_mut().zip(fields) {
                        push_optional(leaf, u8::from(at > 0), &element[*field]);
                    }
                }
            }
            _ => self.leaves.iter_mut().for_each(|leaf| push_optional(leaf, 0, value)),
        }
    }
}

fn push_optional(leaf: &mut LeafColumn, repetition: u8, value: &Value) {
    let value = match leaf.leaf_type {
        LeafType::Boolean => value.as_bool().map(LeafValue::Boolean),
        LeafType::Integer => value.as_i64().map(LeafValue::Integer),
        LeafType::Real => value.as_f64().map(LeafValue::Real),
        LeafType::Text => value.as_str().map(LeafValue::Text),
        LeafType::Time => {
            let at = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
            at.map(|at| LeafValue::Integer(at.as_millisecond()))
        }
    };
    match value {
        Some(value) => leaf.push_value(repetition, value),
        None => leaf.push_missing(repetition, leaf.max_definition - 1),
    }
}

/// The elements of the schema, depth first.
fn schema(columns: &[FileColumn]) -> Vec<Vec<u8>> {
    let mut elements = vec![group_element("entries", None, columns.len())];
    for FileColumn { name, kind, .. } in columns {
        match kind {
            ColumnKind::TextList => {
                elements.push(list_element(name));
                elements.push(group_element("list", Some(REPEATED), 1));
                elements.push(leaf_element("element", REQUIRED, LeafType::Text));
            }
            ColumnKind::RecordList(fields) => {
                elements.push(list_element(name));
                elements.push(group_element("list", Some(REPEATED), 1));
                elements.push(group_element("element", Some(REQUIRED), fields.len()));
                let leaves = fields.iter();
                elements.extend(
                    leaves.map(|(field, kind)| leaf_element(field, OPTIONAL, leaf_type(*kind))),
                );
            }
            _ => elements.push(leaf_element(name, OPTIONAL, leaf_type(*kind))),
        }
    }
    elements
}

fn schema_element(write_fields: impl FnOnce(&mut CompactFields<'_>)) -> Vec<u8> {
    let mut element = Vec::new();
    write_struct(&mut element, write_fields);
    element
}

fn group_element(name: &str, repetition: Option<i32>, children: usize) -> Vec<u8> {
    schema_element(|fields| {
        if let Some(repetition) = repetition {
            fields.put_i32(3, repetition);
        }
        fields.put_text(4, name);
        fields.put_i32(5, i32::try_from(children).unwrap_or(i32::MAX));
    })
}

fn list_element(name: &str) -> Vec<u8> {
    schema_element(|fields| {
        fields.put_i32(3, REQUIRED);
        fields.put_text(4, name);
        fields.put_i32(5, 1);
        fields.put_i32(6, CONVERTED_LIST);
        fields.put_struct(10, |logical| logical.put_struct(3, |_| {}));
    })
}

fn leaf_element(name: &str, repetition: i32, leaf_type: LeafType) -> Vec<u8> {
    schema_element(|fields| {
        fields.put_i32(1, physical_type(leaf_type));
        fields.put_i32(3, repetition);
        fields.put_text(4, name);
        match leaf_type {
            LeafType::Text => {
                fields.put_i32(6, CONVERTED_TEXT);
                fields.put_struct(10, |logical| logical.put_struct(1, |_| {}));
            }
            LeafType::Time => {
                fields.put_i32(6, CONVERTED_MILLISECONDS);
                fields.put_struct(10, |logical| {
                    logical.put_struct(8, |timestamp| {
                        // It is in UTC, in milliseconds.
                        timestamp.put_true(1);
                        timestamp.put_struct(2, |unit| unit.put_struct(1, |_| {}));
                    });
                });
            }
            LeafType::Boolean | LeafType::Integer | LeafType::Real => {}
        }
    })
}

fn physical_type(leaf_type: LeafType) -> i32 {
    match leaf_type {
        LeafType::Boolean => 0,
        LeafType::Integer | LeafType::Time => 2,
        LeafType::Real => 5,
        LeafType::Text => 6,
    }
}

#[cfg(test)]
mod tests;
