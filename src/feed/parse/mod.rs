//! A repaired document to the publisher's words.
