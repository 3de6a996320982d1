//! One document, from bytes to the commit.
