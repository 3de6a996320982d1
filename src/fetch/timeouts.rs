//! The waits of a request that have no setting of their own.

use std::time::Duration;

/// A host that takes no connection (name and TLS included) within this time is down: the slowest
/// working ones, on another continent over a bad line, need three seconds.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Apache closes idle connections after 5 s. Ours are closed earlier, so that no request meets a closing
/// connection. The time is enough for the next feed of the same host.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Waits that tests shorten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeouts {
    /// Without a single byte for this long, a response is given up.
    pub(super) silence: Duration,
    /// Between the starts of requests to one public host.
    pub(super) gap: Duration,
}

/// With a gap of 250 ms all fifty feeds of a site are requested within 13 s, at a rate that triggers no
/// rate limiter; 20 s of silence is the most that users of browsers accept.
pub(super) const DEFAULT_TIMEOUTS: Timeouts =
    Timeouts { silence: Duration::from_secs(20), gap: Duration::from_millis(250) };
