//! Entries → their marks; the marks and addresses of all sources → which of them are one feed.
//!
//! A mark stands for one article, whatever feed names it. Two sources are one feed when they are read
//! at the same address, or when of as many of their newest entries as both have (five at least) four
//! in five are in both: what appeared between two polls is in one of them only. A feed of one section
//! is not the feed of all, though all of its entries are there: they are not the newest ones.

use std::collections::BTreeMap;

use rafid_feed::hash;
use rafid_feed::model::{Entry, Identity};

use crate::model::{FeedHistory, Likeness, Location, PollState, Source};

/// Marks of one feed, at most: a screen of news, 256 bytes.
pub const MOST_MARKS: usize = 32;
/// Fewer entries in common prove nothing.
const FEWEST: usize = 5;
/// Sources that are compared because of one mark, at most: agencies' articles stand in many feeds.
const MOST_OF_ONE_MARK: usize = 16;

/// The mark of an entry: a hash of its canonical link, else of what else names it.
pub fn article_key(identity: &Identity) -> u64 {
    let link = identity.weaker_names.iter().find_map(|name| name.strip_prefix("link:"));
    hash::digest_64(link.unwrap_or(&identity.key))
}

/// The marks of a feed's newest entries, newest first.
pub fn latest_article_keys<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<u64> {
    let mut dated: Vec<_> =
        entries.map(|entry| (entry.published_at, article_key(&entry.identity))).collect();
    dated.sort_by_key(|(published_at, _)| std::cmp::Reverse(*published_at));
    let mut marks = Vec::with_capacity(MOST_MARKS.min(dated.len()));
    append_article_keys(&mut marks, dated.into_iter().map(|(_, mark)| mark));
    marks
}

/// Puts what was marked before behind the marks of a part of a feed.
pub fn append_article_keys(marks: &mut Vec<u64>, others: impl IntoIterator<Item = u64>) {
    for mark in others {
        if marks.len() == MOST_MARKS {
            break;
        }
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
}

/// Why a feed seems to be the one whose title was `known_title` and whose `life` is remembered; `None`:
/// it does not.
pub fn likeness_to_lost_feed(
    entries: &[Entry],
    title: Option<&str>,
    life: &FeedHistory,
    known_title: Option<&str>,
) -> Option<Likeness> {
    let marks = entries.iter().map(|entry| article_key(&entry.identity));
    let shared = marks.filter(|mark| life.article_keys.contains(mark)).count();
    match u32::try_from(shared) {
        Ok(0) if known_title.is_some() && title == known_title => Some(Likeness::Title),
        Ok(0) if known_title.is_none() && life.article_keys.is_empty() => Some(Likeness::NamedOnly),
        Ok(0) => None,
        shared => Some(Likeness::Entries(shared.unwrap_or(u32::MAX))),
    }
}

/// A source, as far as it is compared with others.
#[derive(Debug, Clone, Copy)]
pub struct SourceFingerprint<'a> {
    /// Where its documents are in the end, behind all redirects; `None`: not known.
    pub address: Option<&'a str>,
    /// The marks of its newest entries, newest first.
    pub marks: &'a [u64],
}

impl<'a> SourceFingerprint<'a> {
    /// What is known of a source. A page is read by its operator's selectors, and may be two sources.
    pub fn from_state(source: &'a Source, state: &'a PollState) -> Self {
        let validated = state.validators.as_ref().map(|validators| validators.url.as_str());
        let moved = state.pending_redirect.as_ref().map(|moved| moved.to.as_str());
        let adopted = state.adopted_redirect.as_ref().map(|adopted| adopted.to.as_str());
        let configured = match &source.location {
            Location::Web(url) => Some(url.as_str()),
            Location::File(_) => None,
        };
        let address = validated.or(moved).or(adopted).or(configured);
        let is_read = state.failure.is_none() && state.succeeded_at.is_some();
        Self {
            address: address.filter(|_| is_read && source.page.is_none()),
            marks: &state.history.article_keys,
        }
    }
}

