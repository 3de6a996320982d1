//! `rafid add`: the address of a site or a feed → its feed, found, tested and written into the configuration.

use std::path::{Path, PathBuf};

use url::Url;

use super::additions::Additions;
use super::args::{AddArgs, CommonArgs};
use super::config_texts::replace_config;
use super::find_feeds::{self, FoundFeed};
use super::source_args::EditOptions;
use super::{
    CliError, EXIT_USAGE, bidi_isolate_for_stderr, eprint, load, pluralize, print, start_runtime,
};
use crate::config::{self, Config, ConfigError, ExistingSource, ExistingSources, NewSource, edit};
use crate::fetch::Client;
use crate::poller::settings;

/// The file that sources are written into, before they are written.
pub(super) struct EditableConfig {
    path: PathBuf,
    text: String,
    is_new: bool,
    /// The sources that are in it and in the files that it includes.
    pub(super) existing: ExistingSources,
}

impl EditableConfig {
    /// The configuration file, or a new one: the one that was named, else `feeds.toml` in this folder.
    pub(super) fn read(common: &CommonArgs) -> Result<Self, CliError> {
        let path = load::config_path(common).unwrap_or_else(|_| Path::new("feeds.toml").to_owned());
        let (text, is_new) = match std::fs::read_to_string(&path) {
            Ok(text) => (text, false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (edit::starter_config().to_owned(), true)
            }
            Err(error) => {
                let message = format!("error: cannot read {}: {error}", path.display());
                return Err(CliError::configuration(message));
            }
        };
        let config = config::parse_without_secrets(&text, &path, folder_of(&path));
        let config = config.map_err(|error| load::config_error(&error))?;
        let mut existing = ExistingSources::default();
        let mut add_text = |text: &str, path: &Path| {
            existing.add_text(text, path).map_err(|error| {
                CliError::configuration(format!("error: {}: {error}", path.display()))
            })
        };
        add_text(&text, &path)?;
        for included in &config.included {
            let text = std::fs::read_to_string(included).map_err(|error| {
                let message = format!("error: cannot read {}: {error}", included.display());
                CliError::configuration(message)
            })?;
            add_text(&text, included)?;
        }
        Ok(Self { path, text, is_new, existing })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reports the source that has this address; `None`: there is no such source.
    fn report_existing(&self, url: &Url) -> Option<&ExistingSource> {
        let existing = self.existing.find_by_url(url.as_str());
        if let Some(ExistingSource { id, file, line }) = existing {
            eprint(&format!("already there as `{id}` ({}:{line})", file.display()));
        }
        existing
    }

    /// The settings that feeds are tested with: those of the file, above all its proxy.
    fn parse_for_fetching(&self) -> Result<Config, CliError> {
        let config = config::parse(&self.text, &self.path, folder_of(&self.path));
        config.map_err(|error| load::config_error(&error))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

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

/// Writes sources into the configuration file, or shows what would be written. The new text is checked before
/// it replaces the file.
pub(super) fn write_sources(
    target: &EditableConfig,
    sources: &[NewSource],
    options: EditOptions,
) -> Result<(), CliError> {
    let EditableConfig { path, text: before, is_new, .. } = target;
    let after = edit::append_sources(before, sources)
        .map_err(|error| CliError::configuration(format!("error: {}: {error}", path.display())))?;
    config::parse_without_secrets(&after, path, folder_of(path)).map_err(|error| match error {
        ConfigError::TooLong { limit, .. } if after.len() > limit => {
            too_long_error(path, sources.len(), after.len(), limit)
        }
        error => load::config_error(&error),
    })?;
    let written = after.strip_prefix(before.trim_end()).unwrap_or(&after).trim_start();
    if !options.json {
        print(&format!("{}\n", written.trim_end()))?;
    }
    if options.dry_run {
        eprint(&format!("nothing was written into {} (--dry-run)", path.display()));
        return Ok(());
    }
    replace_config(path, &after)?;
    let done = if *is_new { "made and written" } else { "written" };
    eprint(&format!("{done}: {}; a running daemon notices it by itself", path.display()));
    Ok(())
}

/// More sources than one file can hold.
fn too_long_error(path: &Path, count: usize, length: usize, limit: usize) -> CliError {
    let path = path.display();
    CliError::configuration(format!(
        "error: nothing was written: with {} more {path} would have {length} bytes, and a file of the \
         configuration has at most {limit}\n  split the list, import each part into an empty file of its own \
         (`touch conf.d/1.toml`, `rafid -c conf.d/1.toml import PART`), and write \
         include = [\"conf.d/*.toml\"] at the top of {path}",
        pluralize(count, "source", "sources")
    ))
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
