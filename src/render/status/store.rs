//! How the store is, and whose daemon answers → the report's words for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::render::arabic_wording::LocalClock;

/// The state of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StoreStatus {
    /// Why what is written now will be lost (its folder was deleted or replaced); `None`: it will not.
    pub error: Option<String>,
    /// Broken databases that were set aside, oldest first, until an operator deletes them or moves them away.
    pub set_aside: Vec<SetAsideStatus>,
}

/// A broken database that was set aside; a new one was begun then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAsideStatus {
    /// Its folder's name, in the store's folder.
    pub name: String,
    /// When; `None`: its name does not say.
    pub at: Option<Timestamp>,
}

impl SetAsideStatus {
    /// When, for people.
    pub(super) fn time_words(&self, clock: &LocalClock) -> String {
        self.at.map_or_else(|| "وقت غير معلوم".to_owned(), |at| clock.format_instant(at))
    }
}

/// Which configuration and store a daemon runs with, so that the commands of one do not ask the daemon of
/// another: short hashes, as the paths are not everybody's business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct InstanceStatus {
    /// Of the configuration's path.
    pub configuration: String,
    /// Of the path of the store's folder.
    pub store: String,
}
