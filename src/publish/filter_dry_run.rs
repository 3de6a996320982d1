//! Proposed rules → their effect on the stored entries, with reasons, as JSON. Changes nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::output_filters::{Exclusion, OutputFilters};
use super::query_subject::query_subject;
use super::site_reader::SiteReader;
use super::source_cards::ScopeSources;
use crate::model::{PublishRules, Scope, SourceInfo, StoredEntry};
use crate::query::{EntryFilter, FilterVerdict, MatchReason, MatchedRule, QueryError};
use crate::store::{LatestQuery, StoreError};

/// The media type of the response.
pub(super) const MEDIA_TYPE: &str = "application/json; charset=utf-8";
/// The number of newest entries that are judged. No one reads the reasons of more.
const MAX_JUDGED: usize = 5_000;

/// The rules in force, and the proposed rules in addition.
struct DryRun<'a> {
    scope: &'a Scope,
    filters: &'a OutputFilters,
    trial_rules: EntryFilter,
}

/// The verdict about one entry.
enum DryRunVerdict {
    Passes(Option<MatchedRule>),
    Excluded(Exclusion),
    /// A proposed rule drops it, or it matches none of the proposed `keep` rules.
    ExcludedByTrial(Option<MatchedRule>),
}

/// Judges the newest entries of an output by the rules in force and by the proposed `rules` in addition.
/// `None`: there is no such output. The inner error: a proposed rule is not a valid query.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn dry_run_filter(
    reader: SiteReader<'_>,
    scope: &Scope,
    rules: &PublishRules,
) -> Result<Option<Result<String, QueryError>>, StoreError> {
    let Some(sources) = reader.scope_sources(scope)? else { return Ok(None) };
    let rules = match EntryFilter::from_rules(rules) {
        Ok(rules) => rules,
        Err(error) => return Ok(Some(Err(error))),
    };
    let query = LatestQuery {
        sources: &sources.ids,
        limit: MAX_JUDGED,
        before: None,
        per_source: None,
        caps: &BTreeMap::new(),
        filter: None,
    };
    let entries = reader.store.latest_entries(&query)?;
    let dry_run = DryRun { scope, filters: &reader.site.filters, trial_rules: rules };
    let judged: Vec<(Value, bool)> =
        entries.iter().map(|listed| dry_run.verdict_json(listed, &sources)).collect();
    let excluded_count = judged.iter().filter(|(_, passes)| !passes).count();
    let report = json!({
        "schema_version": 1,
        "judged": judged.len(),
        "passes": judged.len() - excluded_count,
        "held": excluded_count,
        "entries": judged.into_iter().map(|(row, _)| row).collect::<Vec<_>>(),
    });
    // Values of our own types always serialize.
    Ok(Some(Ok(serde_json::to_string(&report).unwrap_or_default())))
}

impl DryRun<'_> {
    fn verdict_json(&self, listed: &StoredEntry, sources: &ScopeSources) -> (Value, bool) {
        let outcome = self.verdict(listed, sources.info(&listed.source));
        let (verdict, owner, rule) = match &outcome {
            DryRunVerdict::Passes(rule) => ("passes", "", rule.as_ref()),
            DryRunVerdict::Excluded(exclusion) => exclusion.words(),
            DryRunVerdict::ExcludedByTrial(Some(rule)) => ("dropped", "tried", Some(rule)),
            DryRunVerdict::ExcludedByTrial(None) => ("not-kept", "tried", None),
        };
        let row = json!({
            "id": listed.id.to_urn(),
            "source": listed.source.as_str(),
            "listed_at": listed.listed_at.to_string(),
            "title": listed.entry.title.as_str(),
            "link": listed.entry.link,
            "verdict": verdict,
            "rule_of": owner,
            "rule": rule.map(|rule| rule.rule.as_str()),
            "reasons": rule.map_or_else(Vec::new, matched_terms),
        });
        (row, matches!(outcome, DryRunVerdict::Passes(_)))
    }

    fn verdict(&self, listed: &StoredEntry, info: Option<&SourceInfo>) -> DryRunVerdict {
        let subject = query_subject(listed, info);
        if let Some(exclusion) = self.filters.exclusion(self.scope, &listed.source, &subject) {
            return DryRunVerdict::Excluded(exclusion);
        }
        match self.trial_rules.judge(&subject) {
            FilterVerdict::Kept(rule) => DryRunVerdict::Passes(rule),
            FilterVerdict::NotKept => DryRunVerdict::ExcludedByTrial(None),
            FilterVerdict::Dropped(rule) => DryRunVerdict::ExcludedByTrial(Some(rule)),
        }
    }
}

/// The terms of a rule that match, and where they match.
pub(super) fn matched_terms(rule: &MatchedRule) -> Vec<Value> {
    let reason = |it: &MatchReason| json!({ "term": it.term, "field": it.field.as_str() });
    rule.reasons.iter().map(reason).collect()
}
