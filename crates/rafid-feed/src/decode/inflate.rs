//! Bytes that are gzip or zlib → the bytes inside, up to a limit. A cut stream yields what it holds before
//! the cut.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::model::{Stage, Warning};

/// No feed is larger: the largest real one seen has 14 MB.
const MOST_UNPACKED_BYTES: u64 = 32 * 1024 * 1024;

/// The unpacked bytes; `None`: the bytes are not packed.
pub(super) fn decompress(bytes: &[u8], warnings: &mut Vec<Warning>) -> Option<Vec<u8>> {
    let unpacked = match bytes {
        [0x1f, 0x8b, 0x08, ..] => read_capped(MultiGzDecoder::new(bytes), warnings),
        // RFC 1950 section 2.2: a header that is a multiple of 31, deflate, no dictionary.
        [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..]
            if (0x7800 | u16::from(*flags)) % 31 == 0 =>
        {
            read_capped(ZlibDecoder::new(bytes), warnings)
        }
        _ => return None,
    };
    if unpacked.is_empty() {
        return None;
    }
    warnings.push(Warning::new(Stage::Decode, "packed", "the body is packed a second time"));
    Some(unpacked)
}

fn read_capped(packed: impl Read, warnings: &mut Vec<Warning>) -> Vec<u8> {
    let mut unpacked = Vec::new();
    if let Err(error) = packed.take(MOST_UNPACKED_BYTES + 1).read_to_end(&mut unpacked) {
        let detail = format!("the packed body ends badly ({error}); what it gave is kept");
        warnings.push(Warning::new(Stage::Decode, "packed-cut", detail));
    }
    let cap = usize::try_from(MOST_UNPACKED_BYTES).unwrap_or(usize::MAX);
    if unpacked.len() > cap {
        unpacked.truncate(cap);
        let detail = format!(
            "the packed body holds more than {MOST_UNPACKED_BYTES} bytes; the rest is left"
        );
        warnings.push(Warning::new(Stage::Decode, "packed-cut", detail));
    }
    unpacked
}
