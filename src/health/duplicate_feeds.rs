//! Entries → their article keys; the keys and addresses of all sources → which of them are the same feed.
//!
//! An article has the same key in every feed. Two sources are the same feed if they are read from the same
//! address, or if they share four fifths of their newest entries (of as many as both have, at least five;
//! entries that appear between the two polls are in only one of them). The feed of one section is not the
//! same as the feed of all sections, although that one has all of its entries: these are not its newest
//! ones.

use std::collections::BTreeMap;

use rafid_feed::hash;
use rafid_feed::model::{Entry, Identity};

use crate::model::{Likeness, Location, PollState, Source};

/// The most keys of one feed: a screen of news, 256 bytes.
pub const MAX_KEYS: usize = 32;
/// Fewer shared entries prove nothing.
const FEWEST: usize = 5;
/// The most sources that are compared because of one key: an agency's article is in many feeds.
const MAX_SOURCES_OF_KEY: usize = 16;

/// The article key of an entry: a hash of its canonical link, else of its identity.
pub fn article_key(identity: &Identity) -> u64 {
    let link = identity.weaker_names.iter().find_map(|name| name.strip_prefix("link:"));
    hash::digest_64(link.unwrap_or(&identity.key))
}

/// The article keys of a feed's newest entries, newest first.
pub fn latest_article_keys<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<u64> {
    let mut dated: Vec<_> =
        entries.map(|entry| (entry.published_at, article_key(&entry.identity))).collect();
    dated.sort_by_key(|(published_at, _)| std::cmp::Reverse(*published_at));
    let mut keys = Vec::with_capacity(MAX_KEYS.min(dated.len()));
    append_article_keys(&mut keys, dated.into_iter().map(|(_, key)| key));
    keys
}

