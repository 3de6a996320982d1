//! The `[[output]]` tables → `Output`s, the rules `keep` and `drop` wherever they stand, and what can be
//! wrong between an output and the sources: ids that stand twice, sources and categories that nobody has.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rafid_feed::model::Language;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::sections::parse_language;
use super::suggest::suggest_nearest;
use super::value::{ConfigKey, ConfigValue, Section, set_some};
use crate::model::{Output, PublishRules, Source, SourceId, StoryDisplay, make_slug};
use crate::query::Query;

/// Rules of one list; nobody reads more.
const MAX_RULES: usize = 200;
/// Outputs of one file: each is rendered in four formats.
pub(super) const MAX_OUTPUTS: usize = 200;

/// An output as far as its own table tells.
#[derive(Default)]
pub(super) struct OutputDraft {
    id: Option<(String, Range<usize>)>,
    name: Option<String>,
    query: Option<String>,
    categories: Vec<(String, Range<usize>)>,
    sources: Vec<(SourceId, Range<usize>)>,
    languages: Vec<Language>,
    entries: Option<usize>,
    stories: Option<StoryDisplay>,
    rules: PublishRules,
    /// Where the table stands.
    span: Range<usize>,
}

pub(super) const OUTPUT_KEYS: &[ConfigKey<OutputDraft>] = &[
    ConfigKey {
        name: "id",
        description: "its name in the address",
        parse: |draft, given| set_some(&mut draft.id, parse_output_id(given)),
    },
    ConfigKey {
        name: "name",
        description: "the name to show",
        parse: |draft, given| set_some(&mut draft.name, given.text_line()),
    },
    ConfigKey {
        name: "query",
        description: "what its entries are found by",
        parse: |draft, given| set_some(&mut draft.query, parse_query(given)),
    },
    ConfigKey {
        name: "categories",
        description: "the categories whose sources it has",
        parse: |draft, given| {
            let what = "a category's name";
            draft.categories = parse_list(given, what, |member| {
                let slug = make_slug(&member.text_line()?);
                if slug.is_empty() { Err(member.expected_error(what)) } else { Ok(slug) }
            })?;
            Ok(())
        },
    },
    ConfigKey {
        name: "sources",
        description: "the ids of the sources it has",
        parse: |draft, given| {
            let what = "a source's id";
            draft.sources = parse_list(given, what, |member| {
                SourceId::new(member.string(what)?).map_err(|_| member.expected_error(what))
            })?;
            Ok(())
        },
    },
    ConfigKey {
        name: "languages",
        description: "the languages of its entries",
        parse: |draft, given| {
            let found = parse_list(given, "a language tag", parse_language)?;
            draft.languages = found.into_iter().map(|(tag, _)| tag).collect();
            Ok(())
        },
    },
    ConfigKey {
        name: "entries",
        description: "entries of its feed, at most",
        parse: |draft, given| set_some(&mut draft.entries, given.integer(1..=1000)),
    },
    ConfigKey {
        name: "stories",
        description: "what becomes of one event that several entries tell",
        parse: |draft, given| set_some(&mut draft.stories, parse_story_mode(given)),
    },
    ConfigKey {
        name: "keep",
        description: "queries of which one must find an entry",
        parse: |draft, given| parse_rules(&mut draft.rules.keep, given),
    },
    ConfigKey {
        name: "drop",
        description: "queries of which none may find an entry",
        parse: |draft, given| parse_rules(&mut draft.rules.drop, given),
    },
];

/// What becomes of stories.
pub(super) fn parse_story_mode(given: &ConfigValue<'_>) -> Result<StoryDisplay, Diagnostic> {
    let what = "\"collapse\", \"related\" or \"off\"";
    match given.string(what)? {
        "collapse" => Ok(StoryDisplay::Collapse),
        "related" => Ok(StoryDisplay::Related),
        "off" => Ok(StoryDisplay::Off),
        _ => Err(given.expected_error(what)),
    }
}

/// Reads a list of queries.
pub(super) fn parse_rules(
    into: &mut Vec<String>,
    given: &ConfigValue<'_>,
) -> Result<(), Diagnostics> {
    let found = parse_list(given, "a query such as \"title:رياضة\"", parse_query)?;
    if found.len() > MAX_RULES {
        return Err(given.error(format_args!("expected at most {MAX_RULES} queries")).into());
    }
    *into = found.into_iter().map(|(words, _)| words).collect();
    Ok(())
}

fn parse_query(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let words = given.verbatim("a query such as \"سوريا -رياضة\"")?.trim();
    match Query::parse(words) {
        Ok(_) => Ok(words.to_owned()),
        Err(error) => Err(given.error(format_args!("`{words}` is no query: {error}"))),
    }
}

