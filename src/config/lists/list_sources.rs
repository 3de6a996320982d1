//! Lists and their copies → sources beside those of the files. A source of the files is the operator's own word: it
//! takes the place of a feed of a list with the same address or id, also where it is disabled. Between lists the first
//! one wins.
//!
//! The person who keeps a list is not the operator: of a list of another server no feed is read that is on a server
//! which only the operator allowed (`allow_private`), since what that answers would be published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rafid_feed::model::Language;
use url::Url;

use crate::config::settings::Config;
use crate::config::source_address::{SourceAddress, canonical_location, parse_source_address};
use crate::fetch::server_of_url;
use crate::model::{
    Category, ListCopy, ListedFeed, Location, RemoteList, Source, SourceId, SourceList,
};

/// Feeds that a warning names: the others are counted.
const MAX_NAMED: usize = 5;

/// Adds the sources of all lists, as their copies name them, and warns of what is left out.
pub fn add_list_sources(config: &mut Config, copies: &BTreeMap<SourceId, ListCopy>) {
    if config.lists.is_empty() {
        return;
    }
    let mut taken = TakenPlaces::from_config(config);
    let mut sources = config.sources.to_vec();
    for list in &config.lists {
        let Some(copy) = copies.get(&list.id) else { continue };
        let mut left_out = LeftOut::default();
        let reaches_own = reaches_own_servers(list, config);
        for feed in &copy.feeds {
            let Ok(address) = parse_source_address(&feed.url, Path::new("/")) else { continue };
            if !reaches_own && is_own_server(&address.location, config) {
                left_out.on_own_servers.push(feed.id.to_string());
                continue;
            }
            match taken.claim(feed, &address) {
                Ok(()) => sources.push(Arc::new(make_source(list, feed, address, &mut taken))),
                Err(reason) => left_out.add(feed, reason),
            }
        }
        config.notes.extend(left_out.warnings(list));
        config.notes.extend(warn_of_skipped(list, copy));
    }
    config.sources = SourceList::from(sources);
    warn_of_missing_references(config);
}

/// What sources have already.
struct TakenPlaces {
    /// The id of the source with each address, and whether it is disabled.
    addresses: BTreeMap<String, (SourceId, bool)>,
    ids: BTreeSet<SourceId>,
    /// Categories under their first names.
    categories: BTreeMap<String, Category>,
}

/// Why a feed of a list is no source of its own.
enum Taken {
    /// The operator wrote a source in its place, or disabled it.
    Overridden,
    /// A source of another id has its address.
    Address(SourceId),
    /// A source of another address has its id.
    Id,
}

impl TakenPlaces {
    fn from_config(config: &Config) -> Self {
        let mut taken =
            Self { addresses: BTreeMap::new(), ids: BTreeSet::new(), categories: BTreeMap::new() };
        let enabled = config.sources.iter().map(|source| (source, false));
        for (source, is_disabled) in enabled.chain(config.disabled.iter().map(|it| (it, true))) {
            let address = canonical_location(&source.location);
            taken.addresses.insert(address, (source.id.clone(), is_disabled));
            taken.ids.insert(source.id.clone());
        }
        for category in config.sources.categories() {
            taken.categories.insert(category.slug.clone(), category.clone());
        }
        taken
    }

    fn claim(&mut self, feed: &ListedFeed, address: &SourceAddress) -> Result<(), Taken> {
        match self.addresses.get(&address.canonical) {
            Some((id, is_disabled)) if *is_disabled || *id == feed.id => {
                return Err(Taken::Overridden);
            }
            Some((id, _)) => return Err(Taken::Address(id.clone())),
            None => {}
        }
        if !self.ids.insert(feed.id.clone()) {
            return Err(Taken::Id);
        }
        self.addresses.insert(address.canonical.clone(), (feed.id.clone(), false));
        Ok(())
    }
}

