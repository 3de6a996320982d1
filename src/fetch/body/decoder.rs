//! A content coding and the first bytes of a body → a decoder that writes into a capped buffer.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::DecompressError;
use super::capped_buffer::CappedBuffer;

/// RFC 9659: a zstd content coding needs no window of more than 8 MiB (2^23).
const ZSTD_WINDOW_LOG: u32 = 23;
/// The seven bits that open a "large window" of up to 1 GiB, which `br` does not have (RFC 7932 section
/// 9.1) but the decoder would allocate.
const LARGE_WINDOW: u8 = 0b001_0001;
/// Bytes that the brotli decoder outputs at a time, as many as the decoders of gzip and zstd do.
const BROTLI_BUFFER_BYTES: usize = 32 * 1024;
/// RFC 1952 section 2.3.1.
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// RFC 8878 section 3.1.1; a skippable frame at the start (section 3.1.2) does not occur in HTTP.
pub(super) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentCoding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// A decoder, or the bytes by which it is chosen.
pub(super) enum Decoder {
    /// Too few bytes to recognize the format.
    Undecided(ContentCoding, Vec<u8>),
    Plain(CappedBuffer),
    Gzip(GzDecoder<CappedBuffer>),
    Zlib(ZlibDecoder<CappedBuffer>),
    Deflate(DeflateDecoder<CappedBuffer>),
    Brotli(Box<brotli::DecompressorWriter<CappedBuffer>>),
    Zstd(zstd::stream::write::Decoder<'static, CappedBuffer>),
}

impl ContentCoding {
    /// How many bytes show whether the coding is the declared one.
    pub(super) fn magic_byte_count(self) -> usize {
        match self {
            Self::Identity | Self::Brotli => 1,
            Self::Gzip | Self::Deflate => 2,
            Self::Zstd => 4,
        }
    }
}

impl Decoder {
    /// The decoder for a coding whose body begins with `first`.
    pub(super) fn new(
        coding: ContentCoding,
        first: &[u8],
        limit: usize,
    ) -> Result<Self, DecompressError> {
        let buffer = CappedBuffer::new(limit);
        Ok(match coding {
            _ if first.is_empty() => Self::Plain(buffer),
            ContentCoding::Gzip if first.starts_with(&GZIP_MAGIC) => {
                Self::Gzip(GzDecoder::new(buffer))
            }
            ContentCoding::Deflate if has_zlib_header(first) => {
                Self::Zlib(ZlibDecoder::new(buffer))
            }
            ContentCoding::Deflate => Self::Deflate(DeflateDecoder::new(buffer)),
            ContentCoding::Brotli
                if first.first().is_some_and(|byte| byte & 0x7f == LARGE_WINDOW) =>
            {
                return Err(DecompressError::Corrupt(
                    "the brotli window is larger than 16 MiB".to_owned(),
                ));
            }
            ContentCoding::Brotli => {
                let decoder = brotli::DecompressorWriter::new(buffer, BROTLI_BUFFER_BYTES);
                Self::Brotli(Box::new(decoder))
            }
            ContentCoding::Zstd if first.starts_with(&ZSTD_MAGIC) => {
                let mut decoder =
                    zstd::stream::write::Decoder::new(buffer).map_err(|e| corrupt_error(&e))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|e| corrupt_error(&e))?;
                Self::Zstd(decoder)
            }
            ContentCoding::Identity | ContentCoding::Gzip | ContentCoding::Zstd => {
                Self::Plain(buffer)
            }
        })
    }

    /// How many of `bytes` were taken; 0: the compressed data has ended.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // Never reached: the decoder is chosen before anything is written.
            Self::Undecided(..) => Ok(0),
            Self::Plain(buffer) => buffer.write(bytes),
            Self::Gzip(decoder) => decoder.write(bytes),
            Self::Zlib(decoder) => decoder.write(bytes),
            Self::Deflate(decoder) => decoder.write(bytes),
            Self::Brotli(decoder) => decoder.write(bytes),
            Self::Zstd(decoder) => decoder.write(bytes),
        }
    }

    /// Outputs what is still buffered.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Undecided(..) | Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.flush(),
            Self::Zlib(decoder) => decoder.flush(),
            Self::Deflate(decoder) => decoder.flush(),
            Self::Brotli(decoder) => decoder.flush(),
            Self::Zstd(decoder) => decoder.flush(),
        }
    }

    /// Outputs what is still buffered; an error if the compressed data is incomplete.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Undecided(..) | Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Zstd(decoder) => decoder.do_finish(),
        }
    }

    /// The output so far; `None`: no decoder is chosen yet.
    pub(super) fn buffer_mut(&mut self) -> Option<&mut CappedBuffer> {
        match self {
            Self::Undecided(..) => None,
            Self::Plain(buffer) => Some(buffer),
            Self::Gzip(decoder) => Some(decoder.get_mut()),
            Self::Zlib(decoder) => Some(decoder.get_mut()),
            Self::Deflate(decoder) => Some(decoder.get_mut()),
            Self::Brotli(decoder) => Some(decoder.get_mut()),
            Self::Zstd(decoder) => Some(decoder.get_mut()),
        }
    }
}

/// RFC 1950 section 2.2: method 8, and a header that is a multiple of 31.
fn has_zlib_header(first: &[u8]) -> bool {
    let [method, flags, ..] = first else { return false };
    method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
}

fn corrupt_error(error: &io::Error) -> DecompressError {
    DecompressError::Corrupt(error.to_string())
}
