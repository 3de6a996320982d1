//! `rafid stories --eval`: a window of entries as JSON lines → a line per entry with its story, decided
//! one at a time by the memory that the daemon has; against labels, how good that is.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::Stories;
use super::labels::Labels;
use super::parse::bytes_of;
use super::{Failed, print, tell};
use crate::feed::dates;
use crate::feed::model::{
    EntryId, Identity, IdentityRung, SourceId, StoryAssignment, StoryMethod, Telling,
};
use crate::feed::story::{StoryMemory, StorySettings};

/// What the fields may be called, the first that is there counts.
const PUBLISHED: [&str; 3] = ["published", "published_utc", "date_extracted"];
const BODY: [&str; 3] = ["body", "content", "text"];

/// Reads the window, tells it to an empty memory in its order, prints what was decided.
pub(super) fn run(asked: &Stories) -> Result<(), Failed> {
    let window = window_of(&asked.eval)?;
    let labels = asked.labels.as_deref().map(Labels::read).transpose()?;
    let settings = StorySettings { merge: asked.merge, ..StorySettings::default() };
    let decided = decide(&window, settings);
    let names: BTreeMap<EntryId, &Value> =
        window.iter().map(|told| (told.entry, &told.id)).collect();
    let mut text = String::new();
    for (told, assignment) in window.iter().zip(&decided) {
        // Our own shapes always serialise.
        text.push_str(&serde_json::to_string(&line(told, assignment, &names)).unwrap_or_default());
        text.push('\n');
    }
    print(&text)?;
    tell(&summary(&decided));
    if let Some(labels) = labels {
        let of = |group: fn(&StoryAssignment) -> EntryId| {
            let ids = window.iter().zip(&decided);
            ids.map(|(told, found)| (told.name(), group(found))).collect::<BTreeMap<_, _>>()
        };
        let sources = window.iter().map(|told| (told.name(), told.source.clone())).collect();
        let (stories, texts) = (of(|found| found.story), of(|found| found.text_group));
        tell(&labels.judge(&stories, &texts, &sources));
    }
    Ok(())
}

/// One entry of the window.
struct Told {
    /// As it stands in the file.
    id: Value,
    entry: EntryId,
    source: SourceId,
    published: Timestamp,
    title: String,
    summary: String,
    body: String,
}

impl Told {
    /// The id as a word, under which labels know it.
    fn name(&self) -> String {
        name_of(&self.id)
    }
}

/// An id as a word: a number and a text of the same digits are the same id.
pub(super) fn name_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn window_of(file: &Path) -> Result<Vec<Told>, Failed> {
    let bytes = bytes_of(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut sources = BTreeMap::new();
    let mut window = Vec::new();
    let mut undated = 0;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let told = told_of(line, &mut sources).map_err(|what| {
            Failed::working(format!("error: {}:{}: {what}", file.display(), index + 1))
        })?;
        undated += usize::from(told.published == Timestamp::UNIX_EPOCH);
        window.push(told);
    }
    // Without a date an entry is told first: what has one is never drawn towards it.
    let first =
        window.iter().map(|told| told.published).filter(|at| *at > Timestamp::UNIX_EPOCH).min();
    for told in window.iter_mut().filter(|told| told.published == Timestamp::UNIX_EPOCH) {
        told.published = first.unwrap_or(Timestamp::UNIX_EPOCH);
    }
    window.sort_by(|one, other| {
        let number = |told: &Told| told.id.as_i64().unwrap_or(i64::MAX);
        let place = |told: &Told| (told.published, number(told), told.name());
        place(one).cmp(&place(other))
    });
    let (entries, outlets) = (window.len(), sources.len());
    tell(&format!("read {entries} entries of {outlets} sources, {undated} without a date"));
    Ok(window)
}

fn told_of(line: &str, sources: &mut BTreeMap<String, SourceId>) -> Result<Told, String> {
    let fields: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("no JSON object: {error}"))?;
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| fields.get(*name)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let id = fields.get("id").filter(|id| id.is_string() || id.is_number());
    let id = id.cloned().ok_or("an id was expected, a number or a text")?;
    let said = text(&["source"]);
    // Sources are numbered, as their names here need not be what a configuration allows.
    let number = sources.len() + 1;
    let source = match sources.get(&said) {
        Some(source) => source.clone(),
        None => SourceId::new(&format!("source-{number}")).map_err(|error| error.to_string())?,
    };
    sources.insert(said, source.clone());
    let words = text(&PUBLISHED);
    let published = match dates::read(&words, None) {
        Some(at) => at,
        None if words.is_empty() => Timestamp::UNIX_EPOCH,
        None => return Err(format!("{words:?} is no date")),
    };
    let identity = Identity { rung: IdentityRung::Guid, key: name_of(&id), also: Vec::new() };
    let entry = EntryId::of(&source, &identity);
    let (title, summary, body) = (text(&["title"]), text(&["summary"]), text(&BODY));
    Ok(Told { id, entry, source, published, title, summary, body })
}

fn decide(window: &[Told], settings: StorySettings) -> Vec<StoryAssignment> {
    let mut memory = StoryMemory::new(settings, Vec::new());
    let tell = |told: &Told| {
        memory.assign(&Telling {
            id: told.entry,
            source: &told.source,
            listed_at: told.published,
            seen_at: told.published,
            title: &told.title,
            summary: &told.summary,
            text: &told.body,
        })
    };
    window.iter().map(tell).collect()
}

/// What is printed of an entry.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a Value,
    story: Option<&'a &'a Value>,
    text_group: Option<&'a &'a Value>,
    method: &'static str,
    score: Option<f32>,
    nearest: Option<&'a &'a Value>,
    related: Option<&'a &'a Value>,
}

fn line<'a>(
    told: &'a Told,
    assignment: &StoryAssignment,
    names: &'a BTreeMap<EntryId, &'a Value>,
) -> Line<'a> {
    Line {
        id: &told.id,
        story: names.get(&assignment.story),
        text_group: names.get(&assignment.text_group),
        method: assignment.method.as_str(),
        score: assignment.score,
        nearest: assignment.nearest.and_then(|id| names.get(&id)),
        related: assignment.related.and_then(|id| names.get(&id)),
    }
}

fn summary(decided: &[StoryAssignment]) -> String {
    let count = |group: fn(&StoryAssignment) -> EntryId| {
        let mut groups: BTreeMap<EntryId, usize> = BTreeMap::new();
        for found in decided {
            *groups.entry(group(found)).or_default() += 1;
        }
        groups.into_values().filter(|size| *size > 1).count()
    };
    let by = |method| decided.iter().filter(|found| found.method == method).count();
    format!(
        "{} entries: {} stories and {} texts that are told more than once; {} by the same text, {} by \
         the same event",
        decided.len(),
        count(|found| found.story),
        count(|found| found.text_group),
        by(StoryMethod::SameText),
        by(StoryMethod::SameEvent),
    )
}
