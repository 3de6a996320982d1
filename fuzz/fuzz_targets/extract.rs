//! An article's page or bare text: what leaves is plain, or HTML of the allow-list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::model::{ArticleSelectors, Document};
use rafid_feed::pipeline::{self, Hints};

const NEVER: [&str; 6] = ["<script", "<style", "<iframe", "<object", "<svg", "<form"];

fuzz_target!(|data: &[u8]| {
    let document = Document { bytes: data.to_vec(), ..Document::default() };
    let selectors = ArticleSelectors::default();
    if let Ok(article) = pipeline::article(&document, Hints::default(), &selectors) {
        assert!(!article.title.as_str().contains(['\n', '\0']));
        assert!(article.paragraphs.iter().all(|text| !text.contains(['\n', '\0'])));
        let html = article.html.as_str();
        assert!(NEVER.iter().all(|never| !html.contains(never)), "{html}");
    }
});
