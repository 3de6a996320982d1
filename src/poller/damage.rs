//! Damage in the open store → the end of the daemon's tasks, so that the store can be opened again, while the server
//! goes on: with what was rendered before, and else with a notice.
//!
//! | damage is found | what follows |
//! | --- | --- |
//! | by the loop or the writer | the tasks end at once |
//! | by a reader, for example a page of old entries | they end at the next heartbeat |
//! | soon after a recovery | the disk fails: a reader's failure is only logged, and a failure of the loop ends the process |

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::Daemon;
use super::run_error::{DamagedStore, RunError};
use crate::http::{DaemonHealth, HttpState, Server};
use crate::publish::{self, OpeningCause, PublishedSite};
use crate::store::Store;

/// Serves what the server has in its cache, and else the notice that the store is being opened. The notice can be
/// renewed through the returned value.
pub fn serve_opening_notice(
    server: &mut Server,
    site: &PublishedSite,
    cause: OpeningCause,
) -> Arc<DaemonHealth> {
    let cache = server.cache().unwrap_or_else(|| Arc::new(publish::cache_without_entries(site)));
    let health = Arc::new(DaemonHealth::new(Timestamp::now()));
    health.set_opening(publish::opening_notice(site, cause, None));
    server.serve(HttpState::without_store(cache, Arc::clone(&health), Timestamp::now));
    health
}

/// The damage of a store that may be opened again at this moment.
pub(super) fn recoverable_damage(store: &Store, recover_after: Instant) -> Option<String> {
    let is_soon = Instant::now() < recover_after;
    store.damage().filter(|_| !is_soon).map(str::to_owned)
}

impl Daemon {
    /// Ends the loop when a reader met damage.
    pub(super) fn check_damage(&self) -> Result<(), RunError> {
        match recoverable_damage(&self.store, self.recover_after) {
            Some(why) => Err(RunError::Damaged(DamagedStore { why, config: None })),
            None => Ok(()),
        }
    }

    /// How the loop ended, and whether the store is to be opened again.
    pub(super) fn end_of_loop(&self, ended: Result<(), RunError>) -> Result<(), RunError> {
        let damage = recoverable_damage(&self.store, self.recover_after);
        match damage.filter(|_| ended.is_err()) {
            Some(why) => {
                let mut config = Box::new(self.config.clone());
                self.restart_settings.restore(&mut config);
                Err(RunError::Damaged(DamagedStore { why, config: Some(config) }))
            }
            None => ended,
        }
    }
}
