//! A thread of the program → whether it ended in time.

use std::thread::JoinHandle;
use std::time::Duration;

/// Waits until a thread ends, up to a limit. After the limit the process ends without the thread, as if it
/// were killed; store and index survive that. Returns whether the thread ended well.
pub(super) async fn join_within(name: &str, thread: JoinHandle<()>, at_most: Duration) -> bool {
    let joined = tokio::task::spawn_blocking(move || thread.join());
    match tokio::time::timeout(at_most, joined).await {
        Ok(Ok(Ok(()))) => return true,
        Ok(_) => tracing::error!("{name} panicked"),
        Err(_) => tracing::warn!("{name} did not end in time; the process ends without it"),
    }
    false
}
