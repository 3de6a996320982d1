//! What an origin serves, poll after poll → what it is asked next, judged by its own log.

mod moves;
mod reader;
mod timing;
mod validators;

use super::*;
use crate::daemon::fetch::origin::{Act, Asked, bare, ok, with};
use reader::World;

/// A feed of these entries, by number.
fn feed(numbers: &[u32]) -> Vec<u8> {
    let items: String = numbers
        .iter()
        .map(|number| format!("<item><guid>{number}</guid><title>خبر {number}</title></item>"))
        .collect();
    format!("<rss><channel><title>وكالة</title>{items}</channel></rss>").into_bytes()
}
