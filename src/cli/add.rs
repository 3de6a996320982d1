//! `rafid add`: a site's or a feed's address → its feed, found and written into the configuration.

use std::path::Path;

use jiff::Timestamp;
use url::Url;

use super::args::{Add, Common};
use super::probe::{read, settings};
use super::{Failed, isolated, load, print, runtime, tell, write};
use crate::config::{self, NewSource, edit};
use crate::daemon::fetch::{Accept, Answer, Client, Request};
use crate::daemon::run::translate;
use crate::feed::discover;
use crate::feed::model::Document;
use crate::feed::pipeline::Reading;

/// Feeds of one page that are tried at most: a guest does not knock at every door.
const MOST_TRIED: usize = 10;

/// A feed that was found.
struct Found {
    url: Url,
    reading: Reading,
    /// Other feeds that the page names.
    others: Vec<Url>,
}

/// Finds the feed, shows it, and writes it down.
pub(super) fn run(common: &Common, words: &Add) -> Result<(), Failed> {
    let config = settings(common)?;
    let client = Client::new(&translate::fetch_settings(&config))
        .map_err(|error| Failed::working(format!("error: fetch: {error}")))?;
    let found = runtime()?.block_on(find(&client, &words.url))?;
    show(&found);
    let feed = &found.reading.feed;
    let source = NewSource {
        url: found.url.to_string(),
        id: words.id.clone(),
        name: words.name.clone().or_else(|| feed.title.as_ref().map(ToString::to_string)),
        category: words.category.clone(),
        site: feed.site.clone(),
        language: feed.language.as_ref().map(ToString::to_string),
    };
    add_all(common, &[source], words.dry_run)
}

/// Writes sources into the configuration's file, or shows what would be written. The file is judged
/// before it is replaced.
pub(super) fn add_all(common: &Common, sources: &[NewSource], dry_run: bool) -> Result<(), Failed> {
    let path = load::path(common).unwrap_or_else(|_| {
        common.config.clone().unwrap_or_else(|| Path::new("feeds.toml").to_owned())
    });
    let (before, is_new) = match std::fs::read_to_string(&path) {
        Ok(text) => (text, false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            (edit::template().to_owned(), true)
        }
        Err(error) => {
            let message = format!("error: cannot read {}: {error}", path.display());
            return Err(Failed::configuration(message));
        }
    };
    let after = edit::append_sources(&before, sources)
        .map_err(|error| Failed::configuration(format!("error: {}: {error}", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    config::parse(&after, &path, folder).map_err(|error| load::refused(&error))?;
    let written = after.strip_prefix(before.trim_end()).unwrap_or(&after).trim_start();
    print(&format!("{}\n", written.trim_end()))?;
    if dry_run {
        tell(&format!("nothing was written into {} (--dry-run)", path.display()));
        return Ok(());
    }
    write::whole(&path, after.as_bytes()).map_err(|error| {
        Failed::working(format!("error: cannot write {}: {error}", path.display()))
    })?;
    let made = if is_new { "made and written" } else { "written" };
    tell(&format!("{made}: {}; a running daemon notices it by itself", path.display()));
    Ok(())
}

/// The feed at an address, or the one that the page there names, or one at a customary address.
async fn find(client: &Client, url: &Url) -> Result<Found, Failed> {
    let page =
        get(client, url).await.map_err(|reason| Failed::working(format!("error: {reason}")))?;
    let first = match read(&page) {
        Ok(reading) => return Ok(Found { url: url.clone(), reading, others: Vec::new() }),
        Err(error) if error.is_page() => error,
        Err(error) => {
            let stage = error.stage().as_str();
            return Err(Failed::working(format!("error: {url}: {stage}: {error}")));
        }
    };
    let base = page.url.clone().unwrap_or_else(|| url.clone());
    let html = String::from_utf8_lossy(&page.bytes);
    let named: Vec<Url> =
        discover::feeds_in(&html, &base).into_iter().map(|candidate| candidate.url).collect();
    let customary = discover::well_known(&base);
    let doors = named.iter().chain(&customary).take(MOST_TRIED);
    let mut tried = Vec::new();
    for door in doors {
        let outcome = match get(client, door).await {
            Ok(document) => read(&document).map_err(|error| error.to_string()),
            Err(reason) => Err(reason),
        };
        match outcome {
            Ok(reading) => {
                let others = named.iter().filter(|other| *other != door).cloned().collect();
                return Ok(Found { url: door.clone(), reading, others });
            }
            Err(reason) => tried.push(format!("  {door}: {reason}")),
        }
    }
    Err(Failed::working(format!(
        "error: {url}: {first}\n  no feed was found; these addresses were tried:\n{}\n  a page without \
         a feed can be read by selectors: `[source.page]` in docs/page-sources.md",
        tried.join("\n")
    )))
}

async fn get(client: &Client, url: &Url) -> Result<Document, String> {
    let request = Request { accept: Accept::Page, ..Request::new(url) };
    match client.get(&request, Timestamp::now()).await {
        Ok(Answer::Fresh { document, .. }) => Ok(document),
        Ok(Answer::NotModified { .. }) => Err("it answered 304 unasked".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn show(found: &Found) {
    let feed = &found.reading.feed;
    let title = feed.title.as_ref().map_or("(no title)", |title| title.as_str());
    let language = feed.language.as_ref().map_or("not said", |language| language.as_str());
    let newest = feed.entries.iter().filter_map(|entry| entry.published_at).max();
    tell(&format!("found {}", found.url));
    tell(&format!(
        "  {} — {}, {} entries, language {language}, newest {}",
        isolated(title),
        found.reading.format.as_str(),
        feed.entries.len(),
        newest.map_or_else(|| "undated".to_owned(), |at| at.to_string()),
    ));
    for other in &found.others {
        tell(&format!("  the page names another: {other}"));
    }
}
