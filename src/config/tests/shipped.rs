//! The files that come with Rafid → sound configurations with every default.

use std::fs;

use super::*;
use crate::model::PerSource;

fn shipped() -> String {
    fs::read_to_string(root().join("feeds.toml")).unwrap()
}

/// A text with its commented-out settings (`#key = …`, `#[[source]]`) enabled.
fn uncommented(text: &str) -> String {
    let setting = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let line = |line| str::strip_prefix(line, "#").filter(setting).unwrap_or(line);
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn has_arabic(text: &str) -> bool {
    text.chars().any(|c| ('\u{0621}'..='\u{064A}').contains(&c))
}

#[test]
fn the_shipped_list_is_sound() {
    let config = load(&root().join("feeds.toml")).unwrap();
    assert_eq!(config.path, root().join("feeds.toml"));
    assert_eq!(config.notes, Vec::<String>::new());
    assert!(config.sources.len() >= 44, "{} sources", config.sources.len());
    let ids: std::collections::BTreeSet<_> = config.sources.iter().map(|s| &s.id).collect();
    assert_eq!(ids.len(), config.sources.len());
    for source in &config.sources {
        assert!(has_arabic(source.name.as_deref().unwrap()), "{}", source.id);
        assert!(has_arabic(&source.categories[0].name), "{}", source.id);
        assert!(source.site.is_some() && source.every.is_none(), "{}", source.id);
        assert_eq!(source.language.as_ref().unwrap().as_str(), "ar");
    }
    assert_eq!(config.polling, PollingSettings::default(), "it is shipped with the defaults");
    assert_eq!(config.serve, ServeSettings::default());
    assert_eq!(config.push_base(), None, "no hub may push unless the operator allows it");
}

#[test]
fn the_shipped_list_shows_every_default() {
    let text = shipped();
    let config = read(&uncommented(&text)).unwrap();
    let (site, polling) = (SiteSettings::default(), PollingSettings::default());
    let examples = SiteSettings {
        address: config.site.address.clone(),
        timezone: config.site.timezone.clone(),
        contact: config.site.contact.clone(),
        ..site
    };
    assert_eq!(config.site, examples);
    let examples = PollingSettings {
        user_agent: config.polling.user_agent.clone(),
        proxy: config.polling.proxy.clone(),
        allow_private: config.polling.allow_private.clone(),
        ..polling
    };
    assert_eq!(config.polling, examples);
    let store = StoreSettings { path: "/etc/rafid/data".into(), ..StoreSettings::default() };
    assert_eq!(config.store, store);
    let serve = ServeSettings {
        per_source: PerSource::AtMost(20),
        admin_listen: config.serve.admin_listen,
        users: config.serve.users.clone(),
        ..ServeSettings::default()
    };
    assert_eq!(config.serve, serve);
    let websub =
        WebSubSettings { callback: config.websub.callback.clone(), ..WebSubSettings::default() };
    assert_eq!(config.websub, websub);
    assert_eq!(config.sources[0].id.as_str(), "news-example");
    assert!(config.sources[0].push);
    assert_eq!(config.sources[0].rules.drop.len(), 2);
    assert_eq!(config.outputs[0].id, "kutub");
    assert_eq!(config.outputs[0].sources, [config.sources[0].id.clone()]);
}

#[test]
fn the_starter_is_sound() {
    let text = edit::starter_config();
    let config = read(text).unwrap();
    assert!(config.sources.is_empty() && config.notes.is_empty());
    let set = read(&uncommented(text)).unwrap();
    assert_eq!(set.polling, PollingSettings::default());
    assert_eq!(set.serve, ServeSettings::default());
    assert_eq!(set.store, config.store);
}
