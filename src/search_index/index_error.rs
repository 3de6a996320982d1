//! Errors of the index library → errors of this room.

/// Why the index could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The library failed: a file of the index is broken, missing, or could not be written.
    #[error("the search index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// It is not open: opening it failed, or is in progress.
    #[error("the search index is not open")]
    Closed,
    /// Its folder could not be created or emptied.
    #[error("the folder of the search index cannot be used: {0}")]
    Folder(#[from] std::io::Error),
}
