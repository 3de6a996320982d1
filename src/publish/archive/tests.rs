//! Where pages close, what the feed adds to its newest entries, and what counts as new since a number.

use std::collections::BTreeSet;

use super::super::archive_memory::Archives;
use super::super::arrivals_since::entries_since;
use super::super::publication::update_archive;
use super::super::published_site::PublishedSite;
use super::super::sample::{self, TestStore, at};
use super::super::selection::feed_entries;
use super::*;
use crate::model::{PublishRules, Scope, Source, SourceId, StoredEntry, StoryDisplay};
use crate::publish::{OutputFilters, Renderer};
use crate::store::Pruning;

const PAGE: usize = 10;

fn site(shop: &TestStore, sources: &[&str]) -> Renderer {
    let renderer = shop.renderer(sources.iter().map(|id| sample::source(id)).collect());
    with_entries(renderer, PAGE)
}

fn with_entries(renderer: Renderer, entries: usize) -> Renderer {
    let site = PublishedSite { entries, ..PublishedSite::clone(&renderer.site) };
    Renderer { site: Arc::new(site), ..renderer }
}

fn with_sources(renderer: &Renderer, sources: Vec<Source>) -> Renderer {
    let sources: Vec<Arc<Source>> = sources.into_iter().map(Arc::new).collect();
    let filters = OutputFilters::parse(&sources, &PublishRules::default(), &[]).unwrap();
    let (site, filters) = (PublishedSite::clone(&renderer.site), Arc::new(filters));
    Renderer {
        site: Arc::new(PublishedSite { sources: sources.into(), filters, ..site }),
        store: renderer.store.clone(),
        started_at: at(0),
        config_error: None,
        polling_pause: None,
        polled_at: None,
        search: None,
        archives: Arc::default(),
        pictures: None,
    }
}

/// An entry that was listed and first seen at these seconds.
fn entry(source: &str, key: i64, listed_at: i64, seen_at: i64) -> StoredEntry {
    StoredEntry {
        listed_at: at(listed_at),
        first_seen_at: at(seen_at),
        changed_at: at(listed_at),
        ..sample::listed(source, &key.to_string(), &format!("خبر {key}"))
    }
}

/// What a reader of an output sees now: the entries of the feed, and the sizes of its pages.
struct Seen {
    feed: Vec<StoredEntry>,
    pages: Vec<(ArchivePageKind, usize)>,
    position: u64,
}

fn look(renderer: &Renderer, scope: &Scope) -> Seen {
    let reader = renderer.reader();
    let infos = reader.scope_sources(scope).unwrap().unwrap();
    let stories = StoryLookup::new(reader, scope, &infos);
    let archive = update_archive(&stories).unwrap();
    let pages = (0..archive.pages.len()).map(|index| {
        (archive.pages[index].kind, archive.page_entries(&stories, index).unwrap().len())
    });
    Seen {
        pages: pages.collect(),
        position: archive.position,
        feed: feed_entries(&stories, &archive)
            .unwrap()
            .0
            .into_iter()
            .map(Arc::unwrap_or_clone)
            .collect(),
    }
}

fn since(renderer: &Renderer, after: u64, at_most: usize) -> Option<Vec<EntryId>> {
    let (reader, scope) = (renderer.reader(), Scope::All);
    let infos = reader.scope_sources(&scope).unwrap().unwrap();
    let stories = StoryLookup::new(reader, &scope, &infos);
    let archive = update_archive(&stories).unwrap();
    let entries = entries_since(&stories, &archive, after, at_most).unwrap();
    entries.map(|entries| entries.into_iter().map(|listed| listed.id).collect())
}

#[test]
fn a_late_entry_of_a_known_source_is_in_the_feed_until_a_page_holds_it() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    shop.keep("a", 1, (0..30).map(|n| entry("a", n, 100 + 10, 100)).collect());
    shop.keep("b", 2, vec![entry("b", 0, 0, 100)]);
    let late = entry("b", 1, -40 * 3600, 200);
    shop.keep("b", 3, vec![late.clone()]);
    let seen = look(&renderer, &Scope::All);
    assert_eq!((seen.feed.len(), seen.feed.last()), (PAGE + 1, Some(&late)));
    // Nine more arrivals fill the page.
    shop.keep("a", 4, (100..109).map(|n| entry("a", n, 300, 300)).collect());
    let after = look(&renderer, &Scope::All);
    assert!(!after.feed.contains(&late));
    assert_eq!(after.pages.last(), Some(&(ArchivePageKind::Arrivals, PAGE)));
    let known: BTreeSet<EntryId> = after.feed.iter().map(|it| it.id).collect();
    assert_eq!(known.len(), PAGE, "only the newest are left");
}

