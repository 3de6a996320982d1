//! A body as it comes over the wire → the document's bytes: its content coding undone, capped.
//!
//! | what comes | what is done |
//! | --- | --- |
//! | `gzip`, `deflate`, `br`, `zstd` | undone while it comes, never more than the cap in memory |
//! | a coding that nobody knows (`utf-8`, `none`) | the bytes as they are |
//! | said to be `gzip` or `zstd`, but without its magic number | the bytes as they are |
//! | `deflate` without the zlib wrapper (RFC 9110 section 8.4.1.2 warns of it) | undone too |
//! | several codings | the outermost is undone; the reading of the document unpacks what is left |
//! | an end before the end | what was given so far, and why it ended |
//! | bytes after the end of what was packed | passed over |
//!
//! It is done here and not by the HTTP client, which does not count the bytes of the wire, believes
//! labels that lie, and makes room for windows of 128 MiB (zstd) and 1 GiB (brotli).

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// RFC 9659: a zstd content coding needs no window of more than 8 MiB (2^23).
const ZSTD_WINDOW_LOG: u32 = 23;
/// The seven bits that open a "large window" of up to 1 GiB, which `br` does not have (RFC 7932 section
/// 9.1) but the decoder would make room for.
const LARGE_WINDOW: u8 = 0b001_0001;
/// Bytes that the brotli decoder hands on at a time, as much as those of gzip and zstd do.
const BROTLI_BUFFER_BYTES: usize = 32 * 1024;
/// Each gzip member, which may have 20 bytes, costs a decoder of some 70 KiB. 1,000 members of what
/// packers make (64 KiB) are larger than any feed.
const GZIP_MEMBERS: usize = 1000;

/// What a body gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked {
    /// The document's bytes.
    pub(super) bytes: Vec<u8>,
    /// How many bytes came over the wire.
    pub(super) wire_bytes: u64,
    /// Why it ended before its end; `None`: it is whole.
    pub(super) cut: Option<String>,
}

/// Why no more bytes can be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The document, or what came over the wire, is larger than the cap.
    TooLarge,
    /// What is packed cannot be unpacked any further.
    Broken(String),
}

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Takes a body piece by piece.
pub(super) struct Unpacker {
    decoder: Decoder,
    wire_bytes: u64,
    limit: usize,
    members: usize,
    /// What was packed has ended; what comes now is passed over.
    ended: bool,
}

enum Decoder {
    /// Too few bytes to see what it is.
    Undecided(Coding, Vec<u8>),
    Plain(Sink),
    Gzip(GzDecoder<Sink>),
    Zlib(ZlibDecoder<Sink>),
    Deflate(DeflateDecoder<Sink>),
    Brotli(Box<brotli::DecompressorWriter<Sink>>),
    Zstd(zstd::stream::write::Decoder<'static, Sink>),
}

impl Unpacker {
    /// For a body that `headers` announce, of at most `limit` bytes packed and unpacked.
    pub(super) fn new(headers: &HeaderMap, limit: usize) -> Self {
        let decoder = Decoder::Undecided(coding(headers), Vec::new());
        Self { decoder, wire_bytes: 0, limit, members: 1, ended: false }
    }

    /// Takes the next piece. After a `Stop` nothing more is to be given.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Stop> {
        self.wire_bytes = self.wire_bytes.saturating_add(piece.len() as u64);
        if self.wire_bytes > self.limit as u64 {
            return Err(Stop::TooLarge);
        }
        let Decoder::Undecided(coding, first) = &mut self.decoder else {
            return self.unpack(piece);
        };
        first.extend_from_slice(piece);
        if first.len() < coding.magic_bytes() {
            return Ok(());
        }
        self.decide()
    }

    /// The body is at its end. What was packed may not be (`cut`), or prove too large only now.
    pub(super) fn end(mut self) -> Result<Unpacked, Stop> {
        let decided = self.decide();
        match decided.and_then(|()| self.finish()) {
            Ok(()) => Ok(self.given(None)),
            Err(Stop::Broken(reason)) => Ok(self.given(Some(reason))),
            Err(Stop::TooLarge) => Err(Stop::TooLarge),
        }
    }

    /// The body ended before its end, for this reason.
    pub(super) fn stop(mut self, reason: String) -> Unpacked {
        // What else goes wrong now is the same cut.
        let _ = self.decide();
        let _ = self.decoder.flush();
        self.given(Some(reason))
    }

    fn given(mut self, cut: Option<String>) -> Unpacked {
        let bytes = self.decoder.sink().map(|sink| std::mem::take(&mut sink.bytes));
        Unpacked { bytes: bytes.unwrap_or_default(), wire_bytes: self.wire_bytes, cut }
    }

    /// Chooses the decoder by the first bytes, and gives them to it.
    fn decide(&mut self) -> Result<(), Stop> {
        let Decoder::Undecided(coding, first) = &mut self.decoder else {
            return Ok(());
        };
        let first = std::mem::take(first);
        self.decoder = Decoder::new(*coding, &first, self.limit)?;
        self.unpack(&first)
    }

