//! Bytes → the same in a content coding.
//!
//! | coding | level | why |
//! | --- | --- | --- |
//! | gzip | 5 | half the time of 6, zlib's default, for 6 % more bytes |
//! | brotli | 4 | half the time of 5 for 6 % more bytes |
//! | zstd | 6 | as small as brotli 5, in a quarter of its time |
//!
//! `benches/codings.rs` measures them; `docs/serving.md` has the table. An output that changes every few seconds is
//! compressed as often, so that the time counts as much as the size.

use std::io::{self, Write};

use crate::model::Coding;

const GZIP_LEVEL: u32 = 5;
const BROTLI_QUALITY: u32 = 4;
/// log2 of brotli's window: 4 MiB, brotli's own default.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;
const ZSTD_LEVEL: i32 = 6;

/// The bytes in a coding. It takes some milliseconds of CPU per megabyte, so it is not for an async thread.
///
/// # Errors
/// Writing into memory does not fail; if it did, the bytes themselves would still be there.
pub(super) fn encode_bytes(coding: Coding, plain: &[u8]) -> io::Result<Vec<u8>> {
    match coding {
        Coding::Identity => Ok(plain.to_vec()),
        Coding::Gzip => gzip(plain),
        Coding::Brotli => brotli(plain),
        Coding::Zstd => zstd::encode_all(plain, ZSTD_LEVEL),
    }
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain)?;
    encoder.finish()
}

fn brotli(plain: &[u8]) -> io::Result<Vec<u8>> {
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
        let read = |coding: Coding| {
            let coded = encode_bytes(coding, text.as_bytes()).unwrap();
            let bytes = &coded[..];
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
}
