//! A feed on disk → its entries and warnings on the terminal.
//!
//! `cargo run -p rafid-feed --example read -- FILE [ADDRESS]`; the address is where the feed comes from.

#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::fs;

use rafid_feed::{Document, ReadHints, read_feed};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("expected the path of a feed")?;
    let url = arguments.next().map(|address| address.parse()).transpose()?;
    let document = Document { bytes: fs::read(file)?, content_type: None, url };

    let parsed = read_feed(&document, ReadHints::default())?;
    let title = parsed.feed.title.unwrap_or_default();
    println!("{title} ({}, {})", parsed.format.as_str(), parsed.charset);
    for entry in parsed.feed.entries {
        let published = entry.published_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        println!("{published}  {}\n    {}", entry.title, entry.link.unwrap_or_default());
    }
    for warning in parsed.feed.warnings {
        println!("warning: {}: {} ({}x)", warning.code, warning.detail, warning.count);
    }
    Ok(())
}
