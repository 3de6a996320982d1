//! `rafid healthcheck`: is the daemon that the configuration describes alive?

use url::Url;

use super::args::Common;
use super::{Failed, ask, load};

/// Asks `/healthz`.
pub(super) fn run(common: &Common) -> Result<(), Failed> {
    let config = load::config(common)?;
    let url = Url::parse(&format!("http://{}/", config.serve.listen))
        .map_err(|error| Failed::working(format!("error: {error}")))?;
    ask::get(&ask::reachable(url), "healthz").map(|_| ())
}
