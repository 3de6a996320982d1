//! Bodies from the usual compressors, complete, cut, mislabeled and hostile.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::HeaderValue;

use super::decoder::ZSTD_MAGIC;
use super::*;

const LIMIT: usize = 1024 * 1024;

/// More than the 128 KiB of a zstd block, so that a part of it can be a body.
fn text() -> Vec<u8> {
    (0..20_000).flat_map(|index| format!("<item>خبر {index}</item>\n").into_bytes()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 5, 22).write_all(bytes).unwrap();
    packed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn compressed(bytes: &[u8]) -> [(&'static str, Vec<u8>); 5] {
    [
        ("gzip", gzip(bytes)),
        ("deflate", zlib(bytes)),
        ("Deflate", deflate(bytes)),
        ("br", brotli(bytes)),
        ("zstd", zstd(bytes)),
    ]
}

fn decompressor(coding: &str) -> Decompressor {
    let mut headers = HeaderMap::new();
    if !coding.is_empty() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
    }
    Decompressor::new(&headers, LIMIT).unwrap()
}

fn pushed(coding: &str, wire: &[u8], piece_bytes: usize) -> Result<Decompressor, DecompressError> {
    let mut decompressor = decompressor(coding);
    for piece in wire.chunks(piece_bytes) {
        decompressor.push(piece)?;
    }
    Ok(decompressor)
}

#[test]
fn every_coding_is_decoded_whatever_the_pieces() {
    for (coding, wire) in compressed(&text()).into_iter().chain([("", text())]) {
        for piece_bytes in [1, 3, 1000, usize::MAX] {
            let body = pushed(coding, &wire, piece_bytes).unwrap().finish_body().unwrap();
            assert_eq!(body.truncated, None, "{coding} in pieces of {piece_bytes}");
            assert_eq!(body.bytes, text(), "{coding} in pieces of {piece_bytes}");
            assert_eq!(body.wire_bytes, wire.len() as u64);
        }
    }
}

#[test]
fn wrong_labels_are_not_trusted() {
    let check = |coding: &str, wire: &[u8], expected: &[u8]| {
        let body = pushed(coding, wire, 1).unwrap().finish_body().unwrap();
        assert_eq!((body.bytes.as_slice(), body.truncated), (expected, None), "{coding}");
    };
    check("gzip", b"<rss/>", b"<rss/>");
    check("gzip", b"<", b"<");
    check("zstd", b"<rss/>", b"<rss/>");
    check("zstd", b"{}", b"{}");
    check("utf-8", b"<rss/>", b"<rss/>");
    check("none", b"<rss/>", b"<rss/>");
    check("identity", b"<rss/>", b"<rss/>");
    check("X-GZIP", &gzip(b"<rss/>"), b"<rss/>");
    check("gzip, identity", &gzip(b"<rss/>"), b"<rss/>");
}

#[test]
fn several_codings_are_all_decoded() {
    let check = |coding: &str, wire: &[u8], expected: &[u8], is_cut: bool| {
        let body = pushed(coding, wire, 100).unwrap().finish_body().unwrap();
        assert_eq!(
            (body.bytes.as_slice(), body.truncated.is_some()),
            (expected, is_cut),
            "{coding}"
        );
        assert_eq!(body.wire_bytes, wire.len() as u64, "{coding}");
    };
    let text = text();
    check("gzip, br", &brotli(&gzip(&text)), &text, false);
    check("br, x, gzip", &gzip(&brotli(&text)), &text, false);
    check("deflate, zstd, gzip", &gzip(&zstd(&zlib(&text))), &text, false);
    check("gzip, gzip", &gzip(&gzip(&text)), &text, false);
    check("gzip, gzip", &gzip(&text), &text, false);
    check("gzip, gzip", &text, &text, false);
    let cut = gzip(&text);
    let cut = &cut[..cut.len() / 2];
    let body = pushed("gzip, br", &brotli(cut), 100).unwrap().finish_body().unwrap();
    assert!(body.truncated.is_some() && text.starts_with(&body.bytes) && body.bytes.len() > 1000);

    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip, gzip, br, gzip"));
    let stop = Decompressor::new(&headers, LIMIT).err();
    let expected = "it is packed 4 times over, expected once";
    assert_eq!(stop, Some(DecompressError::Corrupt(expected.to_owned())));
}

#[test]
fn an_empty_body_is_complete() {
    for coding in ["", "gzip", "deflate", "br", "zstd"] {
        let expected = DecompressedBody { bytes: Vec::new(), wire_bytes: 0, truncated: None };
        assert_eq!(decompressor(coding).finish_body(), Ok(expected), "{coding}");
    }
}

#[test]
fn a_cut_body_gives_what_came() {
    for (coding, wire) in compressed(&text()) {
        let part = &wire[..wire.len() * 2 / 3];
        let body = pushed(coding, part, 100).unwrap().finish_body().unwrap();
        assert!(body.truncated.is_some(), "{coding}: the cut is detected");
        assert!(body.bytes.len() > 1000, "{coding}: {} bytes", body.bytes.len());
        assert!(text().starts_with(&body.bytes), "{coding}");
        let stopped =
            pushed(coding, part, 100).unwrap().finish_truncated("gone".to_owned()).unwrap();
        assert_eq!(stopped.truncated.as_deref(), Some("gone"), "{coding}");
        assert_eq!(stopped.bytes, body.bytes, "{coding}");
    }
    let stopped = pushed("", b"<rss>", 1).unwrap().finish_truncated("gone".to_owned()).unwrap();
    assert_eq!(stopped.bytes, b"<rss>");
}

#[test]
fn a_corrupt_body_gives_what_came_before() {
    for (coding, mut wire) in compressed(&text()) {
        let middle = wire.len() / 2;
        wire[middle..].fill(0xff);
        let mut decompressor = decompressor(coding);
        let stop = decompressor.push(&wire);
        let body = match stop {
            Ok(()) => decompressor.finish_body().unwrap(),
            Err(DecompressError::Corrupt(reason)) => decompressor.finish_truncated(reason).unwrap(),
            Err(stop) => panic!("{coding}: {stop:?}"),
        };
        assert!(body.truncated.is_some(), "{coding}");
        let same = text().iter().zip(&body.bytes).take_while(|(a, b)| a == b).count();
        assert!(same > 1000, "{coding}: {same} bytes");
    }
    let mut false_sum = gzip(b"<rss/>");
    let sum_at = false_sum.len() - 8;
    false_sum[sum_at] ^= 1;
    let body = pushed("gzip", &false_sum, 1).unwrap().finish_body().unwrap();
    assert!(body.truncated.is_some_and(|cut| cut.contains("corrupt")));
}

#[test]
fn several_members_are_one_body_and_trailing_bytes_are_skipped() {
    let check = |coding: &str, parts: &[&[u8]], expected: &[u8]| {
        let wire = parts.concat();
        for piece_bytes in [1, usize::MAX] {
            let body = pushed(coding, &wire, piece_bytes).unwrap().finish_body().unwrap();
            assert_eq!(body.truncated, None, "{coding} {piece_bytes}");
            assert_eq!(body.bytes, expected, "{coding} {piece_bytes}");
        }
    };
    check("gzip", &[&gzip(b"a"), &gzip(b"b"), &gzip(b"c")], b"abc");
    check("gzip", &[&gzip(b"a"), b"\0\0\0trailing"], b"a");
    check("zstd", &[&zstd(b"a"), &zstd(b"b")], b"ab");
    check("deflate", &[&zlib(b"a"), b"trailing"], b"a");
    check("br", &[&brotli(b"a"), b"trailing"], b"a");
}

#[test]
fn decompression_stops_at_the_cap() {
    let bomb = vec![b' '; 64 * LIMIT];
    for (coding, wire) in compressed(&bomb) {
        assert!(wire.len() < LIMIT / 8, "{coding} is small on the wire");
        let mut decompressor = decompressor(coding);
        assert_eq!(decompressor.push(&wire), Err(DecompressError::TooLarge), "{coding}");
        let buffer = decompressor.decoder.buffer_mut().unwrap();
        assert!(buffer.bytes.capacity() <= LIMIT, "{coding}: {}", buffer.bytes.capacity());
    }
    for (coding, wire) in compressed(&bomb[..=LIMIT]) {
        // The decoder may output what exceeds the cap only at the end.
        let stop = pushed(coding, &wire, usize::MAX).and_then(Decompressor::finish_body);
        assert_eq!(stop, Err(DecompressError::TooLarge), "{coding}");
    }
    for (coding, wire) in compressed(&bomb[..LIMIT]) {
        let body = pushed(coding, &wire, usize::MAX).and_then(Decompressor::finish_body).unwrap();
        assert_eq!(body.bytes.len(), LIMIT, "{coding}");
    }
    let mut plain = decompressor("");
    plain.push(&bomb[..LIMIT]).unwrap();
    assert!(plain.decoder.buffer_mut().unwrap().bytes.capacity() <= LIMIT);
    assert_eq!(plain.push(b" "), Err(DecompressError::TooLarge));
}

#[test]
fn a_decompression_bomb_is_stopped_long_before_the_cap() {
    let bomb = vec![b' '; 64 * LIMIT];
    let roomy = |coding: &str, wire: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        let mut decompressor = Decompressor::new(&headers, 100 * LIMIT).unwrap();
        let pushed = wire.chunks(PIECE_BYTES).try_for_each(|piece| decompressor.push(piece));
        let capacity =
            decompressor.decoder.buffer_mut().map_or(0, |buffer| buffer.bytes.capacity());
        assert!(
            capacity <= FREE_BYTES.max(wire.len() * MAX_COMPRESSION_RATIO),
            "{coding}: {capacity}"
        );
        pushed.and_then(|()| decompressor.finish_body())
    };
    for (coding, wire) in compressed(&bomb) {
        assert_eq!(roomy(coding, &wire).err(), Some(DecompressError::Bomb), "{coding}");
    }
    let twice = gzip(&gzip(&bomb));
    assert_eq!(roomy("gzip, gzip", &twice).err(), Some(DecompressError::Bomb));
    // Text that compresses well, and is longer than the free allowance.
    let feed = text().repeat(8);
    for (coding, wire) in compressed(&feed) {
        assert_eq!(roomy(coding, &wire).map(|body| body.bytes == feed), Ok(true), "{coding}");
    }
}

