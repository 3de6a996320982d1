//! Rules and stored entries → the rules that decide nothing: those that hold back all of what they judge, and
//! those that hold back none of it. Either is rarely meant.

use std::collections::{BTreeMap, BTreeSet};

use super::edition::Edition;
use super::press::subject;
use crate::daemon::store::{Newest, Store, StoreError};
use crate::feed::model::{ListedEntry, Rules, Scope, SourceCard, SourceId};
use crate::feed::query::Query;

/// Entries that rules are tried on, the newest of each owner.
const JUDGED: usize = 1_000;
/// With fewer entries a rule that holds all of them may have met the wrong ones.
const LEAST_FOR_ALL: usize = 5;
/// With fewer entries a rule that holds none may not have met the right ones.
const LEAST_FOR_NONE: usize = 20;

/// A rule that decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEffect {
    /// Whose rule it is: `[serve]`, a source's or an output's id.
    pub owner: String,
    /// Its key, and the rule as it is written; of `keep` the whole list, as one of it must find an entry.
    pub rule: String,
    /// Whether it holds back all entries, else it holds back none.
    pub holds_all: bool,
    /// Entries that it was tried on.
    pub judged: usize,
}

impl std::fmt::Display for RuleEffect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { owner, rule, judged, .. } = self;
        let held = if self.holds_all { "all" } else { "none" };
        write!(f, "{rule} of {owner} holds back {held} of its newest {judged} stored entries")
    }
}

/// The rules of an edition that decide nothing in a store.
///
/// # Errors
/// When the store cannot be read.
pub fn idle_rules(store: &Store, edition: &Edition) -> Result<Vec<RuleEffect>, StoreError> {
    let mut found = Vec::new();
    for source in edition.sources.iter().filter(|source| !source.rules.is_empty()) {
        let owner = format!("source `{}`", source.id);
        let tried = Tried::new(store, edition, &Scope::Source(source.id.clone()))?;
        found.extend(tried.rules(&owner, &source.rules));
    }
    if !edition.merged_rules.is_empty() {
        let tried = Tried::new(store, edition, &Scope::All)?;
        found.extend(tried.rules("[serve]", &edition.merged_rules));
    }
    for output in &edition.outputs {
        if output.rules.is_empty() && output.query.is_none() {
            continue;
        }
        let owner = format!("output `{}`", output.id);
        let tried = Tried::new(store, edition, &Scope::Output(output.id.clone()))?;
        let query = output.query.as_slice();
        // A query that finds everything of some sources is a choice of sources.
        found.extend(tried.kept(&owner, "query", query).filter(|effect| effect.holds_all));
        found.extend(tried.rules(&owner, &output.rules));
    }
    Ok(found)
}

/// Entries that rules are tried on.
struct Tried {
    entries: Vec<ListedEntry>,
    cards: BTreeMap<SourceId, SourceCard>,
}

impl Tried {
    fn new(store: &Store, edition: &Edition, scope: &Scope) -> Result<Self, StoreError> {
        let mut cards = BTreeMap::new();
        for source in edition.sources_of(scope) {
            cards.insert(source.id.clone(), edition.card_of(store, source)?);
        }
        let sources: BTreeSet<SourceId> = cards.keys().cloned().collect();
        let entries = store.newest(&Newest {
            sources: &sources,
            limit: JUDGED,
            before: None,
            per_source: None,
            caps: &BTreeMap::new(),
            fits: None,
        })?;
        Ok(Self { entries, cards })
    }

    fn rules(&self, owner: &str, rules: &Rules) -> Vec<RuleEffect> {
        let kept = self.kept(owner, "keep", &rules.keep);
        let dropped = rules.drop.iter().filter_map(|rule| {
            let found = self.found(std::slice::from_ref(rule));
            self.effect(owner, format!("`drop` {rule:?}"), found)
        });
        kept.into_iter().chain(dropped).collect()
    }

    /// What a list does of which one query must find an entry.
    fn kept(&self, owner: &str, key: &str, rules: &[String]) -> Option<RuleEffect> {
        if rules.is_empty() {
            return None;
        }
        let held = self.entries.len() - self.found(rules);
        self.effect(owner, format!("`{key}` {}", shown(rules)), held)
    }

    /// How many entries one of the rules finds.
    fn found(&self, rules: &[String]) -> usize {
        let queries: Vec<Query> =
            rules.iter().filter_map(|words| Query::parse(words).ok()).collect();
        let is_found = |listed: &&ListedEntry| {
            let subject = subject(listed, self.cards.get(&listed.source));
            queries.iter().any(|query| query.matches(&subject))
        };
        self.entries.iter().filter(is_found).count()
    }

    fn effect(&self, owner: &str, rule: String, held: usize) -> Option<RuleEffect> {
        let judged = self.entries.len();
        let holds_all = held == judged && judged >= LEAST_FOR_ALL;
        let holds_none = held == 0 && judged >= LEAST_FOR_NONE;
        let effect = RuleEffect { owner: owner.to_owned(), rule, holds_all, judged };
        (holds_all || holds_none).then_some(effect)
    }
}

fn shown(rules: &[String]) -> String {
    let quoted: Vec<String> = rules.iter().take(3).map(|rule| format!("{rule:?}")).collect();
    let more = if rules.len() > 3 { ", …" } else { "" };
    quoted.join(", ") + more
}
