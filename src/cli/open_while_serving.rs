//! A server and how the store is opened → the open store. While that takes long, as after damage to the disk, clients
//! get a notice that says how far it is: an address that refuses connections looks like a dead server.
//!
//! An intact store opens within the first second. Clients that connect in that time wait, and get what they
//! requested. A server that has served before never stops: it answers at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};

use super::{CliError, load};
use crate::http::Server;
use crate::poller;
use crate::publish::{self, OpeningCause, PublishedSite};
use crate::store::{OpeningProgress, Store, StoreOptions};

/// Clients wait for this long before they get the notice: less than a person does.
const NOTICE_DELAY: Duration = Duration::from_secs(1);
/// How often the notice is renewed: a recovery that takes a minute moves by one percent in this time.
const RENEWAL_INTERVAL: Duration = Duration::from_millis(500);

/// Opens the store, and serves the notice if that takes long; only then `site` is made.
///
/// # Errors
/// Those of `load::open_store`.
pub(super) async fn open_while_serving(
    options: StoreOptions,
    server: &mut Server,
    site: impl FnOnce() -> PublishedSite,
) -> Result<Store, CliError> {
    let progress = Arc::clone(&options.opening);
    let mut opening = tokio::task::spawn_blocking(move || load::open_store(&options));
    let cause = match server.cache() {
        Some(_) => OpeningCause::Damage,
        None => OpeningCause::Start,
    };
    if cause == OpeningCause::Start
        && let Ok(opened) = tokio::time::timeout(NOTICE_DELAY, &mut opening).await
    {
        return into_store(opened);
    }
    let site = site();
    tracing::info!(
        address = site.listen,
        "the store is still being opened; clients get a notice meanwhile"
    );
    let health = poller::serve_opening_notice(server, &site, cause);
    let opened = renew_until_open(opening, &progress, |percent| {
        health.set_opening(publish::opening_notice(&site, cause, percent));
    });
    into_store(opened.await)
}

/// Passes on how far it is whenever that changed, until the store is open.
async fn renew_until_open<T>(
    mut opening: JoinHandle<T>,
    progress: &OpeningProgress,
    on_change: impl Fn(Option<u8>),
) -> Result<T, JoinError> {
    let mut shown = None;
    loop {
        let percent = progress.percent();
        if percent != shown {
            on_change(percent);
            shown = percent;
        }
        if let Ok(opened) = tokio::time::timeout(RENEWAL_INTERVAL, &mut opening).await {
            return opened;
        }
    }
}

fn into_store(opened: Result<Result<Store, CliError>, JoinError>) -> Result<Store, CliError> {
    opened.unwrap_or_else(|error| {
        Err(CliError::working(format!("error: the store could not be opened: {error}")))
    })
}
