//! Rules on trial → what they make of the stored entries, and why, as JSON. Nothing is changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::output_filters::{Exclusion, OutputFilters, RuleOwner};
use super::renderer::{Renderer, query_subject};
use crate::model::{PublishRules, Scope, SourceId, SourceInfo, StoredEntry};
use crate::query::{EntryFilter, FilterVerdict, MatchReason, MatchedRule, QueryError};
use crate::store::{LatestQuery, StoreError};

/// The media type of the answer.
pub(super) const MEDIA_TYPE: &str = "application/json; charset=utf-8";
/// Entries that are judged, the newest; nobody reads the reasons of more.
const MAX_JUDGED: usize = 5_000;

/// The rules in force, and one that is tried beside them.
struct DryRun<'a> {
    scope: &'a Scope,
    filters: &'a OutputFilters,
    trial_rules: EntryFilter,
}

/// What became of one entry.
enum DryRunVerdict {
    Passes(Option<MatchedRule>),
    Excluded(Exclusion),
    /// A tried rule drops it, or none that keeps finds it.
    ExcludedByTrial(Option<MatchedRule>),
}

/// Judges the newest entries of an output by the rules in force and by `tried` beside them. `None`: there
/// is no such output. The inner error: a tried rule is no query.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn dry_run_filter(
    press: &Renderer,
    scope: &Scope,
    tried: &PublishRules,
) -> Result<Option<Result<String, QueryError>>, StoreError> {
    let Some(cards) = press.source_infos(scope)? else { return Ok(None) };
    let tried = match EntryFilter::from_rules(tried) {
        Ok(tried) => tried,
        Err(error) => return Ok(Some(Err(error))),
    };
    let sources = cards.keys().cloned().collect();
    let newest = LatestQuery {
        sources: &sources,
        limit: MAX_JUDGED,
        before: None,
        per_source: None,
        caps: &BTreeMap::new(),
        filter: None,
    };
    let entries = press.store.latest_entries(&newest)?;
    let trial = DryRun { scope, filters: &press.site.filters, trial_rules: tried };
    let judged: Vec<(Value, bool)> =
        entries.iter().map(|listed| trial.verdict_json(listed, &cards)).collect();
    let held_count = judged.iter().filter(|(_, passes)| !passes).count();
    let report = json!({
        "judged": judged.len(),
        "passes": judged.len() - held_count,
        "held": held_count,
        "entries": judged.into_iter().map(|(row, _)| row).collect::<Vec<_>>(),
    });
    // Our own shapes always serialise.
    Ok(Some(Ok(serde_json::to_string(&report).unwrap_or_default())))
}

impl DryRun<'_> {
    fn verdict_json(
        &self,
        listed: &StoredEntry,
        cards: &BTreeMap<SourceId, SourceInfo>,
    ) -> (Value, bool) {
        let fate = self.verdict(listed, cards.get(&listed.source));
        let (verdict, whose, told) = match &fate {
            DryRunVerdict::Passes(told) => ("passes", "", told.as_ref()),
            DryRunVerdict::Excluded(held) => exclusion_words(held),
            DryRunVerdict::ExcludedByTrial(Some(told)) => ("dropped", "tried", Some(told)),
            DryRunVerdict::ExcludedByTrial(None) => ("not-kept", "tried", None),
        };
        let row = json!({
            "id": listed.id.to_urn(),
            "source": listed.source.as_str(),
            "listed_at": listed.listed_at.to_string(),
            "title": listed.entry.title.as_str(),
            "link": listed.entry.link,
            "verdict": verdict,
            "rule_of": whose,
            "rule": told.map(|told| told.rule.as_str()),
            "reasons": told.map_or_else(Vec::new, matched_terms),
        });
        (row, matches!(fate, DryRunVerdict::Passes(_)))
    }

    fn verdict(&self, listed: &StoredEntry, card: Option<&SourceInfo>) -> DryRunVerdict {
        let subject = query_subject(listed, card);
        if let Some(held) = self.filters.exclusion(self.scope, &listed.source, &subject) {
            return DryRunVerdict::Excluded(held);
        }
        match self.trial_rules.judge(&subject) {
            FilterVerdict::Kept(told) => DryRunVerdict::Passes(told),
            FilterVerdict::NotKept => DryRunVerdict::ExcludedByTrial(None),
            FilterVerdict::Dropped(told) => DryRunVerdict::ExcludedByTrial(Some(told)),
        }
    }
}

/// Why an entry is not in an output, in words for programs: the verdict, whose rule it is, the rule.
pub(super) fn exclusion_words(
    held: &Exclusion,
) -> (&'static str, &'static str, Option<&MatchedRule>) {
    match held {
        Exclusion::Dropped(whose, told) => ("dropped", rule_owner_word(*whose), Some(told)),
        Exclusion::NotKept(whose) => ("not-kept", rule_owner_word(*whose), None),
        Exclusion::QueryMismatch => ("not-found", "output", None),
        Exclusion::OtherLanguage => ("other-language", "output", None),
    }
}

/// What of a rule matches, and where.
pub(super) fn matched_terms(told: &MatchedRule) -> Vec<Value> {
    let reason = |it: &MatchReason| json!({ "term": it.term, "field": it.field.as_str() });
    told.reasons.iter().map(reason).collect()
}

fn rule_owner_word(whose: RuleOwner) -> &'static str {
    match whose {
        RuleOwner::Source => "source",
        RuleOwner::Merged => "serve",
        RuleOwner::Output => "output",
    }
}
