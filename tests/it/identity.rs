//! Readings of one source, one after another → which entries stay the same ones, and why: one folder for each
//! rung of the ladder (`docs/identity.md`), in `tests/fixtures/identity/<rung>/`.
//!
//! | file | what it is |
//! | --- | --- |
//! | `1.xml`, `2.xml`, … | what the source serves, reading by reading |
//! | `expected.txt` | the decision about every entry, for a person to review |
//!
//! Entries are numbered in the order in which they are first listed. `UPDATE_GOLDEN=1 cargo test --test it
//! identity::` writes `expected.txt` again: review the difference before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rafid::decide::identity_match;
use rafid::model::{
    EntryId, EntryStatus, ObservedEntry, RememberedEntry, SeenEntry, SeenIndex, SourceId,
};
use rafid_feed::model::{Document, ReadHints};
use rafid_feed::pipeline;

/// What the store remembers, and the number of every entry.
#[derive(Default)]
struct Memory {
    known: SeenIndex,
    numbers: BTreeMap<EntryId, usize>,
}

impl Memory {
    /// Decides about the next reading and remembers it. A name that moves to another entry belongs to that
    /// entry, as in the store.
    fn read(&mut self, document: Vec<u8>) -> String {
        let document = Document { bytes: document, ..Document::default() };
        let feed = pipeline::read_feed(&document, ReadHints::default()).unwrap().feed;
        let source = SourceId::new("sindiyan").unwrap();
        let decisions = identity_match::decide_entries(&source, &feed.entries, &self.known);
        let mut text = String::new();
        for (entry, decision) in feed.entries.iter().zip(decisions) {
            let next = self.numbers.len() + 1;
            let number = *self.numbers.entry(decision.id).or_insert(next);
            let assignment = match decision.status {
                EntryStatus::New => "new",
                EntryStatus::Changed(_) => "changed",
                EntryStatus::Same(_) => "same",
                EntryStatus::Repeated(_) => "repeated",
            };
            let (rung, reason) = (entry.identity.kind.as_str(), decision.reason);
            let title = entry.title.as_str();
            writeln!(text, "  #{number} {assignment} by {rung} ({reason}): {title}").unwrap();
            let (id, content_hash) = (decision.id, decision.content_hash);
            let known = SeenEntry { id, listed_at: Timestamp::UNIX_EPOCH, content_hash };
            let earlier = self.known.names().filter(|(_, entry)| entry.id == id);
            let mut fingerprints: Vec<_> = earlier.map(|(name, _)| name).collect();
            fingerprints.extend(decision.fingerprints);
            let seen = ObservedEntry { entry: known, fingerprints };
            self.known.extend([RememberedEntry { seen, is_kept: true }]);
        }
        text
    }
}

#[test]
fn entries_stay_the_same_ones_on_every_rung() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let folders = folders();
    assert!(folders.len() >= 14, "the fixtures are there");
    for folder in folders {
        let text = decisions_for(&folder);
        let file = folder.join("expected.txt");
        if update {
            fs::write(&file, &text).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            wrong.push(format!("── {}\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "decided otherwise than expected:\n{}", wrong.join("\n"));
}

#[test]
fn the_docs_have_every_rung_that_is_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ladder = fs::read_to_string(root.join("docs/identity.md")).unwrap();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(ladder.contains(&format!("`{name}`")), "docs/identity.md does not name {name}");
    }
}

fn decisions_for(folder: &Path) -> String {
    let mut memory = Memory::default();
    let mut text = String::new();
    for reading in 1.. {
        let Ok(document) = fs::read(folder.join(format!("{reading}.xml"))) else { break };
        writeln!(text, "reading {reading}").unwrap();
        text.push_str(&memory.read(document));
    }
    text
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/identity");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}
