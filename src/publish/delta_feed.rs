//! An output and a position in the journal of arrivals → the entries that a subscriber lacks who has the feed of
//! that position (RFC 3229), and what says whether positions can be compared.

use rafid_feed::hash::Digest;

use super::archive::OutputArchive;
use super::arrivals_since::{EntriesSince, SinceLimits, first_entries_since};
use super::scope_key::scope_key;
use super::story_lookup::StoryLookup;
use crate::model::{FeedMark, SiteName};
use crate::store::StoreError;

/// The maximum number of entries in one answer: a document of a megabyte. The next request brings the rest.
const MAX_DELTA_ENTRIES: usize = 1_000;
/// A subscriber who is further behind gets the feed, which leads to its archive: the latest news first.
const MAX_DELTA_ARRIVALS: usize = 5_000;

/// The entries that arrived after a position, newest first. `None`: nothing is new, the subscriber is too far
/// behind, the journal does not reach back as far, or the position is of another store.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn new_entries(
    stories: &StoryLookup<'_>,
    archive: &OutputArchive,
    after: u64,
) -> Result<Option<EntriesSince>, StoreError> {
    let limits = SinceLimits { entries: MAX_DELTA_ENTRIES, arrivals: MAX_DELTA_ARRIVALS };
    let since = first_entries_since(stories, archive, after, limits)?;
    Ok(since.filter(|since| !since.entries.is_empty()).map(|mut since| {
        since.entries.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
        since
    }))
}

