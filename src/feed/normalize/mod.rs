//! The publisher's words → what we believe: `RawFeed` → `Feed`.

mod bidi;
mod elements;
mod line;
mod markup;
mod signs;
mod text;
