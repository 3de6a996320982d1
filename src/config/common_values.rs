//! Values that several tables of the file have → their types.

use std::ops::Range;

use rafid_feed::dates;
use rafid_feed::model::Language;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::suggest_value;
use super::value::ConfigValue;
use crate::model::StoryDisplay;
use crate::query::Query;

/// Parses every member of an array, and keeps its place.
pub(super) fn parse_list<T>(
    value: &ConfigValue<'_>,
    parse_member: impl Fn(&ConfigValue<'_>) -> Result<T, Diagnostic>,
) -> Result<Vec<(T, Range<usize>)>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut found = Vec::new();
    for member in value.array(value.kind)? {
        let parsed = diagnostics.collect(parse_member(&member));
        found.extend(parsed.map(|parsed| (parsed, member.span.clone())));
    }
    if diagnostics.0.is_empty() { Ok(found) } else { Err(diagnostics) }
}

/// Checks the number of members of a list; `what` names them in the message.
pub(super) fn check_count(
    value: &ConfigValue<'_>,
    count: usize,
    what: &str,
) -> Result<(), Diagnostic> {
    let most = value.kind.most_members();
    if count <= most {
        Ok(())
    } else {
        Err(value.error(format_args!("expected at most {most} {what}")))
    }
}

/// Parses a list of queries.
pub(super) fn parse_rules(
    rules: &mut Vec<String>,
    value: &ConfigValue<'_>,
) -> Result<(), Diagnostics> {
    let found = parse_list(value, parse_query)?;
    check_count(value, found.len(), "queries")?;
    *rules = found.into_iter().map(|(query, _)| query).collect();
    Ok(())
}

/// A query.
pub(super) fn parse_query(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let words = value.verbatim("a query such as \"سوريا -رياضة\"")?.trim();
    match Query::parse(words) {
        Ok(query) if query.period().is_some() => Err(value.error(format_args!(
            "`{words}` is no query of a rule: `within:` limits searches only"
        ))),
        Ok(_) => Ok(words.to_owned()),
        Err(error) => Err(value.error(format_args!("`{words}` is no query: {error}"))),
    }
}

/// How stories are shown.
pub(super) fn parse_story_display(value: &ConfigValue<'_>) -> Result<StoryDisplay, Diagnostic> {
    match value.string()? {
        "collapse" => Ok(StoryDisplay::Collapse),
        "related" => Ok(StoryDisplay::Related),
        "off" => Ok(StoryDisplay::Off),
        _ => Err(value.kind_error()),
    }
}

/// A language tag.
pub(super) fn parse_language(value: &ConfigValue<'_>) -> Result<Language, Diagnostic> {
    let tag = value.string()?;
    Language::parse(tag)
        .ok_or_else(|| value.kind_error().with_suggestion(suggest_value::suggest_language(tag)))
}

/// A time zone.
pub(super) fn parse_timezone(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let name = value.string()?;
    match dates::parse_zone(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(value.kind_error().with_suggestion(suggest_value::suggest_zone(name))),
    }
}
