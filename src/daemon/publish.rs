//! Committed entries to the shelf.
