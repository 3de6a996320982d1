//! Payloads ↔ blocks of a file. Reading skips what is damaged and goes on at the next valid block.
//!
//! | bytes | content |
//! | --- | --- |
//! | 4 | magic: the format of blocks |
//! | 1 | kind |
//! | 8 | position of the base |
//! | 4 | length of the payload |
//! | 4 | checksum of the 17 bytes above |
//! | 8 | checksum of the payload |
//! | 4 | payload: number of the block, from 0 |
//! | 4 | payload: length of the content, uncompressed |
//! | … | payload: the content, compressed by zstd |
//!
//! Numbers are big-endian, checksums are the beginning of a BLAKE3 digest. No length is used before its
//! checksum has been compared.

use std::io::{self, Read, Seek, SeekFrom, Write};

use memchr::memmem;
use rafid_feed::hash::{digest_32, digest_64};
use zstd::bulk::{Compressor, Decompressor};

/// `RB` for a base of Rafid, and the format.
const MAGIC: &[u8; 4] = b"RBs\x01";
const HEADER_BYTES: usize = 29;
/// The bytes of the header that its checksum covers.
const CHECKED_BYTES: usize = 17;
/// The number and the length at the start of a payload.
const PREFIX_BYTES: usize = 8;
/// A block holds 1 MiB, or one record more: the longest has 64 MiB of fields, a label and a key.
pub(super) const MAX_BLOCK_BYTES: usize = 80 << 20;
/// The step in which the next block is searched for.
const SEARCH_BYTES: usize = 64 << 10;
/// Measured on newspaper articles: level 3 takes 10 ms for 1 MB, level 6 takes 26 ms and saves 7 %, level 9
/// takes 45 ms and saves 10 %.
const LEVEL: i32 = 6;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockRole {
    /// The first block.
    First,
    /// Records.
    Records,
    /// The last block.
    Last,
}

impl BlockRole {
    fn to_byte(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Records => 2,
            Self::Last => 3,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::First, Self::Records, Self::Last].into_iter().find(|kind| kind.to_byte() == byte)
    }
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct Block {
    /// What it holds.
    pub(super) kind: BlockRole,
    /// The position of its base.
    pub(super) position: u64,
    /// Its number in the base.
    pub(super) number: u32,
    /// Its content, uncompressed.
    pub(super) content: Vec<u8>,
}

/// Writes the blocks of one base.
pub(super) struct BlockWriter<W> {
    out: W,
    position: u64,
    number: u32,
    bytes: u64,
    compressor: Compressor<'static>,
}

impl<W: Write> BlockWriter<W> {
    /// Blocks of the base at `position`, written to `out`.
    pub(super) fn new(out: W, position: u64) -> io::Result<Self> {
        let compressor = Compressor::new(LEVEL)?;
        Ok(Self { out, position, number: 0, bytes: 0, compressor })
    }

