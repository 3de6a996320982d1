//! `rafid poll`: one pass over what is due, then exit. A daemon that runs does that all the time: publishers
//! are not asked by both.

use serde_json::json;
use url::Url;

use super::args::{Common, Poll};
use super::{Failed, ask, counted, load, print_json, progress, runtime, tell};
use crate::config::Config;
use crate::daemon::run::{self, Choice, Documents};

/// Polls, stores, and tells the sums.
pub(super) fn run(common: &Common, words: &Poll) -> Result<(), Failed> {
    let config = load::config_to_fetch(common)?;
    let choice = choice(words, &config)?;
    if let Some(base) = ask::daemon(&config)? {
        return left_to(&base, &choice, words.json);
    }
    let store = load::store(&config)?;
    let listener = progress::listener(common);
    let documents = if words.fresh { Documents::Whole } else { Documents::Changed };
    let (totals, not_due) = runtime()?
        .block_on(run::pass(&store, &config, &choice, documents, &listener))
        .map_err(|error| Failed::working(format!("error: {error}")))?;
    if not_due > 0 && choice == Choice::Due {
        let waiting = counted(not_due, "source is", "sources are");
        tell(&format!("{waiting} not due yet; --all polls the rest as well"));
    }
    if not_due > 0 && choice == Choice::All {
        let refused = counted(not_due, "source was", "sources were");
        tell(&format!("{refused} not polled: Retry-After or a back-off is in force"));
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
        return Err(Failed::working("error: no source could be read"));
    }
    Ok(())
}

/// What is due, a running daemon polls by itself: then nothing is left to do. More than that it does not do
/// for others, and the command has failed.
fn left_to(base: &Url, choice: &Choice, json: bool) -> Result<(), Failed> {
    if *choice != Choice::Due {
        return Err(Failed::working(format!(
            "error: the daemon at {base} polls these sources, each when it is due; nothing was requested\n  \
             `rafid status` shows when; stop the daemon to poll by hand"
        )));
    }
    tell(&format!("the daemon at {base} polls what is due; nothing was requested here"));
    if json {
        print_json(&json!({
            "schema_version": 1,
            "polled": 0, "failed": 0, "unchanged": 0, "new": 0, "changed": 0, "not_due": 0,
            "left_to": base.as_str(),
        }))?;
    }
    Ok(())
}

fn choice(words: &Poll, config: &Config) -> Result<Choice, Failed> {
    if words.all || (words.fresh && words.sources.is_empty()) {
        return Ok(Choice::All);
    }
    if words.sources.is_empty() {
        return Ok(Choice::Due);
    }
    let asked = words.sources.iter();
    let ids = asked.map(|word| load::source(config, word).map(|source| source.id.clone()));
    Ok(Choice::These(ids.collect::<Result<_, _>>()?))
}
