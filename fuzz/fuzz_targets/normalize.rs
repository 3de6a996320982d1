//! The whole pipeline: the result is plain text, or HTML of the allow-list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::model::{Document, ReadHints};
use rafid_feed::pipeline;

const NEVER: [&str; 6] = ["<script", "<style", "<iframe", "<object", "<svg", "<form"];

fuzz_target!(|data: (bool, &[u8])| {
    let (is_body, bytes) = data;
    let bytes = if is_body {
        let mut document = b"<rss><channel><item><title>x</title><description><![CDATA[".to_vec();
        document.extend(bytes);
        document.extend(b"]]></description></item></channel></rss>");
        document
    } else {
        bytes.to_vec()
    };
    let document = Document { bytes, ..Document::default() };
    if let Ok(reading) = pipeline::read_feed(&document, ReadHints::default()) {
        for entry in &reading.feed.entries {
            assert!(!entry.title.as_str().contains(['\n', '\0']));
            if let Some(content) = &entry.content {
                let html = content.as_str();
                assert!(NEVER.iter().all(|never| !html.contains(never)), "{html}");
            }
        }
    }
});
