//! Entries of a document and the known entries of their source → which are new, changed, the same or
//! repeated, and why.
//!
//! An entry is recognized by the fingerprint of its identity; else by a weaker name (link, title) that
//! belongs to exactly one known entry, if no entry of this document claims that one by its identity. So
//! an entry stays the same when a publisher changes its guid scheme, its links or a headline.
//!
//! Guids can move from entry to entry (`1` is always the newest one). In a document where more guids
//! contradict the link or title of their entry than agree with it, guids are ignored.

use std::collections::{BTreeMap, BTreeSet};

use rafid_feed::hash::Digest;
use rafid_feed::model::{Entry, Identity, IdentityKind};

use super::content_hash::content_hash;
use crate::model::{EntryId, EntryStatus, Fingerprint, SeenEntry, SeenIndex, SourceId};

/// The decision about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDecision {
    /// New, changed, the same, or repeated.
    pub status: EntryStatus,
    /// Its id.
    pub id: EntryId,
    /// Hash of its published content.
    pub content_hash: u64,
    /// The fingerprints that it is stored with, that of its identity first.
    pub fingerprints: Vec<Fingerprint>,
    /// The reason in a few words.
    pub reason: &'static str,
}

/// Decides about every entry of one document, in its order.
pub fn decide_entries(
    source: &SourceId,
    entries: &[Entry],
    known: &SeenIndex,
) -> Vec<EntryDecision> {
    let hashes: Vec<u64> = entries.iter().map(content_hash).collect();
    decide_hashed_entries(source, (entries, &hashes), known)
}

/// The same with the hash of each entry's content.
pub(super) fn decide_hashed_entries(
    source: &SourceId,
    (entries, hashes): (&[Entry], &[u64]),
    known: &SeenIndex,
) -> Vec<EntryDecision> {
    let mut prints: Vec<Vec<Fingerprint>> =
        entries.iter().map(|entry| fingerprints_of(&entry.identity)).collect();
    let guids_moved = have_guids_moved(entries, &prints, known);
    if guids_moved {
        for (entry, names) in entries.iter().zip(&mut prints) {
            if is_by_guid(entry) && names.len() > 1 {
                names.remove(0);
            }
        }
    }
    let claimed: BTreeSet<EntryId> = prints
        .iter()
        .filter_map(|names| known.find(*names.first()?))
        .map(|entry| entry.id)
        .collect();
    let mut seen: BTreeMap<EntryId, usize> = BTreeMap::new();
    let mut decisions = Vec::with_capacity(entries.len());
    let with_hash = entries.iter().zip(hashes.iter().copied());
    for (index, ((entry, hash), names)) in with_hash.zip(prints).enumerate() {
        let (before, reason) = match recognize_entry(&names, known, &claimed) {
            (Some(before), _) if guids_moved && is_by_guid(entry) => {
                (Some(before), "known by its link or title, as guids moved between entries")
            }
            other => other,
        };
        let identity = match entry.identity.weaker_names.first() {
            Some(name) if guids_moved && is_by_guid(entry) => {
                &Identity { kind: IdentityKind::Link, key: name.clone(), weaker_names: Vec::new() }
            }
            _ => &entry.identity,
        };
        let id = before.map_or_else(|| EntryId::for_identity(source, identity), |known| known.id);
        let (status, reason) = match (seen.get(&id), before) {
            (Some(first), _) => (EntryStatus::Repeated(*first), "stands twice in this reading"),
            (None, None) => (EntryStatus::New, reason),
            (None, Some(known)) if known.content_hash == hash => (EntryStatus::Same(known), reason),
            (None, Some(known)) => (EntryStatus::Changed(known), reason),
        };
        seen.entry(id).or_insert(index);
        let decision =
            EntryDecision { status, id, content_hash: hash, fingerprints: names, reason };
        decisions.push(decision);
    }
    decisions
}

fn is_by_guid(entry: &Entry) -> bool {
    entry.identity.kind == IdentityKind::Guid
}

/// Whether the guids of this document belong to other entries than before: more of them contradict the
/// weaker names of their entry than agree with them.
fn have_guids_moved(entries: &[Entry], prints: &[Vec<Fingerprint>], known: &SeenIndex) -> bool {
    let (mut agree, mut contradict) = (0_usize, 0_usize);
    for (_, names) in entries.iter().zip(prints).filter(|(entry, _)| is_by_guid(entry)) {
        let mut ids = names.iter().map(|name| known.find(*name).map(|known| known.id));
        let Some(Some(own)) = ids.next() else { continue };
        let led: Vec<EntryId> = ids.flatten().collect();
        if led.contains(&own) {
            agree += 1;
        } else if !led.is_empty() {
            contradict += 1;
        }
    }
    contradict > agree
}

fn recognize_entry(
    names: &[Fingerprint],
    known: &SeenIndex,
    claimed: &BTreeSet<EntryId>,
) -> (Option<SeenEntry>, &'static str) {
    let find = |name: &Fingerprint| known.find(*name);
    if let Some(entry) = names.first().and_then(find) {
        return (Some(entry), "known by its identity");
    }
    let weaker: Vec<SeenEntry> = names.iter().skip(1).filter_map(find).collect();
    match weaker.first() {
        None => (None, "never seen"),
        Some(first) if weaker.iter().any(|other| other.id != first.id) => {
            (None, "its weaker names lead to different entries")
        }
        Some(first) if claimed.contains(&first.id) => {
            (None, "its weaker names lead to an entry that another one is")
        }
        Some(first) => (Some(*first), "known by its link or title"),
    }
}

