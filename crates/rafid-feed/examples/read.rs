//! A feed on disk → the JSON of `rafid parse`: its entries and warnings, or why it is no feed.
//!
//! `cargo run -p rafid-feed --example read -- FILE [ADDRESS]`; the address is where the feed comes from.

#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::fs;

use rafid_feed::json_output::{JsonContext, feed_to_json, refusal_to_json};
use rafid_feed::{Document, ReadHints, decode, read_feed_with_raw_values};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("expected the path of a feed")?;
    let url = arguments.next().map(|address| address.parse()).transpose()?;
    let document = Document { bytes: fs::read(&file)?, content_type: None, url };

    // The text is for the quotes in warnings.
    let decoded = decode::decode(&document, None).ok();
    let context = JsonContext {
        file: Some(&file),
        text: decoded.as_ref().map(|decoded| decoded.text.as_ref()),
        url: document.url.as_ref(),
        ..JsonContext::default()
    };
    let value = match read_feed_with_raw_values(&document, ReadHints::default()) {
        Ok((parsed, raw_values)) => feed_to_json(&parsed, &raw_values, &context),
        Err(error) => refusal_to_json(&error, &context),
    };
    println!("{value:#}");
    Ok(())
}
