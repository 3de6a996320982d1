//! What a record is about → its key. One tree holds everything, so that one batch is atomic over
//! everything; the first byte tells the kinds apart.
//!
//! | key | value |
//! | --- | --- |
//! | `b` time, id | an entry: newest last, so that the end of the range is the top of every output |
//! | `k` source, NUL, number | what is remembered of some entries of a source, newest last |
//! | `s` source | the poll state |
//! | `f` source | what is remembered of the pages of its entries (full text) |
//! | `w` token | a WebSub subscription |
//! | `a` id | what was decided about the story of an entry |
//! | `t` story, time of arrival, id | nothing: an entry that joined a story |
//! | `d` day | what was learnt of words on one day |
//! | `p` key, NUL, number | a part of a value that is too long for one record |
//! | `m` name | facts about the database itself |
//!
//! Numbers are big-endian, so that bytes sort as numbers do. A source's id never holds a NUL.

use crate::feed::model::{EntryId, Secret, SourceId};

const BODY: u8 = b'b';
const CHUNK: u8 = b'k';
const STATE: u8 = b's';
const SUBSCRIPTION: u8 = b'w';
const PAGES: u8 = b'f';
const PART: u8 = b'p';
const TOLD: u8 = b'a';
const MEMBER: u8 = b't';
const DAY: u8 = b'd';

/// The number of the store's format: of the keys and of all records.
pub(super) const FORMAT: &[u8] = b"mformat";
/// The version of the keys alone, from before there was a format number. A database that holds data holds it.
pub(super) const SCHEMA_VERSION: &[u8] = b"mschema_version";
/// What is remembered of this machine's clock.
pub(super) const SYSTEM_CLOCK: &[u8] = b"mclock";
/// How often the database was opened.
pub(super) const OPENINGS: &[u8] = b"mopenings";

/// The site's name for ever; absent: it has none yet.
pub(super) const SITE_NAME: &[u8] = b"msite_name";

/// Length of a body's key: the kind, eight bytes of time, sixteen of id.
const BODY_KEY_BYTES: usize = 25;

/// Where an entry stands among all: by the time that it was listed at, then by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    /// `listed_at`, in milliseconds since 1970.
    pub(super) listed_ms: i64,
    /// The entry.
    pub(super) id: EntryId,
}

impl Position {
    /// Before every entry that was listed at `listed_ms` or later, after every earlier one.
    pub(super) fn start_of(listed_ms: i64) -> Self {
        Self { listed_ms, id: EntryId::from_bytes([0; 16]) }
    }
}

/// The key of an entry. Keys sort as positions do.
pub(super) fn body(position: Position) -> [u8; BODY_KEY_BYTES] {
    let mut key = [BODY; BODY_KEY_BYTES];
    key[1..9].copy_from_slice(&sortable(position.listed_ms).to_be_bytes());
    key[9..].copy_from_slice(&position.id.to_bytes());
    key
}

/// The position that a body's key tells; `None`: it is no such key.
pub(super) fn position_of(key: &[u8]) -> Option<Position> {
    let (kind, rest) = key.split_first()?;
    let (time, id) = rest.split_first_chunk::<8>()?;
    let id = <[u8; 16]>::try_from(id).ok().filter(|_| *kind == BODY)?;
    let listed_ms = unsortable(u64::from_be_bytes(*time));
    Some(Position { listed_ms, id: EntryId::from_bytes(id) })
}

/// What all bodies' keys start with.
pub(super) fn bodies() -> [u8; 1] {
    [BODY]
}

/// The first key after all bodies' keys.
pub(super) fn after_bodies() -> [u8; 1] {
    [BODY + 1]
}

/// The key of a source's poll state.
pub(super) fn state(source: &SourceId) -> Vec<u8> {
    [&[STATE], source.as_str().as_bytes()].concat()
}

/// What all poll states' keys start with.
pub(super) fn states() -> [u8; 1] {
    [STATE]
}

/// The key of what is remembered of the pages of a source's entries.
pub(super) fn pages(source: &SourceId) -> Vec<u8> {
    [&[PAGES], source.as_str().as_bytes()].concat()
}

/// The key of a source's chunk of memory.
pub(super) fn chunk(source: &SourceId, number: u32) -> Vec<u8> {
    [&chunks_of(source.as_str())[..], &number.to_be_bytes()].concat()
}

/// What the keys of a source's chunks start with.
pub(super) fn chunks_of(source: &str) -> Vec<u8> {
    [&[CHUNK], source.as_bytes(), &[0]].concat()
}

/// What all chunks' keys start with.
pub(super) fn chunks() -> [u8; 1] {
    [CHUNK]
}

/// The number that a chunk's key ends in; `None`: it is no such key.
pub(super) fn chunk_number(key: &[u8]) -> Option<u32> {
    key.last_chunk::<4>().map(|number| u32::from_be_bytes(*number))
}

/// The key of the subscription with this token.
pub(super) fn subscription(token: &Secret) -> Vec<u8> {
    [&[SUBSCRIPTION], token.reveal().as_bytes()].concat()
}

