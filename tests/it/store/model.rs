//! Any sequence of commits, prunings and reopenings gives the same results as a simple model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rafid::model::{EntryId, PollState, SeenEntry, SourceId, StoredEntry};
use rafid::store::{Commit, LatestQuery, ObservedEntry, Pruning, Store};

use super::make::{at, check_journal, entry, not_modified, source, store};

const SOURCES: [&str; 3] = ["a", "ab", "ج"];

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Poll>, usize),
    Prune(usize, i64, (usize, bool, usize)),
    Reopen,
}

#[derive(Debug, Clone)]
struct Poll {
    source: usize,
    entries: Vec<Appearance>,
    is_whole: bool,
}

#[derive(Debug, Clone)]
struct Appearance {
    number: u64,
    second: i64,
    hash: u64,
    names: Vec<u64>,
    text_bytes: usize,
    /// In `new`, in `changed`, in `restored`, or only observed.
    list: u8,
}

fn appearance() -> impl Strategy<Value = Appearance> {
    let text_bytes = prop_oneof![8 => 0..400_usize, 1 => 20_000..40_000_usize];
    (0..7_u64, 0..8_i64, 0..3_u64, vec(0..6_u64, 0..4), text_bytes, 0..4_u8).prop_map(
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
    let poll = (0..SOURCES.len(), vec(appearance(), 0..6), any::<bool>())
        .prop_map(|(source, entries, is_whole)| Poll { source, entries, is_whole });
    prop_oneof![
        6 => (vec(poll, 1..4), 0..9_usize).prop_map(|(polls, keep)| Step::Commit(polls, keep)),
        2 => (0..SOURCES.len(), 0..9_i64, (0..4_usize, any::<bool>(), 0..6_usize))
            .prop_map(|(source, since, rest)| Step::Prune(source, since, rest)),
        1 => Just(Step::Reopen),
    ]
}

/// One commit of generated values. Only the first occurrence of an entry in a poll counts.
fn commit(poll: &Poll, number: u32) -> Commit {
    let of = source(SOURCES[poll.source]);
    let mut commit = Commit { is_whole: poll.is_whole, ..not_modified(&of, number) };
    let mut seen = BTreeSet::new();
    for appearance in poll.entries.iter().filter(|a| seen.insert(a.number)) {
        let mut listed = entry(&of, appearance.number, appearance.second, appearance.text_bytes);
        listed.content_hash = appearance.hash;
        listed.fingerprints.clone_from(&appearance.names);
        commit.observed.push(ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: appearance.names.clone(),
        });
        match appearance.list {
            0 => commit.new.push(listed),
            1 => commit.changed.push(listed),
            2 => commit.restored.push(listed),
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
    known: SeenEntry,
    kept: Option<StoredEntry>,
    listed: bool,
}

impl Model {
    fn commit(&mut self, commit: &Commit, keep: usize) {
        let of = &commit.source;
        self.states.insert(of.clone(), commit.state.clone());
        let mut named = BTreeSet::new();
        if commit.is_whole && !commit.observed.is_empty() {
            let own = self.entries.iter_mut().filter(|((source, _), _)| source == of);
            own.for_each(|(_, entry)| entry.listed = false);
        }
        for remembered in &commit.observed {
            let id = remembered.entry.id;
            let find = |list: &[StoredEntry]| list.iter().find(|listed| listed.id == id).cloned();
            let again = find(&commit.restored);
            let body =
                find(&commit.new).or_else(|| find(&commit.changed)).or_else(|| again.clone());
            let before = self.entries.remove(&(of.clone(), id));
            let is_dropped = before.as_ref().is_some_and(|before| before.kept.is_none());
            let own_place = before.as_ref().map(|before| before.known.listed_at);
            // An entry that is stored again gets the given position.
            let place = again.as_ref().map(|again| again.listed_at).filter(|_| is_dropped);
            let listed_at = place.or(own_place).unwrap_or(remembered.entry.listed_at);
            let known = SeenEntry { listed_at, ..remembered.entry };
            let placed = body.map(|body| StoredEntry { listed_at, ..body });
            let kept = match before {
                Some(before) if before.kept.is_none() => placed.filter(|_| again.is_some()),
                Some(before) => placed.or(before.kept),
                None => placed,
            };
            self.entries.insert((of.clone(), id), Remembering { known, kept, listed: true });
            for name in &remembered.fingerprints {
                if named.insert(*name) {
                    self.names.insert((of.clone(), *name), id);
                }
            }
        }
        if !commit.observed.is_empty() {
            let excess = self.count(of).saturating_sub(keep);
            self.drop_oldest(of, excess);
        }
    }

    fn prune(&mut self, of: &SourceId, pruning: &Pruning) -> usize {
        let excess = self.count(of).saturating_sub(pruning.spare_newest);
        let is_old = |entry: &Remembering| {
            entry.known.listed_at < pruning.keep_since && !(pruning.spare_listed && entry.listed)
        };
        let own = self.entries.iter_mut().filter(|((source, _), _)| source == of);
        let mut kept: Vec<_> = own.map(|(_, it)| it).filter(|it| it.kept.is_some()).collect();
        kept.sort_by_key(|entry| (entry.known.listed_at, entry.known.id));
        let old = kept.into_iter().take(excess).filter(|entry| is_old(entry));
        old.take(pruning.at_most).map(|entry| entry.kept = None).count()
    }

    fn drop_oldest(&mut self, of: &SourceId, most: usize) {
        let own = self.entries.iter_mut().filter(|((source, _), _)| source == of);
        let mut kept: Vec<_> = own.map(|(_, it)| it).filter(|it| it.kept.is_some()).collect();
        kept.sort_by_key(|entry| (entry.known.listed_at, entry.known.id));
        kept.into_iter().take(most).for_each(|entry| entry.kept = None);
    }

    fn count(&self, of: &SourceId) -> usize {
        self.kept().filter(|listed| listed.source == *of).count()
    }

    fn kept(&self) -> impl Iterator<Item = &StoredEntry> {
        self.entries.values().filter_map(|entry| entry.kept.as_ref())
    }

    fn newest(&self, wanted: &LatestQuery<'_>) -> Vec<StoredEntry> {
        let mut all: Vec<&StoredEntry> = self
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
            assert_eq!(store.kept_entry_count(&of).unwrap(), self.count(&of) as u64);
            let names = self.names.iter().filter(|((source, _), _)| *source == of);
            let expected: BTreeMap<u64, SeenEntry> = names
                .map(|((_, name), id)| (*name, self.entries[&(of.clone(), *id)].known))
                .collect();
            let known = store.seen_index(&of).unwrap();
            assert_eq!(known.names().collect::<BTreeMap<_, _>>(), expected);
            let kept = self.kept().filter(|listed| listed.source == of);
            let kept: BTreeSet<_> = kept.map(|listed| (listed.listed_at, listed.id)).collect();
            assert_eq!(known.kept().iter().copied().collect::<BTreeSet<_>>(), kept);
        }
        for entry in self.entries.values() {
            let found = store.entry(entry.known.id, entry.known.listed_at).unwrap();
            assert_eq!(found, entry.kept);
        }
        check_journal(store);
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
                Step::Prune(index, since, (spare_newest, spare_listed, at_most)) => {
                    let of = source(SOURCES[*index]);
                    let pruning = Pruning {
                        keep_since: at(*since),
                        spare_newest: *spare_newest,
                        spare_listed: *spare_listed,
                        at_most: *at_most,
                    };
                    let dropped = open.prune_source(&of, &pruning).unwrap();
                    prop_assert_eq!(dropped, model.prune(&of, &pruning));
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
            let wanted = LatestQuery { sources: &sources, limit, before, per_source, caps: &BTreeMap::new(), filter: None };
            prop_assert_eq!(open.latest_entries(&wanted).unwrap(), model.newest(&wanted));
        }
    }
}
