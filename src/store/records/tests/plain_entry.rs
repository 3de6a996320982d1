//! An entry with nothing but its title, and what a store reads of its fields.

use jiff::Timestamp;
use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText};

use crate::model::{EntryId, SourceId, StoredEntry};
use crate::store::keys::EntryPosition;
use crate::store::records::stored_entry;

pub(in crate::store::records) fn listed() -> StoredEntry {
    let source = SourceId::new("a").unwrap();
    let kind = IdentityKind::Guid;
    let identity = Identity { kind, key: "1".to_owned(), weaker_names: Vec::new() };
    let at = |second| Timestamp::from_second(second).unwrap();
    StoredEntry {
        id: EntryId::for_identity(&source, &identity),
        source,
        entry: Entry::titled(identity, PlainText::from_trusted("عنوان".to_owned())),
        first_seen_at: at(1),
        listed_at: at(2),
        changed_at: at(3),
        revision: 4,
        fingerprints: vec![5],
        content_hash: 6,
    }
}

pub(in crate::store::records) fn read_back(listed: &StoredEntry, fields: &[u8]) -> StoredEntry {
    let listed_ms = listed.listed_at.as_millisecond();
    let position = EntryPosition { listed_ms, id: listed.id };
    stored_entry::decode(stored_entry::VERSION, position, listed.source.as_str(), fields).unwrap()
}
