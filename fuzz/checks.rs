//! Input from strangers → what must be true of the result. The fuzz targets and the test
//! `fuzz_seeds` run the same checks.

// Each target uses one of them.
#![allow(dead_code)]

use rafid_feed::dates;
use rafid_feed::decode::decode;
use rafid_feed::model::{ArticleSelectors, Document, ReadHints};
use rafid_feed::parse::parse;
use rafid_feed::pipeline;
use rafid_feed::repair::repair;

/// Elements that no text of an entry may contain.
const NEVER: [&str; 6] = ["<script", "<style", "<iframe", "<object", "<svg", "<form"];

/// Any text is read as a date from 1970 on, or not at all.
pub fn check_date(is_local: bool, words: &str) {
    let zone = is_local.then(|| dates::parse_zone("Asia/Baghdad")).flatten();
    let now = "2026-11-30T12:00:00Z".parse().ok();
    let context = dates::DateContext { zone: zone.as_ref(), now, ..dates::DateContext::default() };
    if let Some(reading) = dates::read_in_context(words, &context) {
        assert!(reading.instant.as_second() >= 0, "{words:?}: {}", reading.instant);
    }
    let _ = dates::order_evidence(words);
    let _ = dates::detect_order(&[], &[words, "03/04/2024"], zone.as_ref(), None);
}

/// Any bytes become text that a feed may contain, or an error.
pub fn check_decode(label: Option<u8>, bytes: &[u8]) {
    let content_type = label.map(|label| {
        let charset = match label % 5 {
            0 => "utf-8",
            1 => "windows-1256",
            2 => "iso-8859-6",
            3 => "utf-16",
            _ => "klingon",
        };
        format!("text/xml; charset={charset}")
    });
    let document = Document { bytes: bytes.to_vec(), content_type, url: None };
    if let Ok(decoded) = decode(&document, None) {
        assert!(!decoded.text.trim().is_empty());
        assert!(!decoded.text.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r')));
    }
}

/// The page of an article, or a plain text: the result is plain text, or HTML of the allow-list.
pub fn check_extract(bytes: &[u8]) {
    let document = Document { bytes: bytes.to_vec(), ..Document::default() };
    let selectors = ArticleSelectors::default();
    if let Ok(article) = pipeline::read_article(&document, ReadHints::default(), &selectors) {
        assert!(!article.title.as_str().contains(['\n', '\0']));
        assert!(article.paragraphs.iter().all(|text| !text.contains(['\n', '\0'])));
        let html = article.html.as_str();
        assert!(NEVER.iter().all(|never| !html.contains(never)), "{html}");
    }
}

/// The whole pipeline: the result is plain text, or HTML of the allow-list.
pub fn check_normalize(is_body: bool, bytes: &[u8]) {
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
}

/// A repaired document can be parsed: the strict parsers see canonical documents only. The text is
/// inside an entry, where most of a feed is.
pub fn check_parse(is_atom: bool, text: &str) {
    let document = if is_atom {
        format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>x</title>{text}</entry></feed>"
        )
    } else {
        format!("<rss version=\"2.0\"><channel><item><title>x</title>{text}</item></channel></rss>")
    };
    // A document type inside may declare a page; anything else is a feed.
    if let Ok(repaired) = repair(&document) {
        let feed = parse(repaired);
        assert!(feed.is_ok(), "{feed:?}");
    }
}

/// Any text becomes a canonical document, or an error that says why not.
pub fn check_repair(text: &str) {
    if let Err(error) = repair(text) {
        assert!(!error.to_string().is_empty());
    }
}
