//! Documents made to harm a reader give a feed or an error, and everything before the harmful part is kept.
//! `cargo bench --bench hostile` measures their cost, and `cargo bench --bench sanitising` the cost of texts.

pub(crate) mod inputs;
mod texts;

use rafid_feed::model::{Document, RawEntry, RawFeed, RawText, ReadHints, TextKind};
use rafid_feed::normalize::{SourceHints, normalize};
use rafid_feed::pipeline;

/// The size of one hostile text in bytes; twice as many are still below the limit of a text.
const TEXT_BYTES: usize = 32 * 1024;
/// The maximum depth of elements in displayed markup (`crates/rafid-feed/src/normalize/nesting.rs`).
const DEEPEST: usize = 128;
/// The output that any text may cause once, whatever its length: inline tags that are reopened, and the end
/// tags of open elements.
const ONCE_BYTES: usize = 4 * 1024;

#[test]
fn each_gives_a_result_and_feeds_are_read() {
    for hostile in inputs::all() {
        let document = Document { bytes: hostile.bytes, ..Document::default() };
        let read = pipeline::read_feed(&document, ReadHints::default());
        assert_eq!(read.is_ok(), hostile.is_feed, "{}: {:?}", hostile.name, read.err());
        if let Ok(reading) = read {
            let first = reading.feed.entries.first().map(|entry| entry.title.as_str().to_owned());
            assert_eq!(first.as_deref(), Some("خبر أول"), "{}", hostile.name);
        }
    }
}

/// The cost of a text is counted, not timed: the size and the depth of the output, because parsers take time
/// that grows with the square of the nesting.
#[test]
fn a_text_twice_as_long_gives_at_most_twice_as_much_and_nothing_deeper() {
    let (once, twice) = (texts::all(TEXT_BYTES), texts::all(2 * TEXT_BYTES));
    for ((name, short), (_, long)) in once.iter().zip(&twice) {
        for kind in [TextKind::Html, TextKind::Unspecified, TextKind::Text] {
            let (half, whole) = (kept_markup(short, kind), kept_markup(long, kind));
            let (half_bytes, bytes) = (half.len(), whole.len());
            let row = format!("{name} as {kind:?}: {half_bytes} bytes, then {bytes}");
            assert!(bytes <= 2 * half_bytes + ONCE_BYTES, "{row}");
            assert!(bytes <= 10 * long.len() + ONCE_BYTES, "{row} of {}", long.len());
            assert!(depth(&whole) <= DEEPEST, "{row}, {} deep", depth(&whole));
        }
    }
}

/// The markup that is kept of a text; empty: none.
fn kept_markup(text: &str, kind: TextKind) -> String {
    let content = RawText { value: text.to_owned(), kind, ..RawText::default() };
    let entry = RawEntry { content: Some(content), ..RawEntry::default() };
    let raw = RawFeed { entries: vec![entry], ..RawFeed::default() };
    let feed = normalize(raw, &SourceHints::default());
    let content = feed.entries.first().and_then(|entry| entry.content.as_ref());
    content.map(|html| html.as_str().to_owned()).unwrap_or_default()
}

/// The maximum depth of nested elements.
fn depth(html: &str) -> usize {
    const VOID: [&str; 4] = ["br", "hr", "img", "wbr"];
    let (mut open, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1) {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if !VOID.contains(&name) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}
