//! Files read back by a reader that follows the specification and knows nothing of the writer.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

/// A value of Thrift's compact protocol.
#[derive(Debug, Clone, PartialEq)]
enum Thrift {
    Flag(bool),
    Number(i64),
    Bytes(Vec<u8>),
    List(Vec<Thrift>),
    Struct(BTreeMap<u64, Thrift>),
}

struct ThriftReader<'a>(&'a [u8]);

impl ThriftReader<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap();
        self.0 = rest;
        *first
    }

    fn varint(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn value(&mut self, kind: u8) -> Thrift {
        match kind {
            1 | 2 => Thrift::Flag(kind == 1),
            5 | 6 => {
                let number = self.varint();
                Thrift::Number((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
            }
            8 => {
                let length = usize::try_from(self.varint()).unwrap();
                let (bytes, rest) = self.0.split_at(length);
                self.0 = rest;
                Thrift::Bytes(bytes.to_vec())
            }
            9 => {
                let head = self.byte();
                let length = if head >> 4 == 15 { self.varint() } else { u64::from(head >> 4) };
                Thrift::List((0..length).map(|_| self.value(head & 15)).collect())
            }
            12 => self.structure(),
            other => panic!("type {other}"),
        }
    }

    fn structure(&mut self) -> Thrift {
        let (mut fields, mut number) = (BTreeMap::new(), 0);
        loop {
            let head = self.byte();
            if head == 0 {
                return Thrift::Struct(fields);
            }
            assert_ne!(head >> 4, 0, "a long field header");
            number += u64::from(head >> 4);
            fields.insert(number, self.value(head & 15));
        }
    }
}

impl Thrift {
    fn field(&self, number: u64) -> &Thrift {
        let Thrift::Struct(fields) = self else { panic!("{self:?}") };
        fields.get(&number).unwrap_or_else(|| panic!("no field {number} in {self:?}"))
    }

    fn list(&self) -> &[Thrift] {
        let Thrift::List(list) = self else { panic!("{self:?}") };
        list
    }

    fn number(&self) -> i64 {
        let Thrift::Number(number) = self else { panic!("{self:?}") };
        *number
    }

    fn text(&self) -> String {
        let Thrift::Bytes(bytes) = self else { panic!("{self:?}") };
        String::from_utf8(bytes.clone()).unwrap()
    }
}

/// The metadata of a file.
fn footer(file: &[u8]) -> Thrift {
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    let (rest, length) = file[..file.len() - 4].split_last_chunk::<4>().unwrap();
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap();
    ThriftReader(&rest[rest.len() - length..]).structure()
}

/// The levels of a page: its length, then runs.
fn levels(content: &mut &[u8], count: usize) -> Vec<u8> {
    let (length, rest) = content.split_first_chunk::<4>().unwrap();
    let (runs, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    *content = rest;
    let (mut reader, mut found) = (ThriftReader(runs), Vec::new());
    while !reader.0.is_empty() {
        let head = reader.varint();
        assert_eq!(head & 1, 0, "a run of one level");
        let level = reader.byte();
        found.extend((0..head >> 1).map(|_| level));
    }
    assert_eq!(found.len(), count);
    found
}

/// The values of a column chunk as (repetition, definition, value).
fn column(file: &[u8], chunk: &Thrift) -> (String, Vec<(u8, u8, Value)>) {
    let data = chunk.field(3);
    let path: Vec<String> = data.field(3).list().iter().map(Thrift::text).collect();
    let (is_list, is_record) = (path.len() > 1, path.len() > 3);
    let max_definition = if is_record { 2 } else { 1 };
    let start = usize::try_from(data.field(9).number()).unwrap();
    let end = start + usize::try_from(data.field(7).number()).unwrap();
    let mut reader = ThriftReader(&file[start..end]);
    let header = reader.structure();
    let content_bytes = usize::try_from(header.field(2).number()).unwrap();
    assert_eq!(i64::try_from(reader.0.len()).unwrap(), header.field(3).number());
    let content = zstd::bulk::decompress(reader.0, content_bytes).unwrap();
    let count = usize::try_from(header.field(5).field(1).number()).unwrap();
    assert_eq!(data.field(5).number(), header.field(5).field(1).number());
    let mut rest = &content[..];
    let repetitions = if is_list { levels(&mut rest, count) } else { vec![0; count] };
    let definitions = levels(&mut rest, count);
    let (mut values, mut bit) = (Vec::new(), 0);
    for (repetition, definition) in repetitions.into_iter().zip(definitions) {
        let value = if definition < max_definition {
            Value::Null
        } else {
            plain_value(&mut rest, data.field(1).number(), &mut bit)
        };
        values.push((repetition, definition, value));
    }
    assert!(rest.len() <= 1 && (rest.is_empty() || bit > 0), "all values are read");
    (path.join("."), values)
}

fn plain_value(rest: &mut &[u8], physical_type: i64, bit: &mut u32) -> Value {
    if physical_type == 0 {
        let is_set = rest[0] >> *bit & 1 == 1;
        *bit += 1;
        if *bit == 8 {
            (*rest, *bit) = (&rest[1..], 0);
        }
        return is_set.into();
    }
    if physical_type == 6 {
        let (length, after) = rest.split_first_chunk::<4>().unwrap();
        let (text, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        *rest = after;
        return std::str::from_utf8(text).unwrap().into();
    }
    let (number, after) = rest.split_first_chunk::<8>().unwrap();
    *rest = after;
    match physical_type {
        2 => i64::from_le_bytes(*number).into(),
        5 => f64::from_le_bytes(*number).into(),
        other => panic!("type {other}"),
    }
}

const COLUMNS: &[(&str, ColumnKind)] = &[
    ("name", ColumnKind::Text),
    ("count", ColumnKind::Integer),
    ("share", ColumnKind::Real),
    ("is_new", ColumnKind::Boolean),
    ("at", ColumnKind::Time),
    ("tags", ColumnKind::TextList),
    ("files", ColumnKind::RecordList(&[("url", ColumnKind::Text), ("size", ColumnKind::Integer)])),
];

fn write(rows: &[Value]) -> Vec<u8> {
    let mut writer = ParquetWriter::new(Vec::new(), COLUMNS).unwrap();
    for row in rows {
        writer.push_row(row.as_object().unwrap()).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn every_kind_of_value_is_read_back() {
    let full = json!({
        "name": "خبر", "count": -3, "share": 0.25, "is_new": true, "at": "2026-11-30T10:00:00.5Z",
        "tags": ["أ", "ب"], "files": [{"url": "u", "size": 7}, {"url": "v", "size": null}],
    });
    let bare = json!({"tags": [], "files": []});
    let file = write(&[full, bare, json!({"is_new": false, "tags": ["ج"], "other": 1})]);
    let footer = footer(&file);
    assert_eq!(footer.field(3).number(), 3);
    let [group] = footer.field(4).list() else { panic!("one group") };
    assert_eq!(group.field(3).number(), 3);
    let columns: BTreeMap<_, _> =
        group.field(1).list().iter().map(|chunk| column(&file, chunk)).collect();
    let check = |name: &str, expected: &[(u8, u8, Value)]| {
        assert_eq!(columns[name], expected, "{name}");
    };
    let missing = || (0, 0, Value::Null);
    check("name", &[(0, 1, "خبر".into()), missing(), missing()]);
    check("count", &[(0, 1, (-3).into()), missing(), missing()]);
    check("share", &[(0, 1, 0.25.into()), missing(), missing()]);
    check("is_new", &[(0, 1, true.into()), missing(), (0, 1, false.into())]);
    check("at", &[(0, 1, 1_796_032_800_500_i64.into()), missing(), missing()]);
    let third = (0, 1, "ج".into());
    check("tags.list.element", &[(0, 1, "أ".into()), (1, 1, "ب".into()), missing(), third]);
    let url = [(0, 2, "u".into()), (1, 2, "v".into()), missing(), missing()];
    check("files.list.element.url", &url);
    let size = [(0, 2, 7.into()), (1, 1, Value::Null), missing(), missing()];
    check("files.list.element.size", &size);
    assert_eq!(columns.len(), 8);
}

#[test]
fn the_schema_names_types_and_lists() {
    let footer = footer(&write(&[]));
    assert_eq!((footer.field(3).number(), footer.field(4).list()), (0, &[][..]));
    let elements = footer.field(2).list();
    let names: Vec<String> = elements.iter().map(|element| element.field(4).text()).collect();
    let expected = [
        "entries", "name", "count", "share", "is_new", "at", "tags", "list", "element", "files",
        "list", "element", "url", "size",
    ];
    assert_eq!(names, expected);
    assert_eq!(elements[0].field(5).number(), 7);
    let empty = Thrift::Struct(BTreeMap::new());
    assert_eq!(elements[1].field(10).field(1), &empty, "text");
    let time = elements[5].field(10).field(8);
    assert_eq!((time.field(1), time.field(2).field(1)), (&Thrift::Flag(true), &empty));
    assert_eq!(elements[6].field(10).field(3), &empty, "a list");
    assert_eq!(elements[11].field(5).number(), 2, "a record with two fields");
}

#[test]
fn many_rows_are_written_in_groups() {
    let text = "ن".repeat(ROW_GROUP_BYTES / 8);
    let rows: Vec<Value> = (0..9).map(|count| json!({"name": text, "count": count})).collect();
    let file = write(&rows);
    let footer = footer(&file);
    let groups = footer.field(4).list();
    let counts: Vec<i64> = groups.iter().map(|group| group.field(3).number()).collect();
    assert_eq!(counts, [4, 4, 1]);
    let numbers = groups.iter().flat_map(|group| column(&file, &group.field(1).list()[1]).1);
    let numbers: Vec<i64> = numbers.map(|(_, _, value)| value.as_i64().unwrap()).collect();
    assert_eq!(numbers, (0..9).collect::<Vec<_>>());
    let bytes: i64 = groups.iter().map(|group| group.field(6).number()).sum();
    assert!(bytes < i64::try_from(file.len()).unwrap());
}
