//! What every heartbeat checks: the configuration file and the store's folder. A loss is reported once,
//! in the log, on `/status` and at `/readyz`, and so is the return.

use super::config_watcher::FileChange;
use super::{Daemon, RunError};

impl Daemon {
    /// Loads the configuration again if it changed; reports a missing file.
    pub(super) fn check_config_file(&mut self) -> Result<(), RunError> {
        let path = self.config.path.display();
        match self.config_watcher.check() {
            FileChange::Unchanged => Ok(()),
            FileChange::Changed => self.reload_config(),
            FileChange::Missing(error) => {
                tracing::error!(%path, %error, "the configuration file is gone; the loaded configuration stays in force");
                self.publisher.config_refused(Some(format!(
                    "{path} is gone ({error}): what it said before stays in force as long as this \
                     process runs; put it back"
                )));
                Ok(())
            }
            FileChange::Restored => {
                tracing::info!(%path, "the configuration file is back, unchanged");
                self.publisher.config_refused(None);
                Ok(())
            }
        }
    }

    /// Checks whether the store's folder is still the one that was opened.
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
