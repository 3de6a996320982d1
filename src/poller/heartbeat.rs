//! What every heartbeat checks about the configuration file. A loss is reported once, in the log and on `/status`,
//! and so is the return.

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
}
