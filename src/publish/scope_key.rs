//! An output and the rules that decide what it holds → the key of its archive: other rules, other pages.

use rafid_feed::hash::Digest;
use rafid_feed::model::Language;

use super::published_site::PublishedSite;
use crate::model::{PublishRules, Scope, ScopeKey, SourceId};

/// The key of an output's archive, and the part of it that is in its addresses: none for an output that
/// holds every entry of its sources.
pub(super) fn scope_key(site: &PublishedSite, scope: &Scope) -> (ScopeKey, Option<u32>) {
    let mut digest = Digest::new("rafid archive 1\0");
    let (kind, name) = match scope {
        Scope::All => ("all", ""),
        Scope::Category(slug) => ("category", slug.as_str()),
        Scope::Source(id) => ("source", id.as_str()),
        Scope::Output(id) => ("output", id.as_str()),
    };
    digest.add_with_length(kind);
    digest.add_with_length(name);
    let has_rules = !site.filters.accepts_all(scope);
    if has_rules {
        add_rules(&mut digest, site, scope);
    }
    let key = digest.to_128();
    let [a, b, c, d, ..] = key;
    (ScopeKey(key), has_rules.then_some(u32::from_be_bytes([a, b, c, d])))
}

/// Adds everything of the configuration that decides which entries an output holds.
fn add_rules(digest: &mut Digest, site: &PublishedSite, scope: &Scope) {
    let mut add = |name: &str, words: &mut dyn Iterator<Item = &str>| {
        digest.add_with_length(name);
        let words: Vec<&str> = words.collect();
        digest.add(u64::try_from(words.len()).unwrap_or(u64::MAX).to_be_bytes());
        for word in words {
            digest.add_with_length(word);
        }
    };
    let mut add_list = |name: &str, rules: &PublishRules| {
        if !rules.is_empty() {
            add(name, &mut rules.keep.iter().map(String::as_str));
            add(name, &mut rules.drop.iter().map(String::as_str));
        }
        if rules.forms {
            add(name, &mut std::iter::once("forms"));
        }
    };
    for source in site.sources_of(scope) {
        add_list(source.id.as_str(), &source.rules);
    }
    if !matches!(scope, Scope::Source(_)) {
        add_list("", &site.merged_rules);
    }
    let Scope::Output(id) = scope else { return };
    let Some(output) = site.output(id) else { return };
    add_list("output", &output.rules);
    add("query", &mut output.query.iter().map(String::as_str));
    add("categories", &mut output.categories.iter().map(String::as_str));
    add("sources", &mut output.sources.iter().map(SourceId::as_str));
    add("languages", &mut output.languages.iter().map(Language::as_str));
}
