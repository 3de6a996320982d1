//! `rafid add`: the address of a site or a feed → its feed, found, tested and written into the configuration.

use super::additions::Additions;
use super::args::{AddArgs, CommonArgs};
use super::editable_config::EditableConfig;
use super::find_feeds::{self, FoundFeed};
use super::{CliError, EXIT_USAGE, bidi_isolate_for_stderr, eprint, pluralize, start_runtime};
use crate::config::NewSource;
use crate::fetch::Client;
use crate::poller::settings;

/// Finds the feeds, shows them, and writes down the selected ones.
pub(super) fn run(common: &CommonArgs, args: &AddArgs) -> Result<(), CliError> {
    let target = EditableConfig::read(common)?;
    let mut additions = Additions::default();
    if let Some(known) = target.report_existing(&args.url) {
        additions.push_existing(known.clone());
        return additions.finish(&target, &[], args.options);
    }
    let client = Client::new(&settings::fetch_settings(&target.parse_for_fetching()?))
        .map_err(|error| CliError::working(format!("error: fetch: {error}")))?;
    let found = start_runtime()?.block_on(find_feeds::find_feeds(&client, &args.url))?;
    let chosen = choose_feeds(&found, args)?;
    let mut existing = target.existing.clone();
    for feed in chosen {
        if let Some(known) = target.report_existing(&feed.url) {
            additions.push_existing(known.clone());
            continue;
        }
        let new_id = existing.reserve_id(feed.url.as_str());
        additions.push(new_source(feed, args, new_id), &existing);
    }
    additions.finish(&target, &[], args.options)
}

fn new_source(found: &FoundFeed, args: &AddArgs, id: Option<String>) -> NewSource {
    let feed = &found.reading.feed;
    NewSource {
        url: found.url.to_string(),
        id: args.id.clone().or(id),
        name: args.name.clone().or_else(|| feed.title.as_ref().map(ToString::to_string)),
        categories: args.category.clone(),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
    }
}

/// The selected feeds: those that the arguments name, else the answer of the user, else the first.
fn choose_feeds<'a>(
    found: &'a [FoundFeed],
    args: &AddArgs,
) -> Result<Vec<&'a FoundFeed>, CliError> {
    for (index, feed) in found.iter().enumerate() {
        let number = (found.len() > 1).then_some(index + 1);
        print_found_feed(feed, number);
    }
    if args.all {
        return Ok(found.iter().collect());
    }
    let number = match args.pick {
        Some(number) => usize::from(number),
        None if found.len() > 1 && !args.yes && find_feeds::is_interactive() => {
            match find_feeds::prompt_for_choice(found.len())? {
                find_feeds::UserChoice::All => return Ok(found.iter().collect()),
                find_feeds::UserChoice::None => return Ok(Vec::new()),
                find_feeds::UserChoice::One(number) => number,
            }
        }
        None => {
            if found.len() > 1 {
                eprint("the first is taken; --pick N takes another, --all takes all");
            }
            1
        }
    };
    found.get(number - 1).map(|feed| vec![feed]).ok_or_else(|| {
        let message = format!("error: --pick {number}: only {} found", found.len());
        CliError { code: EXIT_USAGE, message }
    })
}

fn print_found_feed(found: &FoundFeed, number: Option<usize>) {
    let feed = &found.reading.feed;
    let title = feed.title.as_ref().map_or("(no title)", |title| title.as_str());
    let language = feed.language.as_ref().map_or("not said", |language| language.as_str());
    let newest = feed.entries.iter().filter_map(|entry| entry.published_at).max();
    let number = number.map_or_else(String::new, |number| format!("{number}: "));
    eprint(&format!("{number}found {}", find_feeds::without_user_info(&found.url)));
    eprint(&format!(
        "  {} — {}, {}, language {language}, newest {}",
        bidi_isolate_for_stderr(title),
        found.reading.format.as_str(),
        pluralize(feed.entries.len(), "entry", "entries"),
        newest.map_or_else(|| "undated".to_owned(), |at| at.to_string()),
    ));
}
