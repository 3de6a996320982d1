//! The `[[output]]` tables → `Output`s, the rules `keep` and `drop` wherever they stand, and what can be
//! wrong between an output and the sources: ids that stand twice, sources and categories that nobody has.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::feed::model::{Language, Output, Rules, Source, SourceId, Stories, slug_of};
use crate::feed::query::Query;

use super::given::{Given, Key, Section, set_some};
use super::mistake::{Mistake, Mistakes};
use super::sections::language;
use super::suggest::nearest;

/// Rules of one list; nobody reads more.
const MOST_RULES: usize = 200;
/// Outputs of one file: each is rendered in four formats.
pub(super) const MOST_OUTPUTS: usize = 200;

/// An output as far as its own table tells.
#[derive(Default)]
pub(super) struct Draft {
    id: Option<(String, Range<usize>)>,
    name: Option<String>,
    query: Option<String>,
    categories: Vec<(String, Range<usize>)>,
    sources: Vec<(SourceId, Range<usize>)>,
    languages: Vec<Language>,
    entries: Option<usize>,
    stories: Option<Stories>,
    rules: Rules,
    /// Where the table stands.
    place: Range<usize>,
}

pub(super) const OUTPUT: &[Key<Draft>] = &[
    Key {
        name: "id",
        about: "its name in the address",
        read: |draft, given| set_some(&mut draft.id, id(given)),
    },
    Key {
        name: "name",
        about: "the name to show",
        read: |draft, given| set_some(&mut draft.name, given.line()),
    },
    Key {
        name: "query",
        about: "what its entries are found by",
        read: |draft, given| set_some(&mut draft.query, query(given)),
    },
    Key {
        name: "categories",
        about: "the categories whose sources it has",
        read: |draft, given| {
            let what = "a category's name";
            draft.categories = list(given, what, |member| {
                let slug = slug_of(&member.line()?);
                if slug.is_empty() { Err(member.expected(what)) } else { Ok(slug) }
            })?;
            Ok(())
        },
    },
    Key {
        name: "sources",
        about: "the ids of the sources it has",
        read: |draft, given| {
            let what = "a source's id";
            draft.sources = list(given, what, |member| {
                SourceId::new(member.string(what)?).map_err(|_| member.expected(what))
            })?;
            Ok(())
        },
    },
    Key {
        name: "languages",
        about: "the languages of its entries",
        read: |draft, given| {
            let found = list(given, "a language tag", language)?;
            draft.languages = found.into_iter().map(|(tag, _)| tag).collect();
            Ok(())
        },
    },
    Key {
        name: "entries",
        about: "entries of its feed, at most",
        read: |draft, given| set_some(&mut draft.entries, given.whole(1..=1000)),
    },
    Key {
        name: "stories",
        about: "what becomes of one event that several entries tell",
        read: |draft, given| set_some(&mut draft.stories, stories(given)),
    },
    Key {
        name: "keep",
        about: "queries of which one must find an entry",
        read: |draft, given| rules(&mut draft.rules.keep, given),
    },
    Key {
        name: "drop",
        about: "queries of which none may find an entry",
        read: |draft, given| rules(&mut draft.rules.drop, given),
    },
];

/// What becomes of stories.
pub(super) fn stories(given: &Given<'_>) -> Result<Stories, Mistake> {
    let what = "\"collapse\", \"related\" or \"off\"";
    match given.string(what)? {
        "collapse" => Ok(Stories::Collapse),
        "related" => Ok(Stories::Related),
        "off" => Ok(Stories::Off),
        _ => Err(given.expected(what)),
    }
}

/// Reads a list of queries.
pub(super) fn rules(into: &mut Vec<String>, given: &Given<'_>) -> Result<(), Mistakes> {
    let found = list(given, "a query such as \"title:رياضة\"", query)?;
    if found.len() > MOST_RULES {
        return Err(given.wrong(format_args!("expected at most {MOST_RULES} queries")).into());
    }
    *into = found.into_iter().map(|(words, _)| words).collect();
    Ok(())
}

