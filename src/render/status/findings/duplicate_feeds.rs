//! The id of an earlier source that is the same feed → the sentence about it.

/// For the log.
pub const DUPLICATE_FEED_LOG: &str = "the same feed as an earlier source";

/// For the terminal.
pub(in crate::render::status) fn duplicate_feed_in_english(first: &str) -> String {
    format!("the same feed as {first}; one of them is enough")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_is_named() {
        assert_eq!(duplicate_feed_in_english("a"), "the same feed as a; one of them is enough");
    }
}
