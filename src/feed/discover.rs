//! An HTML page to the feeds it names.