/// The fingerprints of an entry: of its identity, then of its weaker names.
pub fn fingerprints_of(identity: &Identity) -> Vec<Fingerprint> {
    let own = hash_fingerprint(&[identity.kind.as_str(), &identity.key]);
    let mut names = vec![own];
    for weaker in identity.weaker_names.iter().map(|name| hash_fingerprint(&["also", name])) {
        if !names.contains(&weaker) {
            names.push(weaker);
        }
    }
    names
}

/// 64 bits of a hash: within one source, two names in a million entries collide once in 37 million
/// sources (birthday bound).
fn hash_fingerprint(parts: &[&str]) -> Fingerprint {
    let mut digest = Digest::new("rafid fingerprint 1");
    for part in parts {
        digest.add("\0");
        digest.add(part);
    }
    digest.to_64()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{ObservedEntry, RememberedEntry};
    use rafid_feed::model::{Direction, IdentityKind, PlainText};

    fn entry(guid: &str, title: &str, also: &[&str]) -> Entry {
        Entry {
            guid: Some(guid.into()),
            direction: Direction::RightToLeft,
            ..Entry::titled(
                Identity {
                    kind: IdentityKind::Guid,
                    key: guid.into(),
                    weaker_names: also.iter().map(ToString::to_string).collect(),
                },
                PlainText::from_trusted(title.into()),
            )
        }
    }

    fn source() -> SourceId {
        SourceId::new("a").unwrap()
    }

    /// What the store knows after a document.
    fn remembered(entries: &[Entry]) -> SeenIndex {
        let mut known = SeenIndex::default();
        for decision in decide_entries(&source(), entries, &SeenIndex::default()) {
            let entry = SeenEntry {
                id: decision.id,
                listed_at: Timestamp::UNIX_EPOCH,
                content_hash: decision.content_hash,
            };
            let seen = ObservedEntry { entry, fingerprints: decision.fingerprints };
            known.extend([RememberedEntry { seen, is_kept: true }]);
        }
        known
    }

    /// Checks the decisions, as words.
    fn check(entries: &[Entry], known: &SeenIndex, expected: &[&str]) {
        let got: Vec<_> = decide_entries(&source(), entries, known)
            .iter()
            .map(|decision| match decision.status {
                EntryStatus::New => "new",
                EntryStatus::Changed(_) => "changed",
                EntryStatus::Same(_) => "same",
                EntryStatus::Repeated(_) => "repeated",
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn an_entry_stays_the_same_one() {
        let first = [entry("1", "عنوان", &["link:a.example/1", "title:x"])];
        let known = remembered(&first);
        check(&first, &SeenIndex::default(), &["new"]);
        check(&first, &known, &["same"]);
        let edited = [entry("1", "عنوان جديد", &["link:a.example/1", "title:y"])];
        check(&edited, &known, &["changed"]);
        let other_guid = [entry("urn:1", "عنوان", &["link:a.example/1", "title:x"])];
        check(&other_guid, &known, &["same"]);
        assert_eq!(
            decide_entries(&source(), &other_guid, &known)[0].id,
            decide_entries(&source(), &first, &known)[0].id,
            "the id stays when the guid scheme changes"
        );
    }

    #[test]
    fn different_entries_stay_apart() {
        let known = remembered(&[entry("1", "عاجل", &["title:x"])]);
        let both = [entry("2", "عاجل", &["title:x"]), entry("1", "عاجل", &["title:x"])];
        check(&both, &known, &["new", "same"]);
        let two = remembered(&[entry("1", "a", &["link:l"]), entry("2", "b", &["title:t"])]);
        check(&[entry("3", "b", &["link:l", "title:t"])], &two, &["new"]);
        check(
            &[entry("9", "a", &[]), entry("9", "a", &[])],
            &SeenIndex::default(),
            &["new", "repeated"],
        );
    }

    #[test]
    fn guids_that_move_from_entry_to_entry_are_not_believed() {
        let (a, b, c) = ("link:a", "link:b", "link:c");
        let first = [entry("1", "a", &[a]), entry("2", "b", &[b])];
        let known = remembered(&first);
        let moved = [entry("1", "c", &[c]), entry("2", "a", &[a]), entry("3", "b", &[b])];
        check(&moved, &known, &["new", "same", "same"]);
        let decided = decide_entries(&source(), &moved, &known);
        let before = decide_entries(&source(), &first, &SeenIndex::default());
        assert_eq!((decided[1].id, decided[2].id), (before[0].id, before[1].id));
        assert!(
            before.iter().all(|before| before.id != decided[0].id),
            "the new one has its own id"
        );
        // If one contradicts and another one agrees, the link of an entry changed.
        let one = [entry("1", "a", &[b]), entry("2", "b", &["link:d", b])];
        check(&one, &known, &["same", "same"]);
    }

    #[test]
    fn dates_that_change_with_every_request_are_no_change() {
        let mut moved = entry("1", "a", &[]);
        let known = remembered(std::slice::from_ref(&moved));
        moved.updated_at = Some(Timestamp::UNIX_EPOCH);
        check(std::slice::from_ref(&moved), &known, &["same"]);
        moved.published_at = Some(Timestamp::UNIX_EPOCH);
        check(std::slice::from_ref(&moved), &known, &["same"]);
        moved.title = PlainText::from_trusted("b".into());
        check(&[moved], &known, &["changed"]);
    }
}
