//! An entry → the outputs of its source, and of each whether its feed holds the entry now, and if not, why.
//!
//! | state | the feed |
//! | --- | --- |
//! | `holds` | holds it at `place` |
//! | `dropped`, `not-kept`, `not-found`, `other-language` | holds it back by a rule, as `rafid filter` tells |
//! | `collapsed` | holds another telling of its story |
//! | `beyond-limit` | is full of newer ones |
//! | `source-limit` | has as many of its source as it takes |
//! | `unknown` | does not hold it, for a reason that cannot be told for sure |

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::filter_dry_run::{exclusion_words, matched_terms};
use super::super::renderer::{Renderer, query_subject};
use super::super::story_lookup::StoryLookup;
use super::story_json;
use crate::model::{PerSource, Scope, Source, SourceId, SourceInfo, StoredEntry};
use crate::store::StoreError;

/// All outputs that have entries of the entry's source, the merged one first.
pub(super) fn outputs_json(
    press: &Renderer,
    listed: &StoredEntry,
) -> Result<Vec<Value>, StoreError> {
    let edition = &press.site;
    let Some(source) = edition.sources.iter().find(|source| source.id == listed.source) else {
        return Ok(Vec::new());
    };
    let mut outputs = vec![("all", "", edition.title.as_str(), Scope::All)];
    outputs.extend(source.categories.iter().map(|it| {
        ("category", it.slug.as_str(), it.name.as_str(), Scope::Category(it.slug.clone()))
    }));
    outputs.extend(edition.outputs.iter().map(|output| {
        ("output", output.id.as_str(), output.name.as_str(), Scope::Output(output.id.clone()))
    }));
    let own = source.id.as_str();
    outputs.push(("source", own, own, Scope::Source(source.id.clone())));
    let mut rows = Vec::with_capacity(outputs.len());
    for (kind, id, name, scope) in outputs {
        let Some(cards) =
            press.source_infos(&scope)?.filter(|cards| cards.contains_key(&source.id))
        else {
            continue;
        };
        let mut row = output_state(press, listed, &scope, (source, &cards))?;
        if let Value::Object(row) = &mut row {
            row.insert("scope".to_owned(), kind.into());
            row.insert("id".to_owned(), id.into());
            row.insert("name".to_owned(), name.into());
        }
        rows.push(row);
    }
    Ok(rows)
}

/// What one output makes of the entry.
fn output_state(
    press: &Renderer,
    listed: &StoredEntry,
    scope: &Scope,
    (source, cards): (&Source, &BTreeMap<SourceId, SourceInfo>),
) -> Result<Value, StoreError> {
    let looked_at = query_subject(listed, cards.get(&source.id));
    if let Some(held) = press.site.filters.exclusion(scope, &source.id, &looked_at) {
        let (verdict, whose, rule) = exclusion_words(&held);
        return Ok(json!({
            "state": verdict,
            "verdict": verdict,
            "rule_of": whose,
            "rule": rule.map(|told| told.rule.as_str()),
            "reasons": rule.map_or_else(Vec::new, matched_terms),
        }));
    }
    let tellings = StoryLookup::new(press, scope, cards);
    if tellings.collapses()
        && let Some(first) = tellings.representative_of(listed)?
        && first != listed.id
        && let Some(told) = tellings.story_record(first)?
    {
        return Ok(
            json!({ "state": "collapsed", "by": story_json::telling_json(&tellings, &told)? }),
        );
    }
    let (entries, limit) = press.feed_entries(scope, &tellings, cards)?;
    if let Some(index) = entries.iter().position(|other| other.id == listed.id) {
        return Ok(json!({ "state": "holds", "place": index + 1, "entries_count": entries.len() }));
    }
    let place = |it: &StoredEntry| (it.listed_at, it.id);
    let is_older = entries.last().is_some_and(|last| place(listed) < place(last));
    if entries.len() >= limit && is_older {
        return Ok(json!({ "state": "beyond-limit", "limit": limit }));
    }
    let of_source = entries.iter().filter(|other| other.source == source.id).count();
    let is_merged = !matches!(scope, Scope::Source(_));
    let most = source_limit(press.site.per_source, source.cap, limit).filter(|_| is_merged);
    Ok(match most.filter(|most| of_source >= *most) {
        Some(most) => json!({ "state": "source-limit", "limit": most }),
        None => json!({ "state": "unknown" }),
    })
}

/// So many entries of one source a feed holds, while others have as new ones; `None`: any number. `cap` is
/// the source's own.
fn source_limit(limits: PerSource, cap: Option<usize>, limit: usize) -> Option<usize> {
    cap.or(match limits {
        PerSource::Share => Some(Renderer::share_limit(limit)),
        PerSource::AtMost(most) => Some(most),
        PerSource::Any => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sources_own_number_comes_first() {
        let check = |limits: PerSource, cap: Option<usize>, expected: Option<usize>| {
            assert_eq!(source_limit(limits, cap, 100), expected, "{limits:?} {cap:?}");
        };
        check(PerSource::Share, None, Some(34));
        check(PerSource::AtMost(7), None, Some(7));
        check(PerSource::Any, None, None);
        check(PerSource::Share, Some(50), Some(50));
        check(PerSource::Any, Some(1), Some(1));
    }
}
