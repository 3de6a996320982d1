//! What an origin serves, poll after poll → what it is asked next, judged by its own log.

mod lost;
mod moves;
mod parts;
mod reader;
mod timing;
mod validators;

use std::fmt::Write as _;

use super::*;
use crate::daemon::fetch::origin::{Act, ReceivedRequest, bare, head_of, ok};
use reader::World;

/// A feed of these entries, by number.
fn feed(numbers: &[u32]) -> Vec<u8> {
    let items = numbers.iter().fold(String::new(), |mut items, number| {
        write!(items, "<item><guid>{number}</guid><title>خبر {number}</title></item>").unwrap();
        items
    });
    format!("<rss><channel><title>وكالة</title>{items}</channel></rss>").into_bytes()
}
