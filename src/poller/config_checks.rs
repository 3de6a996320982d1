//! The moments of the loop → checks of the configuration's files on a thread for blocking work, one at a time: with
//! many included files, or on a slow disk, a check must not stop the loop.

use std::path::PathBuf;

use tokio::task::{JoinError, JoinSet};

use super::config_watcher::{ConfigWatcher, FileChange};

/// A check that has ended.
pub(super) type ConfigCheck = Result<(ConfigWatcher, FileChange), JoinError>;

/// The watcher, and the check that it is used for.
pub(super) struct ConfigChecks {
    path: PathBuf,
    /// `None`: a check is running.
    idle: Option<ConfigWatcher>,
    running: JoinSet<(ConfigWatcher, FileChange)>,
    /// Whether the files are to be accepted as they are and reported as changed.
    is_reload_wanted: bool,
}

impl ConfigChecks {
    /// No check is running. `path` is the main file.
    pub(super) fn new(path: PathBuf) -> Self {
        let idle = Some(ConfigWatcher::new(&path));
        Self { path, idle, running: JoinSet::new(), is_reload_wanted: false }
    }

    /// The next check that ends; `None`: none is running.
    pub(super) async fn next_check(&mut self) -> Option<ConfigCheck> {
        self.running.join_next().await
    }

    /// Starts a check, unless one is running.
    pub(super) fn start_check(&mut self) {
        let Some(mut watcher) = self.idle.take() else { return };
        let is_reload_wanted = std::mem::take(&mut self.is_reload_wanted);
        self.running.spawn_blocking(move || {
            if is_reload_wanted {
                watcher.accept_current();
                (watcher, FileChange::Changed)
            } else {
                let change = watcher.check();
                (watcher, change)
            }
        });
    }

    /// Reports the files as changed, whatever they hold. What changes after this call is a change of its own.
    pub(super) fn request_reload(&mut self) {
        self.is_reload_wanted = true;
        self.start_check();
    }

    /// What a check found.
    pub(super) fn end_check(&mut self, check: ConfigCheck) -> FileChange {
        let (watcher, change) = match check {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a check of the configuration's files panicked; please report it");
                (ConfigWatcher::new(&self.path), FileChange::Unchanged)
            }
        };
        self.idle = Some(watcher);
        if self.is_reload_wanted {
            self.start_check();
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next_change(checks: &mut ConfigChecks) -> FileChange {
        let check = checks.next_check().await.unwrap();
        checks.end_check(check)
    }

    #[tokio::test]
    async fn a_reload_that_is_requested_during_a_check_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, "").unwrap();
        let mut checks = ConfigChecks::new(path);
        assert!(checks.next_check().await.is_none());
        checks.start_check();
        checks.start_check();
        checks.request_reload();
        assert!(matches!(next_change(&mut checks).await, FileChange::Unchanged));
        assert!(matches!(next_change(&mut checks).await, FileChange::Changed));
        assert!(checks.next_check().await.is_none(), "both were answered");
    }
}
