//! `rafid healthcheck`: is the daemon that the configuration describes alive?

use super::args::Common;
use super::{Failed, ask, load};

/// Asks `/healthz`. What the file has become since the daemon started is not the question.
pub(super) fn run(common: &Common) -> Result<(), Failed> {
    let config = load::understood(common)?.config;
    let Some(url) = ask::listen(&config) else {
        let listen = config.serve.listen;
        let message = format!("error: nobody knows which port {listen} was; name it with --listen");
        return Err(Failed::working(message));
    };
    ask::get(&url, "healthz").map(|_| ())
}
