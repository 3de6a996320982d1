//! A body as it comes over the wire → the document's bytes: its content coding decoded, capped.
//!
//! | what comes | what happens |
//! | --- | --- |
//! | `gzip`, `deflate`, `br`, `zstd` | decoded while it comes, never more than the cap in memory |
//! | an unknown coding (`utf-8`, `none`) | the bytes as they are |
//! | declared as `gzip` or `zstd`, but without its magic number | the bytes as they are |
//! | `deflate` without the zlib wrapper (RFC 9110 section 8.4.1.2 warns of it) | decoded as well |
//! | several codings | up to three are decoded, each under the same cap; more are refused |
//! | more than 1 MiB that is 1,000 times what came | refused: no text compresses so well |
//! | a flood of tiny pieces | refused: each costs more than its bytes |
//! | an early end | what was decoded so far, and why it ended |
//! | bytes after the end of the compressed data | skipped |
//!
//! This is done here and not by the HTTP client, which does not count the bytes of the wire, trusts
//! wrong labels, and allocates windows of 128 MiB (zstd) and 1 GiB (brotli).

mod capped_buffer;
mod decoder;

use std::io;

use flate2::write::GzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use capped_buffer::CappedBuffer;
use decoder::{ContentCoding, Decoder, GZIP_MAGIC};

/// Bytes that are decompressed at a time, so that a caller that counts the output can stop in between.
pub(super) const PIECE_BYTES: usize = 1024;
/// Each gzip member, which may have 20 bytes, costs a decoder of some 70 KiB. 1,000 members of the size
/// that compressors write (64 KiB) are larger than any feed.
const GZIP_MEMBERS: usize = 1000;

/// The most codings around one document: the server's, and those of the proxies in front of it.
const MAX_CODINGS: usize = 3;
/// A compressed body may always give this many bytes, however small it is: the decoders themselves need
/// as much memory.
const FREE_BYTES: usize = 1024 * 1024;
/// A longer document is at most this many times what came over the wire. Feeds are compressed 3 to 30
/// times, generated ones perhaps 500 times; only a single repeated letter makes gzip exceed 1,000, and
/// brotli and zstd reach a million.
const MAX_COMPRESSION_RATIO: usize = 1000;
/// The number of pieces that may come however small they are, and the least bytes of further pieces on
/// average. Servers that send each line separately send 50 bytes; a piece of one byte costs a microsecond.
const FREE_PIECES: u64 = 500_000;
const LEAST_PIECE_BYTES: u64 = 32;

/// The most bytes that are reserved because a server states a length: as much as all but the largest feeds have.
const MOST_RESERVED_BYTES: usize = 256 * 1024;

/// The decoded body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DecompressedBody {
    /// The document's bytes.
    pub(super) bytes: Vec<u8>,
    /// How many bytes came over the wire.
    pub(super) wire_bytes: u64,
    /// Why it ended early; `None`: it is complete.
    pub(super) truncated: Option<String>,
}

/// Why decoding stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DecompressError {
    /// The document, or what came over the wire, is larger than the cap.
    TooLarge,
    /// It grows while it is decompressed as no text does.
    Bomb,
    /// The compressed data cannot be decompressed any further.
    Corrupt(String),
}

/// Takes a body piece by piece.
pub(super) struct Decompressor {
    decoder: Decoder,
    /// The codings inside the current one, outermost first.
    inner: Vec<ContentCoding>,
    wire_bytes: u64,
    /// The bytes that came over the wire, if those are not the ones that are pushed.
    outer_bytes: Option<u64>,
    pieces: u64,
    limit: usize,
    members: usize,
    /// The length that the server states, as far as memory is reserved for it.
    stated_bytes: usize,
    /// The compressed data has ended; what comes now is skipped.
    ended: bool,
}