fn parse_output_id(given: &ConfigValue<'_>) -> Result<(String, Range<usize>), Diagnostic> {
    let what = "1 to 64 lower-case letters, digits and inner hyphens";
    let text = given.string(what)?;
    match SourceId::new(text) {
        Ok(_) if make_slug(text) == text => Ok((text.to_owned(), given.span.clone())),
        _ => Err(given.expected_error(what)),
    }
}

/// Reads every member of an array, with its place.
pub(super) fn parse_list<T>(
    given: &ConfigValue<'_>,
    what: &str,
    read: impl Fn(&ConfigValue<'_>) -> Result<T, Diagnostic>,
) -> Result<Vec<(T, Range<usize>)>, Diagnostics> {
    let mut mistakes = Diagnostics::default();
    let mut found = Vec::new();
    for member in given.array(&format!("an array; each member is {what}"))? {
        let value = mistakes.collect(read(&member));
        found.extend(value.map(|value| (value, member.span.clone())));
    }
    if mistakes.0.is_empty() { Ok(found) } else { Err(mistakes) }
}

/// Reads one `[[output]]`.
pub(super) fn parse_output(
    section: &Section<'_>,
    place: Range<usize>,
    mistakes: &mut Diagnostics,
) -> OutputDraft {
    let mut draft = OutputDraft { span: place, ..OutputDraft::default() };
    section.parse_keys(OUTPUT_KEYS, &mut draft, mistakes);
    draft
}

/// The outputs, after they were compared with each other and with the sources.
pub(super) fn finish_outputs(
    drafts: Vec<OutputDraft>,
    sources: &[Arc<Source>],
    mistakes: &mut Diagnostics,
) -> Vec<Output> {
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut outputs = Vec::new();
    for draft in drafts {
        for (slug, place) in &draft.categories {
            mistakes.collect(check_category_exists(slug, place, sources));
        }
        for (id, place) in &draft.sources {
            mistakes.collect(check_source_exists(id, place, sources));
        }
        let Some((id, place)) = mistakes.collect(draft.id_with_span()) else { continue };
        if let Some(first) = seen.get(&id) {
            let mistake = Diagnostic::at(place, format!("two outputs get the id `{id}`"));
            mistakes.push(
                mistake.with_related(first.clone(), "the first").with_help("give one an `id`"),
            );
            continue;
        }
        seen.insert(id.clone(), place);
        let name = draft.name.unwrap_or_else(|| id.clone());
        outputs.push(Output {
            id,
            name,
            query: draft.query,
            categories: draft.categories.into_iter().map(|(slug, _)| slug).collect(),
            sources: draft.sources.into_iter().map(|(id, _)| id).collect(),
            languages: draft.languages,
            entries: draft.entries,
            stories: draft.stories,
            rules: draft.rules,
        });
    }
    outputs
}

impl OutputDraft {
    /// Its id, or the one that its name makes, and where that stands.
    fn id_with_span(&self) -> Result<(String, Range<usize>), Diagnostic> {
        let made = || self.name.as_deref().map(make_slug).filter(|slug| !slug.is_empty());
        let given = self.id.clone();
        given.or_else(|| Some((made()?, self.span.clone()))).ok_or_else(|| {
            let mistake = Diagnostic::at(self.span.clone(), "this output has no `name`");
            mistake.with_help("write name = \"…\" below it; the address is made of it")
        })
    }
}

fn check_category_exists(
    slug: &str,
    place: &Range<usize>,
    sources: &[Arc<Source>],
) -> Result<(), Diagnostic> {
    let categories = sources.iter().flat_map(|source| &source.categories);
    let slugs: Vec<&str> = categories.map(|category| category.slug.as_str()).collect();
    if slugs.contains(&slug) {
        return Ok(());
    }
    let mistake = Diagnostic::at(place.clone(), format!("no source has the category `{slug}`"));
    Err(match suggest_nearest(slug, slugs) {
        Some(near) => mistake.with_help(format!("did you mean \"{near}\"?")),
        None => mistake,
    })
}

fn check_source_exists(
    id: &SourceId,
    place: &Range<usize>,
    sources: &[Arc<Source>],
) -> Result<(), Diagnostic> {
    if sources.iter().any(|source| source.id == *id) {
        return Ok(());
    }
    let mistake = Diagnostic::at(place.clone(), format!("no source has the id `{id}`"));
    Err(match suggest_nearest(id.as_str(), sources.iter().map(|source| source.id.as_str())) {
        Some(near) => mistake.with_help(format!("did you mean \"{near}\"?")),
        None => mistake.with_help("disabled sources count as absent"),
    })
}
