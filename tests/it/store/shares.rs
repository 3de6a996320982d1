//! A source that floods, and what remains of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use rafid::model::{SourceId, StoredEntry};
use rafid::store::{FairShare, LatestQuery, Store};

use super::make::{all_new, entry, ids, source, store};

/// Entries of a source, by the seconds at which they were listed.
type Feed<'a> = (&'a str, Vec<i64>);

const DAY: i64 = 24 * 3600;

fn filled(feeds: &[Feed<'_>]) -> (tempfile::TempDir, Store, BTreeSet<SourceId>) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for (name, seconds) in feeds {
        let source = source(name);
        let new = (0..).zip(seconds).map(|(number, second)| entry(&source, number, *second, 0));
        let new = new.collect();
        store.commit(&[all_new(&source, 1, new)], 1_000).unwrap();
    }
    let sources = feeds.iter().map(|(name, _)| source(name)).collect();
    (folder, store, sources)
}

/// How many entries of each source are in a result of ten, with shares of three.
fn check(feeds: &[Feed<'_>], caps: &[(&str, usize)], expected: &[usize]) {
    let (_folder, store, sources) = filled(feeds);
    let caps: BTreeMap<_, _> = caps.iter().map(|(name, most)| (source(name), *most)).collect();
    let wanted = LatestQuery {
        sources: &sources,
        limit: 10,
        before: None,
        per_source: None,
        caps: &caps,
        filter: None,
    };
    let share = FairShare { entries: 3, within: SignedDuration::from_secs(DAY) };
    let found = store.latest_by_fair_share(&wanted, share).unwrap();
    let found: Vec<StoredEntry> = found.into_iter().map(Arc::unwrap_or_clone).collect();
    let counts: Vec<usize> = feeds
        .iter()
        .map(|(name, _)| found.iter().filter(|listed| listed.source == source(name)).count())
        .collect();
    assert_eq!(counts, expected);
    assert!(found.is_sorted_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id))));
    assert_eq!(ids(&found).into_iter().collect::<BTreeSet<_>>().len(), found.len(), "each once");
    // The newest of every source.
    for (name, _) in feeds {
        let one = BTreeSet::from([source(name)]);
        let own = store.latest_entries(&LatestQuery { sources: &one, ..wanted }).unwrap();
        let shown = found.iter().filter(|listed| listed.source == source(name));
        assert!(shown.zip(&own).all(|(shown, own)| shown.id == own.id), "{name}");
    }
}

#[test]
fn a_flood_does_not_displace_the_days_news_of_others() {
    let flood = || (10 * DAY..10 * DAY + 500).collect::<Vec<_>>();
    let today = |count: i64| (0..count).map(|n| 10 * DAY - 3600 * n).collect::<Vec<_>>();
    check(&[("flood", flood()), ("a", today(4)), ("b", today(2))], &[], &[5, 3, 2]);
    check(
        &[("flood", flood()), ("a", today(9)), ("b", today(9)), ("c", today(9))],
        &[],
        &[3, 3, 2, 2],
    );
    // No entry gives way to one of last week.
    let last_week: Vec<i64> = (0..9).map(|n| 3 * DAY + n).collect();
    check(&[("flood", flood()), ("a", last_week)], &[], &[10, 0]);
    check(&[("flood", flood())], &[], &[10]);
    check(&[("a", Vec::new())], &[], &[0]);
}

#[test]
fn the_operators_limit_for_a_source_counts() {
    let flood = || (10 * DAY..10 * DAY + 500).collect::<Vec<_>>();
    let today = || (0..20).map(|n| 10 * DAY - 60 * n).collect::<Vec<_>>();
    check(&[("flood", flood()), ("a", today())], &[("flood", 1)], &[1, 9]);
    check(&[("flood", flood()), ("a", today())], &[("flood", 8)], &[8, 2]);
}
