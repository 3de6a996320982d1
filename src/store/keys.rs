//! The subject of a record → its key. One tree holds everything, so that one batch is atomic over everything.
//! The first byte of a key is its kind.
//!
//! | key | value |
//! | --- | --- |
//! | `b` time, id | an entry: newest last, so the end of the range is the top of every output |
//! | `k` source, NUL, number | a chunk of the entries that were seen in a source, newest last |
//! | `s` source | the poll state |
//! | `l` source | how many of its newest entries are labeled as breaking news |
//! | `f` source | the full-text state |
//! | `w` token | a WebSub subscription |
//! | `a` id | the story record of an entry |
//! | `t` story, time of arrival, id | empty: an entry that joined a story |
//! | `d` day | the term counts of one day |
//! | `j` number | an arrival: what entry arrived or changed, in this order |
//! | `g` scope key, number | a closed archive page of an output |
//! | `p` key, NUL, number | a part of a value that is too long for one record |
//! | `r` number | a chunk of the digests of recent entries, newest last (`recent_digests`) |
//! | `A` start of an id | a pack of story records (`packs`), whose own keys are those above |
//! | `J` start of a number | a pack of arrivals |
//! | `m` name | information about the database itself |
//!
//! Numbers are big-endian, so that bytes sort like numbers. A source's id never holds a NUL.

use crate::model::{EntryId, ScopeKey, Secret, SourceId, StoredEntry};

const ENTRY: u8 = b'b';
const CHUNK: u8 = b'k';
const POLL_STATE: u8 = b's';
const LABEL_USE: u8 = b'l';
const SUBSCRIPTION: u8 = b'w';
const FULL_TEXT: u8 = b'f';
const PART: u8 = b'p';
const STORY_RECORD: u8 = b'a';
const STORY_MEMBER: u8 = b't';
const TERM_DAY: u8 = b'd';
const DATABASE: u8 = b'm';
const ARRIVAL: u8 = b'j';
const ARCHIVE_PAGE: u8 = b'g';
const DIGEST_CHUNK: u8 = b'r';
const STORY_PACK: u8 = b'A';
const ARRIVAL_PACK: u8 = b'J';

/// What the story records of a pack have in common of their ids, which are hashes: 17 bits. In a store of a million
/// entries a pack holds eight records in 900 bytes, and 131,072 packs take 12,000 leaves of the database.
const PACKED_ID_MASK: [u8; 3] = [0xff, 0xff, 0x80];
/// An arrival shares its pack with those whose numbers differ in these bits only: 32 of them, in 1,300 bytes.
const PACKED_NUMBER_BITS: u64 = 0b1_1111;

/// The format number of the store: of its keys and of all records.
pub(super) const FORMAT: &[u8] = b"mformat";
/// The version of the keys alone, older than the format number. Every database with data has it.
pub(super) const SCHEMA_VERSION: &[u8] = b"mschema_version";
/// What is known about the clock of this machine.
pub(super) const SYSTEM_CLOCK: &[u8] = b"mclock";
/// The position in the commit log of the last record that the database holds.
pub(super) const APPLIED: &[u8] = b"mapplied";
/// How often the database was opened.
pub(super) const OPENINGS: &[u8] = b"mopenings";

/// The number of the next arrival; absent: nothing has arrived yet.
pub(super) const NEXT_ARRIVAL: &[u8] = b"mjournal";

/// The number of the last arrival that was checked for a deleted entry; absent: none was.
pub(super) const SWEPT_ARRIVAL: &[u8] = b"mjournal_swept";

/// Entries that were listed at this time or later, in milliseconds since 1970, have digests; absent: none has.
pub(super) const DIGESTS_FROM: &[u8] = b"mdigests_from";

/// The same of a development version, whose digests had one value each. A store with it gets all digests again.
pub(super) const EARLIER_DIGESTS_FROM: &[u8] = b"mrecent_from";

/// The permanent name of the site; absent: it has none yet.
pub(super) const SITE_NAME: &[u8] = b"msite_name";

/// Length of an entry's key: the kind, eight bytes of time, sixteen of id.
pub(super) const ENTRY_KEY_BYTES: usize = 25;

/// The position of an entry among all: by its listing time, then by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EntryPosition {
    /// `listed_at`, in milliseconds since 1970.
    pub(super) listed_ms: i64,
    /// The entry.
    pub(super) id: EntryId,
}

impl EntryPosition {
    /// The position of an entry.
    pub(super) fn of_entry(listed: &StoredEntry) -> Self {
        Self { listed_ms: listed.listed_at.as_millisecond(), id: listed.id }
    }

    /// The position before every entry that was listed at `listed_ms` or later, after every earlier one.
    pub(super) fn start_of(listed_ms: i64) -> Self {
        Self { listed_ms, id: EntryId::from_bytes([0; 16]) }
    }
}

