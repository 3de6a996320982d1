//! The `[[output]]` tables → `Output`s, and what is wrong between them and the sources: duplicate ids, sources
//! and categories that do not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rafid_feed::model::Language;

use super::common_values::{
    parse_language, parse_list, parse_query, parse_rules, parse_story_display,
};
use super::diagnostic::{Diagnostic, Diagnostics, shift_span};
use super::suggest::suggest_nearest;
use super::value::{ConfigValue, ParseKey, Section, set_some, set_value};
use crate::model::{
    Output, OutputAccess, PublishRules, SourceId, SourceList, StoryDisplay, make_slug,
};

/// Outputs of one configuration: each is rendered in four formats.
pub(super) const MAX_OUTPUTS: usize = 200;

/// An output as far as its own table says.
#[derive(Default)]
pub(super) struct OutputDraft {
    id: Option<(String, Range<usize>)>,
    name: Option<String>,
    is_private: bool,
    query: Option<String>,
    categories: Vec<(String, Range<usize>)>,
    sources: Vec<(SourceId, Range<usize>)>,
    languages: Vec<Language>,
    entries: Option<usize>,
    stories: Option<StoryDisplay>,
    rules: PublishRules,
    /// The place of the table.
    pub(super) span: Range<usize>,
}

pub(super) const OUTPUT_PARSERS: &[(&str, ParseKey<OutputDraft>)] = &[
    ("id", |draft, value| set_some(&mut draft.id, parse_output_id(value))),
    ("name", |draft, value| set_some(&mut draft.name, value.text_line())),
    ("private", |draft, value| set_value(&mut draft.is_private, value.boolean())),
    ("query", |draft, value| set_some(&mut draft.query, parse_query(value))),
    ("categories", |draft, value| {
        draft.categories = parse_list(value, |member| {
            let slug = make_slug(&member.text_line()?);
            if slug.is_empty() { Err(member.kind_error()) } else { Ok(slug) }
        })?;
        Ok(())
    }),
    ("sources", |draft, value| {
        draft.sources = parse_list(value, |member| {
            SourceId::new(member.string()?).map_err(|_| member.kind_error())
        })?;
        Ok(())
    }),
    ("languages", |draft, value| {
        let found = parse_list(value, parse_language)?;
        draft.languages = found.into_iter().map(|(tag, _)| tag).collect();
        Ok(())
    }),
    ("entries", |draft, value| set_some(&mut draft.entries, value.integer())),
    ("stories", |draft, value| set_some(&mut draft.stories, parse_story_display(value))),
    ("keep", |draft, value| parse_rules(&mut draft.rules.keep, value)),
    ("drop", |draft, value| parse_rules(&mut draft.rules.drop, value)),
    ("forms", |draft, value| set_value(&mut draft.rules.forms, value.boolean())),
];

fn parse_output_id(value: &ConfigValue<'_>) -> Result<(String, Range<usize>), Diagnostic> {
    let text = value.string()?;
    match SourceId::new(text) {
        Ok(_) if make_slug(text) == text => Ok((text.to_owned(), value.span.clone())),
        _ => Err(value.kind_error()),
    }
}

/// Parses one `[[output]]`.
pub(super) fn parse_output(
    section: &Section<'_>,
    place: Range<usize>,
    diagnostics: &mut Diagnostics,
) -> OutputDraft {
    let mut draft = OutputDraft { span: place, ..OutputDraft::default() };
    section.parse_keys(OUTPUT_PARSERS, &mut draft, diagnostics);
    draft
}

/// The outputs, after a comparison with each other and with the sources. `sources` is `None` if not all of them are
/// known.
pub(super) fn finish_outputs(
    drafts: Vec<OutputDraft>,
    sources: Option<&SourceList>,
    diagnostics: &mut Diagnostics,
) -> Vec<Output> {
    if let Some(sources) = sources {
        check_references(&drafts, sources, diagnostics);
    }
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut outputs = Vec::new();
    for draft in drafts {
        let Some((id, place)) = diagnostics.collect(draft.id_with_span()) else { continue };
        if let Some(first) = seen.get(&id) {
            let diagnostic = Diagnostic::at(place, format!("two outputs get the id `{id}`"));
            diagnostics.push(
                diagnostic.with_related(first.clone(), "the first").with_help("give one an `id`"),
            );
            continue;
        }
        seen.insert(id.clone(), place);
        let name = draft.name.unwrap_or_else(|| id.clone());
        outputs.push(Output {
            id,
            name,
            access: if draft.is_private {
                OutputAccess::Private(None)
            } else {
                OutputAccess::Public
            },
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
    /// Moves its places to the range of all files.
    pub(super) fn shift(&mut self, start: usize) {
        shift_span(&mut self.span, start);
        self.id.iter_mut().for_each(|(_, span)| shift_span(span, start));
        self.categories.iter_mut().for_each(|(_, span)| shift_span(span, start));
        self.sources.iter_mut().for_each(|(_, span)| shift_span(span, start));
    }

    /// Its id, or the one that its name makes, with its place.
    fn id_with_span(&self) -> Result<(String, Range<usize>), Diagnostic> {
        let made = || self.name.as_deref().map(make_slug).filter(|slug| !slug.is_empty());
        let id = self.id.clone();
        id.or_else(|| Some((made()?, self.span.clone()))).ok_or_else(|| {
            let diagnostic = Diagnostic::at(self.span.clone(), "this output has no `name`");
            diagnostic.with_help("write name = \"…\" below it; the address is made of it")
        })
    }
}

/// What outputs name and no source has.
fn check_references(drafts: &[OutputDraft], sources: &SourceList, diagnostics: &mut Diagnostics) {
    let categories = sources.iter().flat_map(|source| &source.categories);
    let slugs: BTreeSet<&str> = categories.map(|category| category.slug.as_str()).collect();
    for draft in drafts {
        for (slug, place) in &draft.categories {
            diagnostics.collect(check_category_exists(slug, place, &slugs));
        }
        for (id, place) in &draft.sources {
            diagnostics.collect(check_source_exists(id, place, sources));
        }
    }
}

fn check_category_exists(
    slug: &str,
    place: &Range<usize>,
    slugs: &BTreeSet<&str>,
) -> Result<(), Diagnostic> {
    if slugs.contains(slug) {
        return Ok(());
    }
    let diagnostic = Diagnostic::at(place.clone(), format!("no source has the category `{slug}`"));
    Err(match suggest_nearest(slug, slugs.iter().copied()) {
        Some(near) => diagnostic.with_help(format!("did you mean \"{near}\"?")),
        None => diagnostic,
    })
}

fn check_source_exists(
    id: &SourceId,
    place: &Range<usize>,
    sources: &SourceList,
) -> Result<(), Diagnostic> {
    if sources.find(id).is_some() {
        return Ok(());
    }
    let diagnostic = Diagnostic::at(place.clone(), format!("no source has the id `{id}`"));
    Err(match suggest_nearest(id.as_str(), sources.iter().map(|source| source.id.as_str())) {
        Some(near) => diagnostic.with_help(format!("did you mean \"{near}\"?")),
        None => diagnostic.with_help("disabled sources count as absent"),
    })
}
