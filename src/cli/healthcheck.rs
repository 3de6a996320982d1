//! `rafid healthcheck`: the configuration → whether its daemon is alive, as exit code 0 or 1.

use super::args::CommonArgs;
use super::{CliError, daemon_client, load};

/// Requests `/healthz`. A configuration that was changed since the daemon started does not matter.
pub(super) fn run(common: &CommonArgs) -> Result<(), CliError> {
    let config = load::load_config_leniently(common)?.config;
    let Some(url) = daemon_client::configured_url(&config) else {
        let listen = config.serve.listen;
        let message = format!("error: the port of {listen} is not known; name it with --listen");
        return Err(CliError::working(message));
    };
    daemon_client::get(&url, "healthz").map(|_| ())
}
