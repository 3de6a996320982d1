//! An output and a position in the journal of arrivals → the entries that arrived or visibly changed since
//! (RFC 3229): what a subscriber who has the feed of that position lacks.
//!
//! Entries of a first reading are no news: of these a subscriber gets the ones that the feed itself holds.

use std::collections::{BTreeMap, BTreeSet};

use rafid_feed::hash::Digest;

use super::published_site::PublishedSite;
use super::story_lookup::StoryLookup;
use crate::model::{
    Arrival, ArrivalKind, EntryId, FeedMark, PublishRules, Scope, SiteName, StoredEntry,
};
use crate::store::{self, StoreError};

/// The maximum number of entries in one answer: a document of a megabyte. The next request brings the rest.
const MAX_DELTA_ENTRIES: usize = 1_000;
/// A subscriber who is further behind gets the feed, which leads to its archive: the latest news first.
const MAX_DELTA_ARRIVALS: usize = 5_000;

/// The new entries for a subscriber.
pub(super) struct NewEntries {
    /// The entries, newest first.
    pub(super) entries: Vec<StoredEntry>,
    /// The number of the last arrival among them, or of all arrivals that there are.
    pub(super) position: u64,
}

/// The entries that arrived after a position, as far as the output holds them; `held` are those of its feed.
/// `None`: nothing is new, the subscriber is too far behind, the journal does not reach back as far, or the
/// position is of another store.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn new_entries(
    stories: &StoryLookup<'_>,
    held: &[StoredEntry],
    after: u64,
) -> Result<Option<NewEntries>, StoreError> {
    let store = stories.reader.store;
    let mut position = store.journal_head()?;
    if after >= position || after.saturating_add(1) < store.journal_start()? {
        return Ok(None);
    }
    let Some(arrivals) = arrivals_between(stories, (after, position))? else { return Ok(None) };
    let held: BTreeSet<EntryId> = held.iter().map(|listed| listed.id).collect();
    let mut found: BTreeMap<EntryId, StoredEntry> = BTreeMap::new();
    for arrival in arrivals {
        if found.len() >= MAX_DELTA_ENTRIES {
            position = arrival.number - 1;
            break;
        }
        if arrival.kind == ArrivalKind::FirstReading && !held.contains(&arrival.id) {
            continue;
        }
        found.extend(held_entry(stories, &arrival)?.map(|listed| (listed.id, listed)));
    }
    let mut entries: Vec<StoredEntry> = found.into_values().collect();
    entries.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
    Ok((!entries.is_empty()).then_some(NewEntries { entries, position }))
}

/// The arrivals of the output's sources after one position and up to another, in their order; `None`: there
/// are too many.
fn arrivals_between(
    stories: &StoryLookup<'_>,
    (after, last): (u64, u64),
) -> Result<Option<Vec<Arrival>>, StoreError> {
    let sources: BTreeSet<u32> = stories.infos.keys().map(store::source_hash).collect();
    let (mut found, mut read_to) = (Vec::new(), after);
    while read_to < last {
        let arrivals = stories.reader.store.arrivals_after(read_to, MAX_DELTA_ARRIVALS)?;
        let Some(end) = arrivals.last() else { break };
        read_to = end.number;
        found.extend(arrivals.into_iter().filter(|it| sources.contains(&it.source_hash)));
        if found.len() > MAX_DELTA_ARRIVALS {
            return Ok(None);
        }
    }
    found.retain(|arrival| arrival.number <= last);
    Ok(Some(found))
}

/// The entry of an arrival, if the output holds it; `None`: it does not, or the entry was deleted.
fn held_entry(
    stories: &StoryLookup<'_>,
    arrival: &Arrival,
) -> Result<Option<StoredEntry>, StoreError> {
    let (site, scope) = (stories.reader.site, stories.scope);
    let Some(listed) = stories.reader.store.arrived_entry(arrival)? else { return Ok(None) };
    let Some(info) = stories.infos.get(&listed.source) else { return Ok(None) };
    let passes = site.filters.accepts_all(scope) || site.filters.passes(scope, &listed, Some(info));
    let is_held = passes && (!stories.collapses() || stories.is_representative(&listed));
    Ok(is_held.then_some(listed))
}