#[test]
fn a_first_reading_floods_nobody_and_is_on_pages_at_once() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    shop.keep("a", 1, (0..12).map(|n| entry("a", n, 100, 100)).collect());
    let before = look(&renderer, &Scope::All);
    let old: Vec<StoredEntry> = (0..35).map(|n| entry("b", n, -9_000, 200)).collect();
    shop.keep("b", 2, old);
    let after = look(&renderer, &Scope::All);
    assert_eq!(after.feed, before.feed, "old entries of a new source are no news");
    let sizes: Vec<usize> = after.pages.iter().map(|(_, size)| *size).collect();
    assert_eq!(sizes, [10, 2, 10, 10, 10, 5], "pages end with their commits");
    assert!(after.pages.iter().all(|(kind, _)| *kind == ArchivePageKind::FirstReading));
}

#[test]
fn pages_are_a_function_of_the_journal_and_not_of_the_moments_of_rendering() {
    let shop = TestStore::open();
    let (eager, lazy) = (site(&shop, &["a"]), site(&shop, &["a", "b"]));
    let scope = Scope::Source(SourceId::new("a").unwrap());
    for step in 0..9 {
        let new = (0..7).map(|n| entry("a", step * 10 + n, step, 100)).collect();
        shop.keep("a", step, new);
        look(&eager, &scope);
    }
    let pages = shop.store.archive_pages(scope_key(&eager.site, &scope).0).unwrap();
    assert_eq!(pages.len(), 1 + 56 / PAGE);
    // The merged output has the same arrivals, and is rendered once.
    let merged = look(&lazy, &Scope::All);
    assert_eq!(merged.pages.len(), pages.len());
    let closed = shop.store.archive_pages(scope_key(&lazy.site, &Scope::All).0).unwrap();
    assert_eq!(closed, pages);
    let larger = with_entries(site(&shop, &["a"]), 3 * PAGE);
    assert_eq!(look(&larger, &scope).pages.len(), pages.len(), "closed pages stay as they are");
}

#[test]
fn a_source_that_an_output_gets_later_is_on_its_pages() {
    let shop = TestStore::open();
    let before = site(&shop, &["a"]);
    let with_both = |archives: &Arc<Archives>| {
        let archives = Arc::clone(archives);
        Renderer { archives, ..site(&shop, &["a", "b"]) }
    };
    shop.keep("a", 1, (0..3).map(|n| entry("a", n, 0, 100)).collect());
    look(&before, &Scope::All);
    // The other source is read while the output does not have it.
    shop.keep("b", 2, (0..4).map(|n| entry("b", n, -50, 100)).collect());
    shop.keep("b", 3, (10..13).map(|n| entry("b", n, -50, 100)).collect());
    shop.keep("a", 4, (10..22).map(|n| entry("a", n, 500, 100)).collect());
    let first = look(&before, &Scope::All);
    assert_eq!(first.pages.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [3, 10]);
    for archives in [&before.archives, &Arc::default()] {
        let seen = look(&with_both(archives), &Scope::All);
        let on_pages: usize = seen.pages.iter().map(|(_, size)| size).sum();
        assert_eq!((on_pages, seen.pages.len()), (3 + 10 + 4 + 3, 3), "{:?}", seen.pages);
        assert_eq!(seen.feed.len(), PAGE, "old entries are no news");
    }
}

#[test]
fn edits_are_in_the_feed_but_on_no_page_and_never_displace_new_entries() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a"]);
    let first: Vec<StoredEntry> = (0..40).map(|n| entry("a", n, n, 100)).collect();
    shop.keep("a", 1, first.clone());
    let edited: Vec<StoredEntry> = first[..25]
        .iter()
        .map(|listed| StoredEntry { changed_at: at(500), ..listed.clone() })
        .collect();
    // The store replaces what it has.
    shop.keep("a", 2, edited.clone());
    let late: Vec<StoredEntry> = (100..108).map(|n| entry("a", n, -500, 600)).collect();
    shop.keep("a", 3, late.clone());
    let seen = look(&renderer, &Scope::All);
    assert_eq!(seen.feed.len(), 2 * PAGE);
    assert!(late.iter().all(|listed| seen.feed.contains(listed)));
    assert_eq!(seen.feed.iter().filter(|it| edited.contains(it)).count(), 2);
    assert_eq!(seen.pages.len(), 4, "those of the first reading");
    assert_eq!(since(&renderer, seen.position - 8 - 25, 100).unwrap().len(), 33);
}

