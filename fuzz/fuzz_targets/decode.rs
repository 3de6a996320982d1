//! Any bytes become text that a feed may contain, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::decode::decode;
use rafid_feed::model::Document;

fuzz_target!(|data: (Option<u8>, &[u8])| {
    let (label, bytes) = data;
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
});