/// Appends other keys, without duplicates and up to the limit.
pub fn append_article_keys(keys: &mut Vec<u64>, others: impl IntoIterator<Item = u64>) {
    for key in others {
        if keys.len() == MAX_KEYS {
            break;
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
}

/// Why a feed seems to be the lost one with `known_title` and `known_keys`; `None`: it does not.
pub fn likeness_to_lost_feed(
    entries: &[Entry],
    title: Option<&str>,
    known_keys: &[u64],
    known_title: Option<&str>,
) -> Option<Likeness> {
    let keys = entries.iter().map(|entry| article_key(&entry.identity));
    let shared = keys.filter(|key| known_keys.contains(key)).count();
    match u32::try_from(shared) {
        Ok(0) if known_title.is_some() && title == known_title => Some(Likeness::Title),
        Ok(0) if known_title.is_none() && known_keys.is_empty() => Some(Likeness::NamedOnly),
        Ok(0) => None,
        shared => Some(Likeness::Entries(shared.unwrap_or(u32::MAX))),
    }
}

/// What is compared between sources.
#[derive(Debug, Clone, Copy)]
pub struct SourceFingerprint<'a> {
    /// The address of its documents after all redirects; `None`: unknown.
    pub address: Option<&'a str>,
    /// The article keys of its newest entries, newest first.
    pub keys: &'a [u64],
}

impl<'a> SourceFingerprint<'a> {
    /// The fingerprint of a source. A web page has no address here: with other selectors it is another source.
    pub fn from_state(source: &'a Source, state: &'a PollState) -> Self {
        let validated =
            state.document.validators.as_ref().map(|validators| validators.url.as_str());
        let moved = state.address.pending_redirect.as_ref().map(|moved| moved.to.as_str());
        let adopted = state.address.adopted_redirect.as_ref().map(|adopted| adopted.to.as_str());
        let configured = match &source.location {
            Location::Web(url) => Some(url.as_str()),
            Location::File(_) => None,
        };
        let address = validated.or(moved).or(adopted).or(configured);
        let is_read = state.last_poll.failure.is_none() && state.last_poll.succeeded_at.is_some();
        Self {
            address: address.filter(|_| is_read && source.page.is_none()),
            keys: &state.health.article_keys,
        }
    }
}

/// For each source, the first one before it that is the same feed. It takes linear time, as a key belongs to
/// few sources.
pub fn find_duplicate_feeds(sources: &[SourceFingerprint<'_>]) -> Vec<Option<usize>> {
    let mut by_address: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_key: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut found: Vec<Option<usize>> = Vec::with_capacity(sources.len());
    for (index, source) in sources.iter().enumerate() {
        let at_same_address = source.address.and_then(|address| by_address.get(address));
        let twin = at_same_address.copied().or_else(|| {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for other in source.keys.iter().filter_map(|key| by_key.get(key)).flatten() {
                *shared.entry(*other).or_default() += 1;
            }
            let likely = shared.into_iter().filter(|(_, count)| *count >= FEWEST);
            let mut likely = likely.filter_map(|(other, _)| Some((other, sources.get(other)?)));
            likely
                .find(|(_, other)| have_same_articles(source.keys, other.keys))
                .map(|(other, _)| other)
        });
        // A copy of a copy is a copy of the first one.
        let first = twin.map(|twin| found.get(twin).copied().flatten().unwrap_or(twin));
        found.push(first);
        if first.is_none() {
            for key in source.keys {
                let others = by_key.entry(*key).or_default();
                if others.len() < MAX_SOURCES_OF_KEY {
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

/// Whether two feeds share four fifths of their newest entries, of as many as both have.
fn have_same_articles(one: &[u64], other: &[u64]) -> bool {
    let many = one.len().min(other.len());
    let newest = |keys: &[u64]| keys.iter().copied().take(many).collect::<Vec<_>>();
    let (one, other) = (newest(one), newest(other));
    let shared = one.iter().filter(|key| other.contains(key)).count();
    many >= FEWEST && shared * 5 >= many * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use rafid_feed::model::{IdentityKind, PlainText};

    fn check(sources: &[(&str, std::ops::Range<u64>)], expected: &[Option<usize>]) {
        let keys: Vec<Vec<u64>> =
            sources.iter().map(|(_, keys)| keys.clone().rev().collect()).collect();
        let fingerprints: Vec<_> = sources
            .iter()
            .zip(&keys)
            .map(|((address, _), keys)| SourceFingerprint {
                address: Some(*address).filter(|address| !address.is_empty()),
                keys,
            })
            .collect();
        assert_eq!(find_duplicate_feeds(&fingerprints), expected, "{sources:?}");
    }

    #[test]
    fn a_duplicate_has_the_same_address_or_the_same_newest_entries() {
        check(&[("a", 0..0), ("b", 0..0), ("a", 0..0)], &[None, None, Some(0)]);
        check(&[("", 0..0), ("", 0..0)], &[None, None]);
        // Entries that appeared between two polls; feeds of different lengths.
        check(&[("a", 0..20), ("b", 4..24)], &[None, Some(0)]);
        check(&[("a", 0..20), ("b", 5..25)], &[None, None]);
        check(&[("a", 0..32), ("b", 22..32)], &[None, Some(0)]);
        // The entries of one section are among all entries, but are not the newest.
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
        // Similar enough to be compared, but not to be the same feed.
        let keys: Vec<Vec<u64>> = (0..1_000_u64)
            .map(|source| (0..6).chain((0..26).map(|n| 1_000 + source * 100 + n)).collect())
            .collect();
        let fingerprints: Vec<_> =
            keys.iter().map(|keys| SourceFingerprint { address: None, keys }).collect();
        assert!(find_duplicate_feeds(&fingerprints).iter().all(Option::is_none));
    }

    fn entry(kind: IdentityKind, key: &str, also: &[&str], at: Option<i64>) -> Entry {
        let also = also.iter().map(ToString::to_string).collect();
        let identity = Identity { kind, key: key.to_owned(), weaker_names: also };
        let published_at = at.map(|at| jiff::Timestamp::from_second(at).unwrap());
        Entry {
            published_at, ..Entry::titled(identity, PlainText::from_trusted("عنوان".into()))
        }
    }

    #[test]
    fn an_article_has_one_key_with_any_guid() {
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
        assert_eq!(latest_article_keys(many.collect::<Vec<_>>().iter()).len(), MAX_KEYS);
    }

    #[test]
    fn a_lost_feed_is_recognized() {
        let entries = [entry(IdentityKind::Guid, "1", &[], None)];
        let known = latest_article_keys(entries.iter());
        let others = [1, 2];
        let check = |keys: &[u64], title, known_title, expected| {
            assert_eq!(likeness_to_lost_feed(&entries, title, keys, known_title), expected);
        };
        check(&known, None, Some("a"), Some(Likeness::Entries(1)));
        check(&others, Some("a"), Some("a"), Some(Likeness::Title));
        check(&others, Some("b"), Some("a"), None);
        check(&others, None, None, None);
        check(&[], Some("b"), None, Some(Likeness::NamedOnly));
        check(&[], Some("b"), Some("a"), None);
    }
}
