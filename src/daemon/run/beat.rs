//! What every heartbeat looks at: the configuration's file, and the store's folder. What is lost is
//! reported once, in the log, on `/status` and at `/readyz`, and so is its return.

use super::reload::Seen;
use super::{Loop, RunError};

impl Loop {
    /// Reads the configuration again where it changed; says so where its file is gone.
    pub(super) fn look_at_config(&mut self) -> Result<(), RunError> {
        let path = self.config.path.display();
        match self.watch.look() {
            Seen::Same => Ok(()),
            Seen::Changed => self.reload(),
            Seen::Gone(error) => {
                tracing::error!(%path, %error, "the configuration's file is gone; what it said stays in force");
                self.publisher.config_refused(Some(format!(
                    "{path} is gone ({error}): what it said before stays in force as long as this \
                     process runs; put it back"
                )));
                Ok(())
            }
            Seen::Back => {
                tracing::info!(%path, "the configuration's file is back, unchanged");
                self.publisher.config_refused(None);
                Ok(())
            }
        }
    }

    /// Sees whether the store is where it was.
    pub(super) fn look_at_store(&mut self) {
        let found = self.store.check_place();
        self.health.set_store_lost(found.is_err());
        match (&found, self.is_store_lost) {
            (Err(error), false) => tracing::error!(%error, "the store is not where it was"),
            (Ok(()), true) => tracing::info!("the store is where it was again"),
            _ => {}
        }
        self.is_store_lost = found.is_err();
    }
}
