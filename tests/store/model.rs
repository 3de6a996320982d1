//! Any sequence of commits, prunings and reopenings gives the same answers as a simple model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rafid::daemon::store::{Commit, Newest, Remembered, Store};
use rafid::feed::model::{EntryId, KnownEntry, ListedEntry, PollState, SourceId};

use crate::make::{at, entry, not_modified, source, store};

const SOURCES: [&str; 3] = ["a", "ab", "ج"];

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Poll>, usize),
    Prune(i64, usize),
    Reopen,
}

#[derive(Debug, Clone)]
struct Poll {
    source: usize,
    entries: Vec<Appearance>,
}

#[derive(Debug, Clone)]
struct Appearance {
    number: u64,
    second: i64,
    hash: u64,
    names: Vec<u64>,
    text_bytes: usize,
    /// In `new`, in `changed`, or only remembered.
    list: u8,
}

fn appearance() -> impl Strategy<Value = Appearance> {
    let text_bytes = prop_oneof![8 => 0..400_usize, 1 => 20_000..40_000_usize];
    (0..7_u64, 0..8_i64, 0..3_u64, vec(0..6_u64, 0..4), text_bytes, 0..3_u8).prop_map(
        |(number, second, hash, names, text_bytes, list)| Appearance {
            number,
            second,
            hash,
            names,
            text_bytes,
            list,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let poll = (0..SOURCES.len(), vec(appearance(), 0..6))
        .prop_map(|(source, entries)| Poll { source, entries });
    prop_oneof![
        6 => (vec(poll, 1..4), 0..9_usize).prop_map(|(polls, keep)| Step::Commit(polls, keep)),
        2 => (0..9_i64, 0..6_usize).prop_map(|(since, most)| Step::Prune(since, most)),
        1 => Just(Step::Reopen),
    ]
}

/// One commit of what was generated. The same entry twice in a poll is left to the first.
fn commit(poll: &Poll, number: u32) -> Commit {
    let of = source(SOURCES[poll.source]);
    let mut commit = not_modified(&of, number);
    let mut seen = BTreeSet::new();
    for appearance in poll.entries.iter().filter(|a| seen.insert(a.number)) {
        let mut listed = entry(&of, appearance.number, appearance.second, appearance.text_bytes);
        listed.content_hash = appearance.hash;
        listed.fingerprints.clone_from(&appearance.names);
        commit.remembered.push(Remembered {
            entry: KnownEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: appearance.names.clone(),
        });
        match appearance.list {
            0 => commit.new.push(listed),
            1 => commit.changed.push(listed),
            _ => {}
        }
    }
    commit
}

#[derive(Debug, Default)]
struct Model {
    states: BTreeMap<SourceId, PollState>,
    entries: BTreeMap<(SourceId, EntryId), Remembering>,
    names: BTreeMap<(SourceId, u64), EntryId>,
}

#[derive(Debug)]
struct Remembering {
    known: KnownEntry,
    kept: Option<ListedEntry>,
}

impl Model {
    fn commit(&mut self, commit: &Commit, keep: usize) {
        let of = &commit.source;
        self.states.insert(of.clone(), commit.state.clone());
        let mut named = BTreeSet::new();
        for remembered in &commit.remembered {
            let id = remembered.entry.id;
            let body = commit.new.iter().chain(&commit.changed).find(|listed| listed.id == id);
            let before = self.entries.remove(&(of.clone(), id));
            let listed_at =
                before.as_ref().map_or(remembered.entry.listed_at, |b| b.known.listed_at);
            let known = KnownEntry { listed_at, ..remembered.entry };
            let placed = body.map(|body| ListedEntry { listed_at, ..body.clone() });
            let kept = match before {
                Some(before) if before.kept.is_none() => None,
                Some(before) => placed.or(before.kept),
                None => placed,
            };
            self.entries.insert((of.clone(), id), Remembering { known, kept });
            for name in &remembered.fingerprints {
                if named.insert(*name) {
                    self.names.insert((of.clone(), *name), id);
                }
            }
        }
        if !commit.remembered.is_empty() {
            let excess = self.count(of).saturating_sub(keep);
            self.drop_oldest(|listed| listed.source == *of, excess);
        }
    }

    fn prune(&mut self, since: i64, most: usize) -> usize {
        self.drop_oldest(|listed| listed.listed_at < at(since), most)
    }

    fn drop_oldest(&mut self, which: impl Fn(&ListedEntry) -> bool, most: usize) -> usize {
        let mut all: Vec<&mut Remembering> = self
            .entries
            .values_mut()
            .filter(|entry| entry.kept.as_ref().is_some_and(&which))
            .collect();
        all.sort_by_key(|entry| (entry.known.listed_at, entry.known.id));
        let dropped = all.into_iter().take(most).map(|entry| entry.kept = None);
        dropped.count()
    }

    fn count(&self, of: &SourceId) -> usize {
        self.kept().filter(|listed| listed.source == *of).count()
    }

    fn kept(&self) -> impl Iterator<Item = &ListedEntry> {
        self.entries.values().filter_map(|entry| entry.kept.as_ref())
    }

    fn newest(&self, wanted: &Newest<'_>) -> Vec<ListedEntry> {
        let mut all: Vec<&ListedEntry> = self
            .kept()
            .filter(|listed| wanted.sources.contains(&listed.source))
            .filter(|listed| wanted.before.is_none_or(|b| (listed.listed_at, listed.id) < b))
            .collect();
        all.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
        let mut taken: BTreeMap<&SourceId, usize> = BTreeMap::new();
        all.retain(|listed| {
            let taken = taken.entry(&listed.source).or_default();
            *taken += 1;
            wanted.per_source.is_none_or(|cap| *taken <= cap)
        });
        all.into_iter().take(wanted.limit).cloned().collect()
    }

    fn check(&self, store: &Store) {
        for of in SOURCES.map(source) {
            assert_eq!(store.poll_state(&of).unwrap().as_ref(), self.states.get(&of));
            assert_eq!(store.count(&of).unwrap(), self.count(&of) as u64);
            let names = self.names.iter().filter(|((source, _), _)| *source == of);
            let expected: BTreeMap<u64, KnownEntry> = names
                .map(|((_, name), id)| (*name, self.entries[&(of.clone(), *id)].known))
                .collect();
            assert_eq!(store.known(&of).unwrap().by_fingerprint, expected);
        }
        for entry in self.entries.values() {
            let found = store.entry(entry.known.id, entry.known.listed_at).unwrap();
            assert_eq!(found, entry.kept);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_history_equals_the_model(
        steps in vec(step(), 1..24),
        queries in vec((1..8_u8, 0..12_usize, option::of(0..9_i64), option::of(0..4_usize)), 6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut open, mut model) = (store(folder.path()), Model::default());
        for (number, step) in (1..).zip(&steps) {
            match step {
                Step::Commit(polls, keep) => {
                    let group: Vec<Commit> = polls.iter().map(|poll| commit(poll, number)).collect();
                    open.commit(&group, *keep).unwrap();
                    for commit in &group {
                        model.commit(commit, *keep);
                    }
                }
                Step::Prune(since, most) => {
                    let dropped = open.prune(at(*since), *most).unwrap();
                    prop_assert_eq!(dropped, model.prune(*since, *most));
                }
                Step::Reopen => {
                    drop(open);
                    open = store(folder.path());
                }
            }
            model.check(&open);
        }
        for (mask, limit, before, per_source) in queries {
            let in_mask = |index: &usize| mask & (1 << index) != 0;
            let sources: BTreeSet<SourceId> =
                (0..3).filter(in_mask).map(|index| source(SOURCES[index])).collect();
            let before = before.map(|second| (at(second), EntryId::from_bytes([0x80; 16])));
            let wanted = Newest { sources: &sources, limit, before, per_source, caps: &BTreeMap::new(), fits: None };
            prop_assert_eq!(open.newest(&wanted).unwrap(), model.newest(&wanted));
        }
    }
}
