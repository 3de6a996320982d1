//! The configuration → what each part needs of it: the parts do not know the configuration.

use std::net::SocketAddr;
use std::sync::Arc;

use rafid_feed::hash;
use url::Url;

use crate::config::Config;
use crate::model::{Retention, StoryDisplay};
use crate::publish::{OutputFilters, PublishedSite};
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
        can_search: config.serve.search && listen.is_some(),
        entries: config.serve.entries,
        page_entries: config.serve.page_entries,
        per_source: config.serve.per_source,
        stories: config.serve.stories,
        story_vectors: config.stories.vectors.clone(),
        content: config.serve.content,
        every_seconds: config.polling.every.as_secs(),
        sources: config.sources.clone(),
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
