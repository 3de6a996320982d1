//! Fields with numbers → bytes in Thrift's compact protocol, in which Parquet writes its metadata.
//!
//! Source: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

const BOOLEAN_TRUE: u8 = 1;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// The fields of a struct that is being written, in the order of their numbers.
pub(super) struct CompactFields<'a> {
    out: &'a mut Vec<u8>,
    last_number: u8,
}

/// Appends a struct: the fields that `write_fields` writes, and its end.
pub(super) fn write_struct(out: &mut Vec<u8>, write_fields: impl FnOnce(&mut CompactFields<'_>)) {
    write_fields(&mut CompactFields { out: &mut *out, last_number: 0 });
    out.push(0);
}

/// Appends an unsigned number, seven bits a byte, the lowest first.
pub(super) fn write_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Small numbers of either sign become small numbers: 0, -1, 1, -2 → 0, 1, 2, 3.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

impl CompactFields<'_> {
    pub(super) fn put_i32(&mut self, number: u8, value: i32) {
        self.start_field(number, I32);
        write_varint(self.out, zigzag(i64::from(value)));
    }

    pub(super) fn put_i64(&mut self, number: u8, value: i64) {
        self.start_field(number, I64);
        write_varint(self.out, zigzag(value));
    }

    pub(super) fn put_true(&mut self, number: u8) {
        self.start_field(number, BOOLEAN_TRUE);
    }

    pub(super) fn put_text(&mut self, number: u8, text: &str) {
        self.start_field(number, BINARY);
        write_text(self.out, text);
    }

    pub(super) fn put_struct(
        &mut self,
        number: u8,
        write_fields: impl FnOnce(&mut CompactFields<'_>),
    ) {
        self.start_field(number, STRUCT);
        write_struct(self.out, write_fields);
    }

    pub(super) fn put_i32_list(&mut self, number: u8, values: &[i32]) {
        self.start_list(number, I32, values.len());
        for value in values {
            write_varint(self.out, zigzag(i64::from(*value)));
        }
    }

    pub(super) fn put_text_list(&mut self, number: u8, texts: &[&str]) {
        self.start_list(number, BINARY, texts.len());
        for text in texts {
            write_text(self.out, text);
        }
    }

    /// A list of structs, whose bytes are written already.
    pub(super) fn put_struct_list(&mut self, number: u8, structs: &[Vec<u8>]) {
        self.start_list(number, STRUCT, structs.len());
        for encoded in structs {
            self.out.extend_from_slice(encoded);
        }
    }

    fn start_list(&mut self, number: u8, element: u8, length: usize) {
        self.start_field(number, LIST);
        match u8::try_from(length) {
            Ok(short) if short < 15 => self.out.push(short << 4 | element),
            _ => {
                self.out.push(0xf0 | element);
                write_varint(self.out, length as u64);
            }
        }
    }

    /// The numbers of Parquet's fields are at most 15 apart: the difference stands beside the type.
    fn start_field(&mut self, number: u8, kind: u8) {
        self.out.push((number - self.last_number) << 4 | kind);
        self.last_number = number;
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_fields_have_the_bytes_of_the_specification() {
        let varint = |number| {
            let mut out = Vec::new();
            write_varint(&mut out, number);
            out
        };
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(50_399), [0xdf, 0x89, 0x03]);
        assert_eq!(
            [0, -1, 1, -2, i64::MAX, i64::MIN].map(zigzag),
            [0, 1, 2, 3, u64::MAX - 1, u64::MAX]
        );
        let mut out = Vec::new();
        write_struct(&mut out, |fields| {
            fields.put_i32(1, -1);
            fields.put_text(4, "ab");
            fields.put_struct(5, |inner| inner.put_true(1));
            fields.put_i32_list(10, &[3]);
        });
        let expected = [0x15, 1, 0x38, 2, b'a', b'b', 0x1c, 0x11, 0, 0x59, 0x15, 6, 0];
        assert_eq!(out, expected);
    }
}