#[test]
fn pages_that_cannot_be_stored_stay_in_the_feed() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a"]);
    shop.keep("a", 1, (0..12).map(|n| entry("a", n, 1_000, 100)).collect());
    let late: Vec<StoredEntry> = (100..115).map(|n| entry("a", n, -n, 200)).collect();
    shop.keep("a", 2, late.clone());
    shop.store.refuse_writes(true);
    let seen = look(&renderer, &Scope::All);
    assert!(seen.pages.is_empty(), "{:?}", seen.pages);
    assert_eq!(seen.feed.len(), 2 * PAGE);
    assert_eq!(seen.feed.iter().filter(|it| late.contains(it)).count(), PAGE);
    assert_eq!(look(&renderer, &Scope::All).feed, seen.feed, "and it is tried again");
    shop.store.refuse_writes(false);
    let seen = look(&renderer, &Scope::All);
    assert_eq!(seen.pages.last(), Some(&(ArchivePageKind::Arrivals, PAGE)));
    assert_eq!(seen.feed.iter().filter(|it| late.contains(it)).count(), 5);
}

#[test]
fn the_operators_limit_for_a_source_holds_in_the_feed() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a"]);
    let mut limited = sample::source("a");
    limited.cap = Some(3);
    let renderer = with_sources(&renderer, vec![limited, sample::source("b")]);
    shop.keep("a", 1, vec![entry("a", 0, 0, 0)]);
    shop.keep("a", 2, (1..9).map(|n| entry("a", n, n, 10)).collect());
    assert_eq!(look(&renderer, &Scope::All).feed.len(), 3);
    let own = Scope::Source(SourceId::new("a").unwrap());
    assert_eq!(look(&renderer, &own).feed.len(), 9);
}

#[test]
fn outputs_with_rules_have_pages_of_their_own() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a"]);
    let mut source = sample::source("a");
    source.rules.drop = vec!["3".to_owned()];
    let ruled = with_sources(&renderer, vec![source]);
    let (plain, other) =
        (scope_key(&renderer.site, &Scope::All), scope_key(&ruled.site, &Scope::All));
    assert!(plain.1.is_none() && other.1.is_some() && plain.0 != other.0);
    let other = with_sources(&renderer, vec![sample::source("a"), sample::source("b")]);
    assert_eq!(
        scope_key(&other.site, &Scope::All),
        plain,
        "a new source belongs to the same pages"
    );
    shop.keep("a", 1, (0..5).map(|n| entry("a", n, 0, 0)).collect());
    assert_eq!(look(&renderer, &Scope::All).pages, [(ArchivePageKind::FirstReading, 5)]);
    assert_eq!(look(&ruled, &Scope::All).pages, [(ArchivePageKind::FirstReading, 4)]);
}

#[test]
fn a_story_is_once_on_the_pages() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    let (one, two) = (entry("a", 1, 0, 0), entry("b", 1, 1, 1));
    let record = |listed: &StoredEntry, second| sample::story_record(listed, one.id, second);
    shop.keep_with_stories("a", 1, vec![one.clone()], vec![record(&one, 0)]);
    shop.keep_with_stories("b", 2, vec![two.clone()], vec![record(&two, 1)]);
    let seen = look(&renderer, &Scope::All);
    assert_eq!(seen.pages, [(ArchivePageKind::FirstReading, 1)]);
    let own = Scope::Source(two.source.clone());
    assert_eq!(look(&renderer, &own).pages, [(ArchivePageKind::FirstReading, 1)]);
}

/// Older entries of two sources, then a story with an entry of each, in the order in which they arrive.
fn keep_story_of_two_sources(shop: &TestStore) -> [StoredEntry; 2] {
    shop.keep("a", 1, (0..12).map(|n| entry("a", n, 1_000, 100)).collect());
    shop.keep("b", 2, vec![entry("b", 0, 1_000, 100)]);
    let (one, two) = (entry("a", 50, -100, 200), entry("b", 50, -90, 300));
    for (listed, second) in [(&one, 3), (&two, 4)] {
        let record = sample::story_record(listed, one.id, second);
        shop.keep_with_stories(listed.source.as_str(), second, vec![listed.clone()], vec![record]);
    }
    [one, two]
}

#[test]
fn an_entry_takes_the_place_of_its_deleted_representative() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    let [one, two] = keep_story_of_two_sources(&shop);
    let seen = look(&renderer, &Scope::All).feed;
    assert!(seen.contains(&one) && !seen.contains(&two));
    let pruning = Pruning { keep_since: at(-95), spare_newest: 0, spare_listed: false, at_most: 9 };
    shop.store.prune_source(&one.source, &pruning).unwrap();
    let seen = look(&renderer, &Scope::All).feed;
    assert!(!seen.contains(&one) && seen.contains(&two));
}

