//! Why the daemon, or one pass over the sources, ended.

use std::sync::Arc;

use crate::config::Config;
use crate::fetch::FetchError;
use crate::store::StoreError;

/// Why the daemon failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store failed: nothing can be stored any more.
    #[error("the store failed: {0}")]
    Store(Arc<StoreError>),
    /// The store is damaged, and can be opened again. The server still serves what was rendered before.
    #[error("the store is damaged: {}", .0.why)]
    Damaged(DamagedStore),
    /// The client could not be built.
    #[error("the fetching client could not be built: {0}")]
    Client(#[from] FetchError),
    /// The system gave no thread or no signal handler.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// The store was found to be damaged, and can be opened again.
#[derive(Debug)]
pub struct DamagedStore {
    /// The first failure, in words.
    pub why: String,
    /// The configuration in force; `None`: it is the one that the daemon started with.
    pub config: Option<Box<Config>>,
}
