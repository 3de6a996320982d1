//! What a command gives to the loop, and what it receives from it.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::PassTotals;
use crate::config::{Config, ConfigError};
use crate::ingest::UpdateReport;
use crate::store::Store;

/// What happens while polling; progress lines and log lines are made from it.
#[derive(Debug, Clone, Copy)]
pub enum PollEvent<'a> {
    /// One source was polled, and the result is stored.
    Updated(&'a UpdateReport),
    /// A hub pushed content of one source, and it is stored.
    Pushed(&'a UpdateReport),
    /// Every source that was due at the start has been polled.
    InitialPass(PassTotals),
}

/// Receives every event.
pub type EventSink = Arc<dyn Fn(PollEvent<'_>) + Send + Sync>;

/// Loads the configuration file again; options of the command line stay in force.
pub type ConfigLoader = Arc<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

/// What the loop needs to run. The store is open before it starts.
pub struct DaemonArgs {
    /// The store, opened by the caller.
    pub store: Store,
    /// The configuration, completely read and checked.
    pub config: Config,
    /// Loads the configuration again when the file changes; options of the command line stay in force.
    pub load_config: ConfigLoader,
    /// Receives every update.
    pub on_event: EventSink,
    /// When the process started.
    pub started_at: Timestamp,
    /// Before this moment the store is not opened again because of damage: it was just recovered.
    pub recover_after: Instant,
}
