//! Payloads ↔ frames in a file. Whatever happens to one part of the file, every frame in the other parts can
//! still be read.
//!
//! | bytes | content |
//! | --- | --- |
//! | 4 | the mark, by which the start of a frame is found again after damage |
//! | 1 | kind of the payload |
//! | 8 | position |
//! | 4 | length of the payload as it is in the file |
//! | 4 | checksum of the four fields before it |
//! | 8 | checksum of the payload as it is in the file |
//! | … | the payload |
//!
//! Numbers are big-endian, checksums are the beginning of a BLAKE3 digest. No length is used before its checksum has
//! been compared. Two kinds of files have frames, with marks of their own:
//!
//! | file | payload | mark within a payload |
//! | --- | --- | --- |
//! | the commit log | a record | never: after its first three bytes a zero byte is inserted there. So no text of a publisher can pass for a frame, wherever a search for the next one begins |
//! | a base | a block, compressed | as it comes: what is compressed is no frame, but for one chance in 2⁶⁴ |

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem;
use rafid_feed::hash::{digest_32, digest_64};

use super::records::RecordError;

/// The maximum length of a payload: four of the longest records, more than any update has. A wrong length
/// must not exhaust the memory.
pub(super) const MAX_PAYLOAD_BYTES: usize = 256 * 1024 * 1024;
/// The length of what precedes a payload.
pub(super) const HEADER_BYTES: usize = 29;
/// The frames of the commit log. Their mark has four different bytes that occur in no UTF-8 text.
pub(super) const LOG_FRAMES: FrameFormat = FrameFormat {
    mark: [0xf9, 0xc1, 0xfe, 0xc0],
    is_stuffed: true,
    max_payload_bytes: MAX_PAYLOAD_BYTES,
};
/// Follows the first three bytes of the mark within a payload.
const STUFFING: u8 = 0;
/// Where the fields are that the checksum of the header covers.
const CHECKED_HEADER: Range<usize> = 0..17;
/// At least as much is read from the file at a time.
const READ_BYTES: usize = 64 * 1024;

/// The frames of one kind of file.
#[derive(Debug)]
pub(super) struct FrameFormat {
    /// The mark.
    pub(super) mark: [u8; 4],
    /// Whether a mark within a payload is taken apart.
    pub(super) is_stuffed: bool,
    /// The maximum length of a payload.
    pub(super) max_payload_bytes: usize,
}

/// A payload with what its frame says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// What the payload is.
    pub(super) kind: u8,
    /// Its position, as it was given.
    pub(super) position: u64,
    /// Where the frame begins in the file.
    pub(super) offset: u64,
    /// The payload.
    pub(super) payload: Vec<u8>,
}

/// A part of a file that is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DamagedPart {
    /// Where it begins.
    pub(super) offset: u64,
    /// Its length.
    pub(super) bytes: u64,
    /// Whether the file ends with it: the last frame may never have been written completely.
    pub(super) reaches_end: bool,
}

/// The next part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FramePart {
    /// A frame whose checksums are right.
    Whole(Frame),
    /// What is between two such frames, or after the last one.
    Damaged(DamagedPart),
}

impl FrameFormat {
    /// Appends the frame of a payload to `out`.
    ///
    /// # Errors
    /// `Size` when the payload is too long.
    pub(super) fn append(
        &self,
        out: &mut Vec<u8>,
        kind: u8,
        position: u64,
        payload: &[u8],
    ) -> Result<(), RecordError> {
        let payload = self.stuff_marks(payload);
        let too_long = RecordError::Size { expected: self.max_payload_bytes, found: payload.len() };
        if payload.len() > self.max_payload_bytes {
            return Err(too_long);
        }
        let Ok(length) = u32::try_from(payload.len()) else { return Err(too_long) };
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(self.mark);
        header.push(kind);
        header.extend(position.to_be_bytes());
        header.extend(length.to_be_bytes());
        header.extend(digest_32(&header).to_be_bytes());
        header.extend(digest_64(&payload).to_be_bytes());
        out.extend(header);
        out.extend_from_slice(&payload);
        Ok(())
    }