/// Where the feed of an output stands that may hold all arrivals up to `position`.
pub(super) fn feed_mark(stories: &StoryLookup<'_>, name: &SiteName, position: u64) -> FeedMark {
    let (site, scope) = (stories.reader.site, stories.scope);
    let mut digest = Digest::new("rafid feed mark 1\0");
    digest.add_with_length(name.id_of(&super::link_headers::scope_folder(scope)));
    digest.add([u8::from(stories.collapses())]);
    for source in stories.infos.keys() {
        digest.add_with_length(source.as_str());
    }
    if !site.filters.accepts_all(scope) {
        add_rules(&mut digest, site, scope);
    }
    let [a, b, c, d, ..] = digest.to_128();
    FeedMark { rules: u32::from_be_bytes([a, b, c, d]), position }
}

/// Adds the rules that decide which entries of its sources an output holds.
fn add_rules(digest: &mut Digest, site: &PublishedSite, scope: &Scope) {
    let mut add_words = |name: &str, words: &mut dyn Iterator<Item = &str>| {
        digest.add_with_length(name);
        words.for_each(|word| digest.add_with_length(word));
        digest.add_with_length("");
    };
    let mut add_list = |rules: &PublishRules| {
        add_words("keep", &mut rules.keep.iter().map(String::as_str));
        add_words("drop", &mut rules.drop.iter().map(String::as_str));
    };
    site.sources_of(scope).for_each(|source| add_list(&source.rules));
    add_list(&site.merged_rules);
    let Scope::Output(id) = scope else { return };
    let Some(output) = site.output(id) else { return };
    add_list(&output.rules);
    add_words("query", &mut output.query.iter().map(String::as_str));
    add_words("languages", &mut output.languages.iter().map(rafid_feed::model::Language::as_str));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Renderer;
    use super::super::sample::{self, TestStore};
    use super::*;
    use crate::model::{Source, SourceId};

    fn numbered(source: &str, numbers: std::ops::Range<usize>) -> Vec<StoredEntry> {
        let entry = |number| {
            let title = format!("خبر {number}");
            sample::listed(source, &title, &title)
        };
        numbers.map(entry).collect()
    }

    /// The number of new entries after a position, and where they end.
    fn new_since(renderer: &Renderer, held: &[StoredEntry], after: u64) -> Option<(usize, u64)> {
        let infos = renderer.reader().source_infos(&Scope::All).unwrap().unwrap();
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        let new = new_entries(&stories, held, after).unwrap();
        new.map(|new| (new.entries.len(), new.position))
    }

    #[test]
    fn a_subscriber_who_is_behind_catches_up_in_several_answers() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a")]);
        shop.keep("a", 0, numbered("a", 0..1));
        let start = shop.store.journal_head().unwrap();
        shop.keep("a", 1, numbered("a", 1..1_003));
        let check = |after: u64, expected| {
            assert_eq!(new_since(&renderer, &[], start + after), expected, "{after}");
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
        assert_eq!(new_since(&renderer, &[], 0), None, "nothing has arrived");
        shop.keep("a", 0, numbered("a", 0..1));
        shop.keep("a", 1, numbered("a", 1..3));
        let (start, head) =
            (shop.store.journal_start().unwrap(), shop.store.journal_head().unwrap());
        assert_eq!(new_since(&renderer, &[], start - 2), None);
        assert_eq!(new_since(&renderer, &[], start - 1), Some((2, head)));
        assert_eq!(new_since(&renderer, &[], u64::MAX), None);
    }

    #[test]
    fn a_first_reading_brings_what_the_feed_holds_of_it() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a"), sample::source("b")]);
        shop.keep("a", 0, numbered("a", 0..1));
        let start = shop.store.journal_head().unwrap();
        let read = numbered("b", 0..20);
        shop.keep("b", 1, read.clone());
        assert_eq!(new_since(&renderer, &[], start), None);
        assert_eq!(new_since(&renderer, &read[..3], start), Some((3, start + 20)));
        shop.keep("c", 2, numbered("c", 0..1));
        shop.keep("c", 3, numbered("c", 1..2));
        assert_eq!(new_since(&renderer, &[], start + 20), None, "no source of the site");
    }

    #[test]
    fn a_mark_depends_on_all_that_decides_what_a_feed_holds() {
        let shop = TestStore::open();
        let mark = |sources: Vec<Source>, name: &SiteName, scope: &Scope| {
            let renderer = shop.renderer(sources);
            let infos = renderer.reader().source_infos(scope).unwrap().unwrap();
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
        let infos = renderer.reader().source_infos(&Scope::All).unwrap().unwrap();
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert_eq!(feed_mark(&stories, &name, 7), all, "a title is no rule");
    }
}
