//! The configuration → what each part needs of it: the parts do not know the configuration.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rafid_feed::hash;
use url::Url;

use crate::config::Config;
use crate::config::lists::add_list_sources;
use crate::http::{AccessRules, Logins};
use crate::model::{Output, OutputAccess, Retention, SiteUser, StoryDisplay};
use crate::publish::{OutputFilters, PublishedSite, SiteLists};
use crate::render::status::InstanceStatus;
use crate::{fetch, store};

/// The search index's folder within the store's.
pub const SEARCH_FOLDER: &str = "search";

/// What fetching needs.
pub fn fetch_settings(config: &Config) -> fetch::FetchSettings {
    let polling = &config.polling;
    // Without a contact, the site is where to reach the operator.
    let address = config.site.address.as_ref().map(Url::as_str);
    let contact = config.site.contact.as_deref().or(address);
    let own = fetch::user_agent(env!("CARGO_PKG_VERSION"), contact);
    fetch::FetchSettings {
        user_agent: polling.user_agent.clone().unwrap_or(own),
        timeout: polling.timeout,
        max_bytes: polling.max_bytes,
        per_host: polling.per_host,
        allow_private: polling
            .allow_private
            .iter()
            .map(|allowed| (allowed.host.clone(), allowed.port))
            .collect(),
        proxy: polling.proxy.clone(),
    }
}

/// Warns when `listen` is reachable from other machines but no public address is configured: links
/// in the outputs then contain the listening address.
pub(super) fn warn_if_no_public_address(config: &Config, listen: SocketAddr) {
    if config.site.address.is_none() && !listen.ip().is_loopback() {
        tracing::warn!(
            %listen,
            "reachable from other machines, but [site] has no `address`: links in the outputs lead to http://{listen}/"
        );
    }
}

/// How many entries are kept of each source, and how long.
pub fn retention(config: &Config) -> Retention {
    Retention {
        keep_seconds: config.store.keep.map(|keep| keep.as_secs()),
        entries: config.store.keep_entries,
    }
}

/// Whether any output shows stories.
pub fn assigns_stories(config: &Config) -> bool {
    let of_outputs = config.outputs.iter().filter_map(|output| output.stories);
    of_outputs.chain([config.serve.stories]).any(|stories| stories != StoryDisplay::Off)
}

/// What the store needs.
pub fn store_settings(config: &Config) -> store::StoreOptions {
    store::StoreOptions {
        cache_bytes: config.store.cache_bytes,
        recovery_percent: config.store.recovery_percent,
        ..store::StoreOptions::new(config.store.path.clone())
    }
}

/// The folder of the search index: beside the database, in the store's folder.
pub fn search_folder(config: &Config) -> std::path::PathBuf {
    config.store.path.join(SEARCH_FOLDER)
}

/// Distinguishes this daemon from daemons of other configurations or stores, for readers that know both paths.
pub fn instance_status(config: &Config) -> InstanceStatus {
    let short = |path: &std::path::Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        hash::short_hex(path.as_os_str().as_encoded_bytes(), 16)
    };
    InstanceStatus { configuration: short(&config.path), store: short(&config.store.path) }
}

/// Who may see what.
///
/// Who has logged in under the rules `before` need not be checked again while the users stay the same.
///
/// # Errors
/// When the system has no random numbers.
pub fn access_rules(config: &Config, before: &AccessRules) -> io::Result<AccessRules> {
    let users = &config.serve.users;
    let known = before.logins.as_ref().filter(|logins| logins.has_users(users));
    let logins = match known {
        _ if users.is_empty() => None,
        Some(logins) => Some(Arc::clone(logins)),
        None => Some(Arc::new(new_logins(users)?)),
    };
    let private = config.outputs.iter().filter_map(|output| match &output.access {
        OutputAccess::Private(token) => Some((output.id.clone(), token.clone())),
        OutputAccess::Public => None,
    });
    Ok(AccessRules {
        status: config.serve.status,
        metrics: config.serve.metrics,
        private_outputs: private.collect(),
        logins,
    })
}

