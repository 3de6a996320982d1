//! `rafid poll`: one pass over the due sources, then exit. A running daemon polls them all the time: then the
//! command sends no requests itself, so that publishers do not get them twice, and the daemon polls the sources that
//! are named.

use serde_json::json;
use url::Url;

use super::args::{CommonArgs, PollArgs};
use super::{
    CliError, daemon_client, eprint, load, pluralize, poll_by_daemon, print_json, progress,
    start_runtime,
};
use crate::config::Config;
use crate::model::SourceId;
use crate::poller::{self, FetchMode, PollSelection};

/// Polls, stores, and prints the totals.
pub(super) fn run(common: &CommonArgs, args: &PollArgs) -> Result<(), CliError> {
    let config = match load::load_config_for_fetching(common) {
        Ok(config) => config,
        Err(error) => return poll_leniently(common, args, error),
    };
    let selection = poll_selection(args, &config)?;
    if let Some(base) = daemon_client::find_daemon(&config)? {
        return leave_to_daemon(&config, &base, &selection, args);
    }
    let store = load::open_store(&load::store_options(&config)?)?;
    let config = refresh_lists(common, config, &selection)?;
    let event_sink = progress::event_sink(common);
    let fetch_mode = if args.fresh { FetchMode::Unconditional } else { FetchMode::Conditional };
    let (totals, not_due) = start_runtime()?
        .block_on(poller::poll_once(&store, &config, &selection, fetch_mode, &event_sink))
        .map_err(|error| CliError::working(format!("error: {error}")))?;
    if not_due > 0 && selection == PollSelection::Due {
        let waiting = pluralize(not_due, "source is", "sources are");
        eprint(&format!("{waiting} not due yet; --all polls the rest as well"));
    }
    if not_due > 0 && selection == PollSelection::All {
        let refused = pluralize(not_due, "source was", "sources were");
        eprint(&format!("{refused} not polled: Retry-After or a back-off is in force"));
    }
    if args.json {
        print_json(&json!({
            "schema_version": 1,
            "polled": totals.polled,
            "failed": totals.failed,
            "unchanged": totals.unchanged,
            "new": totals.new,
            "changed": totals.changed,
            "not_due": not_due,
            "left_to": null,
            "sources": [],
        }))?;
    }
    // The failure of one source is reported in its status; the failure of all is a failure of the command.
    if totals.polled > 0 && totals.failed == totals.polled {
        return Err(CliError::working("error: no source could be read"));
    }
    Ok(())
}

/// The configuration with what its lists say now: their sources are part of the pass. Named sources are known already.
fn refresh_lists(
    common: &CommonArgs,
    config: Config,
    selection: &PollSelection,
) -> Result<Config, CliError> {
    if config.lists.is_empty() || matches!(selection, PollSelection::Only(_)) {
        return Ok(config);
    }
    let is_all = *selection == PollSelection::All;
    let is_other = start_runtime()?
        .block_on(poller::refresh_lists(&config, is_all))
        .map_err(|error| CliError::working(format!("error: {error}")))?;
    if is_other { load::load_config_for_fetching(common) } else { Ok(config) }
}

/// A running daemon needs neither this configuration nor the secrets, which an operator's shell may lack. `error` is
/// why they cannot be used.
fn poll_leniently(common: &CommonArgs, args: &PollArgs, error: CliError) -> Result<(), CliError> {
    let loaded = load::load_config_leniently(common)?;
    let Some(base) = daemon_client::find_daemon_leniently(&loaded)? else { return Err(error) };
    loaded.warn_if_refused();
    let ids = args.sources.iter().filter_map(|id| SourceId::new(id).ok()).collect::<Vec<_>>();
    let selection = if ids.len() == args.sources.len() && !ids.is_empty() {
        PollSelection::Only(ids)
    } else {
        poll_selection(args, &loaded.config)?
    };
    leave_to_daemon(&loaded.config, &base, &selection, args)
}

fn leave_to_daemon(
    config: &Config,
    base: &Url,
    selection: &PollSelection,
    args: &PollArgs,
) -> Result<(), CliError> {
    match selection {
        PollSelection::Only(sources) if !args.fresh => {
            poll_by_daemon::run(config, base, sources, args)
        }
        _ => report_running_daemon(base, selection, args.json),
    }
}

/// A running daemon polls the due sources by itself: then nothing is left to do. It polls neither all sources nor
/// whole documents on request: then the command fails.
fn report_running_daemon(
    base: &Url,
    selection: &PollSelection,
    json: bool,
) -> Result<(), CliError> {
    if *selection != PollSelection::Due {
        return Err(CliError::working(format!(
            "error: the daemon at {base} polls each source when it is due; nothing was requested\n  \
             `rafid status` shows when; `rafid poll SOURCE…` has it poll some now; stop it for --all and --fresh"
        )));
    }
    eprint(&format!("the daemon at {base} polls what is due; nothing was requested here"));
    if json {
        print_json(&json!({
            "schema_version": 1,
            "polled": 0, "failed": 0, "unchanged": 0, "new": 0, "changed": 0, "not_due": 0,
            "left_to": base.as_str(),
            "sources": [],
        }))?;
    }
    Ok(())
}

fn poll_selection(args: &PollArgs, config: &Config) -> Result<PollSelection, CliError> {
    if args.all || (args.fresh && args.sources.is_empty()) {
        return Ok(PollSelection::All);
    }
    if args.sources.is_empty() {
        return Ok(PollSelection::Due);
    }
    let ids = args.sources.iter();
    let ids = ids.map(|id| load::find_source(config, id).map(|source| source.id.clone()));
    Ok(PollSelection::Only(ids.collect::<Result<_, _>>()?))
}
