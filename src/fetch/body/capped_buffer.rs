//! The output of a decoder → one buffer, capped.

use std::io::{self, Write};

/// Bytes up to a cap, in memory that never grows beyond it.
pub(super) struct CappedBuffer {
    pub(super) bytes: Vec<u8>,
    /// The cap.
    pub(super) limit: usize,
    /// Whether more bytes were refused.
    pub(super) is_over: bool,
}

impl CappedBuffer {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, is_over: false }
    }
}

impl Write for CappedBuffer {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let needed = self.bytes.len().saturating_add(piece.len());
        if needed > self.limit {
            self.is_over = true;
            return Err(io::Error::other("the cap is reached"));
        }
        if needed > self.bytes.capacity() {
            let doubled = self.bytes.capacity().saturating_mul(2).min(self.limit);
            self.bytes.reserve_exact(doubled.max(needed) - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
