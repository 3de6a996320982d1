//! Rules and stored entries → the rules that decide nothing: those that hold back all of what they judge, and
//! those that hold back none of it. Either is rarely meant.

use std::collections::{BTreeMap, BTreeSet};

use super::published_site::PublishedSite;
use super::renderer::query_subject;
use crate::model::{PublishRules, Scope, SourceId, SourceInfo, StoredEntry};
use crate::query::Query;
use crate::store::{LatestQuery, Store, StoreError};

/// Entries that rules are tried on, the newest of each owner.
const MAX_JUDGED: usize = 1_000;
/// With fewer entries a rule that holds all of them may have met the wrong ones.
const MIN_FOR_ALL: usize = 5;
/// With fewer entries a rule that holds none may not have met the right ones.
const MIN_FOR_NONE: usize = 20;

/// A rule that decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleRule {
    /// Whose rule it is: `[serve]`, a source's or an output's id.
    pub owner: String,
    /// Its key, and the rule as it is written; of `keep` the whole list, as one of it must find an entry.
    pub rule: String,
    /// Whether it holds back all entries, else it holds back none.
    pub excludes_all: bool,
    /// Entries that it was tried on.
    pub judged: usize,
}

impl std::fmt::Display for IdleRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { owner, rule, judged, .. } = self;
        let held = if self.excludes_all { "all" } else { "none" };
        write!(f, "{rule} of {owner} holds back {held} of its newest {judged} stored entries")
    }
}

/// The rules of an edition that decide nothing in a store.
///
/// # Errors
/// When the store cannot be read.
pub fn idle_rules(store: &Store, edition: &PublishedSite) -> Result<Vec<IdleRule>, StoreError> {
    let mut found = Vec::new();
    for source in edition.sources.iter().filter(|source| !source.rules.is_empty()) {
        let owner = format!("source `{}`", source.id);
        let tried = RuleTestEntries::new(store, edition, &Scope::Source(source.id.clone()))?;
        found.extend(tried.check_rules(&owner, &source.rules));
    }
    if !edition.merged_rules.is_empty() {
        let tried = RuleTestEntries::new(store, edition, &Scope::All)?;
        found.extend(tried.check_rules("[serve]", &edition.merged_rules));
    }
    for output in &edition.outputs {
        if output.rules.is_empty() && output.query.is_none() {
            continue;
        }
        let owner = format!("output `{}`", output.id);
        let tried = RuleTestEntries::new(store, edition, &Scope::Output(output.id.clone()))?;
        let query = output.query.as_slice();
        // A query that finds everything of some sources is a choice of sources.
        found.extend(
            tried.check_keep_list(&owner, "query", query).filter(|effect| effect.excludes_all),
        );
        found.extend(tried.check_rules(&owner, &output.rules));
    }
    Ok(found)
}

/// Entries that rules are tried on.
struct RuleTestEntries {
    entries: Vec<StoredEntry>,
    cards: BTreeMap<SourceId, SourceInfo>,
}

impl RuleTestEntries {
    fn new(store: &Store, edition: &PublishedSite, scope: &Scope) -> Result<Self, StoreError> {
        let mut cards = BTreeMap::new();
        for source in edition.sources_of(scope) {
            cards.insert(source.id.clone(), edition.source_info(store, source)?);
        }
        let sources: BTreeSet<SourceId> = cards.keys().cloned().collect();
        let entries = store.latest_entries(&LatestQuery {
            sources: &sources,
            limit: MAX_JUDGED,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            filter: None,
        })?;
        Ok(Self { entries, cards })
    }

    fn check_rules(&self, owner: &str, rules: &PublishRules) -> Vec<IdleRule> {
        let kept = self.check_keep_list(owner, "keep", &rules.keep);
        let dropped = rules.drop.iter().filter_map(|rule| {
            let found = self.count_matches(std::slice::from_ref(rule));
            self.idle_rule(owner, format!("`drop` {rule:?}"), found)
        });
        kept.into_iter().chain(dropped).collect()
    }

    /// What a list does of which one query must find an entry.
    fn check_keep_list(&self, owner: &str, key: &str, rules: &[String]) -> Option<IdleRule> {
        if rules.is_empty() {
            return None;
        }
        let held = self.entries.len() - self.count_matches(rules);
        self.idle_rule(owner, format!("`{key}` {}", quote_rules(rules)), held)
    }

    /// How many entries one of the rules finds.
    fn count_matches(&self, rules: &[String]) -> usize {
        let queries: Vec<Query> =
            rules.iter().filter_map(|words| Query::parse(words).ok()).collect();
        let is_found = |listed: &&StoredEntry| {
            let subject = query_subject(listed, self.cards.get(&listed.source));
            queries.iter().any(|query| query.matches(&subject))
        };
        self.entries.iter().filter(is_found).count()
    }

    fn idle_rule(&self, owner: &str, rule: String, held: usize) -> Option<IdleRule> {
        let judged = self.entries.len();
        let holds_all = held == judged && judged >= MIN_FOR_ALL;
        let holds_none = held == 0 && judged >= MIN_FOR_NONE;
        let effect = IdleRule { owner: owner.to_owned(), rule, excludes_all: holds_all, judged };
        (holds_all || holds_none).then_some(effect)
    }
}

fn quote_rules(rules: &[String]) -> String {
    let quoted: Vec<String> = rules.iter().take(3).map(|rule| format!("{rule:?}")).collect();
    let more = if rules.len() > 3 { ", …" } else { "" };
    quoted.join(", ") + more
}
