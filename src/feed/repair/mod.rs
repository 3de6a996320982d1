//! Text to XML that the parsers accept.
