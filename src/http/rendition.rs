//! Text → `Rendition`: each coding is made once, so that a thousand readers cost one compression.
//!
//! | coding | level | why |
//! | --- | --- | --- |
//! | gzip | 6 | zlib's default; every reader understands it |
//! | brotli | 5 | the highest level that is about as fast as gzip 6 |
//! | zstd | 3 | zstd's default |
//!
//! A coding that does not make the text smaller is left out.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use jiff::Timestamp;
use rafid_feed::hash;

use crate::model::{Coding, Rendition};

const GZIP_LEVEL: u32 = 6;
const BROTLI_QUALITY: u32 = 5;
/// log2 of brotli's window: 4 MiB, brotli's own default.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;
const ZSTD_LEVEL: i32 = 3;

/// Completes `body`: codings, hash and validators. It takes some milliseconds of CPU per megabyte, so it is
/// not for an async thread.
pub fn encode_rendition(
    media_type: &'static str,
    body: impl Into<Bytes>,
    modified_at: Timestamp,
    max_age_seconds: u64,
) -> Rendition {
    let plain = body.into();
    let coded = [
        (Coding::Gzip, gzip(&plain)),
        (Coding::Brotli, brotli(&plain)),
        (Coding::Zstd, zstd::encode_all(&plain[..], ZSTD_LEVEL)),
    ];
    let mut bodies = BTreeMap::new();
    for (coding, bytes) in coded {
        // Writing into memory does not fail; if it did, the identity coding would still be there.
        if let Ok(bytes) = bytes
            && bytes.len() < plain.len()
        {
            bodies.insert(coding, Bytes::from(bytes));
        }
    }
    let hash = rendition_hash(&plain);
    bodies.insert(Coding::Identity, plain);
    Rendition { media_type, bodies, hash, modified_at, max_age_seconds, links: None, mark: None }
}

/// The hash of a text as renditions store it: 16 bytes in hex.
pub fn rendition_hash(text: impl AsRef<[u8]>) -> String {
    hash::short_hex(text, 32)
}

fn gzip(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain)?;
    encoder.finish()
}

fn brotli(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut coded = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(
            &mut coded,
            BROTLI_BUFFER_BYTES,
            BROTLI_QUALITY,
            BROTLI_WINDOW,
        );
        encoder.write_all(plain)?;
        encoder.flush()?;
    }
    Ok(coded)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn every_coding_gives_the_text_back() {
        let text = "خبر عاجل من مصدر بعيد. ".repeat(200);
        let done = encode_rendition("text/plain", text.clone(), Timestamp::UNIX_EPOCH, 60);
        let read = |coding: Coding| {
            let bytes = &done.bodies[&coding][..];
            let mut back = String::new();
            match coding {
                Coding::Identity => bytes.to_vec().as_slice().read_to_string(&mut back),
                Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_string(&mut back),
                Coding::Brotli => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut back),
                Coding::Zstd => {
                    zstd::stream::read::Decoder::new(bytes).unwrap().read_to_string(&mut back)
                }
            }
            .unwrap();
            back
        };
        for coding in [Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            assert_eq!(read(coding), text, "{coding:?}");
        }
    }

    #[test]
    fn a_coding_that_does_not_help_is_left_out() {
        let done = encode_rendition("text/plain", "أ".to_owned(), Timestamp::UNIX_EPOCH, 60);
        assert_eq!(done.bodies.keys().collect::<Vec<_>>(), [&Coding::Identity]);
    }
}
