//! Rafid.
fn main() {}
