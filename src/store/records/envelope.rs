//! A record's fields ↔ the value in the database: version, compression, length, and a label that can be read
//! without decompression.
//!
//! | bytes | content |
//! | --- | --- |
//! | 1 | version of the fields |
//! | 1 | compression: 0 none, 1 zstd, 2 zstd with the dictionary of `assets` |
//! | 2 | the number of part records that hold the fields; 0: this record holds them |
//! | 4 | length of the fields, uncompressed |
//! | 2 | length of the label |
//! | … | the label: an entry's source, else empty |
//! | … | the fields, unless part records hold them |
//!
//! Numbers are big-endian.

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use super::RecordError;

/// The maximum length of fields: far beyond what the largest document that is fetched can contain, and small
/// enough that a wrong length cannot exhaust the memory.
pub(crate) const MAX_FIELDS_BYTES: usize = 64 * 1024 * 1024;
/// A longer value is split into parts. A leaf of sled holds up to 17 values before it is split, and a leaf of
/// more than 131,020 bytes would become a file of its own, which is never synced. 17 values of this length
/// with the longest label and key stay below.
const MAX_BODY_BYTES: usize = 6_000;
/// Shorter fields are not compressed. Measured on Arabic text: zstd saves nothing of 64 bytes, an eighth of
/// 100 and a third of 256.
const MIN_COMPRESS_BYTES: usize = 100;
/// Measured on Arabic entries without the dictionary: level 1 takes 11 µs and compresses 2.05 times, level 3 takes 14 µs and
/// compresses 2.09 times, level 9 takes 47 µs and compresses 2.15 times. It is a sixth of what a new entry costs.
const LEVEL: i32 = 1;
const HEADER_BYTES: usize = 10;
const PLAIN: u8 = 0;
/// What earlier versions wrote.
const ZSTD: u8 = 1;
const ZSTD_WITH_DICTIONARY: u8 = 2;

/// Words that Arabic news has in common, and markup; `tools/record-dictionary` makes it. Measured on entries of papers that it
/// was not made from, level 1: texts of 650 bytes are compressed 2.24 times instead of 1.66 with half of the instructions,
/// those of 3,600 bytes 3.2 times instead of 2.7 with five sixths. It never changes: stored records need it.
const DICTIONARY: &[u8] = include_bytes!("../../../assets/record-dictionary-1.bin");

static ENCODER_DICTIONARY: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER_DICTIONARY: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// Whether to compress fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// For fields that are mostly hashes, which do not compress. The header can then be read in place.
    Never,
    /// For fields that are mostly text.
    WhereShorter,
}

thread_local! {
    // They hold buffers of some hundred kilobytes that are worth reusing.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    static PLAIN_DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        const { RefCell::new(None) };
}

/// A parsed value, not yet decompressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'a> {
    /// Version of the fields.
    pub(crate) version: u8,
    /// The number of part records that hold the compressed fields; 0: `body` holds them.
    pub(crate) parts: u16,
    /// The label.
    pub(crate) label: &'a str,
    codec: u8,
    fields_bytes: usize,
    body: &'a [u8],
}

/// A value ready to be stored, with its parts if it is too long for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncodedRecord {
    /// The value.
    pub(crate) value: Vec<u8>,
    /// Its parts in order; empty: the value is complete.
    pub(crate) parts: Vec<Vec<u8>>,
}

/// Encodes fields as a value.
///
/// # Errors
/// `Size` when they are longer than `MAX_FIELDS_BYTES`.
pub(crate) fn encode_record(
    version: u8,
    label: &str,
    fields: &[u8],
    compression: Compression,
) -> Result<EncodedRecord, RecordError> {
    let too_long = RecordError::Size { expected: MAX_FIELDS_BYTES, found: fields.len() };
    if fields.len() > MAX_FIELDS_BYTES {
        return Err(too_long);
    }
    let Ok(fields_bytes) = u32::try_from(fields.len()) else { return Err(too_long) };
    let Ok(label_bytes) = u16::try_from(label.len()) else { return Err(too_long) };
    let (codec, body) = match compression {
        Compression::Never => (PLAIN, fields.to_vec()),
        Compression::WhereShorter => compress_if_shorter(fields)?,
    };
    let parts: Vec<Vec<u8>> = if body.len() > MAX_BODY_BYTES {
        body.chunks(MAX_BODY_BYTES).map(<[u8]>::to_vec).collect()
    } else {
        Vec::new()
    };
    let Ok(parts_count) = u16::try_from(parts.len()) else { return Err(too_long) };
    let mut value = Vec::with_capacity(HEADER_BYTES + label.len() + body.len());
    value.extend([version, codec]);
    value.extend(parts_count.to_be_bytes());
    value.extend(fields_bytes.to_be_bytes());
    value.extend(label_bytes.to_be_bytes());
    value.extend(label.as_bytes());
    if parts.is_empty() {
        value.extend(body);
    }
    Ok(EncodedRecord { value, parts })
}

