//! Signals → stop or reload: SIGTERM and Ctrl-C stop (a second one exits at once), SIGHUP reloads.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The shell's convention for a program that Ctrl-C ended (128 + SIGINT).
const FORCED_EXIT_CODE: i32 = 130;

/// What the system wants of this process.
#[derive(Debug)]
pub struct Signals {
    /// Cancelled when the process has to end.
    pub(super) stop: CancellationToken,
    /// Notified when the configuration is to be read again.
    pub(super) reload: Arc<Notify>,
}

impl Signals {
    /// Starts listening. `stop` is cancelled by the first stop signal; the second ends the process.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen(stop: CancellationToken) -> std::io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let signals = Self { stop: stop.clone(), reload: Arc::new(Notify::new()) };
        let reload = Arc::clone(&signals.reload);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => stop_or_exit(&stop),
                    _ = interrupt.recv() => stop_or_exit(&stop),
                    _ = hangup.recv() => reload.notify_one(),
                }
            }
        });
        Ok(signals)
    }
}

fn stop_or_exit(stop: &CancellationToken) {
    if stop.is_cancelled() {
        std::process::exit(FORCED_EXIT_CODE);
    }
    tracing::info!("stopping: finishing what is being written; a second signal leaves at once");
    stop.cancel();
}