/// The source of a feed: what the list says of it, before what all sources of the list have in common.
fn make_source(
    list: &RemoteList,
    feed: &ListedFeed,
    address: SourceAddress,
    taken: &mut TakenPlaces,
) -> Source {
    let template = &list.template;
    let folders = feed.categories.iter().filter(|_| list.uses_folders);
    let folders = folders.filter_map(|name| Category::new(name));
    let mut categories: Vec<Category> = Vec::new();
    for category in template.categories.iter().cloned().chain(folders) {
        if categories.iter().all(|other| other.slug != category.slug) {
            let first = taken.categories.entry(category.slug.clone()).or_insert(category);
            categories.push(first.clone());
        }
    }
    let site = feed.site.as_deref().and_then(|site| Url::parse(site).ok());
    let is_public = |site: &Url| site.username().is_empty() && site.password().is_none();
    let authorization = address.authorization.map(|secret| ("authorization".to_owned(), secret));
    let language = feed.language.as_deref().and_then(Language::parse);
    Source {
        id: feed.id.clone(),
        location: address.location,
        name: Some(feed.title.clone()).filter(|title| !title.is_empty()),
        site: site.filter(is_public),
        categories,
        language: language.or_else(|| template.language.clone()),
        headers: authorization.into_iter().collect(),
        ..template.clone()
    }
}

/// Whether a list may name servers that are not public: a file of this machine, or a list on such a server.
fn reaches_own_servers(list: &RemoteList, config: &Config) -> bool {
    matches!(list.location, Location::File(_)) || is_own_server(&list.location, config)
}

fn is_own_server(location: &Location, config: &Config) -> bool {
    let Location::Web(url) = location else { return false };
    let (host, port) = server_of_url(url);
    config.polling.allow_private.iter().any(|own| own.host == host && own.port == port)
}

/// The feeds of a list that are no sources of their own.
#[derive(Default)]
struct LeftOut {
    same_address: Vec<String>,
    same_id: Vec<String>,
    on_own_servers: Vec<String>,
}

impl LeftOut {
    fn add(&mut self, feed: &ListedFeed, reason: Taken) {
        match reason {
            Taken::Overridden => {}
            Taken::Address(id) => self.same_address.push(id.to_string()),
            Taken::Id => self.same_id.push(feed.id.to_string()),
        }
    }

    fn warnings(&self, list: &RemoteList) -> Vec<String> {
        let rows = [
            (&self.same_address, "feeds that other sources read, which stay as they are"),
            (&self.same_id, "feeds whose ids other sources have; they are left out"),
            (&self.on_own_servers, "feeds on servers of `allow_private`; they are left out"),
        ];
        let found = rows.into_iter().filter(|(names, _)| !names.is_empty());
        found
            .map(|(names, what)| {
                format!("warning: the list `{}` names {what}: {}", list.id, shortened(names))
            })
            .collect()
    }
}

fn shortened(names: &[String]) -> String {
    let shown = names.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// One warning for all entries of a list that are no feeds.
fn warn_of_skipped(list: &RemoteList, copy: &ListCopy) -> Option<String> {
    let first = copy.skipped.first()?;
    let others = match copy.skipped.len() {
        1 => String::new(),
        count => format!(" (and {} more that are no feeds)", count - 1),
    };
    Some(format!("warning: the list `{}`, line {}: {}{others}", list.id, first.line, first.reason))
}

/// A list must not break the configuration: what outputs name and no source has is a warning then.
fn warn_of_missing_references(config: &mut Config) {
    let mut notes = Vec::new();
    for output in &config.outputs {
        for slug in &output.categories {
            if config.sources.positions_in_category(slug).is_empty() {
                let message = format!("no source has the category `{slug}`");
                notes.push(format!("warning: the output `{}`: {message} at present", output.id));
            }
        }
        for id in &output.sources {
            if config.sources.find(id).is_none() {
                let message = format!("no source has the id `{id}`");
                notes.push(format!("warning: the output `{}`: {message} at present", output.id));
            }
        }
    }
    config.notes.extend(notes);
}

#[cfg(test)]
mod tests;
