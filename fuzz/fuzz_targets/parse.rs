//! A repaired document can be parsed: the strict parsers see canonical documents only. The text is
//! inside an entry, where most of a feed is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::parse::parse;
use rafid_feed::repair::repair;

fuzz_target!(|data: (bool, &str)| {
    let (is_atom, text) = data;
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
});
