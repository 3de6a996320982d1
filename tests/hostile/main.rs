//! Documents made to harm a reader are answered with a feed or an error, and what stands before the
//! harm is kept. What they cost is measured by `cargo bench --bench hostile`.

#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    unreachable_pub,
    missing_docs
)]

mod inputs;

use rafid::feed::model::Document;
use rafid::feed::pipeline::{self, Hints};

#[test]
fn each_is_answered_and_what_is_a_feed_is_read() {
    for hostile in inputs::all() {
        let document = Document { bytes: hostile.bytes, ..Document::default() };
        let read = pipeline::read(&document, Hints::default());
        assert_eq!(read.is_ok(), hostile.is_feed, "{}: {:?}", hostile.name, read.err());
        if let Ok(reading) = read {
            let first = reading.feed.entries.first().map(|entry| entry.title.as_str().to_owned());
            assert_eq!(first.as_deref(), Some("خبر أول"), "{}", hostile.name);
        }
    }
}