    /// Writes a block.
    pub(super) fn write(&mut self, kind: BlockRole, content: &[u8]) -> io::Result<()> {
        let too_long = || io::Error::other("a record is too long for a base");
        if content.len() > MAX_BLOCK_BYTES {
            return Err(too_long());
        }
        let content_bytes = u32::try_from(content.len()).map_err(|_| too_long())?;
        let compressed = self.compressor.compress(content)?;
        let mut payload = Vec::with_capacity(PREFIX_BYTES + compressed.len());
        payload.extend(self.number.to_be_bytes());
        payload.extend(content_bytes.to_be_bytes());
        payload.extend(compressed);
        let payload_bytes = u32::try_from(payload.len()).map_err(|_| too_long())?;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.push(kind.to_byte());
        header.extend(self.position.to_be_bytes());
        header.extend(payload_bytes.to_be_bytes());
        header.extend(digest_32(&header).to_be_bytes());
        header.extend(digest_64(&payload).to_be_bytes());
        self.out.write_all(&header)?;
        self.out.write_all(&payload)?;
        self.number += 1;
        self.bytes += u64::try_from(header.len() + payload.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// The number of bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Passes everything on.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A header whose checksum is right.
#[derive(Debug, Clone, Copy)]
struct BlockHeader {
    kind: BlockRole,
    position: u64,
    payload_bytes: u32,
    payload_digest: u64,
}

impl BlockHeader {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (checked, rest) = bytes.split_at_checked(CHECKED_BYTES)?;
        let (digest, rest) = rest.split_first_chunk::<4>()?;
        let payload_digest = u64::from_be_bytes(*rest.first_chunk()?);
        if u32::from_be_bytes(*digest) != digest_32(checked) {
            return None;
        }
        let (kind, rest) = checked.strip_prefix(MAGIC)?.split_first()?;
        let (position, rest) = rest.split_first_chunk()?;
        let payload_bytes = u32::from_be_bytes(*rest.first_chunk()?);
        let is_possible = usize::try_from(payload_bytes).is_ok_and(|n| n <= MAX_BLOCK_BYTES);
        Some(Self {
            kind: BlockRole::from_byte(*kind).filter(|_| is_possible)?,
            position: u64::from_be_bytes(*position),
            payload_bytes,
            payload_digest,
        })
    }
}

/// Reads the blocks of a file and skips what is damaged.
pub(super) struct BlockReader<R> {
    input: R,
    at: u64,
    end: u64,
    damages: u64,
    decompressor: Decompressor<'static>,
}

impl<R: Read + Seek> BlockReader<R> {
    /// Reads `input` from its beginning.
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let end = input.seek(SeekFrom::End(0))?;
        Ok(Self { input, at: 0, end, damages: 0, decompressor: Decompressor::new()? })
    }

    /// The next valid block; `None`: no more follows. Damage is an error of the input only where the system
    /// reports one.
    pub(super) fn next_block(&mut self) -> io::Result<Option<Block>> {
        while self.at < self.end {
            let bytes = self.bytes_at(self.at, HEADER_BYTES)?;
            let Some(header) = BlockHeader::parse(&bytes) else {
                self.skip_damage(self.at + 1)?;
                continue;
            };
            let start = self.at + u64::try_from(HEADER_BYTES).unwrap_or_default();
            let next = start + u64::from(header.payload_bytes);
            let payload_bytes = usize::try_from(header.payload_bytes).unwrap_or(MAX_BLOCK_BYTES);
            if next <= self.end {
                let payload = self.bytes_at(start, payload_bytes)?;
                if let Some(block) = self.block_of(header, &payload) {
                    self.at = next;
                    return Ok(Some(block));
                }
                // Only the payload is damaged, unless bytes are missing or were inserted.
                if next == self.end || self.has_header_at(next)? {
                    self.damages += 1;
                    self.at = next;
                    continue;
                }
            }
            self.skip_damage(start)?;
        }
        Ok(None)
    }

    /// The number of damaged places so far.
    pub(super) fn damages(&self) -> u64 {
        self.damages
    }

    /// The number of bytes that were read or skipped.
    pub(super) fn bytes_read(&self) -> u64 {
        self.at
    }

    /// The length of the input.
    pub(super) fn total_bytes(&self) -> u64 {
        self.end
    }

    /// Goes to the next valid header, at `from` or later, or to the end.
    fn skip_damage(&mut self, from: u64) -> io::Result<()> {
        self.damages += 1;
        self.at = self.end;
        let mut from = from;
        while from < self.end {
            let bytes = self.bytes_at(from, SEARCH_BYTES)?;
            for start in memmem::find_iter(&bytes, MAGIC) {
                if BlockHeader::parse(&bytes[start..]).is_some() {
                    self.at = from + u64::try_from(start).unwrap_or_default();
                    return Ok(());
                }
            }
            // A header may begin in this step and end in the next one.
            let step = bytes.len().saturating_sub(HEADER_BYTES - 1);
            if step == 0 {
                break;
            }
            from += u64::try_from(step).unwrap_or(u64::MAX);
        }
        Ok(())
    }

    fn has_header_at(&mut self, at: u64) -> io::Result<bool> {
        Ok(BlockHeader::parse(&self.bytes_at(at, HEADER_BYTES)?).is_some())
    }

    /// At most `length` bytes: those that exist.
    fn bytes_at(&mut self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let length = u64::try_from(length).unwrap_or(u64::MAX).min(self.end.saturating_sub(at));
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        self.input.seek(SeekFrom::Start(at))?;
        self.input.by_ref().take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn block_of(&mut self, header: BlockHeader, payload: &[u8]) -> Option<Block> {
        if digest_64(payload) != header.payload_digest {
            return None;
        }
        let (number, rest) = payload.split_first_chunk::<4>()?;
        let (length, compressed) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let content = (length <= MAX_BLOCK_BYTES)
            .then(|| self.decompressor.decompress(compressed, length).ok())
            .flatten()?;
        (content.len() == length).then(|| Block {
            kind: header.kind,
            position: header.position,
            number: u32::from_be_bytes(*number),
            content,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn written() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        let mut writer = BlockWriter::new(&mut bytes, 7).unwrap();
        let mut end = 0;
        for (kind, words) in
            [(BlockRole::First, 1), (BlockRole::Records, 500), (BlockRole::Records, 40)]
                .into_iter()
                .chain([(BlockRole::Last, 2)])
        {
            starts.push(end);
            writer.write(kind, "كلمة وكلمة ".repeat(words).as_bytes()).unwrap();
            end = usize::try_from(writer.bytes()).unwrap();
        }
        assert_eq!(bytes.len(), end);
        (bytes, starts)
    }

    fn numbers(bytes: &[u8]) -> (Vec<u32>, u64) {
        let mut reader = BlockReader::new(Cursor::new(bytes)).unwrap();
        let mut numbers = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            assert_eq!(block.position, 7);
            assert!(block.content.starts_with("كلمة".as_bytes()));
            numbers.push(block.number);
        }
        (numbers, reader.damages())
    }

    #[test]
    fn every_flipped_byte_costs_its_own_block() {
        let (good, starts) = written();
        assert_eq!(numbers(&good), (vec![0, 1, 2, 3], 0));
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x20;
            let lost = starts.iter().rposition(|start| *start <= at).unwrap();
            let kept: Vec<u32> =
                (0..4).filter(|number| usize::try_from(*number).unwrap() != lost).collect();
            assert_eq!(numbers(&bytes), (kept, 1), "byte {at}");
        }
    }

    #[test]
    fn whatever_is_cut_off_or_inserted_costs_the_blocks_that_it_touches() {
        let (good, starts) = written();
        for length in 0..good.len() {
            let (kept, damages) = numbers(&good[..length]);
            let whole = starts.iter().skip(1).filter(|start| **start <= length).count();
            assert_eq!(kept.len(), whole, "{length} bytes");
            assert_eq!(damages, u64::from(!starts.contains(&length)), "{length} bytes");
        }
        for at in starts[1] + 1..starts[2] {
            let missing = [&good[..at], &good[at + 1..]].concat();
            assert_eq!(numbers(&missing), (vec![0, 2, 3], 1), "without byte {at}");
            let inserted = [&good[..at], &[0x55; 3], &good[at..]].concat();
            assert_eq!(numbers(&inserted), (vec![0, 2, 3], 1), "more at byte {at}");
        }
        let longer = [&good[..], b"RBs\x01more"].concat();
        assert_eq!(numbers(&longer), (vec![0, 1, 2, 3], 1));
    }

    #[test]
    fn a_block_is_found_across_the_steps_of_the_search() {
        let (good, _) = written();
        for shift in 0..40 {
            let noise = vec![b'R'; SEARCH_BYTES - 20 + shift];
            let (kept, damages) = numbers(&[&noise[..], &good].concat());
            assert_eq!((kept, damages), (vec![0, 1, 2, 3], 1), "shifted by {shift}");
        }
    }

    #[test]
    fn a_content_that_is_too_long_is_refused() {
        let mut writer = BlockWriter::new(io::sink(), 0).unwrap();
        let error = writer.write(BlockRole::Records, &vec![0; MAX_BLOCK_BYTES + 1]).unwrap_err();
        assert_eq!(error.to_string(), "a record is too long for a base");
    }
}
