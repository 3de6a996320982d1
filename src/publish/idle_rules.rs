//! Rules and stored entries → the rules that have no effect: those that exclude all of the entries that they
//! are applied to, and those that exclude none. Either is rarely intended.

use std::collections::{BTreeMap, BTreeSet};

use super::published_site::{PublishedSite, source_info};
use super::query_subject::query_subject;
use crate::model::{PublishRules, Scope, SourceId, SourceInfo, StoredEntry};
use crate::query::Query;
use crate::store::{LatestQuery, Store, StoreError};

/// The number of each owner's newest entries that rules are applied to.
const MAX_JUDGED: usize = 1_000;
/// A rule that excludes all of fewer entries may simply have had no others.
const MIN_FOR_ALL: usize = 5;
/// A rule that excludes none of fewer entries may simply have had no others.
const MIN_FOR_NONE: usize = 20;

/// A rule that has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleRule {
    /// The owner of the rule: `[serve]`, or the id of a source or an output.
    pub owner: String,
    /// Its key, and the rule as the operator wrote it. For `keep` the whole list, because an entry needs to
    /// match only one of its rules.
    pub rule: String,
    /// Whether it excludes all entries. Otherwise it excludes none.
    pub excludes_all: bool,
    /// The number of entries that it was applied to.
    pub judged: usize,
}

impl std::fmt::Display for IdleRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { owner, rule, judged, .. } = self;
        let excluded = if self.excludes_all { "all" } else { "none" };
        write!(f, "{rule} of {owner} holds back {excluded} of its newest {judged} stored entries")
    }
}

/// The rules of a site that have no effect on the entries in a store.
///
/// # Errors
/// When the store cannot be read.
pub fn idle_rules(store: &Store, site: &PublishedSite) -> Result<Vec<IdleRule>, StoreError> {
    let mut found = Vec::new();
    for source in site.sources.iter().filter(|source| !source.rules.is_empty()) {
        let owner = format!("source `{}`", source.id);
        let entries = RuleTestEntries::new(store, site, &Scope::Source(source.id.clone()))?;
        found.extend(entries.check_rules(&owner, &source.rules));
    }
    if !site.merged_rules.is_empty() {
        let entries = RuleTestEntries::new(store, site, &Scope::All)?;
        found.extend(entries.check_rules("[serve]", &site.merged_rules));
    }
    for output in &site.outputs {
        if output.rules.is_empty() && output.query.is_none() {
            continue;
        }
        let owner = format!("output `{}`", output.id);
        let entries = RuleTestEntries::new(store, site, &Scope::Output(output.id.clone()))?;
        let query =
            PublishRules { keep: output.query.iter().cloned().collect(), ..output.rules.clone() };
        // A query that matches everything of some sources is a way to select sources.
        found.extend(
            entries
                .check_keep_list(&owner, "query", &query)
                .filter(|idle_rule| idle_rule.excludes_all),
        );
        found.extend(entries.check_rules(&owner, &output.rules));
    }
    Ok(found)
}

/// The entries that rules are applied to.
struct RuleTestEntries {
    entries: Vec<StoredEntry>,
    infos: BTreeMap<SourceId, SourceInfo>,
}

impl RuleTestEntries {
    fn new(store: &Store, site: &PublishedSite, scope: &Scope) -> Result<Self, StoreError> {
        let mut infos = BTreeMap::new();
        for source in site.sources_of(scope) {
            infos.insert(source.id.clone(), source_info(store, source)?);
        }
        let sources: BTreeSet<SourceId> = infos.keys().cloned().collect();
        let entries = store.latest_entries(&LatestQuery {
            sources: &sources,
            limit: MAX_JUDGED,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        })?;
        Ok(Self { entries, infos })
    }

    fn check_rules(&self, owner: &str, rules: &PublishRules) -> Vec<IdleRule> {
        let kept = self.check_keep_list(owner, "keep", rules);
        let dropped = rules.drop.iter().filter_map(|rule| {
            let found = self.count_matches(std::slice::from_ref(rule), false);
            self.idle_rule(owner, format!("`drop` {rule:?}"), found)
        });
        kept.into_iter().chain(dropped).collect()
    }

    /// The effect of the `keep` list, of which an entry must match at least one query.
    fn check_keep_list(&self, owner: &str, key: &str, rules: &PublishRules) -> Option<IdleRule> {
        if rules.keep.is_empty() {
            return None;
        }
        let excluded = self.entries.len() - self.count_matches(&rules.keep, rules.forms);
        self.idle_rule(owner, format!("`{key}` {}", quote_rules(&rules.keep)), excluded)
    }

    /// How many entries match at least one of the rules.
    fn count_matches(&self, rules: &[String], has_forms: bool) -> usize {
        let parse = |words: &String| Query::parse_rule(words, has_forms).ok();
        let queries: Vec<Query> = rules.iter().filter_map(parse).collect();
        let is_found = |listed: &&StoredEntry| {
            let subject = query_subject(listed, self.infos.get(&listed.source));
            queries.iter().any(|query| query.matches(&subject))
        };
        self.entries.iter().filter(is_found).count()
    }

    fn idle_rule(&self, owner: &str, rule: String, excluded: usize) -> Option<IdleRule> {
        let judged = self.entries.len();
        let excludes_all = excluded == judged && judged >= MIN_FOR_ALL;
        let excludes_none = excluded == 0 && judged >= MIN_FOR_NONE;
        let idle_rule = IdleRule { owner: owner.to_owned(), rule, excludes_all, judged };
        (excludes_all || excludes_none).then_some(idle_rule)
    }
}

fn quote_rules(rules: &[String]) -> String {
    let quoted: Vec<String> = rules.iter().take(3).map(|rule| format!("{rule:?}")).collect();
    let more = if rules.len() > 3 { ", …" } else { "" };
    quoted.join(", ") + more
}
