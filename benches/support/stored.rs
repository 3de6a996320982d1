//! Entries of the synthetic newspaper, and commits of them, as a poll stores them.

use jiff::Timestamp;
use rafid::model::{
    EntryId, PollState, SeenEntry, SourceId, StoredEntry, StoryAssignment, StoryMethod, StoryRecord,
};
use rafid::store::{Commit, ObservedEntry};
use rafid_feed::model::{Entry, Identity, IdentityKind, Language, PlainText, SafeHtml};

use super::news;

/// A part of a document with new entries of a source, each a story of its own.
pub fn commit_of(source: &SourceId, state: PollState, new: Vec<StoredEntry>) -> Commit {
    let observed = new.iter().map(|listed| ObservedEntry {
        entry: SeenEntry {
            id: listed.id,
            listed_at: listed.listed_at,
            content_hash: listed.content_hash,
        },
        fingerprints: listed.fingerprints.clone(),
    });
    Commit {
        source: source.clone(),
        state,
        observed: observed.collect(),
        story_records: new.iter().map(story_record).collect(),
        new,
        changed: Vec::new(),
        restored: Vec::new(),
        is_whole: false,
    }
}

fn story_record(listed: &StoredEntry) -> StoryRecord {
    StoryRecord {
        id: listed.id,
        source: listed.source.clone(),
        listed_at: listed.listed_at,
        seen_at: listed.first_seen_at,
        assignment: StoryAssignment {
            story: listed.id,
            text_group: listed.id,
            method: StoryMethod::First,
            score: None,
            closeness: None,
            nearest: None,
            related: None,
        },
    }
}

/// The entry of this number of the newspaper, published and stored at one time.
pub fn entry(source: &SourceId, link: &str, number: u64, at: Timestamp) -> StoredEntry {
    let [title, summary, text] = news::entry(number);
    let identity =
        Identity { kind: IdentityKind::Guid, key: link.to_owned(), weaker_names: Vec::new() };
    let id = EntryId::for_identity(source, &identity);
    let seed = u64::from_be_bytes(id.to_bytes()[..8].try_into().unwrap());
    let html = |words: &str| {
        (!words.is_empty()).then(|| SafeHtml::from_trusted(format!("<p>{words}</p>")))
    };
    StoredEntry {
        id,
        source: source.clone(),
        entry: Entry {
            guid: Some(link.to_owned()),
            link: Some(link.to_owned()),
            summary: html(&summary),
            content: html(&text),
            published_at: Some(at),
            language: Language::parse("ar"),
            ..Entry::titled(identity, PlainText::from_trusted(title))
        },
        first_seen_at: at,
        listed_at: at,
        changed_at: at,
        revision: 0,
        fingerprints: vec![seed, seed ^ 1, seed ^ 2],
        content_hash: seed,
    }
}