#[test]
fn a_body_in_tiny_pieces_is_abandoned_and_one_in_lines_is_not() {
    let crumbs = vec![b' '; LIMIT];
    let stop = pushed("", &crumbs, 1).err();
    assert_eq!(stop, Some(DecompressError::Corrupt("it comes in crumbs".to_owned())));
    assert!(pushed("", &crumbs, 40).is_ok());
    assert!(pushed("", &crumbs[..400_000], 1).is_ok());
}

#[test]
fn a_flood_that_decompresses_to_nothing_is_stopped() {
    // An empty stored block of deflate (RFC 1951 section 3.2.4), over and over.
    let blocks = [0, 0, 0, 0xff, 0xff].repeat(LIMIT / 5 + 1);
    assert_eq!(pushed("deflate", &blocks, 4096).err(), Some(DecompressError::TooLarge));
    let members = gzip(b"").repeat(GZIP_MEMBERS + 1);
    let stop = pushed("gzip", &members, usize::MAX).err();
    assert_eq!(stop, Some(DecompressError::Corrupt("more than 1000 gzip members".to_owned())));
}

#[test]
fn windows_larger_than_the_web_allows_are_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(24).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&text()).unwrap();
    let wire = encoder.finish().unwrap();
    let stop = pushed("zstd", &wire, usize::MAX).err();
    assert!(
        matches!(&stop, Some(DecompressError::Corrupt(reason)) if reason.contains("memory")),
        "{stop:?}"
    );

    let parameters = brotli::enc::BrotliEncoderParams {
        large_window: true,
        lgwin: 25,
        quality: 5,
        ..Default::default()
    };
    let mut wire = Vec::new();
    brotli::BrotliCompress(&mut text().as_slice(), &mut wire, &parameters).unwrap();
    let stop = pushed("br", &wire, usize::MAX).err();
    assert_eq!(
        stop,
        Some(DecompressError::Corrupt("the brotli window is larger than 16 MiB".to_owned()))
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(
        coding in proptest::sample::select(vec!["gzip", "deflate", "br", "zstd"]),
        wire in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        magic: bool,
    ) {
        let start: &[u8] = match coding {
            _ if !magic => &[],
            "gzip" => &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
            "zstd" => &ZSTD_MAGIC,
            "deflate" => &[0x78, 0x9c],
            _ => &[],
        };
        if let Ok(decompressor) = pushed(coding, &[start, &wire].concat(), 7) {
            let _ = decompressor.finish_body();
        }
    }
}

#[test]
fn a_stated_length_reserves_little_and_decides_nothing() {
    for (stated, reserved) in [
        ("5000", 5_000),
        (" 5000 ", 5_000),
        ("99999999999999", MOST_RESERVED_BYTES),
        ("-1", 0),
        ("many", 0),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static(stated));
        let mut decompressor = Decompressor::new(&headers, 2 * MOST_RESERVED_BYTES).unwrap();
        decompressor.push(b"a feed").unwrap();
        assert_eq!(decompressor.buffered_bytes(), 6);
        let capacity = decompressor.decoder.buffer_mut().unwrap().bytes.capacity();
        assert!((reserved..reserved.max(16) + 1).contains(&capacity), "{stated}: {capacity}");
        assert_eq!(decompressor.finish_body().unwrap().bytes, b"a feed");
    }
}
