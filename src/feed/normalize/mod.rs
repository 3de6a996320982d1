//! The publisher's words → what we believe: `RawFeed` → `Feed`.

mod address;
mod attributes;
mod bidi;
mod compare;
mod elements;
mod escape;
mod files;
mod html;
mod identity;
mod language;
mod line;
mod link;
mod markup;
mod notes;
mod pace;
mod people;
mod pictures;
mod place;
mod rewrite;
mod signs;
mod text;
mod tree;
