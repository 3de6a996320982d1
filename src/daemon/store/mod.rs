//! The only place that says `sled`.

mod disk;
mod error;
mod hold;
mod keys;

pub use disk::{RecordError, whole_milliseconds};
pub use error::StoreError;
pub use hold::{Owner, holder};
