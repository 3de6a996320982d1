//! `rafid healthcheck`: is the daemon that the configuration describes alive?

use super::args::CommonArgs;
use super::{CliError, daemon_client, load};

/// Asks `/healthz`. What the file has become since the daemon started is not the question.
pub(super) fn run(common: &CommonArgs) -> Result<(), CliError> {
    let config = load::load_config_leniently(common)?.config;
    let Some(url) = daemon_client::configured_url(&config) else {
        let listen = config.serve.listen;
        let message = format!("error: nobody knows which port {listen} was; name it with --listen");
        return Err(CliError::working(message));
    };
    daemon_client::get(&url, "healthz").map(|_| ())
}
