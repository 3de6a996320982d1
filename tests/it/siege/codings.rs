//! Armor, bytes: bodies that are compressed, compressed badly or twice, or only claim to be compressed.

use std::io::Write as _;

use Verdict::{Broken, Cut, Failed, Read};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::rows::{Row, Verdict, feed, sends};
use crate::support::origin::ok;

type Pack = fn(&[u8]) -> Vec<u8>;

pub fn rows() -> Vec<Row> {
    let header = |coding: &str| format!("Content-Encoding: {coding}");
    let coded = |name: &'static str, coding: &str, body: &[u8], verdict| {
        sends(name, ok(&[&header(coding)], body), verdict)
    };
    let too_large = Failed("fetch", "the document is larger than");
    let cut = |name: &str| {
        let whole = gzip(&feed(name));
        whole[..whole.len() - 12].to_vec()
    };
    let members = |name: &str| {
        let body = feed(name);
        let (first, second) = body.split_at(body.len() / 2);
        [gzip(first), gzip(second)].concat()
    };
    let trailing = |name: &str| [gzip(&feed(name)), b"\0\0trailing".to_vec()].concat();
    let mut rows = vec![
        coded("gzip", "gzip", &gzip(&feed("gzip")), Read(2)),
        coded("deflate", "deflate", &zlib(&feed("deflate")), Read(2)),
        coded("raw-deflate", "deflate", &deflate(&feed("raw")), Read(2)),
        coded("brotli", "br", &brotli(&feed("br")), Read(2)),
        coded("zstd", "zstd", &zstd(&feed("zstd")), Read(2)),
        coded("gzip-cut", "gzip", &cut("gzip-cut"), Broken),
        coded("gzip-members", "gzip", &members("members"), Read(2)),
        coded("gzip-and-more", "gzip", &trailing("more"), Read(2)),
        coded("gzip-that-is-plain", "gzip", &feed("plain"), Read(2)),
        coded("zstd-that-is-plain", "zstd", &feed("plain-z"), Read(2)),
        coded("plain-that-is-gzip", "identity", &gzip(&feed("secret")), Read(2)),
        coded("a-coding-that-is-a-charset", "utf-8", &feed("utf-8"), Read(2)),
        coded("a-coding-nobody-knows", "x-snow", &feed("snow"), Read(2)),
        coded("an-empty-coding", "", &feed("empty"), Read(2)),
        coded("gzip-in-gzip", "gzip, gzip", &gzip(&gzip(&feed("twice"))), Read(2)),
        coded("gzip-in-brotli", "gzip, br", &brotli(&gzip(&feed("gz-br"))), Read(2)),
        coded("brotli-in-gzip", "br, gzip", &gzip(&brotli(&feed("br-gz"))), Read(2)),
        coded("gzip-twice-said-once-done", "gzip, gzip", &gzip(&feed("once")), Read(2)),
        coded("twenty-codings", &["gzip"; 20].join(", "), &twenty(), MANY),
        coded("brotli-that-is-plain", "br", &feed("plain-br"), Failed("fetch", "cannot be read")),
    ];
    let bombs: [(&str, &str, Pack); 4] = [
        ("a-bomb-of-gzip", "gzip", gzip),
        ("a-bomb-of-deflate", "deflate", zlib),
        ("a-bomb-of-brotli", "br", brotli),
        ("a-bomb-of-zstd", "zstd", zstd),
    ];
    let space = vec![b' '; 40 << 20];
    for (name, coding, pack) in bombs {
        rows.push(coded(name, coding, &pack(&space), GROWS));
    }
    let twice = gzip(&gzip(&space));
    rows.push(coded("a-bomb-in-a-bomb", "gzip, gzip", &twice, GROWS));
    rows.push(coded("a-hidden-bomb", "gzip", &twice, Failed("decode", "empty")));
    let grown = ok(&[], &vec![b' '; 17 << 20]);
    rows.push(sends("larger-than-the-cap", grown, too_large));
    rows.push(coded("a-feed-cut-in-gzip", "gzip", &long_and_cut(), Cut(1)));
    rows
}

const MANY: Verdict = Failed("fetch", "packed 20 times");
const GROWS: Verdict = Failed("fetch", "larger than");

fn twenty() -> Vec<u8> {
    (0..20).fold(feed("twenty"), |inside, _| gzip(&inside))
}

/// An entry, then noise that cannot be compressed, cut in its middle.
fn long_and_cut() -> Vec<u8> {
    let mut noise = String::new();
    let mut state = 1_u64;
    for _ in 0..40_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let [high, ..] = state.to_be_bytes();
        noise.push(char::from(b'a' + high % 26));
    }
    let text = format!(
        "<rss version=\"2.0\"><channel><title>x</title><item><title>خبر أول</title>\
         <link>https://a.example/cut</link></item><!-- {noise} --></channel></rss>"
    );
    let whole = gzip(text.as_bytes());
    whole[..whole.len() / 2].to_vec()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
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
