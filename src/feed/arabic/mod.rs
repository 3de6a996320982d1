//! Arabic for comparing, never for display: match keys, script statistics, direction.

mod direction;
mod match_key;

pub use direction::{direction_of, is_mostly_arabic};
pub use match_key::MatchKey;
