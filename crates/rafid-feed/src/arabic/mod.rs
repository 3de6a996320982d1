//! Arabic for comparing, never for display: match keys and their tokens, script statistics,
//! direction, labels before titles.
//!
//! What was folded cannot be shown: neither a key nor a token is a text.
//!
//! ```compile_fail
//! let shown: String = crate::arabic::MatchKey::of("مدينة").to_string();
//! ```
//!
//! ```compile_fail
//! let key = crate::arabic::MatchKey::of("مدينة");
//! let shown: &str = key.tokens()[0].as_ref();
//! ```
//!
//! ```compile_fail
//! let key = crate::arabic::MatchKey::of("مدينة");
//! let shown = key.tokens()[0].to_string();
//! ```
//!
//! ```compile_fail
//! serde_json::to_string(&crate::arabic::MatchKey::of("مدينة"));
//! ```
//!
//! ```compile_fail
//! let key = crate::arabic::MatchKey::of("مدينة");
//! crate::model::PlainText::vouched(key.into());
//! ```
//!
//! That these fail for no other reason shows what does compile:
//!
//! ```
//! let key = crate::arabic::MatchKey::of("مدينة");
//! assert_eq!(key, crate::arabic::MatchKey::of("مدينه"));
//! assert!(!key.tokens()[0].is_stop_word());
//! crate::model::PlainText::vouched("مدينة".into());
//! ```

mod boilerplate;
mod direction;
mod headline_labels;
mod letters;
mod match_key;
mod mojibake;
mod stop_words;
mod tokens;

pub use boilerplate::without_boilerplate;
pub use direction::{direction_of, is_arabic, is_mostly_arabic};
pub use headline_labels::{
    BREAKING, is_breaking, is_breaking_key, is_overused, split_breaking_label, topic_categories,
    without_labels,
};
pub use letters::is_letter;
pub use match_key::MatchKey;
pub use mojibake::{undo_mojibake, undo_mojibake_in_field};
pub use tokens::MatchToken;
