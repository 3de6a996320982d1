//! Fixtures, and mutations of them (bytes, and elements put between their own) that are the same in every run → the checks of the fuzz targets.

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

/// Mutations of every fixture, unless `RAFID_FUZZ_MUTATIONS` says otherwise.
const MUTATIONS: u64 = 2;

/// Larger documents are in other tests; here they would only take time.
const MOST_BYTES: usize = 16 * 1024;

/// Bytes that mean something to a parser, and some that are invalid alone.
const MARKS: &[u8] = b"<>&;\"'/!?-]\0\xd8\x93 ";

/// Elements that are put between those of documents, one on each line.
const ELEMENTS: &str = include_str!("../../fuzz/elements.txt");

/// Members of objects that are put into JSON, one on each line.
const MEMBERS: &str = include_str!("../../fuzz/members.txt");

/// The page of an article.
const ARTICLE: &str = include_str!("../../fuzz/article.html");

/// Numbers that look random and are the same in every run (xorshift64, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// The document with a few bytes changed, dropped, repeated or taken from `other`.
fn mutated(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(bytes.len());
        let end = (at + 1 + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            5 => insert_element(&mut bytes, at, numbers),
            0 if at < bytes.len() => bytes[at] = MARKS[numbers.below(MARKS.len())],
            1 if at < end => _ = bytes.drain(at..end),
            2 if at < end => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3 => {
                let from = numbers.below(other.len());
                let to = (from + 60).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            _ => bytes.truncate(at.max(20)),
        }
    }
    bytes
}

/// Puts one of the elements behind the next tag, or one of the members behind the next comma.
fn insert_element(bytes: &mut Vec<u8>, at: usize, numbers: &mut Numbers) {
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    let (all, mark) = if is_json { (MEMBERS, b',') } else { (ELEMENTS, b'>') };
    let elements: Vec<&str> = all.lines().collect();
    let element = elements[numbers.below(elements.len())];
    let end = bytes.iter().skip(at).position(|byte| *byte == mark).map_or(at, |end| at + end + 1);
    bytes.splice(end..end, element.bytes());
}

/// The bytes of all feeds among the fixtures, in the order of their names, and the page.
fn feeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut folders: Vec<_> =
        fs::read_dir(folder).unwrap().map(|row| row.unwrap().path()).collect();
    folders.sort();
    let files = folders.iter().flat_map(|folder| {
        let files = fs::read_dir(folder).unwrap().map(|row| row.unwrap().path());
        files.filter(|file| file.file_stem().is_some_and(|stem| stem == "feed"))
    });
    let documents = files.map(|file| fs::read(file).unwrap());
    let page = ARTICLE.as_bytes().to_vec();
    documents.filter(|bytes| bytes.len() <= MOST_BYTES).chain([page]).collect()
}

#[test]
fn documents_and_their_mutations_pass_the_checks() {
    let feeds = feeds();
    assert!(feeds.len() > 50, "{}", feeds.len());
    let wanted = std::env::var("RAFID_FUZZ_MUTATIONS").ok();
    let mutations_count = wanted.map_or(MUTATIONS, |wanted| wanted.parse().unwrap());
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for (index, feed) in feeds.iter().enumerate() {
        let other = &feeds[(index + 1) % feeds.len()];
        let mutations: Vec<_> =
            (0..mutations_count).map(|_| mutated(feed, other, &mut numbers)).collect();
        for bytes in mutations.iter().chain([feed]) {
            let text = String::from_utf8_lossy(bytes);
            checks::check_decode(u8::try_from(index % 7).ok().filter(|label| *label < 5), bytes);
            checks::check_repair(&text);
            checks::check_parse(index % 2 == 0, &text);
            checks::check_normalize(index % 3 == 0, bytes);
            checks::check_extract(bytes);
        }
    }
}

#[test]
fn dates_and_their_mutations_pass_the_checks() {
    let table = include_str!("../../crates/rafid-feed/src/dates/tests/dates.tsv");
    let words: Vec<&str> = table
        .lines()
        .filter(|line| !line.starts_with("# "))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for (index, date) in words.iter().enumerate() {
        let other = words[(index + 97) % words.len()].as_bytes();
        checks::check_date(index % 2 == 0, date);
        for _ in 0..8 {
            let bytes = mutated(date.as_bytes(), other, &mut numbers);
            checks::check_date(index % 2 == 1, &String::from_utf8_lossy(&bytes));
        }
    }
}
