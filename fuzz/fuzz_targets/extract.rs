//! The page of an article, or a plain text: the result is plain text, or HTML of the allow-list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::model::{ArticleSelectors, Document, ReadHints};
use rafid_feed::pipeline;

const NEVER: [&str; 6] = ["<script", "<style", "<iframe", "<object", "<svg", "<form"];

fuzz_target!(|data: &[u8]| {
    let document = Document { bytes: data.to_vec(), ..Document::default() };
    let selectors = ArticleSelectors::default();
    if let Ok(article) = pipeline::read_article(&document, ReadHints::default(), &selectors) {
        assert!(!article.title.as_str().contains(['\n', '\0']));
        assert!(article.paragraphs.iter().all(|text| !text.contains(['\n', '\0'])));
        let html = article.html.as_str();
        assert!(NEVER.iter().all(|never| !html.contains(never)), "{html}");
    }
});
