//! A publication to finished text, one file per output.