/// The mark of a feed that may hold all arrivals up to `position`.
pub(super) fn feed_mark(stories: &StoryLookup<'_>, name: &SiteName, position: u64) -> FeedMark {
    let mut digest = Digest::new("rafid feed mark 1\0");
    digest.add_with_length(name.id_of(""));
    let (key, _) = scope_key(stories.reader.site, stories.scope);
    digest.add(key.0);
    digest.add([u8::from(stories.collapses())]);
    for source in stories.infos.keys() {
        digest.add_with_length(source.as_str());
    }
    let [a, b, c, d, ..] = digest.to_128();
    FeedMark { rules: u32::from_be_bytes([a, b, c, d]), position }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::publication::update_archive;
    use super::super::published_site::PublishedSite;
    use super::super::sample::{self, TestStore};
    use super::*;
    use crate::model::{Scope, Source, SourceId, StoredEntry};
    use crate::publish::Renderer;

    fn numbered(source: &str, numbers: std::ops::Range<usize>) -> Vec<StoredEntry> {
        let entry = |number| {
            let title = format!("خبر {number}");
            sample::listed(source, &title, &title)
        };
        numbers.map(entry).collect()
    }

    fn all_since(renderer: &Renderer, after: u64) -> Option<EntriesSince> {
        let infos = renderer.reader().scope_sources(&Scope::All).unwrap().unwrap();
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        new_entries(&stories, &update_archive(&stories).unwrap(), after).unwrap()
    }

    /// The number of new entries after a position, and where they end.
    fn new_since(renderer: &Renderer, after: u64) -> Option<(usize, u64)> {
        all_since(renderer, after).map(|new| (new.entries.len(), new.position))
    }

    #[test]
    fn a_subscriber_who_is_behind_catches_up_in_several_answers() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a")]);
        shop.keep("a", 0, numbered("a", 0..1));
        let start = shop.store.journal_head().unwrap();
        shop.keep("a", 1, numbered("a", 1..1_003));
        let check = |after: u64, expected| {
            assert_eq!(new_since(&renderer, start + after), expected, "{after}");
        };
        check(0, Some((1_000, start + 1_000)));
        check(1_000, Some((2, start + 1_002)));
        check(1_002, None);
        check(1_003, None);
        shop.keep("a", 2, numbered("a", 1_003..5_003));
        check(1, None);
        check(2, Some((1_000, start + 1_002)));
    }

    #[test]
    fn a_position_that_is_not_in_the_journal_has_no_delta() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a")]);
        assert_eq!(new_since(&renderer, 0), None, "nothing has arrived");
        shop.keep("a", 0, numbered("a", 0..1));
        shop.keep("a", 1, numbered("a", 1..3));
        let (start, head) =
            (shop.store.journal_start().unwrap(), shop.store.journal_head().unwrap());
        assert_eq!(new_since(&renderer, start - 2), None);
        assert_eq!(new_since(&renderer, start - 1), Some((3, head)));
        assert_eq!(new_since(&renderer, u64::MAX), None);
    }

    #[test]
    fn a_first_reading_brings_what_the_feed_holds_of_it() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a"), sample::source("b")]);
        shop.keep("a", 0, numbered("a", 0..1));
        let start = shop.store.journal_head().unwrap();
        // They are older than what the feed holds for its date.
        let old = |listed: StoredEntry| StoredEntry { listed_at: sample::at(-9), ..listed };
        shop.keep("a", 1, numbered("a", 1..100));
        shop.keep("b", 2, numbered("b", 0..20).into_iter().map(old).collect());
        assert_eq!(new_since(&renderer, start), Some((99, start + 119)));
        assert_eq!(new_since(&renderer, start + 99), None);
        let new = |listed: StoredEntry| StoredEntry { listed_at: sample::at(9), ..listed };
        shop.keep("c", 3, numbered("c", 0..20).into_iter().map(new).collect());
        assert_eq!(new_since(&renderer, start + 119), None, "no source of the site");
        let sources = ["a", "b", "c"].map(sample::source).into();
        assert_eq!(new_since(&shop.renderer(sources), start + 119), Some((20, start + 139)));
    }

    #[test]
    fn a_mark_depends_on_all_that_decides_what_a_feed_holds() {
        let shop = TestStore::open();
        let mark = |sources: Vec<Source>, name: &SiteName, scope: &Scope| {
            let renderer = shop.renderer(sources);
            let infos = renderer.reader().scope_sources(scope).unwrap().unwrap();
            feed_mark(&StoryLookup::new(renderer.reader(), scope, &infos), name, 7)
        };
        let name = SiteName::Generated([7; 16]);
        let both = || vec![sample::source("a"), sample::source("b")];
        let all = mark(both(), &name, &Scope::All);
        assert_eq!(all.position, 7);
        assert_eq!(mark(both(), &name, &Scope::All), all);
        let mut ruled = both();
        ruled[0].rules.drop.push("رياضة".to_owned());
        let only = Scope::Source(SourceId::new("a").unwrap());
        for (why, other) in [
            ("other sources", mark(vec![sample::source("a")], &name, &Scope::All)),
            ("other rules", mark(ruled, &name, &Scope::All)),
            ("another store", mark(both(), &SiteName::Generated([8; 16]), &Scope::All)),
            ("another output", mark(both(), &name, &only)),
        ] {
            assert_ne!(other.rules, all.rules, "{why}");
        }
        let renderer = shop.renderer(both());
        let title = "عنوان آخر".to_owned();
        let site = Arc::new(PublishedSite { title, ..PublishedSite::clone(&renderer.site) });
        let renderer = Renderer { site, ..renderer };
        let infos = renderer.reader().scope_sources(&Scope::All).unwrap().unwrap();
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert_eq!(feed_mark(&stories, &name, 7), all, "a title is no rule");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn a_subscriber_gets_every_arrival_once(
            steps in proptest::collection::vec(("[ab]", 1..600_usize, any::<bool>()), 1..7),
        ) {
            let shop = TestStore::open();
            let renderer = shop.renderer(vec![sample::source("a"), sample::source("b")]);
            shop.keep("a", 0, numbered("a", 0..1));
            shop.keep("b", 0, numbered("b", 0..1));
            let mut position = shop.store.journal_head().unwrap();
            let (mut next, mut came) = (1, BTreeMap::new());
            let mut receive = |position: &mut u64| {
                let new = all_since(&renderer, *position)?;
                *position = new.position;
                for listed in &new.entries {
                    *came.entry(listed.id).or_insert(0) += 1;
                }
                Some(new.entries.len())
            };
            let mut arrived = 0;
            for (second, (source, count, polls)) in (1..).zip(steps) {
                shop.keep(&source, second, numbered(&source, next..next + count));
                (next, arrived) = (next + count, arrived + count);
                if polls {
                    receive(&mut position);
                }
            }
            while receive(&mut position).is_some() {}
            prop_assert_eq!(came.len(), arrived);
            prop_assert!(came.values().all(|times| *times == 1));
        }
    }
}
