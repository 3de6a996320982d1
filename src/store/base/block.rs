//! Blocks of a base ↔ frames of a file. Reading skips what is damaged and goes on at the next whole block.
//!
//! | bytes | payload of a frame |
//! | --- | --- |
//! | 4 | number of the block, from 0 |
//! | 4 | length of the content, uncompressed |
//! | … | the content, compressed by zstd |
//!
//! The frame holds the role of the block and the position of its base.

use std::io::{self, Read, Write};

use zstd::bulk::{Compressor, Decompressor};

use super::super::frame::{Frame, FrameFormat, FramePart, FrameReader, HEADER_BYTES};

/// The bytes of the numbers at the start of a payload.
const PREFIX_BYTES: usize = 8;
/// A block holds 1 MiB, or one record more: the longest has 64 MiB of fields, a label and a key.
pub(super) const MAX_BLOCK_BYTES: usize = 80 << 20;
/// `RB` for a base of Rafid, and the format.
const BASE_FRAMES: FrameFormat =
    FrameFormat { mark: *b"RBs\x01", is_stuffed: false, max_payload_bytes: MAX_BLOCK_BYTES };
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
        let mut frame = Vec::with_capacity(HEADER_BYTES + payload.len());
        BASE_FRAMES
            .append(&mut frame, kind.to_byte(), self.position, &payload)
            .map_err(|_| too_long())?;
        self.out.write_all(&frame)?;
        self.number += 1;
        self.bytes += u64::try_from(frame.len()).unwrap_or(u64::MAX);
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

/// Reads the blocks of a file and skips what is damaged.
pub(super) struct BlockReader<R> {
    frames: FrameReader<R>,
    damages: u64,
    decompressor: Decompressor<'static>,
}

impl<R: Read> BlockReader<R> {
    /// Reads `input` from its beginning.
    pub(super) fn new(input: R) -> io::Result<Self> {
        let frames = FrameReader::new(&BASE_FRAMES, input);
        Ok(Self { frames, damages: 0, decompressor: Decompressor::new()? })
    }

    /// The next whole block; `None`: no more follows. Damage is an error of the input only where the system
    /// reports one.
    pub(super) fn next_block(&mut self) -> io::Result<Option<Block>> {
        while let Some(part) = self.frames.next_part()? {
            let block = match part {
                FramePart::Whole(frame) => self.block_of(&frame),
                FramePart::Damaged(_) => None,
            };
            match block {
                Some(block) => return Ok(Some(block)),
                None => self.damages += 1,
            }
        }
        Ok(None)
    }

    /// The number of damaged places so far.
    pub(super) fn damages(&self) -> u64 {
        self.damages
    }

    /// The number of bytes that were read or skipped.
    pub(super) fn bytes_read(&self) -> u64 {
        self.frames.position_in_file()
    }

    fn block_of(&mut self, frame: &Frame) -> Option<Block> {
        let (number, rest) = frame.payload.split_first_chunk::<4>()?;
        let (length, compressed) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let content = (length <= MAX_BLOCK_BYTES)
            .then(|| self.decompressor.decompress(compressed, length).ok())
            .flatten()?;
        (content.len() == length).then_some(Block {
            kind: BlockRole::from_byte(frame.kind)?,
            position: frame.position,
            number: u32::from_be_bytes(*number),
            content,
        })
    }
}

#[cfg(test)]
mod tests {
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
        let mut reader = BlockReader::new(bytes).unwrap();
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
    fn a_block_is_found_across_the_steps_of_reading() {
        let (good, _) = written();
        for shift in 0..40 {
            let noise = vec![b'R'; (64 << 10) - 20 + shift];
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
