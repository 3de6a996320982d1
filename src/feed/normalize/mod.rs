//! The publisher's words → what we believe: `RawFeed` → `Feed`.

mod address;
mod bidi;
mod compare;
mod elements;
mod line;
mod link;
mod markup;
mod signs;
mod text;