/// The key of an entry. Keys sort like positions.
pub(super) fn entry_key(position: EntryPosition) -> [u8; ENTRY_KEY_BYTES] {
    let mut key = [ENTRY; ENTRY_KEY_BYTES];
    key[1..9].copy_from_slice(&sortable_time(position.listed_ms).to_be_bytes());
    key[9..].copy_from_slice(&position.id.to_bytes());
    key
}

/// The position in the key of an entry; `None`: it is not the key of an entry.
pub(super) fn position_of_key(key: &[u8]) -> Option<EntryPosition> {
    let (kind, position) = key.split_first()?;
    position_of_bytes(position).filter(|_| *kind == ENTRY)
}

/// The position that stands in a key after the kind; `None`: the bytes are too many or too few.
pub(super) fn position_of_bytes(bytes: &[u8]) -> Option<EntryPosition> {
    let (time, id) = bytes.split_first_chunk::<8>()?;
    let id = <[u8; 16]>::try_from(id).ok()?;
    let listed_ms = time_of_sortable(u64::from_be_bytes(*time));
    Some(EntryPosition { listed_ms, id: EntryId::from_bytes(id) })
}

/// The key of a chunk of the digests of recent entries. Keys sort like numbers.
pub(super) fn digest_chunk_key(number: u64) -> [u8; 9] {
    let mut key = [DIGEST_CHUNK; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The number in the key of a chunk of digests; `None`: it is not such a key.
pub(super) fn number_of_digest_chunk(key: &[u8]) -> Option<u64> {
    let (kind, number) = key.split_first()?;
    let number = <[u8; 8]>::try_from(number).ok().filter(|_| *kind == DIGEST_CHUNK)?;
    Some(u64::from_be_bytes(number))
}

/// The prefix of the keys of all chunks of digests.
pub(super) fn digest_chunk_prefix() -> [u8; 1] {
    [DIGEST_CHUNK]
}

/// Whether the record at `key` follows from others, so that a base need not bring it back.
pub(super) fn is_derived(key: &[u8]) -> bool {
    key.first() == Some(&DIGEST_CHUNK) || key == DIGESTS_FROM || key == EARLIER_DIGESTS_FROM
}

/// The entry in the key of its story record; `None`: it is not such a key.
pub(super) fn entry_of_story_key(key: &[u8]) -> Option<EntryId> {
    let id = key.split_first().filter(|(kind, _)| **kind == STORY_RECORD)?.1;
    Some(EntryId::from_bytes(<[u8; 16]>::try_from(id).ok()?))
}

/// The prefix of the keys of all entries.
pub(super) fn entry_prefix() -> [u8; 1] {
    [ENTRY]
}

/// The first key after the keys of all entries.
pub(super) fn entry_prefix_end() -> [u8; 1] {
    [ENTRY + 1]
}

/// The key of a source's poll state.
pub(super) fn poll_state_key(source: &SourceId) -> Vec<u8> {
    [&[POLL_STATE], source.as_str().as_bytes()].concat()
}

/// The source that the record at `key` describes: its poll state, or its use of labels. `None`: it is another
/// record.
pub(super) fn source_described_at(key: &[u8]) -> Option<SourceId> {
    let (kind, source) = key.split_first()?;
    let is_of_source = matches!(*kind, POLL_STATE | LABEL_USE);
    SourceId::new(std::str::from_utf8(source).ok().filter(|_| is_of_source)?).ok()
}

/// Whether outputs show something of the record at `key`, other than a poll state.
pub(super) fn is_published(key: &[u8]) -> bool {
    let kinds = [ENTRY, STORY_RECORD, STORY_MEMBER, ARRIVAL, ARCHIVE_PAGE];
    key == SITE_NAME || key.first().is_some_and(|kind| kinds.contains(kind))
}

/// The key of a source's use of labels.
pub(super) fn label_use_key(source: &SourceId) -> Vec<u8> {
    [&[LABEL_USE], source.as_str().as_bytes()].concat()
}

/// The prefix of the keys of what is known about the use of labels.
pub(super) fn label_use_prefix() -> [u8; 1] {
    [LABEL_USE]
}

/// The prefix of the keys of all poll states.
pub(super) fn poll_state_prefix() -> [u8; 1] {
    [POLL_STATE]
}

/// The key of a source's full-text state.
pub(super) fn full_text_key(source: &SourceId) -> Vec<u8> {
    [&[FULL_TEXT], source.as_str().as_bytes()].concat()
}

/// The key of a chunk of a source's seen entries.
pub(super) fn chunk_key(source: &SourceId, number: u32) -> Vec<u8> {
    [&source_chunk_prefix(source.as_str())[..], &number.to_be_bytes()].concat()
}

/// The prefix of the keys of a source's chunks.
pub(super) fn source_chunk_prefix(source: &str) -> Vec<u8> {
    [&[CHUNK], source.as_bytes(), &[0]].concat()
}

/// The prefix of the keys of all chunks.
pub(super) fn chunk_prefix() -> [u8; 1] {
    [CHUNK]
}

/// The number at the end of a chunk's key; `None`: it is not the key of a chunk.
pub(super) fn chunk_number(key: &[u8]) -> Option<u32> {
    key.last_chunk::<4>().map(|number| u32::from_be_bytes(*number))
}

/// The key of the subscription with this token.
pub(super) fn subscription_key(token: &Secret) -> Vec<u8> {
    [&[SUBSCRIPTION], token.reveal().as_bytes()].concat()
}

/// The prefix of the keys of all subscriptions.
pub(super) fn subscription_prefix() -> [u8; 1] {
    [SUBSCRIPTION]
}

/// The key of the story record of an entry.
pub(super) fn story_record_key(id: EntryId) -> [u8; 17] {
    let mut key = [STORY_RECORD; 17];
    key[1..].copy_from_slice(&id.to_bytes());
    key
}

/// The prefix of the keys of a story's members.
pub(super) fn story_member_prefix(story: EntryId) -> [u8; 17] {
    let mut key = [STORY_MEMBER; 17];
    key[1..].copy_from_slice(&story.to_bytes());
    key
}

/// The key of an entry that joined a story. Keys sort by arrival.
pub(super) fn story_member_key(story: EntryId, seen_ms: i64, id: EntryId) -> Vec<u8> {
    [&story_member_prefix(story)[..], &sortable_time(seen_ms).to_be_bytes(), &id.to_bytes()]
        .concat()
}

/// The entry in the key of a member; `None`: it is not the key of a member.
pub(super) fn entry_of_member_key(key: &[u8]) -> Option<EntryId> {
    let id = key.last_chunk::<16>().filter(|_| key.len() == 41)?;
    Some(EntryId::from_bytes(*id))
}

/// The key of a day's term counts. Keys sort like days.
pub(super) fn term_day_key(day: i64) -> [u8; 9] {
    let mut key = [TERM_DAY; 9];
    key[1..].copy_from_slice(&sortable_time(day).to_be_bytes());
    key
}

/// The prefix of the keys of all days.
pub(super) fn term_day_prefix() -> [u8; 1] {
    [TERM_DAY]
}

/// The prefix of the keys of all parts.
pub(super) fn part_prefix() -> [u8; 1] {
    [PART]
}

/// The prefix of the keys of all records about the database itself.
pub(super) fn database_prefix() -> [u8; 1] {
    [DATABASE]
}

/// Whether the value at `key` has an envelope.
pub(super) fn has_envelope(key: &[u8]) -> bool {
    let kinds = [
        ENTRY,
        CHUNK,
        POLL_STATE,
        SUBSCRIPTION,
        FULL_TEXT,
        STORY_RECORD,
        TERM_DAY,
        STORY_PACK,
        ARRIVAL_PACK,
    ];
    key.first().is_some_and(|kind| kinds.contains(kind))
}

/// The key of an arrival. Keys sort like numbers.
pub(super) fn arrival_key(number: u64) -> [u8; 9] {
    let mut key = [ARRIVAL; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The prefix of the keys of all arrivals.
pub(super) fn arrival_prefix() -> [u8; 1] {
    [ARRIVAL]
}

/// The number in the key of an arrival; `None`: it is not the key of an arrival.
pub(super) fn number_of_arrival_key(key: &[u8]) -> Option<u64> {
    let number = key.last_chunk::<8>().filter(|_| key.len() == 9 && key.first() == Some(&ARRIVAL));
    number.map(|number| u64::from_be_bytes(*number))
}

/// The key of the pack that holds the record at `key`; `None`: it is stored by itself.
pub(super) fn pack_key(key: &[u8]) -> Option<Vec<u8>> {
    match key.split_first()? {
        (&STORY_RECORD, id) if id.len() == 16 => {
            let start = id.iter().zip(PACKED_ID_MASK).map(|(byte, mask)| byte & mask);
            Some([STORY_PACK].into_iter().chain(start).collect())
        }
        (&ARRIVAL, _) => {
            let start = number_of_arrival_key(key)? & !PACKED_NUMBER_BITS;
            Some([&[ARRIVAL_PACK], &start.to_be_bytes()[..]].concat())
        }
        _ => None,
    }
}

/// The kind of the records in the pack at `key`; `None`: it is not the key of a pack.
pub(super) fn packed_kind(key: &[u8]) -> Option<u8> {
    match *key.first()? {
        STORY_PACK => Some(STORY_RECORD),
        ARRIVAL_PACK => Some(ARRIVAL),
        _ => None,
    }
}

/// The prefix of the keys of the packs of arrivals.
pub(super) fn arrival_pack_prefix() -> [u8; 1] {
    [ARRIVAL_PACK]
}

/// The prefixes of the keys of records that packs hold. Stores of earlier formats have them by themselves.
pub(super) fn packed_prefixes() -> [[u8; 1]; 2] {
    [[STORY_RECORD], [ARRIVAL]]
}

/// The key of a closed archive page. Keys sort like numbers.
pub(super) fn archive_page_key(scope: ScopeKey, number: u32) -> Vec<u8> {
    [&archive_prefix(scope)[..], &number.to_be_bytes()].concat()
}

/// The prefix of the keys of the archive pages of an output.
pub(super) fn archive_prefix(scope: ScopeKey) -> [u8; 17] {
    let mut key = [ARCHIVE_PAGE; 17];
    key[1..].copy_from_slice(&scope.0);
    key
}

/// The key of a part of the record at `key`.
pub(super) fn part_key(key: &[u8], number: u16) -> Vec<u8> {
    [&[PART], key, &[0], &number.to_be_bytes()].concat()
}

/// The record at `key`, in words for a message.
pub(super) fn describe_key(key: &[u8]) -> String {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match key.split_first() {
        // The rest of its key is a secret.
        Some((&SUBSCRIPTION, _)) => "a subscription".to_owned(),
        Some((&POLL_STATE, source)) => format!("the poll state of {}", words(source)),
        Some((&FULL_TEXT, source)) => {
            format!("the full-text state of {}", words(source))
        }
        Some((&CHUNK, rest)) => {
            let source = rest.split(|byte| *byte == 0).next().unwrap_or(rest);
            format!("a chunk of seen entries of {}", words(source))
        }
        _ => match position_of_key(key) {
            Some(position) => format!("the entry {}", position.id),
            None => format!("the record {:?}", words(key)),
        },
    }
}

/// Flips the sign, so that times before 1970 sort before those after.
fn sortable_time(time: i64) -> u64 {
    time.cast_unsigned() ^ (1 << 63)
}

fn time_of_sortable(time: u64) -> i64 {
    (time ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_keys_sort_like_positions_and_round_trip() {
        let times = [i64::MIN, -1_000, -1, 0, 1, 255, 256, 1_795_000_000_000, i64::MAX];
        let positions: Vec<EntryPosition> = times
            .iter()
            .flat_map(|time| {
                [[0; 16], [7; 16], [255; 16]]
                    .map(|id| EntryPosition { listed_ms: *time, id: EntryId::from_bytes(id) })
            })
            .collect();
        assert!(positions.is_sorted());
        let keys: Vec<_> = positions.iter().map(|position| entry_key(*position)).collect();
        assert!(keys.is_sorted(), "bytes sort as numbers do");
        for (key, position) in keys.iter().zip(positions) {
            assert_eq!(position_of_key(key), Some(position));
            assert!(key.starts_with(&entry_prefix()) && key.as_slice() < &entry_prefix_end()[..]);
        }
    }

    #[test]
    fn other_keys_are_not_positions() {
        let source = SourceId::new("abcdefghijklmnopqrstuvwx").unwrap();
        assert_eq!(poll_state_key(&source).len(), ENTRY_KEY_BYTES);
        assert_eq!(position_of_key(&poll_state_key(&source)), None);
        assert_eq!(position_of_key(b""), None);
        assert_eq!(position_of_key(b"b1234"), None);
    }

    #[test]
    fn the_chunks_of_two_sources_are_separate() {
        let (short, long) = (SourceId::new("a").unwrap(), SourceId::new("ab").unwrap());
        assert!(!chunk_key(&long, 0).starts_with(&source_chunk_prefix(short.as_str())));
        assert!(chunk_key(&short, 7).starts_with(&source_chunk_prefix(short.as_str())));
        assert_eq!(chunk_number(&chunk_key(&short, 7)), Some(7));
        assert_eq!(describe_key(&chunk_key(&long, 256)), "a chunk of seen entries of ab");
        assert_eq!(describe_key(&poll_state_key(&long)), "the poll state of ab");
        assert_eq!(describe_key(&full_text_key(&long)), "the full-text state of ab");
        assert_eq!(describe_key(&subscription_key(&Secret::new("word"))), "a subscription");
        assert_eq!(describe_key(SCHEMA_VERSION), "the record \"mschema_version\"");
        let nil = "the entry 00000000-0000-0000-0000-000000000000";
        assert_eq!(describe_key(&entry_key(EntryPosition::start_of(0))), nil);
        assert!(chunk_key(&short, 255) < chunk_key(&short, 256));
        assert!(!part_key(&poll_state_key(&long), 0).starts_with(b"psa\0"));
        assert!(part_key(&poll_state_key(&short), 0).starts_with(b"psa\0"));
    }
}
