//! The moments of the loop → checks of the configuration's files on a thread for blocking work, one at a time: with
//! many included files, or on a slow disk, a check must not stop the loop.

use std::path::PathBuf;

use tokio::task::{JoinError, JoinSet};

use super::config_watcher::{ConfigWatcher, FileChange};
use super::settings;
use crate::config::Config;
use crate::store::output_tokens_path;

/// A check that has ended.
pub(super) type ConfigCheck = Result<(ConfigWatcher, FileChange), JoinError>;

/// The watcher, and the check that it is used for.
pub(super) struct ConfigChecks {
    path: PathBuf,
    /// The tokens of private outputs.
    tokens: PathBuf,
    /// `None`: a check is running.
    idle: Option<ConfigWatcher>,
    running: JoinSet<(ConfigWatcher, FileChange)>,
    /// Whether the files are to be accepted as they are and reported as changed.
    is_reload_wanted: bool,
}

impl ConfigChecks {
    /// No check is running. What changed since `config` was read, for example while the store was opened, is
    /// reported by the first check.
    pub(super) fn new(config: &Config) -> Self {
        let path = config.path.clone();
        let tokens = output_tokens_path(&config.store.path);
        let watcher = ConfigWatcher::new(&path).beside(tokens.clone());
        let is_reload_wanted = watcher.differs_from(config.texts_hash) || has_other_tokens(config);
        Self { path, tokens, idle: Some(watcher), running: JoinSet::new(), is_reload_wanted }
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
                (ConfigWatcher::new(&self.path).beside(self.tokens.clone()), FileChange::Unchanged)
            }
        };
        self.idle = Some(watcher);
        if self.is_reload_wanted {
            self.start_check();
        }
        change
    }
}

/// Whether the tokens of private outputs are others than when the configuration was read.
fn has_other_tokens(config: &Config) -> bool {
    let mut now = config.clone();
    settings::apply_output_tokens(&mut now);
    now.outputs != config.outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next_change(checks: &mut ConfigChecks) -> FileChange {
        let check = checks.next_check().await.unwrap();
        checks.end_check(check)
    }

    /// A configuration of this text, and a file that holds another text by now.
    fn config_and_file(text: &str, now: &str) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(folder.path().join("list.toml"), "# \n").unwrap();
        std::fs::write(&path, now).unwrap();
        let config = crate::config::parse(text, &path, folder.path()).unwrap();
        (folder, config)
    }

    const TEXT: &str = "include = [\"*.toml\", \"list.toml\"]\n";

    #[tokio::test]
    async fn a_reload_that_is_requested_during_a_check_is_not_lost() {
        let (_folder, config) = config_and_file(TEXT, TEXT);
        let mut checks = ConfigChecks::new(&config);
        assert!(checks.next_check().await.is_none());
        checks.start_check();
        checks.start_check();
        checks.request_reload();
        assert!(matches!(next_change(&mut checks).await, FileChange::Unchanged));
        assert!(matches!(next_change(&mut checks).await, FileChange::Changed));
        assert!(checks.next_check().await.is_none(), "both were answered");
    }

    #[tokio::test]
    async fn a_change_before_the_first_check_is_not_lost() {
        let (_folder, config) = config_and_file(TEXT, &format!("{TEXT}[site]\n"));
        let mut checks = ConfigChecks::new(&config);
        checks.start_check();
        assert!(matches!(next_change(&mut checks).await, FileChange::Changed));
        checks.start_check();
        assert!(matches!(next_change(&mut checks).await, FileChange::Unchanged));
    }
}
