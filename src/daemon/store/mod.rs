//! The only place that says `sled`.

mod disk;
mod keys;

pub use disk::{RecordError, whole_milliseconds};
