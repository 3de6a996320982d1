//! Arabic for comparing, never for display: match keys, script statistics, direction.

mod direction;
mod letters;
mod match_key;
mod mojibake;

pub use direction::{direction_of, is_mostly_arabic};
pub use letters::is_letter;
pub use match_key::MatchKey;
pub use mojibake::{undo_in_field, undo_mojibake};
