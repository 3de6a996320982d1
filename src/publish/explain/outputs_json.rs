//! An entry → the outputs of its source, and for each whether its feed holds the entry now, and if not, why.
//!
//! | state | the feed |
//! | --- | --- |
//! | `holds` | holds it at `place` |
//! | `dropped`, `not-kept`, `not-found`, `other-language` | excludes it by a rule, as `rafid filter` reports |
//! | `collapsed` | holds another entry of its story |
//! | `beyond-limit` | is full of newer ones |
//! | `source-limit` | already holds the maximum number of its source |
//! | `unknown` | does not hold it, for a reason that cannot be determined |

use serde_json::{Value, json};

use super::super::filter_dry_run::matched_terms;
use super::super::publication::update_archive;
use super::super::query_subject::query_subject;
use super::super::selection::{feed_entries, share_limit};
use super::super::site_reader::SiteReader;
use super::super::source_cards::ScopeSources;
use super::super::story_lookup::StoryLookup;
use super::story_json;
use crate::model::{PerSource, Scope, Source, StoredEntry};
use crate::store::StoreError;

/// All outputs that have entries of the entry's source, the merged one first.
pub(super) fn outputs_json(
    reader: SiteReader<'_>,
    listed: &StoredEntry,
) -> Result<Vec<Value>, StoreError> {
    let site = reader.site;
    let Some(source) = reader.source(&listed.source) else {
        return Ok(Vec::new());
    };
    let mut outputs = vec![("all", "", site.title.as_str(), Scope::All)];
    outputs.extend(source.categories.iter().map(|it| {
        ("category", it.slug.as_str(), it.name.as_str(), Scope::Category(it.slug.clone()))
    }));
    outputs.extend(site.outputs.iter().map(|output| {
        ("output", output.id.as_str(), output.name.as_str(), Scope::Output(output.id.clone()))
    }));
    let own = source.id.as_str();
    outputs.push(("source", own, own, Scope::Source(source.id.clone())));
    let mut rows = Vec::with_capacity(outputs.len());
    for (kind, id, name, scope) in outputs {
        let Some(sources) =
            reader.scope_sources(&scope)?.filter(|sources| sources.ids.contains(&source.id))
        else {
            continue;
        };
        let mut row = output_state(reader, listed, &scope, (source, &sources))?;
        if let Value::Object(row) = &mut row {
            row.insert("scope".to_owned(), kind.into());
            row.insert("id".to_owned(), id.into());
            row.insert("name".to_owned(), name.into());
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The state of the entry in one output.
fn output_state(
    reader: SiteReader<'_>,
    listed: &StoredEntry,
    scope: &Scope,
    (source, sources): (&Source, &ScopeSources),
) -> Result<Value, StoreError> {
    let subject = query_subject(listed, sources.info(&source.id));
    if let Some(exclusion) = reader.site.filters.exclusion(scope, &source.id, &subject) {
        let (verdict, owner, rule) = exclusion.words();
        return Ok(json!({
            "state": verdict,
            "verdict": verdict,
            "rule_of": owner,
            "rule": rule.map(|record| record.rule.as_str()),
            "reasons": rule.map_or_else(Vec::new, matched_terms),
        }));
    }
    let stories = StoryLookup::new(reader, scope, sources);
    if stories.collapses()
        && let Some(first) = stories.representative_of(listed.id)?
        && first != listed.id
        && let Some(record) = stories.story_record(first)?
    {
        return Ok(
            json!({ "state": "collapsed", "by": story_json::member_json(&stories, &record)? }),
        );
    }
    let (entries, limit) = feed_entries(&stories, &update_archive(&stories)?)?;
    if let Some(index) = entries.iter().position(|other| other.id == listed.id) {
        return Ok(json!({ "state": "holds", "place": index + 1, "entries_count": entries.len() }));
    }
    let place = |it: &StoredEntry| (it.listed_at, it.id);
    if entries.iter().filter(|it| place(it) > place(listed)).count() >= limit {
        return Ok(json!({ "state": "beyond-limit", "limit": limit }));
    }
    let of_source = entries.iter().filter(|other| other.source == source.id).count();
    let is_merged = !matches!(scope, Scope::Source(_));
    let most = source_limit(reader.site.per_source, source.cap, limit).filter(|_| is_merged);
    Ok(match most.filter(|most| of_source >= *most) {
        Some(most) => json!({ "state": "source-limit", "limit": most }),
        None => json!({ "state": "unknown" }),
    })
}

/// The number of entries of one source that a feed holds while other sources have entries as new; `None`: any
/// number. `cap` is the source's own limit.
fn source_limit(limits: PerSource, cap: Option<usize>, limit: usize) -> Option<usize> {
    cap.or(match limits {
        PerSource::Share => Some(share_limit(limit)),
        PerSource::AtMost(most) => Some(most),
        PerSource::Any => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sources_own_limit_comes_first() {
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