impl EncodedRecord {
    /// Its envelope and its fields.
    pub(crate) fn decode(&self) -> Result<(Envelope<'_>, Vec<u8>), RecordError> {
        let envelope = Envelope::parse(&self.value)?;
        if usize::from(envelope.parts) != self.parts.len() {
            return Err(RecordError::Missing("a part of it"));
        }
        let fields = match envelope.parts {
            0 => envelope.fields()?,
            _ => envelope.fields_of_parts(&self.parts.concat())?,
        };
        Ok((envelope, fields))
    }
}

impl<'a> Envelope<'a> {
    /// Parses a value.
    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, RecordError> {
        let short = |expected| RecordError::Short { expected, found: value.len() };
        let (header, rest) =
            value.split_first_chunk::<HEADER_BYTES>().ok_or(short(HEADER_BYTES))?;
        let [version, codec, p0, p1, f0, f1, f2, f3, l0, l1] = *header;
        let label_bytes = usize::from(u16::from_be_bytes([l0, l1]));
        let (label, body) =
            rest.split_at_checked(label_bytes).ok_or(short(HEADER_BYTES + label_bytes))?;
        let label = std::str::from_utf8(label).map_err(|_| RecordError::Field("label"))?;
        let parts = u16::from_be_bytes([p0, p1]);
        let fields_bytes = usize::try_from(u32::from_be_bytes([f0, f1, f2, f3]))
            .map_err(|_| RecordError::Field("length"))?;
        Ok(Self { version, parts, label, codec, fields_bytes, body })
    }

    /// The compression that gives this value again: `Never` for what is not compressed, whatever the reason.
    pub(crate) fn compression(&self) -> Compression {
        if self.codec == PLAIN { Compression::Never } else { Compression::WhereShorter }
    }

    /// The length of the fields, uncompressed.
    pub(crate) fn fields_len(&self) -> usize {
        self.fields_bytes
    }

    /// The fields in place; `None`: they are compressed or split.
    pub(crate) fn uncompressed_fields(&self) -> Option<&'a [u8]> {
        (self.codec == PLAIN && self.parts == 0).then_some(self.body)
    }

    /// The fields of a value that is not split.
    pub(crate) fn fields(&self) -> Result<Vec<u8>, RecordError> {
        self.fields_of_parts(self.body)
    }

    /// The fields of a value whose parts were joined.
    pub(crate) fn fields_of_parts(&self, body: &[u8]) -> Result<Vec<u8>, RecordError> {
        if self.fields_bytes > MAX_FIELDS_BYTES {
            let (expected, found) = (MAX_FIELDS_BYTES, self.fields_bytes);
            return Err(RecordError::Size { expected, found });
        }
        let fields = match self.codec {
            PLAIN => body.to_vec(),
            ZSTD => with_thread_instance(&PLAIN_DECOMPRESSOR, Decompressor::new, |decompressor| {
                decompressor.decompress(body, self.fields_bytes)
            })?,
            ZSTD_WITH_DICTIONARY => {
                let make = || Decompressor::with_prepared_dictionary(&DECODER_DICTIONARY);
                with_thread_instance(&DECOMPRESSOR, make, |decompressor| {
                    decompressor.decompress(body, self.fields_bytes)
                })?
            }
            found => return Err(RecordError::Codec { found }),
        };
        if fields.len() == self.fields_bytes {
            Ok(fields)
        } else {
            Err(RecordError::Size { expected: self.fields_bytes, found: fields.len() })
        }
    }
}

/// Compresses the fields if that makes them shorter.
fn compress_if_shorter(fields: &[u8]) -> Result<(u8, Vec<u8>), RecordError> {
    if fields.len() >= MIN_COMPRESS_BYTES {
        let compressed = with_thread_instance(&COMPRESSOR, new_compressor, |compressor| {
            compressor.compress(fields)
        })?;
        if compressed.len() < fields.len() {
            return Ok((ZSTD_WITH_DICTIONARY, compressed));
        }
    }
    Ok((PLAIN, fields.to_vec()))
}

fn new_compressor() -> std::io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER_DICTIONARY)?;
    // The envelope says both.
    compressor.include_dictid(false)?;
    compressor.include_contentsize(false)?;
    Ok(compressor)
}