/// What all subscriptions' keys start with.
pub(super) fn subscriptions() -> [u8; 1] {
    [SUBSCRIPTION]
}

/// The key of what was decided about the story of an entry.
pub(super) fn told(id: EntryId) -> [u8; 17] {
    let mut key = [TOLD; 17];
    key[1..].copy_from_slice(&id.to_bytes());
    key
}

/// What the keys of a story's members start with.
pub(super) fn members(story: EntryId) -> [u8; 17] {
    let mut key = [MEMBER; 17];
    key[1..].copy_from_slice(&story.to_bytes());
    key
}

/// The key of an entry that joined a story. Keys sort by arrival.
pub(super) fn member(story: EntryId, seen_ms: i64, id: EntryId) -> Vec<u8> {
    [&members(story)[..], &sortable(seen_ms).to_be_bytes(), &id.to_bytes()].concat()
}

/// The entry that a member's key names; `None`: it is no such key.
pub(super) fn member_of(key: &[u8]) -> Option<EntryId> {
    let id = key.last_chunk::<16>().filter(|_| key.len() == 41)?;
    Some(EntryId::from_bytes(*id))
}

/// The key of a day's terms. Keys sort as days do.
pub(super) fn day(day: i64) -> [u8; 9] {
    let mut key = [DAY; 9];
    key[1..].copy_from_slice(&sortable(day).to_be_bytes());
    key
}

/// What all days' keys start with.
pub(super) fn days() -> [u8; 1] {
    [DAY]
}

/// The key of a part of the value at `key`.
pub(super) fn part(key: &[u8], number: u16) -> Vec<u8> {
    [&[PART], key, &[0], &number.to_be_bytes()].concat()
}

/// What the record at `key` is, in words for a message.
pub(super) fn describe(key: &[u8]) -> String {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match key.split_first() {
        // The rest of its key is a secret.
        Some((&SUBSCRIPTION, _)) => "a subscription".to_owned(),
        Some((&STATE, source)) => format!("the poll state of {}", words(source)),
        Some((&PAGES, source)) => format!("what is remembered of the pages of {}", words(source)),
        Some((&CHUNK, rest)) => {
            let source = rest.split(|byte| *byte == 0).next().unwrap_or(rest);
            format!("what is remembered of {}", words(source))
        }
        _ => match position_of(key) {
            Some(position) => format!("the entry {}", position.id),
            None => format!("the record {:?}", words(key)),
        },
    }
}

/// Flips the sign, so that times before 1970 sort before those after.
fn sortable(time: i64) -> u64 {
    time.cast_unsigned() ^ (1 << 63)
}

fn unsortable(time: u64) -> i64 {
    (time ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_keys_sort_as_positions_do_and_read_back() {
        let times = [i64::MIN, -1_000, -1, 0, 1, 255, 256, 1_795_000_000_000, i64::MAX];
        let positions: Vec<Position> = times
            .iter()
            .flat_map(|time| {
                [[0; 16], [7; 16], [255; 16]]
                    .map(|id| Position { listed_ms: *time, id: EntryId::from_bytes(id) })
            })
            .collect();
        assert!(positions.is_sorted());
        let keys: Vec<_> = positions.iter().map(|position| body(*position)).collect();
        assert!(keys.is_sorted(), "bytes sort as numbers do");
        for (key, position) in keys.iter().zip(positions) {
            assert_eq!(position_of(key), Some(position));
            assert!(key.starts_with(&bodies()) && key.as_slice() < &after_bodies()[..]);
        }
    }

    #[test]
    fn other_keys_are_no_positions() {
        let source = SourceId::new("abcdefghijklmnopqrstuvwx").unwrap();
        assert_eq!(state(&source).len(), BODY_KEY_BYTES);
        assert_eq!(position_of(&state(&source)), None);
        assert_eq!(position_of(b""), None);
        assert_eq!(position_of(b"b1234"), None);
    }

    #[test]
    fn a_sources_chunks_are_not_anothers() {
        let (short, long) = (SourceId::new("a").unwrap(), SourceId::new("ab").unwrap());
        assert!(!chunk(&long, 0).starts_with(&chunks_of(short.as_str())));
        assert!(chunk(&short, 7).starts_with(&chunks_of(short.as_str())));
        assert_eq!(chunk_number(&chunk(&short, 7)), Some(7));
        assert_eq!(describe(&chunk(&long, 256)), "what is remembered of ab");
        assert_eq!(describe(&state(&long)), "the poll state of ab");
        assert_eq!(describe(&pages(&long)), "what is remembered of the pages of ab");
        assert_eq!(describe(&subscription(&Secret::new("word"))), "a subscription");
        assert_eq!(describe(SCHEMA_VERSION), "the record \"mschema_version\"");
        let nil = "the entry 00000000-0000-0000-0000-000000000000";
        assert_eq!(describe(&body(Position::start_of(0))), nil);
        assert!(chunk(&short, 255) < chunk(&short, 256));
        assert!(!part(&state(&long), 0).starts_with(b"psa\0"));
        assert!(part(&state(&short), 0).starts_with(b"psa\0"));
    }
}
