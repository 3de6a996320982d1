//! The `[[list]]` tables → `RemoteList`s: a parser for each row. Keys that its sources have in common are those of
//! `[[source]]`, with the same parsers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::config::diagnostic::{Diagnostic, Diagnostics, shift_span};
use crate::config::source::{SOURCE_PARSERS, SourceDraft};
use crate::config::source_address::{SourceAddress, hashed_id};
use crate::config::value::{ConfigValue, ParseKey, Section, set_some, set_value};
use crate::model::{Location, RemoteList, SourceId};

/// Lists of one configuration: each is refreshed for as long as the program runs.
pub(in crate::config) const MAX_LISTS: usize = 50;
/// The ids of its sources begin with the id of a list, and have 64 letters at most.
const MAX_LIST_ID_LETTERS: usize = 32;
/// How often a list of another server is refreshed.
const WEB_REFRESH: Duration = Duration::from_hours(24);
/// A file has no server to disturb: an edit shows within a minute.
const FILE_REFRESH: Duration = Duration::from_mins(1);

/// A list as far as its own table says.
pub(in crate::config) struct ListDraft {
    /// Its address, its id, and what its sources have in common.
    source: SourceDraft,
    refresh: Option<Duration>,
    uses_folders: bool,
    /// The place of the table.
    pub(in crate::config) span: Range<usize>,
}

pub(in crate::config) const LIST_PARSERS: &[(&str, ParseKey<ListDraft>)] = &[
    ("url", parse_source_key),
    ("id", parse_source_key),
    ("headers", parse_source_key),
    ("refresh", |draft, value| set_some(&mut draft.refresh, value.duration())),
    ("folders", |draft, value| set_value(&mut draft.uses_folders, value.boolean())),
    ("category", parse_source_key),
    ("categories", parse_source_key),
    ("language", parse_source_key),
    ("timezone", parse_source_key),
    ("full_text", parse_source_key),
    ("every", parse_source_key),
    ("cap", parse_source_key),
    ("keep", parse_source_key),
    ("drop", parse_source_key),
    ("push", parse_source_key),
    ("enabled", parse_source_key),
];

/// A key that sources have, too.
fn parse_source_key(draft: &mut ListDraft, value: &ConfigValue<'_>) -> Result<(), Diagnostics> {
    match SOURCE_PARSERS.iter().find(|(name, _)| *name == value.key) {
        Some((_, parse)) => parse(&mut draft.source, value),
        None => Err(value.kind_error().into()),
    }
}

/// Parses one `[[list]]`.
pub(in crate::config) fn parse_list_section(
    section: &Section<'_>,
    span: Range<usize>,
    diagnostics: &mut Diagnostics,
) -> ListDraft {
    let source = SourceDraft::default();
    let mut draft = ListDraft { source, refresh: None, uses_folders: true, span };
    section.parse_keys(LIST_PARSERS, &mut draft, diagnostics);
    diagnostics.collect(draft.source.move_user_info(section));
    draft
}

impl ListDraft {
    /// Moves its places to the range of all files.
    pub(in crate::config) fn shift(&mut self, start: usize) {
        shift_span(&mut self.span, start);
        self.source.shift(start);
    }

    /// The interval that the operator gives for its sources.
    pub(in crate::config) fn source_interval(&self) -> Option<Duration> {
        self.source.every()
    }
}

/// The enabled lists, after a comparison of all of them.
pub(in crate::config) fn finish_lists(
    drafts: Vec<ListDraft>,
    diagnostics: &mut Diagnostics,
) -> Vec<RemoteList> {
    if let Some(surplus) = drafts.get(MAX_LISTS) {
        let message = format!("expected at most {MAX_LISTS} lists");
        diagnostics.push(Diagnostic::at(surplus.span.clone(), message));
    }
    let mut seen = SeenLists::default();
    let mut lists = Vec::new();
    for mut draft in drafts {
        let Some((address, place)) = draft.source.take_address() else { continue };
        let claimed = seen.claim(&address, &place, draft.source.take_id());
        let Some(id) = diagnostics.collect(claimed) else { continue };
        if !draft.source.is_disabled() {
            lists.push(finish_list(draft, id, address));
        }
    }
    lists
}

fn finish_list(draft: ListDraft, id: SourceId, address: SourceAddress) -> RemoteList {
    let usual = match address.location {
        Location::Web(_) => WEB_REFRESH,
        Location::File(_) => FILE_REFRESH,
    };
    let location = address.location.clone();
    let (template, headers) = draft.source.into_template(id.clone(), address);
    RemoteList {
        id,
        location,
        headers,
        refresh: draft.refresh.unwrap_or(usual),
        uses_folders: draft.uses_folders,
        template,
        copy_hash: None,
    }
}

/// What earlier lists use.
#[derive(Default)]
struct SeenLists {
    ids: BTreeMap<SourceId, Range<usize>>,
    addresses: BTreeMap<String, Range<usize>>,
}

