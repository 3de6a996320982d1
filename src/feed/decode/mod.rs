//! Bytes to text, by a ladder of evidence.