impl Decompressor {
    /// For a body with these headers, of at most `limit` bytes compressed and decompressed.
    ///
    /// # Errors
    /// `DecompressError::Corrupt` when it has more codings than any server needs.
    pub(super) fn new(headers: &HeaderMap, limit: usize) -> Result<Self, DecompressError> {
        let mut codings = parse_codings(headers);
        if codings.len() > MAX_CODINGS {
            let count = codings.len();
            return Err(DecompressError::Corrupt(format!(
                "it is packed {count} times over, expected once"
            )));
        }
        let outermost = codings.pop().unwrap_or(ContentCoding::Identity);
        codings.reverse();
        let stated = stated_length(headers).and_then(|length| usize::try_from(length).ok());
        let stated_bytes = stated.unwrap_or(0).min(limit).min(MOST_RESERVED_BYTES);
        Ok(Self { stated_bytes, ..Self::with_codings(outermost, codings, limit) })
    }

    fn with_codings(outermost: ContentCoding, inner: Vec<ContentCoding>, limit: usize) -> Self {
        let decoder = Decoder::Undecided(outermost, Vec::new());
        Self {
            decoder,
            inner,
            wire_bytes: 0,
            outer_bytes: None,
            pieces: 0,
            limit,
            members: 1,
            stated_bytes: 0,
            ended: false,
        }
    }

