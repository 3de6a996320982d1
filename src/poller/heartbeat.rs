//! What every heartbeat looks at: the configuration's file, and the store's folder. What is lost is
//! reported once, in the log, on `/status` and at `/readyz`, and so is its return.

use super::config_watcher::FileChange;
use super::{Daemon, RunError};

impl Daemon {
    /// Reads the configuration again where it changed; says so where its file is gone.
    pub(super) fn check_config_file(&mut self) -> Result<(), RunError> {
        let path = self.config.path.display();
        match self.config_watcher.check() {
            FileChange::Unchanged => Ok(()),
            FileChange::Changed => self.reload_config(),
            FileChange::Missing(error) => {
                tracing::error!(%path, %error, "the configuration's file is gone; what it said stays in force");
                self.publisher.config_refused(Some(format!(
                    "{path} is gone ({error}): what it said before stays in force as long as this \
                     process runs; put it back"
                )));
                Ok(())
            }
            FileChange::Restored => {
                tracing::info!(%path, "the configuration's file is back, unchanged");
                self.publisher.config_refused(None);
                Ok(())
            }
        }
    }

    /// Sees whether the store is where it was.
    pub(super) fn check_store_folder(&mut self) {
        let found = self.store.check_location();
        self.health.set_store_lost(found.is_err());
        match (&found, self.is_store_lost) {
            (Err(error), false) => tracing::error!(%error, "the store is not where it was"),
            (Ok(()), true) => tracing::info!("the store is where it was again"),
            _ => {}
        }
        self.is_store_lost = found.is_err();
    }
}
