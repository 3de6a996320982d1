//! The publisher's words → what we believe: `RawFeed` → `Feed`.

mod address;
mod attributes;
mod bidi;
mod compare;
mod elements;
mod escape;
mod html;
mod identity;
mod line;
mod link;
mod markup;
mod notes;
mod pictures;
mod rewrite;
mod signs;
mod text;
mod tree;