fn query(given: &Given<'_>) -> Result<String, Mistake> {
    let words = given.verbatim("a query such as \"سوريا -رياضة\"")?.trim();
    match Query::parse(words) {
        Ok(_) => Ok(words.to_owned()),
        Err(error) => Err(given.wrong(format_args!("`{words}` is no query: {error}"))),
    }
}

fn id(given: &Given<'_>) -> Result<(String, Range<usize>), Mistake> {
    let what = "1 to 64 lower-case letters, digits and inner hyphens";
    let text = given.string(what)?;
    match SourceId::new(text) {
        Ok(_) if slug_of(text) == text => Ok((text.to_owned(), given.span.clone())),
        _ => Err(given.expected(what)),
    }
}

/// Reads every member of an array, with its place.
pub(super) fn list<T>(
    given: &Given<'_>,
    what: &str,
    read: impl Fn(&Given<'_>) -> Result<T, Mistake>,
) -> Result<Vec<(T, Range<usize>)>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut found = Vec::new();
    for member in given.members(&format!("an array; each member is {what}"))? {
        let value = mistakes.sift(read(&member));
        found.extend(value.map(|value| (value, member.span.clone())));
    }
    if mistakes.0.is_empty() { Ok(found) } else { Err(mistakes) }
}

/// Reads one `[[output]]`.
pub(super) fn read(section: &Section<'_>, place: Range<usize>, mistakes: &mut Mistakes) -> Draft {
    let mut draft = Draft { place, ..Draft::default() };
    section.read(OUTPUT, &mut draft, mistakes);
    draft
}

/// The outputs, after they were compared with each other and with the sources.
pub(super) fn finish(
    drafts: Vec<Draft>,
    sources: &[Arc<Source>],
    mistakes: &mut Mistakes,
) -> Vec<Output> {
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut outputs = Vec::new();
    for draft in drafts {
        for (slug, place) in &draft.categories {
            mistakes.sift(has_category(slug, place, sources));
        }
        for (id, place) in &draft.sources {
            mistakes.sift(has_source(id, place, sources));
        }
        let Some((id, place)) = mistakes.sift(draft.named()) else { continue };
        if let Some(first) = seen.get(&id) {
            let mistake = Mistake::at(place, format!("two outputs get the id `{id}`"));
            mistakes.push(mistake.beside(first.clone(), "the first").help("give one an `id`"));
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

impl Draft {
    /// Its id, or the one that its name makes, and where that stands.
    fn named(&self) -> Result<(String, Range<usize>), Mistake> {
        let made = || self.name.as_deref().map(slug_of).filter(|slug| !slug.is_empty());
        let given = self.id.clone();
        given.or_else(|| Some((made()?, self.place.clone()))).ok_or_else(|| {
            let mistake = Mistake::at(self.place.clone(), "this output has no `name`");
            mistake.help("write name = \"…\" below it; the address is made of it")
        })
    }
}

fn has_category(slug: &str, place: &Range<usize>, sources: &[Arc<Source>]) -> Result<(), Mistake> {
    let categories = sources.iter().flat_map(|source| &source.categories);
    let slugs: Vec<&str> = categories.map(|category| category.slug.as_str()).collect();
    if slugs.contains(&slug) {
        return Ok(());
    }
    let mistake = Mistake::at(place.clone(), format!("no source has the category `{slug}`"));
    Err(match nearest(slug, slugs) {
        Some(near) => mistake.help(format!("did you mean \"{near}\"?")),
        None => mistake,
    })
}

fn has_source(id: &SourceId, place: &Range<usize>, sources: &[Arc<Source>]) -> Result<(), Mistake> {
    if sources.iter().any(|source| source.id == *id) {
        return Ok(());
    }
    let mistake = Mistake::at(place.clone(), format!("no source has the id `{id}`"));
    Err(match nearest(id.as_str(), sources.iter().map(|source| source.id.as_str())) {
        Some(near) => mistake.help(format!("did you mean \"{near}\"?")),
        None => mistake.help("disabled sources count as absent"),
    })
}