    fn unpack(&mut self, mut rest: &[u8]) -> Result<(), Stop> {
        while !rest.is_empty() && !self.ended {
            match self.decoder.write(rest) {
                Ok(0) => self.next_member(rest)?,
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) => return Err(self.stopped(&error)),
            }
        }
        Ok(())
    }

    /// The decoder takes no more: either another gzip member follows (RFC 1952 section 2.2), or what
    /// was packed has ended.
    fn next_member(&mut self, rest: &[u8]) -> Result<(), Stop> {
        self.finish()?;
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
            return Err(Stop::Broken(format!("more than {GZIP_MEMBERS} gzip members")));
        }
        let sink = std::mem::replace(decoder.get_mut(), Sink::new(0));
        self.decoder = Decoder::Gzip(GzDecoder::new(sink));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Stop> {
        if self.ended {
            return Ok(());
        }
        self.decoder.finish().map_err(|error| self.stopped(&error))
    }

    fn stopped(&mut self, error: &io::Error) -> Stop {
        match self.decoder.sink() {
            Some(sink) if sink.is_over => Stop::TooLarge,
            _ => Stop::Broken(format!("what is packed is broken: {error}")),
        }
    }
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// RFC 8878 section 3.1.1; a skippable frame first (section 3.1.2) is not seen in HTTP.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Coding {
    /// How many bytes tell whether the coding is what it is said to be.
    fn magic_bytes(self) -> usize {
        match self {
            Self::Identity | Self::Brotli => 1,
            Self::Gzip | Self::Deflate => 2,
            Self::Zstd => 4,
        }
    }
}

/// The outermost coding that `Content-Encoding` names and that is known (RFC 9110 section 8.4).
fn coding(headers: &HeaderMap) -> Coding {
    let mut found = Coding::Identity;
    for line in headers.get_all(CONTENT_ENCODING) {
        let line = String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase();
        for token in line.split(',') {
            found = match token.trim() {
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => found,
            };
        }
    }
    found
}

impl Decoder {
    fn new(coding: Coding, first: &[u8], limit: usize) -> Result<Self, Stop> {
        let sink = Sink::new(limit);
        Ok(match coding {
            _ if first.is_empty() => Self::Plain(sink),
            Coding::Gzip if first.starts_with(&GZIP_MAGIC) => Self::Gzip(GzDecoder::new(sink)),
            Coding::Deflate if is_zlib(first) => Self::Zlib(ZlibDecoder::new(sink)),
            Coding::Deflate => Self::Deflate(DeflateDecoder::new(sink)),
            Coding::Brotli if first.first().is_some_and(|byte| byte & 0x7f == LARGE_WINDOW) => {
                return Err(Stop::Broken("the brotli window is larger than 16 MiB".to_owned()));
            }
            Coding::Brotli => {
                let decoder = brotli::DecompressorWriter::new(sink, BROTLI_BUFFER_BYTES);
                Self::Brotli(Box::new(decoder))
            }
            Coding::Zstd if first.starts_with(&ZSTD_MAGIC) => {
                let mut decoder =
                    zstd::stream::write::Decoder::new(sink).map_err(|e| broken(&e))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|e| broken(&e))?;
                Self::Zstd(decoder)
            }
            Coding::Identity | Coding::Gzip | Coding::Zstd => Self::Plain(sink),
        })
    }

    /// How many of `bytes` were taken; 0: what was packed has ended.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // Never reached: the decoder is chosen before anything is written.
            Self::Undecided(..) => Ok(0),
            Self::Plain(sink) => sink.write(bytes),
            Self::Gzip(decoder) => decoder.write(bytes),
            Self::Zlib(decoder) => decoder.write(bytes),
            Self::Deflate(decoder) => decoder.write(bytes),
            Self::Brotli(decoder) => decoder.write(bytes),
            Self::Zstd(decoder) => decoder.write(bytes),
        }
    }

    /// Hands on what is still inside.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Undecided(..) | Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.flush(),
            Self::Zlib(decoder) => decoder.flush(),
            Self::Deflate(decoder) => decoder.flush(),
            Self::Brotli(decoder) => decoder.flush(),
            Self::Zstd(decoder) => decoder.flush(),
        }
    }

    /// Hands on what is still inside, and says whether the end of what was packed was seen.
    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Undecided(..) | Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Zstd(decoder) => decoder.do_finish(),
        }
    }

    fn sink(&mut self) -> Option<&mut Sink> {
        match self {
            Self::Undecided(..) => None,
            Self::Plain(sink) => Some(sink),
            Self::Gzip(decoder) => Some(decoder.get_mut()),
            Self::Zlib(decoder) => Some(decoder.get_mut()),
            Self::Deflate(decoder) => Some(decoder.get_mut()),
            Self::Brotli(decoder) => Some(decoder.get_mut()),
            Self::Zstd(decoder) => Some(decoder.get_mut()),
        }
    }
}

/// RFC 1950 section 2.2: method 8, and a header that is a multiple of 31.
fn is_zlib(first: &[u8]) -> bool {
    let [method, flags, ..] = first else { return false };
    method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
}

fn broken(error: &io::Error) -> Stop {
    Stop::Broken(error.to_string())
}

/// Bytes up to a cap, in memory that never grows beyond it.
struct Sink {
    bytes: Vec<u8>,
    limit: usize,
    is_over: bool,
}

impl Sink {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, is_over: false }
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let wanted = self.bytes.len().saturating_add(piece.len());
        if wanted > self.limit {
            self.is_over = true;
            return Err(io::Error::other("the cap is reached"));
        }
        if wanted > self.bytes.capacity() {
            let doubled = self.bytes.capacity().saturating_mul(2).min(self.limit);
            self.bytes.reserve_exact(doubled.max(wanted) - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
