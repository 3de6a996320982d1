//! `rafid add`: a site's or a feed's address → its feed, found, tried and written into the configuration.

use std::path::{Path, PathBuf};

use url::Url;

use super::args::{Add, Common};
use super::find::{self, Found};
use super::{Failed, USAGE, isolated_in_message, load, print, runtime, tell, write};
use crate::config::{self, Config, Known, NewSource, Standing, edit};
use crate::daemon::fetch::Client;
use crate::daemon::run::translate;

/// The file that sources are written into, as it is before.
pub(super) struct Target {
    path: PathBuf,
    text: String,
    is_new: bool,
    /// The sources that stand in it.
    pub(super) known: Known,
}

impl Target {
    /// The configuration's file, or a new one: the one that was named, else `feeds.toml` here.
    pub(super) fn read(common: &Common) -> Result<Self, Failed> {
        let path = load::path(common).unwrap_or_else(|_| Path::new("feeds.toml").to_owned());
        let (text, is_new) = match std::fs::read_to_string(&path) {
            Ok(text) => (text, false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (edit::template().to_owned(), true)
            }
            Err(error) => {
                let message = format!("error: cannot read {}: {error}", path.display());
                return Err(Failed::configuration(message));
            }
        };
        let config = config::parse_without_secrets(&text, &path, folder_of(&path));
        config.map_err(|error| load::refused(&error))?;
        let known = Known::read(&text).map_err(|error| {
            Failed::configuration(format!("error: {}: {error}", path.display()))
        })?;
        Ok(Self { path, text, is_new, known })
    }

    /// The source that an address leads to, which is told.
    fn has(&self, url: &Url) -> bool {
        let standing = self.known.at(url.as_str());
        if let Some(Standing { id, line }) = standing {
            tell(&format!("already there as `{id}` ({}:{line})", self.path.display()));
        }
        standing.is_some()
    }

    /// The settings that feeds are tried with: those of the file, its proxy above all.
    fn config(&self) -> Result<Config, Failed> {
        let config = config::parse(&self.text, &self.path, folder_of(&self.path));
        config.map_err(|error| load::refused(&error))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Finds the feeds, shows them, and writes down those that are taken.
pub(super) fn run(common: &Common, words: &Add) -> Result<(), Failed> {
    let target = Target::read(common)?;
    if target.has(&words.url) {
        return Ok(());
    }
    let client = Client::new(&translate::fetch_settings(&target.config()?))
        .map_err(|error| Failed::working(format!("error: fetch: {error}")))?;
    let found = runtime()?.block_on(find::feeds(&client, &words.url))?;
    let taken = taken(&found, words)?;
    let mut known = target.known.clone();
    let mut sources = Vec::new();
    for feed in taken.into_iter().filter(|feed| !target.has(&feed.url)) {
        let made = known.add(feed.url.as_str());
        sources.push(new_source(feed, words, made));
    }
    if sources.is_empty() { Ok(()) } else { add_all(&target, &sources, words.dry_run) }
}

fn new_source(found: &Found, words: &Add, id: Option<String>) -> NewSource {
    let feed = &found.reading.feed;
    NewSource {
        url: found.url.to_string(),
        id: words.id.clone().or(id),
        name: words.name.clone().or_else(|| feed.title.as_ref().map(ToString::to_string)),
        categories: words.category.clone(),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
    }
}

/// Those of the feeds that are wanted: what the words say, else what the user answers, else the first.
fn taken<'a>(found: &'a [Found], words: &Add) -> Result<Vec<&'a Found>, Failed> {
    for (index, feed) in found.iter().enumerate() {
        let number = (found.len() > 1).then_some(index + 1);
        show(feed, number);
    }
    if words.all {
        return Ok(found.iter().collect());
    }
    let number = match words.pick {
        Some(number) => usize::from(number),
        None if found.len() > 1 && !words.yes && find::can_ask() => {
            match find::answer(found.len())? {
                find::Answered::All => return Ok(found.iter().collect()),
                find::Answered::None => return Ok(Vec::new()),
                find::Answered::One(number) => number,
            }
        }
        None => {
            if found.len() > 1 {
                tell("the first is taken; --pick N takes another, --all takes all");
            }
            1
        }
    };
    found.get(number - 1).map(|feed| vec![feed]).ok_or_else(|| {
        let message = format!("error: --pick {number}: only {} found", found.len());
        Failed { code: USAGE, message }
    })
}

/// Writes sources into the configuration's file, or shows what would be written. The file is judged
/// before it is replaced.
pub(super) fn add_all(target: &Target, sources: &[NewSource], dry_run: bool) -> Result<(), Failed> {
    let Target { path, text: before, is_new, .. } = target;
    let after = edit::append_sources(before, sources)
        .map_err(|error| Failed::configuration(format!("error: {}: {error}", path.display())))?;
    config::parse_without_secrets(&after, path, folder_of(path))
        .map_err(|error| load::refused(&error))?;
    let written = after.strip_prefix(before.trim_end()).unwrap_or(&after).trim_start();
    print(&format!("{}\n", written.trim_end()))?;
    if dry_run {
        tell(&format!("nothing was written into {} (--dry-run)", path.display()));
        return Ok(());
    }
    write::whole(path, after.as_bytes()).map_err(|error| {
        Failed::working(format!("error: cannot write {}: {error}", path.display()))
    })?;
    let made = if *is_new { "made and written" } else { "written" };
    tell(&format!("{made}: {}; a running daemon notices it by itself", path.display()));
    Ok(())
}

fn show(found: &Found, number: Option<usize>) {
    let feed = &found.reading.feed;
    let title = feed.title.as_ref().map_or("(no title)", |title| title.as_str());
    let language = feed.language.as_ref().map_or("not said", |language| language.as_str());
    let newest = feed.entries.iter().filter_map(|entry| entry.published_at).max();
    let number = number.map_or_else(String::new, |number| format!("{number}: "));
    tell(&format!("{number}found {}", find::shown(&found.url)));
    tell(&format!(
        "  {} — {}, {}, language {language}, newest {}",
        isolated_in_message(title),
        found.reading.format.as_str(),
        super::counted(feed.entries.len(), "entry", "entries"),
        newest.map_or_else(|| "undated".to_owned(), |at| at.to_string()),
    ));
}
