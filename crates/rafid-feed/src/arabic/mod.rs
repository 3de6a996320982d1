//! Arabic for comparing, never for display: match keys and their tokens, script statistics,
//! direction, labels before titles.
//!
//! Folded text cannot be displayed: neither a key nor a token converts to a string.
//!
//! ```compile_fail
//! let shown: String = rafid_feed::arabic::MatchKey::of("مدينة").to_string();
//! ```
//!
//! ```compile_fail
//! let key = rafid_feed::arabic::MatchKey::of("مدينة");
//! let shown: &str = key.tokens()[0].as_ref();
//! ```
//!
//! ```compile_fail
//! let key = rafid_feed::arabic::MatchKey::of("مدينة");
//! let shown = key.tokens()[0].to_string();
//! ```
//!
//! ```compile_fail
//! serde_json::to_string(&rafid_feed::arabic::MatchKey::of("مدينة"));
//! ```
//!
//! ```compile_fail
//! let key = rafid_feed::arabic::MatchKey::of("مدينة");
//! rafid_feed::model::PlainText::from_trusted(key.into());
//! ```
//!
//! This example compiles, so the ones above fail for no other reason:
//!
//! ```
//! let key = rafid_feed::arabic::MatchKey::of("مدينة");
//! assert_eq!(key, rafid_feed::arabic::MatchKey::of("مدينه"));
//! assert!(!key.tokens()[0].is_stop_word());
//! rafid_feed::model::PlainText::from_trusted("مدينة".into());
//! ```

mod boilerplate;
mod direction;
mod headline_labels;
mod letters;
mod match_key;
mod mojibake;
mod stop_words;
mod tokens;
mod word_table;

pub use boilerplate::report_lines;
pub use direction::{direction_of, is_arabic, is_mostly_arabic};
pub use headline_labels::{
    BREAKING, is_breaking, is_breaking_key, is_overused, split_breaking_label, topic_categories,
    without_labels,
};
pub use letters::{count_if_all_arabic, is_letter};
pub use match_key::MatchKey;
pub use mojibake::{undo_mojibake, undo_mojibake_in_field};
pub(crate) use tokens::stem_of_word;
pub use tokens::{MatchToken, has_letters};
pub(crate) use word_table::WordTable;