/// Runs `work` with this thread's own instance, which is created at the first use.
fn with_thread_instance<T, R>(
    own: &'static std::thread::LocalKey<RefCell<Option<T>>>,
    make: impl FnOnce() -> std::io::Result<T>,
    work: impl FnOnce(&mut T) -> std::io::Result<R>,
) -> std::io::Result<R> {
    own.with_borrow_mut(|slot| {
        let instance = match slot {
            Some(instance) => instance,
            None => slot.insert(make()?),
        };
        work(instance)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(encoded: &EncodedRecord) -> Result<Vec<u8>, RecordError> {
        encoded.decode().map(|(_, fields)| fields)
    }

    /// Bytes that zstd cannot compress.
    fn noise(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn fields_of_any_length_come_back() {
        for length in [0, 1, 99, 100, 5_999, 6_000, 6_001, 12_000, 100_000, 1_000_000] {
            for fields in
                [noise(length), "نص ".as_bytes().iter().copied().cycle().take(length).collect()]
            {
                let encoded = encode_record(3, "مصدر", &fields, Compression::WhereShorter).unwrap();
                let longest = encoded.parts.iter().map(Vec::len).max().unwrap_or(0);
                assert!(longest.max(encoded.value.len()) < 6_300, "no record is long: {length}");
                assert_eq!(joined(&encoded).unwrap(), fields, "{length}");
                let envelope = Envelope::parse(&encoded.value).unwrap();
                assert_eq!((envelope.version, envelope.label), (3, "مصدر"));
            }
        }
    }

    #[test]
    fn text_is_compressed_and_noise_is_not() {
        let text = "كلمة وكلمة أخرى. ".repeat(100);
        let check = |fields: &[u8], compression, in_place: bool| {
            let encoded = encode_record(1, "", fields, compression).unwrap();
            let envelope = Envelope::parse(&encoded.value).unwrap();
            assert_eq!(envelope.uncompressed_fields().is_some(), in_place, "{compression:?}");
            encoded.value.len()
        };
        assert!(check(text.as_bytes(), Compression::WhereShorter, false) < text.len() / 4);
        assert_eq!(check(text.as_bytes(), Compression::Never, true), HEADER_BYTES + text.len());
        assert_eq!(check(&noise(2_000), Compression::WhereShorter, true), HEADER_BYTES + 2_000);
    }

    #[test]
    fn what_earlier_versions_compressed_is_read() {
        let fields = "كلمة وكلمة أخرى. ".repeat(100).into_bytes();
        let mut encoded = encode_record(1, "", &fields, Compression::WhereShorter).unwrap();
        assert_eq!(encoded.value[1], ZSTD_WITH_DICTIONARY);
        encoded.value[1] = ZSTD;
        encoded.value.truncate(HEADER_BYTES);
        encoded.value.extend(zstd::bulk::compress(&fields, LEVEL).unwrap());
        assert_eq!(joined(&encoded).unwrap(), fields);
    }

    /// Stored records are lost with another dictionary.
    #[test]
    fn the_dictionary_does_not_change() {
        let hash = blake3::hash(DICTIONARY).to_hex();
        assert_eq!(&hash[..16], "9c1dac8a2447e271");
    }

    #[test]
    fn fields_that_are_too_long_are_refused() {
        let longest = vec![b'x'; MAX_FIELDS_BYTES];
        let encoded = encode_record(1, "", &longest, Compression::WhereShorter).unwrap();
        assert_eq!(joined(&encoded).unwrap().len(), longest.len());
        let longer = vec![b'x'; MAX_FIELDS_BYTES + 1];
        let error = encode_record(1, "", &longer, Compression::WhereShorter).unwrap_err();
        assert_eq!(error.to_string(), "wrong size: expected 67108864 bytes, found 67108865");
    }

    #[test]
    fn broken_values_are_refused() {
        let text = "كلمة وكلمة أخرى. ".repeat(20);
        let good = encode_record(1, "a", text.as_bytes(), Compression::WhereShorter).unwrap().value;
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let mut value = good.clone();
            change(&mut value);
            let error = Envelope::parse(&value).and_then(|e| e.fields()).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error:?}, expected {expected:?}");
        };
        check(&|value| value.truncate(9), "cut short: expected at least 10 bytes, found 9");
        check(&|value| value[8] = 255, "cut short");
        check(&|value| value[10] = 0xff, "its field \"label\" holds no such value");
        check(&|value| value[1] = 9, "unknown compression: 9");
        check(&|value| value[4] = 255, "wrong size: expected 67108864 bytes");
        check(&|value| value[7] = value[7].wrapping_sub(1), "it cannot be unpacked");
        check(&|value| value[7] = value[7].wrapping_add(1), "wrong size");
        check(&|value| value.truncate(40), "it cannot be unpacked");
        check(&|value| value[1] = PLAIN, "wrong size");
    }
}
