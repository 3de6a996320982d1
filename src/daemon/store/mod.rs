//! The only place that says sled.