    /// Takes the next piece. After a `DecompressError` no more may be given.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), DecompressError> {
        self.wire_bytes = self.wire_bytes.saturating_add(piece.len() as u64);
        if self.wire_bytes > self.limit as u64 {
            return Err(DecompressError::TooLarge);
        }
        self.pieces += 1;
        if self.pieces > FREE_PIECES + self.wire_bytes / LEAST_PIECE_BYTES {
            return Err(DecompressError::Corrupt("it comes in crumbs".to_owned()));
        }
        let Decoder::Undecided(coding, first) = &mut self.decoder else {
            return self.decompress(piece);
        };
        first.extend_from_slice(piece);
        if first.len() < coding.magic_byte_count() {
            return Ok(());
        }
        self.choose_decoder()
    }

    /// Bytes that are in memory now.
    pub(super) fn buffered_bytes(&mut self) -> usize {
        self.decoder.buffer_mut().map_or(0, |buffer| buffer.bytes.len())
    }

    /// The body has ended. The compressed data may be incomplete, or prove too large only now.
    pub(super) fn finish_body(mut self) -> Result<DecompressedBody, DecompressError> {
        let decided = self.choose_decoder();
        match decided.and_then(|()| self.finish_decoder()) {
            Ok(()) => self.into_body(None),
            Err(DecompressError::Corrupt(reason)) => self.into_body(Some(reason)),
            Err(error) => Err(error),
        }
    }

    /// The body ended early, for this reason.
    pub(super) fn finish_truncated(
        mut self,
        reason: String,
    ) -> Result<DecompressedBody, DecompressError> {
        // Any further error has the same cause.
        let _ = self.choose_decoder();
        let _ = self.decoder.flush();
        self.into_body(Some(reason))
    }

    /// The result, once the inner codings are decoded as well.
    fn into_body(mut self, cut: Option<String>) -> Result<DecompressedBody, DecompressError> {
        let bytes = self.decoder.buffer_mut().map(|buffer| std::mem::take(&mut buffer.bytes));
        let bytes = bytes.unwrap_or_default();
        let wire_bytes = self.wire_bytes;
        let mut inner = std::mem::take(&mut self.inner).into_iter();
        let Some(next) = inner.next() else {
            return Ok(DecompressedBody { bytes, wire_bytes, truncated: cut });
        };
        let mut decompressor = Self::with_codings(next, inner.collect(), self.limit);
        decompressor.outer_bytes = Some(self.outer_bytes.unwrap_or(wire_bytes));
        let pushed = bytes.chunks(PIECE_BYTES).try_for_each(|piece| decompressor.push(piece));
        drop(bytes);
        let body = match (pushed, cut) {
            (Ok(()), None) => decompressor.finish_body(),
            (Ok(()), Some(reason)) | (Err(DecompressError::Corrupt(reason)), _) => {
                decompressor.finish_truncated(reason)
            }
            (Err(error), _) => Err(error),
        };
        body.map(|body| DecompressedBody { wire_bytes, ..body })
    }

    /// Chooses the decoder by the first bytes, and gives them to it.
    fn choose_decoder(&mut self) -> Result<(), DecompressError> {
        let Decoder::Undecided(coding, first) = &mut self.decoder else {
            return Ok(());
        };
        let first = std::mem::take(first);
        self.decoder = Decoder::new(*coding, &first, self.limit)?;
        if let Decoder::Plain(buffer) = &mut self.decoder {
            buffer.bytes.reserve_exact(self.stated_bytes);
        }
        self.decompress(&first)
    }

    fn decompress(&mut self, mut rest: &[u8]) -> Result<(), DecompressError> {
        let wire_bytes = self.outer_bytes.unwrap_or(self.wire_bytes);
        let wire_bytes = usize::try_from(wire_bytes).unwrap_or(usize::MAX);
        let grown = FREE_BYTES.max(wire_bytes.saturating_mul(MAX_COMPRESSION_RATIO));
        let limit = self.limit;
        if let Some(buffer) = self.decoder.buffer_mut() {
            buffer.limit = grown.min(limit);
        }
        while !rest.is_empty() && !self.ended {
            match self.decoder.write(rest) {
                Ok(0) => self.next_member(rest)?,
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) => return Err(self.decompress_error(&error)),
            }
        }
        Ok(())
    }

    /// The decoder takes no more: either another gzip member follows (RFC 1952 section 2.2), or the
    /// compressed data has ended.
    fn next_member(&mut self, rest: &[u8]) -> Result<(), DecompressError> {
        self.finish_decoder()?;
        let Decoder::Gzip(decoder) = &mut self.decoder else {
            self.ended = true;
            return Ok(());
        };
        if rest.first() != Some(&GZIP_MAGIC[0]) {
            self.ended = true;
            return Ok(());
        }
        self.members += 1;
        if self.members > GZIP_MEMBERS {
            return Err(DecompressError::Corrupt(format!("more than {GZIP_MEMBERS} gzip members")));
        }
        let buffer = std::mem::replace(decoder.get_mut(), CappedBuffer::new(0));
        self.decoder = Decoder::Gzip(GzDecoder::new(buffer));
        Ok(())
    }

    fn finish_decoder(&mut self) -> Result<(), DecompressError> {
        if self.ended {
            return Ok(());
        }
        self.decoder.finish().map_err(|error| self.decompress_error(&error))
    }

    fn decompress_error(&mut self, error: &io::Error) -> DecompressError {
        match self.decoder.buffer_mut() {
            Some(buffer) if buffer.is_over && buffer.limit < self.limit => DecompressError::Bomb,
            Some(buffer) if buffer.is_over => DecompressError::TooLarge,
            _ => DecompressError::Corrupt(format!("what is packed is broken: {error}")),
        }
    }
}

/// The length of a body on the wire, as the server states it; `None`: it states none.
pub(super) fn stated_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The known codings that `Content-Encoding` names, in the order in which they were applied (RFC 9110
/// section 8.4).
fn parse_codings(headers: &HeaderMap) -> Vec<ContentCoding> {
    let mut found = Vec::new();
    for line in headers.get_all(CONTENT_ENCODING) {
        let line = String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase();
        found.extend(line.split(',').filter_map(|token| match token.trim() {
            "gzip" | "x-gzip" => Some(ContentCoding::Gzip),
            "deflate" => Some(ContentCoding::Deflate),
            "br" => Some(ContentCoding::Brotli),
            "zstd" => Some(ContentCoding::Zstd),
            _ => None,
        }));
    }
    found
}

#[cfg(test)]
mod tests;
