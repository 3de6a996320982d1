//! Records of earlier versions: made from the current ones by cutting off what was added since, and read
//! after their migration.

use super::super::super::migration;
use super::*;

/// The number of zero bytes at the end of a poll state without this information: freshness and retention,
/// health, history, and what the first version lacks of the second.
const RETENTION: usize = 2;
const HEALTH: usize = 17;
const HISTORY: usize = 6;
const SECOND_VERSION: usize = 10;

/// A state in a version before the fifth.
fn before_the_fifth(mut state: PollState) -> PollState {
    state.schedule.freshness = None;
    state.document.retention = None;
    state.document.feed_info.description = None;
    if let Some(pending) = &mut state.address.pending_redirect {
        pending.sign = MoveSign::Redirect;
    }
    state
}

/// A state in a version before the fourth.
fn before_the_fourth(state: PollState) -> PollState {
    let state = before_the_fifth(state);
    let SourceHealth { clock, news, article_keys, .. } = state.health;
    let health = SourceHealth { clock, news, article_keys, ..SourceHealth::default() };
    PollState { health, ..state }
}

/// A state in a version before the third.
fn before_the_third(state: PollState) -> PollState {
    let mut state = before_the_fourth(state);
    state.health = SourceHealth { clock: state.health.clock, ..SourceHealth::default() };
    (state.address.lost, state.address.hub_offer) = (None, None);
    state
}

/// The history that a migration makes from the last change.
fn with_changes_for_news(mut state: PollState) -> PollState {
    let news_at = state.schedule.changed_at;
    let news_days = u64::from(news_at.is_some());
    state.health.news = NewsHistory { news_at, news_days, empty_since: None };
    state
}

/// A state without its last `added` bytes, read as one of `version`.
fn read_as(version: u8, state: &PollState, added: usize) -> PollState {
    let mut fields = poll_state::encode(state).unwrap();
    fields.truncate(fields.len() - added);
    poll_state::decode(5, &migration::poll_state(version, &fields).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn a_poll_state_without_additions_has_the_same_bytes_as_before(state in state()) {
        let mut without = state.clone();
        without.document.feed_info.description = None;
        if let Some(pending) = &mut without.address.pending_redirect {
            pending.sign = MoveSign::Redirect;
        }
        let (fields, rest) = (poll_state::encode(&without).unwrap(), poll_state::encode(&state).unwrap());
        prop_assert!(rest.starts_with(&fields), "an earlier program reads what it knows");
        prop_assert_eq!(fields == rest, state == without);
        prop_assert_eq!(poll_state::decode(5, &fields).unwrap(), without);
    }

    #[test]
    fn a_poll_state_of_the_fourth_version_is_read(state in state()) {
        let state = before_the_fifth(state);
        prop_assert_eq!(read_as(4, &state, RETENTION), state);
    }

    #[test]
    fn a_poll_state_of_the_third_version_is_read(state in state()) {
        let state = before_the_fourth(state);
        prop_assert_eq!(read_as(3, &state, RETENTION + HEALTH), state);
    }

    #[test]
    fn a_poll_state_of_the_second_version_is_read(state in state()) {
        let state = before_the_third(state);
        let read = read_as(2, &state, RETENTION + HEALTH + HISTORY);
        prop_assert_eq!(read, with_changes_for_news(state));
    }

    #[test]
    fn a_poll_state_of_the_first_version_is_read(state in state()) {
        let mut state = before_the_third(state);
        if let Some(pending) = &mut state.address.pending_redirect {
            pending.same_feed = None;
        }
        state.address.adopted_redirect = None;
        state.document.date_order = None;
        state.health.clock = ClockState::default();
        let read = read_as(1, &state, RETENTION + HEALTH + HISTORY + SECOND_VERSION);
        prop_assert_eq!(read, with_changes_for_news(state));
    }

    #[test]
    fn an_entry_of_the_first_version_is_read(listed in listed()) {
        let fields = stored_entry::encode(&listed).unwrap();
        prop_assert_eq!(migration::entry(&fields[..fields.len() - 1]), fields);
    }

    #[test]
    fn a_chunk_of_the_first_version_is_read(records in vec(record(), 0..50)) {
        let header = seen_chunk::ChunkHeader::of_records(&records);
        let first: Vec<migration::EntryOfChunk> = records.iter().map(|record| (
            record.position.id.to_bytes(),
            record.position.listed_ms,
            record.content_hash.to_be_bytes(),
            record.kept,
            record.fingerprints.iter().map(|name| name.to_be_bytes()).collect(),
        )).collect();
        let header_fields = (header.kept_count, header.newest_kept_ms);
        let fields = postcard::to_stdvec(&(header_fields, first)).unwrap();
        let fields = migration::chunk(&fields).unwrap();
        let unlisted = records.into_iter().map(|it| seen_chunk::SeenEntryRecord { listed: false, ..it });
        prop_assert_eq!(seen_chunk::decode(2, &fields).unwrap(), unlisted.collect::<Vec<_>>());
        prop_assert_eq!(seen_chunk::decode_header(2, &fields).unwrap(), header);
    }

    #[test]
    fn any_bytes_of_an_earlier_version_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        for version in 1..=4 {
            let _ = migration::poll_state(version, &bytes);
        }
        let _ = migration::chunk(&bytes);
    }
}

#[test]
fn the_bytes_of_a_chunk_of_the_first_version_are_read() {
    // The header (one stored entry, listed at 1) and one record of the first version, which does not have the
    // `listed` flag.
    let id = [7; 16];
    let bytes = [&[1, 1, 2][..], &[1], &id, &[2], &[0; 7], &[9], &[1, 1], &[0; 7], &[5]].concat();
    let records = seen_chunk::decode(2, &migration::chunk(&bytes).unwrap()).unwrap();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.position.listed_ms, record.content_hash), (1, 9));
    assert_eq!((record.kept, record.listed, &record.fingerprints[..]), (true, false, &[5][..]));
}
