//! Our own labeled pairs: which entries are about the same event, which texts are the same, each pair with
//! its reason. Precision and recall are printed (`--nocapture`) and checked.

use std::collections::BTreeSet;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use rafid::model::{EntryId, SourceId, StoryAssignment, StoryInput};
use rafid::story::{StoryFeatures, StoryMemory, StorySettings, StoryVectors};
use rafid_feed::model::{Identity, IdentityKind};
use serde::Deserialize;

/// Two entries and whether they are the same.
#[derive(Deserialize)]
struct Pair {
    same: bool,
    reason: String,
    one: Words,
    other: Words,
    /// Hours between them.
    #[serde(default)]
    hours: i64,
    /// The source of both entries; without it they have two sources.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Words {
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    body: String,
}

fn pairs(name: &str) -> Vec<Pair> {
    let file = format!("{}/tests/fixtures/stories/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// One entry of a pair, at its hour.
struct TimedEntry<'a> {
    at: Timestamp,
    source: SourceId,
    id: EntryId,
    pair: usize,
    words: &'a Words,
}

/// Passes all pairs to one memory, in the order of their hours, as one stream of two sources.
fn assign(pairs: &[Pair], vectors: &StoryVectors) -> Vec<[StoryAssignment; 2]> {
    let mut stream = Vec::new();
    for (index, pair) in pairs.iter().enumerate() {
        let first = i64::try_from(index).unwrap() * 10;
        for (source, words, minutes) in
            [("one", &pair.one, first), ("other", &pair.other, first + pair.hours * 60)]
        {
            let source = SourceId::new(pair.source.as_deref().unwrap_or(source)).unwrap();
            let key = format!("{index} {minutes}");
            let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(400_000);
            let at = at + SignedDuration::from_mins(minutes);
            stream.push(TimedEntry {
                at,
                id: EntryId::for_identity(&source, &identity),
                source,
                pair: index,
                words,
            });
        }
    }
    stream.sort_by_key(|entry| (entry.at, entry.id));
    let settings = StorySettings::new(vectors.vectors().is_some());
    let mut memory = StoryMemory::new(settings, Vec::new());
    let mut decided: Vec<Vec<StoryAssignment>> = vec![Vec::new(); pairs.len()];
    for entry in &stream {
        let input = StoryInput {
            id: entry.id,
            source: &entry.source,
            listed_at: entry.at,
            seen_at: entry.at,
            title: &entry.words.title,
            summary: &entry.words.summary,
            text: &entry.words.body,
        };
        let features = || StoryFeatures::from_input(&input, vectors.vectors());
        decided[entry.pair].push(memory.assign_features(&input.arrival(), features));
    }
    decided.into_iter().map(|two| <[_; 2]>::try_from(two).unwrap()).collect()
}

/// Precision and recall in percent; every pair with a wrong decision is printed with its reason.
fn judge(
    name: &str,
    (pairs, vectors): (&[Pair], &StoryVectors),
    found: impl Fn(&StoryAssignment) -> EntryId,
) -> (usize, usize) {
    let (mut right, mut joined, mut same) = (0, 0, 0);
    for (pair, [one, other]) in pairs.iter().zip(assign(pairs, vectors)) {
        let is_joined = found(&one) == found(&other);
        right += usize::from(is_joined && pair.same);
        joined += usize::from(is_joined);
        same += usize::from(pair.same);
        if is_joined != pair.same {
            let what = if is_joined { "joined" } else { "missed" };
            println!("{name}: {what}: {} ({:?})", pair.reason, other.score);
        }
    }
    let (precision, recall) = (100 * right / joined, 100 * right / same);
    println!("{name}: {} pairs, precision {precision} %, recall {recall} %", pairs.len());
    (precision, recall)
}

#[test]
fn every_pair_has_a_reason_of_its_own() {
    for name in ["pairs.jsonl", "texts.jsonl"] {
        let pairs = pairs(name);
        let reasons: BTreeSet<&str> = pairs.iter().map(|pair| pair.reason.trim()).collect();
        assert_eq!(reasons.len(), pairs.len(), "a reason of {name} stands twice");
        assert!(reasons.iter().all(|reason| reason.contains(' ')), "{reasons:?}");
    }
}

#[test]
fn entries_about_one_event_are_found() {
    let ways =
        [("events", StoryVectors::off(), (95, 90)), ("vectors", StoryVectors::default(), (88, 95))];
    for (name, vectors, least) in ways {
        let (precision, recall) =
            judge(name, (&pairs("pairs.jsonl"), &vectors), |found| found.story);
        let of = format!("{name}: precision {precision} %, recall {recall} %");
        assert!(precision >= least.0 && recall >= least.1, "{of}");
    }
}

#[test]
fn republished_texts_are_found() {
    let vectors = StoryVectors::default();
    let (precision, recall) =
        judge("texts", (&pairs("texts.jsonl"), &vectors), |found| found.text_group);
    assert!(precision == 100 && recall == 100, "precision {precision} %, recall {recall} %");
}