fn new_logins(users: &[SiteUser]) -> io::Result<Logins> {
    Logins::new(users.to_vec()).ok_or_else(|| io::Error::other("it has no random numbers"))
}

/// Puts the tokens of the store's folder into the private outputs of a configuration. Without a readable file these
/// outputs have no address.
pub fn apply_output_tokens(config: &mut Config) {
    if !config.outputs.iter().any(Output::is_private) {
        return;
    }
    let mut tokens = store::read_output_tokens(&config.store.path).unwrap_or_else(|error| {
        let path = store::output_tokens_path(&config.store.path);
        tracing::warn!(path = %path.display(), %error, "private outputs have no addresses");
        BTreeMap::new()
    });
    for output in &mut config.outputs {
        if output.is_private() {
            output.access = OutputAccess::Private(tokens.remove(&output.id));
        }
    }
}

/// Puts the sources of the lists that are kept elsewhere into a configuration, as the copies in the folder of the store
/// name them. A list without a readable copy has no sources yet.
pub fn apply_lists(config: &mut Config) {
    let mut copies = BTreeMap::new();
    for list in &mut config.lists {
        let known = store::read_stored_list(&config.store.path, &list.id);
        let known = known.unwrap_or_else(|error| {
            tracing::warn!(list = list.id.as_str(), %error, "the copy of the list cannot be read");
            None
        });
        let Some(copy) = known.and_then(|known| known.copy) else { continue };
        list.copy_hash = Some(copy.hash());
        copies.insert(list.id.clone(), copy);
    }
    add_list_sources(config, &copies);
}

/// What publishing needs. `listen` is where the program serves; it is the public base address
/// when the configuration names none.
pub fn build_site(config: &Config, listen: Option<&str>) -> PublishedSite {
    let base = match (&config.site.address, listen) {
        (Some(address), _) => address.to_string(),
        (None, Some(listen)) => format!("http://{listen}/"),
        (None, None) => format!("http://{}/", config.serve.listen),
    };
    PublishedSite {
        title: config.site.title.clone(),
        description: config.site.description.clone(),
        base,
        listen: listen.map(ToOwned::to_owned),
        instance: instance_status(config),
        is_folder: listen.is_none(),
        language: config.site.language.clone(),
        timezone: config.site.timezone.clone(),
        date_style: config.site.date_style,
        contact: config.site.contact.clone(),
        status: config.serve.status,
        can_search: config.serve.search && listen.is_some(),
        entries: config.serve.entries,
        page_entries: config.serve.page_entries,
        per_source: config.serve.per_source,
        stories: config.serve.stories,
        story_vectors: config.stories.vectors.clone(),
        content: config.serve.content,
        every_seconds: config.polling.every.as_secs(),
        sources: config.sources.clone(),
        lists: SiteLists { folder: config.store.path.clone(), lists: config.lists.clone() },
        outputs: config.outputs.clone(),
        merged_rules: config.serve.rules.clone(),
        filters: Arc::new(output_filters(config)),
    }
}

/// The output filters; the configuration has checked their rules before.
fn output_filters(config: &Config) -> OutputFilters {
    let filters = OutputFilters::parse(&config.sources, &config.serve.rules, &config.outputs);
    filters.unwrap_or_else(|error| unreachable!("a rule was accepted that is no query: {error}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_user_agent_names_a_contact() {
        let check = |text: &str, expected: &str| {
            let config = crate::config::parse(text, Path::new("x"), Path::new("/")).unwrap();
            let version = env!("CARGO_PKG_VERSION");
            let expected = format!("Rafid/{version} ({expected}feed aggregator)");
            assert_eq!(fetch_settings(&config).user_agent, expected, "{text}");
        };
        let address = "address = \"https://news.example/\"";
        check("", "");
        check(&format!("[site]\n{address}"), "+https://news.example/; ");
        let both = format!("[site]\n{address}\ncontact = \"me@news.example\"");
        check(&both, "+me@news.example; ");
    }
}