impl SeenLists {
    /// The id of a list: the operator's, or else one that its address makes.
    fn claim(
        &mut self,
        address: &SourceAddress,
        place: &Range<usize>,
        given: Option<(SourceId, Range<usize>)>,
    ) -> Result<SourceId, Diagnostic> {
        if let Some(first) = self.addresses.get(&address.canonical) {
            let diagnostic = Diagnostic::at(place.clone(), "this list is given twice");
            return Err(diagnostic.with_related(first.clone(), "the first time"));
        }
        self.addresses.insert(address.canonical.clone(), place.clone());
        let (id, span) = match given {
            Some((id, span)) if id.as_str().chars().count() > MAX_LIST_ID_LETTERS => {
                let message = format!("`id`: expected at most {MAX_LIST_ID_LETTERS} letters");
                let help = "the ids of its sources begin with it";
                return Err(Diagnostic::at(span, message).with_help(help));
            }
            Some(given) => given,
            None => (id_of_list_address(address), place.clone()),
        };
        if let Some(first) = self.ids.get(&id) {
            let message = format!("two lists get the id `{id}`");
            return Err(Diagnostic::at(span, message)
                .with_related(first.clone(), "the first time")
                .with_help("give one of them an `id` of its own"));
        }
        self.ids.insert(id.clone(), span);
        Ok(id)
    }
}

/// The id that an address makes; a long one keeps its beginning and a hash of the whole address.
#[expect(clippy::expect_used, reason = "a word of letters is an id")]
fn id_of_list_address(address: &SourceAddress) -> SourceId {
    let made = address.id.as_ref().map_or("list", SourceId::as_str);
    let short = address.id.clone().filter(|id| id.as_str().chars().count() <= MAX_LIST_ID_LETTERS);
    let hashed = || hashed_id(made, &address.canonical, MAX_LIST_ID_LETTERS);
    short.or_else(hashed).expect("letters, digits and inner hyphens")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, parse};
    use crate::model::Location;

    fn read(text: &str) -> Result<Config, String> {
        parse(text, Path::new("x"), Path::new("/etc/rafid")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_has_settings_of_its_own_and_of_its_sources() {
        let text = "[[list]]\nurl = \"https://me:word@lists.example/a.opml\"\nid = \"dawn\"\nrefresh = \"6h\"\n\
                    folders = false\ncategory = \"عالم\"\nlanguage = \"ar\"\nevery = \"2h\"\ncap = 3\n\
                    headers = { X-Token = \"t\" }\n[[list]]\nurl = \"file:b.opml\"\n\
                    [[list]]\nurl = \"https://c.example/x\"\nenabled = false\n";
        let lists = read(text).unwrap().lists;
        let [dawn, file] = &lists[..] else { panic!("{lists:?}") };
        assert_eq!(
            (dawn.id.as_str(), dawn.location.to_string().as_str()),
            ("dawn", "https://lists.example/a.opml")
        );
        assert_eq!((dawn.refresh.as_secs(), dawn.uses_folders), (6 * 3600, false));
        let names: Vec<&str> = dawn.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x-token", "authorization"]);
        let template = &dawn.template;
        assert!(template.headers.is_empty(), "its sources are not sent the secrets of the list");
        assert_eq!((template.every.unwrap().as_secs(), template.cap), (2 * 3600, Some(3)));
        assert_eq!(template.categories[0].name, "عالم");
        assert_eq!((file.id.as_str(), file.refresh.as_secs()), ("b-opml", 60));
        assert_eq!(file.location, Location::File("/etc/rafid/b.opml".into()));
        assert_eq!(file.template.every, None, "its sources are no files");
        assert!(!format!("{lists:?}").contains("word"));
    }

    #[test]
    fn what_is_wrong_between_lists_is_reported() {
        let list = |rest: &str| format!("[[list]]\n{rest}\n");
        let a = list("url = \"https://a.example/x.opml\"");
        let long = "a".repeat(33);
        for (text, expected) in [
            (
                a.clone() + &list("url = \"http://www.a.example/x.opml\""),
                "this list is given twice",
            ),
            (
                a.clone() + &list("id = \"a-example-x-opml\"\nurl = \"https://b.example/\""),
                "two lists get the id",
            ),
            (list("refresh = \"6h\""), "this list has no `url`"),
            (
                list(&format!("url = \"https://a.example/\"\nid = \"{long}\"")),
                "expected at most 32 letters",
            ),
            (
                list("url = \"https://a.example/\"\nrefresh = \"5m\""),
                "`refresh`: expected a length of time from 1h",
            ),
            (list("url = \"https://a.example/\"\nname = \"x\""), "`name` is no key of `[[list]]`"),
            (
                "[list]\nurl = \"https://a.example/\"".to_owned(),
                "expected `list` to be a list of tables",
            ),
            (
                (0..51).map(|n| list(&format!("url = \"https://a.example/{n}\""))).collect(),
                "expected at most 50 lists",
            ),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(expected), "{expected} in {error}");
        }
        let address = format!("https://a.example/{}", "x/".repeat(40));
        let lists = read(&list(&format!("url = \"{address}\""))).unwrap().lists;
        assert_eq!(lists[0].id.as_str().chars().count(), 32);
    }
}
