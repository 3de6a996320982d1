//! A rendition in a coding ↔ its entity tag (RFC 9110 section 8.8.3): each coding has a strong tag of its own.
//!
//! | rendition | tag |
//! | --- | --- |
//! | a feed of the site | `"<hash>.<rules>.<position>"` |
//! | anything else | `"<hash>"` |
//!
//! Before the last quote there is the suffix of the coding: `-br`, `-zst`, `-gz`, or nothing. The position is
//! that of the feed in the journal of arrivals: with it a later request says which entries the client has.
//! Arrivals that the feed does not hold move the position, but not the bytes. So tags that differ in the
//! position only name the same version.

use crate::model::{Coding, FeedMark, Rendition};

/// The suffix of each coding.
const SUFFIXES: [(Coding, &str); 4] = [
    (Coding::Brotli, "-br"),
    (Coding::Zstd, "-zst"),
    (Coding::Gzip, "-gz"),
    (Coding::Identity, ""),
];

/// The entity tag of a rendition in a coding, with its quotes.
pub(super) fn entity_tag(rendition: &Rendition, coding: Coding) -> String {
    let suffix = SUFFIXES.iter().find(|row| row.0 == coding).map_or("", |row| row.1);
    let hash = &rendition.hash;
    match rendition.mark {
        None => format!("\"{hash}{suffix}\""),
        Some(FeedMark { rules, position }) => {
            format!("\"{hash}.{rules:08x}.{position}{suffix}\"")
        }
    }
}

/// Whether two tags, with their quotes, name the same bytes.
pub(super) fn names_same_version(tag: &str, other: &str) -> bool {
    let without_position =
        |tag| split_feed_tag(tag).map(|(hash, rules, _, rest)| (hash, rules, rest));
    tag == other
        || without_position(tag).is_some_and(|parts| without_position(other) == Some(parts))
}

/// Where the feed that a tag names stood in the journal. `None`: it is not the tag of a feed of ours.
pub(super) fn parse_feed_mark(tag: &str) -> Option<FeedMark> {
    let (_, rules, position, _) = split_feed_tag(tag)?;
    let mark =
        FeedMark { rules: u32::from_str_radix(rules, 16).ok()?, position: position.parse().ok()? };
    Some(mark)
}

/// The hash, the rules, the position and the suffix in the tag of a feed.
fn split_feed_tag(tag: &str) -> Option<(&str, &str, &str, &str)> {
    let words = tag.strip_prefix('"')?.strip_suffix('"')?;
    let (hash, rest) = words.split_once('.')?;
    let (rules, rest) = rest.split_once('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (position, suffix) = rest.split_at(end);
    let is_hex = |word: &str, length: usize| {
        word.len() == length && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_ours = is_hex(hash, 32)
        && is_hex(rules, 8)
        && !position.is_empty()
        && SUFFIXES.iter().any(|row| row.1 == suffix);
    is_ours.then_some((hash, rules, position, suffix))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http::encode_rendition;

    #[test]
    fn a_feed_tag_says_where_the_feed_stood() {
        let mut rendition = encode_rendition("text/plain", "x", Timestamp::UNIX_EPOCH, 60);
        let hash = rendition.hash.clone();
        assert_eq!(entity_tag(&rendition, Coding::Gzip), format!("\"{hash}-gz\""));
        assert_eq!(parse_feed_mark(&entity_tag(&rendition, Coding::Gzip)), None);
        let mark = FeedMark { rules: 0xab, position: 1_795_428_000_123 };
        rendition.mark = Some(mark);
        let tag = entity_tag(&rendition, Coding::Brotli);
        assert_eq!(tag, format!("\"{hash}.000000ab.1795428000123-br\""));
        for (coding, _) in SUFFIXES {
            assert_eq!(parse_feed_mark(&entity_tag(&rendition, coding)), Some(mark), "{coding:?}");
        }
    }

    #[test]
    fn the_position_alone_makes_no_other_version() {
        let (hash, other) = ("0123456789abcdef".repeat(2), "f".repeat(32));
        let tag = format!("\"{hash}.000000ab.12-br\"");
        let check = |tag: &str, same: &str, expected: bool| {
            assert_eq!(names_same_version(tag, same), expected, "{tag} {same}");
        };
        check(&tag, &tag, true);
        check(&tag, &format!("\"{hash}.000000ab.7-br\""), true);
        check(&tag, &format!("\"{hash}.000000ab.12\""), false);
        check(&tag, &format!("\"{hash}.000000ac.12-br\""), false);
        check(&tag, &format!("\"{other}.000000ab.12-br\""), false);
        check("\"a\"", "\"a\"", true);
        check("\"a.b.1\"", "\"a.b.2\"", false);
    }

    #[test]
    fn tags_of_others_name_no_position() {
        let hash = "0123456789abcdef".repeat(2);
        for tag in [
            format!("\"{hash}.000000ab.\""),
            format!("\"{hash}.000000ab.x\""),
            format!("\"{hash}.000000ab.12-xz\""),
            format!("\"{hash}.000000ab.+12\""),
            format!("\"{hash}.000000ab.99999999999999999999\""),
            format!("\"{hash}.ab.12\""),
            format!("\"{hash}.000000AB.12\""),
            format!("\"{hash}.12\""),
            format!("{hash}.000000ab.12"),
            "\"..12\"".to_owned(),
            "\"".to_owned(),
            String::new(),
        ] {
            assert_eq!(parse_feed_mark(&tag), None, "{tag}");
        }
    }
}
