//! `rafid poll`: one pass over what is due, then exit. A daemon that runs does that all the time: publishers
//! are not asked by both.

use serde_json::json;
use url::Url;

use super::args::{CommonArgs, PollArgs};
use super::{
    CliError, daemon_client, eprint, load, pluralize, print_json, progress, start_runtime,
};
use crate::config::Config;
use crate::poller::{self, FetchMode, PollSelection};

/// Polls, stores, and tells the sums.
pub(super) fn run(common: &CommonArgs, words: &PollArgs) -> Result<(), CliError> {
    let config = load::load_config_for_fetching(common)?;
    let choice = poll_selection(words, &config)?;
    if let Some(base) = daemon_client::find_daemon(&config)? {
        return report_running_daemon(&base, &choice, words.json);
    }
    let store = load::open_store(&config)?;
    let listener = progress::event_sink(common);
    let documents = if words.fresh { FetchMode::Unconditional } else { FetchMode::Conditional };
    let (totals, not_due) = start_runtime()?
        .block_on(poller::poll_once(&store, &config, &choice, documents, &listener))
        .map_err(|error| CliError::working(format!("error: {error}")))?;
    if not_due > 0 && choice == PollSelection::Due {
        let waiting = pluralize(not_due, "source is", "sources are");
        eprint(&format!("{waiting} not due yet; --all polls the rest as well"));
    }
    if not_due > 0 && choice == PollSelection::All {
        let refused = pluralize(not_due, "source was", "sources were");
        eprint(&format!("{refused} not polled: Retry-After or a back-off is in force"));
    }
    if words.json {
        print_json(&json!({
            "schema_version": 1,
            "polled": totals.polled,
            "failed": totals.failed,
            "unchanged": totals.unchanged,
            "new": totals.new,
            "changed": totals.changed,
            "not_due": not_due,
        }))?;
    }
    // One source in trouble is its own business; none at all is the user's.
    if totals.polled > 0 && totals.failed == totals.polled {
        return Err(CliError::working("error: no source could be read"));
    }
    Ok(())
}

/// What is due, a running daemon polls by itself: then nothing is left to do. More than that it does not do
/// for others, and the command has failed.
fn report_running_daemon(base: &Url, choice: &PollSelection, json: bool) -> Result<(), CliError> {
    if *choice != PollSelection::Due {
        return Err(CliError::working(format!(
            "error: the daemon at {base} polls these sources, each when it is due; nothing was requested\n  \
             `rafid status` shows when; stop the daemon to poll by hand"
        )));
    }
    eprint(&format!("the daemon at {base} polls what is due; nothing was requested here"));
    if json {
        print_json(&json!({
            "schema_version": 1,
            "polled": 0, "failed": 0, "unchanged": 0, "new": 0, "changed": 0, "not_due": 0,
            "left_to": base.as_str(),
        }))?;
    }
    Ok(())
}

fn poll_selection(words: &PollArgs, config: &Config) -> Result<PollSelection, CliError> {
    if words.all || (words.fresh && words.sources.is_empty()) {
        return Ok(PollSelection::All);
    }
    if words.sources.is_empty() {
        return Ok(PollSelection::Due);
    }
    let asked = words.sources.iter();
    let ids = asked.map(|word| load::find_source(config, word).map(|source| source.id.clone()));
    Ok(PollSelection::Only(ids.collect::<Result<_, _>>()?))
}