/// For each source the first one before it that is the same feed. In linear time: a mark leads to few.
pub fn find_duplicate_feeds(sources: &[SourceFingerprint<'_>]) -> Vec<Option<usize>> {
    let mut by_address: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_mark: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut found: Vec<Option<usize>> = Vec::with_capacity(sources.len());
    for (index, source) in sources.iter().enumerate() {
        let at_same_address = source.address.and_then(|address| by_address.get(address));
        let twin = at_same_address.copied().or_else(|| {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for other in source.marks.iter().filter_map(|mark| by_mark.get(mark)).flatten() {
                *shared.entry(*other).or_default() += 1;
            }
            let likely = shared.into_iter().filter(|(_, count)| *count >= FEWEST);
            let mut likely = likely.filter_map(|(other, _)| Some((other, sources.get(other)?)));
            likely
                .find(|(_, other)| have_same_articles(source.marks, other.marks))
                .map(|(other, _)| other)
        });
        // What is the same as a copy is the same as the first.
        let first = twin.map(|twin| found.get(twin).copied().flatten().unwrap_or(twin));
        found.push(first);
        if first.is_none() {
            for mark in source.marks {
                let others = by_mark.entry(*mark).or_default();
                if others.len() < MOST_OF_ONE_MARK {
                    others.push(index);
                }
            }
        }
        if let Some(address) = source.address {
            by_address.entry(address).or_insert(index);
        }
    }
    found
}

/// Whether of as many of the newest entries as both have four in five are in both.
fn have_same_articles(one: &[u64], other: &[u64]) -> bool {
    let many = one.len().min(other.len());
    let newest = |marks: &[u64]| marks.iter().copied().take(many).collect::<Vec<_>>();
    let (one, other) = (newest(one), newest(other));
    let shared = one.iter().filter(|mark| other.contains(mark)).count();
    many >= FEWEST && shared * 5 >= many * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use rafid_feed::model::{IdentityKind, PlainText};

    fn check(sources: &[(&str, std::ops::Range<u64>)], expected: &[Option<usize>]) {
        let marks: Vec<Vec<u64>> =
            sources.iter().map(|(_, marks)| marks.clone().rev().collect()).collect();
        let portraits: Vec<_> = sources
            .iter()
            .zip(&marks)
            .map(|((address, _), marks)| SourceFingerprint {
                address: Some(*address).filter(|address| !address.is_empty()),
                marks,
            })
            .collect();
        assert_eq!(find_duplicate_feeds(&portraits), expected, "{sources:?}");
    }

    #[test]
    fn one_feed_is_known_by_its_address_or_its_newest_entries() {
        check(&[("a", 0..0), ("b", 0..0), ("a", 0..0)], &[None, None, Some(0)]);
        check(&[("", 0..0), ("", 0..0)], &[None, None]);
        // What appeared between two polls; other numbers of entries held.
        check(&[("a", 0..20), ("b", 4..24)], &[None, Some(0)]);
        check(&[("a", 0..20), ("b", 5..25)], &[None, None]);
        check(&[("a", 0..32), ("b", 22..32)], &[None, Some(0)]);
        // Those of one section stand among all, and are not the newest.
        check(&[("a", 0..32), ("b", 10..20)], &[None, None]);
        check(&[("a", 0..4), ("b", 0..4)], &[None, None]);
        check(
            &[("a", 0..9), ("b", 0..9), ("c", 50..60), ("d", 0..9)],
            &[None, Some(0), None, Some(0)],
        );
        check(&[("a", 0..9), ("b", 0..9), ("b", 70..80)], &[None, Some(0), Some(0)]);
    }

    #[test]
    fn a_thousand_sources_with_the_same_articles_cost_little() {
        // Alike enough to be compared, never alike enough to be one.
        let marks: Vec<Vec<u64>> = (0..1_000_u64)
            .map(|source| (0..6).chain((0..26).map(|n| 1_000 + source * 100 + n)).collect())
            .collect();
        let portraits: Vec<_> =
            marks.iter().map(|marks| SourceFingerprint { address: None, marks }).collect();
        assert!(find_duplicate_feeds(&portraits).iter().all(Option::is_none));
    }

    fn entry(rung: IdentityKind, key: &str, also: &[&str], at: Option<i64>) -> Entry {
        let also = also.iter().map(ToString::to_string).collect();
        let identity = Identity { kind: rung, key: key.to_owned(), weaker_names: also };
        let published_at = at.map(|at| jiff::Timestamp::from_second(at).unwrap());
        Entry {
            published_at, ..Entry::titled(identity, PlainText::from_trusted("عنوان".into()))
        }
    }

    #[test]
    fn an_article_has_one_mark_under_all_guids() {
        let by_link = entry(IdentityKind::Link, "a.example/1", &[], Some(1));
        let by_guid = entry(IdentityKind::Guid, "7", &["title:x", "link:a.example/1"], Some(2));
        let other = entry(IdentityKind::Guid, "7", &[], None);
        assert_eq!(article_key(&by_link.identity), article_key(&by_guid.identity));
        let both = [by_link, other, by_guid];
        let (link, guid) = (article_key(&both[0].identity), article_key(&both[1].identity));
        assert_eq!(
            latest_article_keys(both.iter()),
            [link, guid],
            "newest first, without a date last, each once"
        );
        let many = (0..50).map(|n| entry(IdentityKind::Guid, &n.to_string(), &[], None));
        assert_eq!(latest_article_keys(many.collect::<Vec<_>>().iter()).len(), MOST_MARKS);
    }

    #[test]
    fn a_lost_feed_is_known_again() {
        let entries = [entry(IdentityKind::Guid, "1", &[], None)];
        let known = FeedHistory {
            article_keys: latest_article_keys(entries.iter()),
            ..FeedHistory::default()
        };
        let others = FeedHistory { article_keys: vec![1, 2], ..FeedHistory::default() };
        let check = |life: &FeedHistory, title, known_title, expected| {
            assert_eq!(likeness_to_lost_feed(&entries, title, life, known_title), expected);
        };
        check(&known, None, Some("a"), Some(Likeness::Entries(1)));
        check(&others, Some("a"), Some("a"), Some(Likeness::Title));
        check(&others, Some("b"), Some("a"), None);
        check(&others, None, None, None);
        check(&FeedHistory::default(), Some("b"), None, Some(Likeness::NamedOnly));
        check(&FeedHistory::default(), Some("b"), Some("a"), None);
    }
}