    /// The payload without marks.
    fn stuff_marks<'p>(&self, payload: &'p [u8]) -> Cow<'p, [u8]> {
        let mut rest = payload;
        let mut stuffed = Vec::new();
        while self.is_stuffed
            && let Some(at) = memmem::find(rest, &self.mark[..3])
        {
            stuffed.extend_from_slice(&rest[..at + 3]);
            stuffed.push(STUFFING);
            rest = &rest[at + 3..];
        }
        if stuffed.is_empty() {
            return Cow::Borrowed(payload);
        }
        stuffed.extend_from_slice(rest);
        Cow::Owned(stuffed)
    }

    /// The payload as it was given; `None`: it holds a mark.
    fn unstuff_marks(&self, stuffed: &[u8]) -> Option<Vec<u8>> {
        let mut payload = Vec::with_capacity(stuffed.len());
        let mut rest = stuffed;
        while self.is_stuffed
            && let Some(at) = memmem::find(rest, &self.mark[..3])
        {
            payload.extend_from_slice(&rest[..at + 3]);
            rest = rest[at + 3..].strip_prefix(&[STUFFING])?;
        }
        payload.extend_from_slice(rest);
        Some(payload)
    }

    /// The header at the start of `bytes`; `None`: another thing begins there, or its checksum is wrong.
    fn parse_header(&self, bytes: &[u8]) -> Option<FrameHeader> {
        let (fields, rest) = bytes.split_at_checked(CHECKED_HEADER.end)?;
        let (checksum, rest) = rest.split_first_chunk::<4>()?;
        let (payload_checksum, _) = rest.split_first_chunk::<8>()?;
        let fields_after_mark = fields.strip_prefix(&self.mark)?;
        if digest_32(fields) != u32::from_be_bytes(*checksum) {
            return None;
        }
        let (kind, fields) = fields_after_mark.split_first()?;
        let (position, length) = fields.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes(*length.first_chunk::<4>()?);
        let payload_bytes =
            usize::try_from(length).ok().filter(|it| *it <= self.max_payload_bytes)?;
        Some(FrameHeader {
            kind: *kind,
            position: u64::from_be_bytes(*position),
            payload_bytes,
            payload_checksum: u64::from_be_bytes(*payload_checksum),
        })
    }
}

/// What the header of a frame says.
struct FrameHeader {
    kind: u8,
    position: u64,
    payload_bytes: usize,
    payload_checksum: u64,
}

/// Reads the frames of a file in order.
#[derive(Debug)]
pub(super) struct FrameReader<R> {
    format: &'static FrameFormat,
    input: R,
    /// What was read, from `offset` on.
    buffer: Vec<u8>,
    /// Where in `buffer` the part begins that was not returned yet.
    start: usize,
    /// Where in the file `buffer` begins.
    offset: u64,
    at_end: bool,
}

impl<R: Read> FrameReader<R> {
    /// Reads from the start of a file.
    pub(super) fn new(format: &'static FrameFormat, input: R) -> Self {
        Self { format, input, buffer: Vec::new(), start: 0, offset: 0, at_end: false }
    }

    /// The next part; `None`: the file ends.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn next_part(&mut self) -> io::Result<Option<FramePart>> {
        let offset = self.position_in_file();
        if let Some(frame) = self.read_frame()? {
            return Ok(Some(FramePart::Whole(frame)));
        }
        if self.unread().is_empty() {
            return Ok(None);
        }
        self.skip_to_header()?;
        Ok(Some(FramePart::Damaged(DamagedPart {
            offset,
            bytes: self.position_in_file() - offset,
            reaches_end: self.unread().is_empty(),
        })))
    }

    /// The frame that begins here; `None`: no whole frame does.
    fn read_frame(&mut self) -> io::Result<Option<Frame>> {
        self.fill_buffer(HEADER_BYTES)?;
        let Some(header) = self.format.parse_header(self.unread()) else { return Ok(None) };
        let end = HEADER_BYTES + header.payload_bytes;
        self.fill_buffer(end)?;
        let Some(stuffed) = self.unread().get(HEADER_BYTES..end) else { return Ok(None) };
        if digest_64(stuffed) != header.payload_checksum {
            return Ok(None);
        }
        let Some(payload) = self.format.unstuff_marks(stuffed) else { return Ok(None) };
        let (kind, position, offset) = (header.kind, header.position, self.position_in_file());
        self.start += end;
        Ok(Some(Frame { kind, position, offset, payload }))
    }

    /// Skips at least one byte, and then everything up to the next valid header or the end of the file.
    fn skip_to_header(&mut self) -> io::Result<()> {
        self.start += 1;
        loop {
            self.fill_buffer(HEADER_BYTES)?;
            if let Some(at) = memmem::find(self.unread(), &self.format.mark) {
                self.start += at;
                self.fill_buffer(HEADER_BYTES)?;
                if self.format.parse_header(self.unread()).is_some() {
                    return Ok(());
                }
                self.start += 1;
            } else if self.at_end {
                self.start = self.buffer.len();
                return Ok(());
            } else {
                // The mark may be cut in two where the buffer ends.
                self.start = self.buffer.len() - (self.format.mark.len() - 1);
            }
        }
    }

    /// Reads until `count` bytes are in the buffer, or the file ends.
    fn fill_buffer(&mut self, count: usize) -> io::Result<()> {
        let Some(missing) = count.checked_sub(self.unread().len()).filter(|it| *it > 0) else {
            return Ok(());
        };
        if self.at_end {
            return Ok(());
        }
        self.offset = self.position_in_file();
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = u64::try_from(missing.max(READ_BYTES)).unwrap_or(u64::MAX);
        let read = (&mut self.input).take(wanted).read_to_end(&mut self.buffer)?;
        self.at_end = u64::try_from(read).unwrap_or(u64::MAX) < wanted;
        Ok(())
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Where in the file the part begins that comes next.
    pub(super) fn position_in_file(&self) -> u64 {
        self.offset.saturating_add(u64::try_from(self.start).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests;
