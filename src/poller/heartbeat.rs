//! What a check of the configuration's files causes, and what systemd learns about the daemon. A loss of the main
//! file is reported once, in the log and on `/status`, and so is the return.

use sd_notify::NotifyState;

use super::Daemon;
use super::config_checks::ConfigCheck;
use super::config_watcher::FileChange;

impl Daemon {
    /// Loads the configuration again if it changed; reports a missing file.
    pub(super) fn on_config_check(&mut self, check: ConfigCheck) {
        let change = self.config_checks.end_check(check);
        let path = self.config.path.display();
        match change {
            FileChange::Unchanged => {}
            FileChange::Changed => self.start_reload(),
            FileChange::Missing(error) => {
                tracing::error!(%path, %error, "the configuration file is gone; the loaded configuration stays in force");
                self.report_config_error(Some(format!(
                    "{path} is gone ({error}): what it said before stays in force as long as this \
                     process runs; put it back"
                )));
            }
            FileChange::Restored => {
                tracing::info!(%path, "the configuration file is back, unchanged");
                self.report_config_error(None);
            }
        }
    }
}

/// Notifies systemd if it started us; otherwise does nothing.
pub(super) fn notify_systemd(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be notified");
    }
}