/// As after a reload of the configuration: what was judged before is still in memory.
#[test]
fn arrivals_are_judged_again_when_stories_are_shown_in_another_way() {
    let shop = TestStore::open();
    let collapsing = site(&shop, &["a", "b"]);
    let [one, two] = keep_story_of_two_sources(&shop);
    let shown_as = |stories| {
        let reloaded = PublishedSite { stories, ..PublishedSite::clone(&collapsing.site) };
        let archives = Arc::clone(&collapsing.archives);
        Renderer { site: Arc::new(reloaded), archives, ..site(&shop, &[]) }
    };
    let both = |seen: &Seen| [&one, &two].map(|listed| seen.feed.contains(listed));
    for (stories, expected) in [
        (StoryDisplay::Collapse, [true, false]),
        (StoryDisplay::Off, [true, true]),
        (StoryDisplay::Related, [true, true]),
        (StoryDisplay::Collapse, [true, false]),
    ] {
        assert_eq!(both(&look(&shown_as(stories), &Scope::All)), expected, "{stories:?}");
    }
    // Pages that hold nothing but what is represented are not empty for good.
    for step in 0..9 {
        let listed = entry("b", 60 + step, 400, 400);
        let record = sample::story_record(&listed, one.id, 10 + step);
        shop.keep_with_stories("b", 10 + step, vec![listed], vec![record]);
    }
    assert_eq!(look(&shown_as(StoryDisplay::Collapse), &Scope::All).pages.len(), 3);
    let pages = look(&shown_as(StoryDisplay::Off), &Scope::All).pages;
    assert_eq!(pages.last(), Some(&(ArchivePageKind::Arrivals, PAGE)));
}

#[test]
fn pruned_pages_are_skipped_and_known_to_have_been() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    for step in 0..4 {
        let new = (0..10).map(|n| entry("a", step * 100 + n, step * 1_000, 100));
        shop.keep("a", step, new.collect());
    }
    shop.keep("b", 9, vec![entry("b", 0, 0, 900)]);
    let pruning =
        Pruning { keep_since: at(1_500), spare_newest: 0, spare_listed: false, at_most: 100 };
    let a = SourceId::new("a").unwrap();
    assert_eq!(look(&renderer, &Scope::All).pages.len(), 5);
    shop.store.prune_source(&a, &pruning).unwrap();
    let scope = Scope::All;
    for renderer in [&renderer, &site(&shop, &["a", "b"])] {
        let infos = renderer.reader().scope_sources(&scope).unwrap().unwrap();
        let stories = StoryLookup::new(renderer.reader(), &scope, &infos);
        let archive = update_archive(&stories).unwrap();
        let number = |page: Option<ArchiveAddress>| page.map(|page| page.number);
        assert_eq!(number(archive.newest_page(&stories).unwrap()), Some(5));
        assert_eq!(number(archive.page_before(&stories, 4).unwrap()), Some(4));
        assert_eq!(number(archive.page_before(&stories, 2).unwrap()), None, "the last one left");
        assert_eq!(number(archive.page_after(&stories, 0).unwrap()), Some(3));
        assert!(archive.page_entries(&stories, 0).unwrap().is_empty());
        let address = |rules, number| ArchiveAddress { rules, number };
        assert_eq!(archive.find_page(address(None, 1)), Some(0));
        assert_eq!(archive.find_page(address(None, 6)), None);
        assert_eq!(archive.find_page(address(Some(1), 1)), None);
    }
}

#[test]
fn what_is_new_since_a_number_is_known_or_said_to_be_unknown() {
    let shop = TestStore::open();
    let renderer = site(&shop, &["a", "b"]);
    shop.keep("a", 1, (0..12).map(|n| entry("a", n, 1_000, 100)).collect());
    let then = look(&renderer, &Scope::All).position;
    assert_eq!(since(&renderer, then, 9), Some(Vec::new()));
    let late = entry("a", 50, -1_000, 200);
    shop.keep("a", 2, vec![late.clone()]);
    // Of a new source's first reading, what the feed holds is news.
    let (fresh, old) = (entry("b", 1, 2_000, 300), entry("b", 2, -2_000, 300));
    shop.keep("b", 3, vec![fresh.clone(), old]);
    assert_eq!(since(&renderer, then, 9), Some(vec![fresh.id, late.id]));
    assert_eq!(since(&renderer, then, 1), None, "too many");
    assert_eq!(since(&renderer, u64::MAX, 9), None, "of another store");
    assert_eq!(since(&renderer, then + 99, 9), None, "in the future");
    assert_eq!(since(&renderer, 5, 9), None, "from before the journal");
}
