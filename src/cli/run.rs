//! `rafid run`: the daemon, until it is told to stop.

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::args::Common;
use super::{Failed, arenas, load, log, progress, runtime, tell};
use crate::daemon::run::{self, Daemon};

/// Judges the configuration, opens the store, binds the address, and runs.
pub(super) fn run(common: &Common) -> Result<(), Failed> {
    arenas::keep_few();
    let config = load::config_to_fetch(common)?;
    let reread = load::again(common, &config);
    let store = load::store(&config)?;
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let listen = config.serve.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Failed::working(format!(
                "error: cannot serve at {listen}: {error}\n  another program may serve there; \
                 choose another address with --listen"
            ))
        })?;
        let address = listener.local_addr().unwrap_or(listen);
        let serves = format!("http://{address}/");
        store
            .announce(Some(&serves))
            .map_err(|error| Failed::working(format!("error: {error}")))?;
        let sources = config.sources.len();
        tracing::info!(%address, sources, config = %config.path.display(), "serving");
        if !log::is_json(common) {
            tell(&format!(
                "serving {serves} (feeds: {serves}feed.xml, {serves}atom.xml, {serves}feed.json)"
            ));
        }
        let daemon =
            Daemon { store, config, reread, listener, on_event: progress::listener(common) };
        run::run(daemon, CancellationToken::new())
            .await
            .map_err(|error| Failed::working(format!("error: {error}")))
    });
    // Whatever still runs in the background (a read that hangs) does not hold up the exit.
    runtime.shutdown_background();
    if done.is_ok() {
        tracing::info!("stopped");
    }
    done
}
