//! What an origin serves, poll after poll → the next requests, from its own log.

mod delta_feeds;
mod large_reader;
mod lost;
mod redirects;
mod timing;
mod validators;

use std::fmt::Write as _;

use super::*;
use crate::fetch::test_server::{Act, ReceivedRequest, bare, head_of, ok};
use large_reader::World;

/// A feed with these entries, by number.
fn feed(numbers: &[u32]) -> Vec<u8> {
    let items = numbers.iter().fold(String::new(), |mut items, number| {
        write!(items, "<item><guid>{number}</guid><title>خبر {number}</title></item>").unwrap();
        items
    });
    format!("<rss><channel><title>وكالة</title>{items}</channel></rss>").into_bytes()
}
