//! Every record of every kind comes back from its fields and from its payload.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rafid_feed::model::{RepeatedBlock, RepeatedBlocks};

use super::super::record::LoggedCommit;
use super::super::record_payload::{FORMAT, RecordDecoder, RecordEncoder};
use super::*;
use crate::model::{
    ClockDoubt, ClockDoubtKind, DailyTermCounts, EntryId, FullTextError, FullTextState,
    FullTextStats, HubMode, ObservedEntry, PendingPage, PendingRequest, SeenEntry, SourceId,
    StoredEntry, StoryAssignment, StoryMethod, StoryRecord, Subscription, SubscriptionState,
    SystemClock,
};
use crate::store::commit_records::CommitRecords;
use crate::store::keys::EntryPosition;
use crate::store::poll_commit::Commit;
use crate::store::records::tests::{at, listed, reason, state, text};

fn id() -> impl Strategy<Value = EntryId> {
    any::<[u8; 16]>().prop_map(EntryId::from_bytes)
}

fn source() -> impl Strategy<Value = SourceId> {
    prop::sample::select(vec!["صحيفة-1", "bayan"]).prop_map(|id| SourceId::new(id).unwrap())
}

fn entry_position() -> impl Strategy<Value = EntryPosition> {
    (any::<i64>(), id()).prop_map(|(listed_ms, id)| EntryPosition { listed_ms, id })
}

fn story_record() -> impl Strategy<Value = StoryRecord> {
    let method = prop::sample::select(vec![StoryMethod::First, StoryMethod::SameEvent]);
    let number = || option::of(0.0..1.0_f32);
    let found = (method, number(), number(), option::of(id()), option::of(id()));
    (id(), source(), at(), at(), (id(), id()), found).prop_map(
        |(
            id,
            source,
            listed_at,
            seen_at,
            (story, text_group),
            (method, score, closeness, nearest, related),
        )| {
            let assignment =
                StoryAssignment { story, text_group, method, score, closeness, nearest, related };
            StoryRecord { id, source, listed_at, seen_at, assignment }
        },
    )
}

fn observed_of(listed: &StoredEntry) -> ObservedEntry {
    let StoredEntry { id, listed_at, content_hash, .. } = *listed;
    ObservedEntry {
        entry: SeenEntry { id, listed_at, content_hash },
        fingerprints: listed.fingerprints.clone(),
    }
}

fn observed() -> impl Strategy<Value = ObservedEntry> {
    (id(), at(), any::<u64>(), vec(any::<u64>(), 0..4)).prop_map(
        |(id, listed_at, content_hash, fingerprints)| ObservedEntry {
            entry: SeenEntry { id, listed_at, content_hash },
            fingerprints,
        },
    )
}

fn logged(now: Timestamp, keep_per_source: usize, commit: Commit) -> LoggedCommit {
    let records = CommitRecords::encode(&commit).unwrap();
    LoggedCommit { now, keep_per_source, commit, records }
}

fn logged_commit() -> impl Strategy<Value = LoggedCommit> {
    // Boxed, because the values of a poll state and an entry would fill the stack.
    let entries = || vec(listed().boxed(), 0..3).boxed();
    let lists = (entries(), entries(), entries(), vec(observed(), 0..3).boxed());
    let rest = (vec(story_record(), 0..3).boxed(), any::<bool>(), any::<bool>(), any::<u32>());
    (at(), source(), state().boxed(), lists, rest).prop_map(
        |(now, source, state, (new, changed, restored, observed), rest)| {
            let (story_records, is_whole, is_renamed, keep) = rest;
            let mut observed: Vec<ObservedEntry> =
                new.iter().chain(&changed).map(observed_of).chain(observed).collect();
            // An entry that appeared under another name than the one that is stored with it.
            if let Some(first) = observed.first_mut().filter(|_| is_renamed) {
                first.fingerprints.push(1);
            }
            let commit =
                Commit { source, state, new, changed, restored, story_records, observed, is_whole };
            logged(now, usize::try_from(keep).unwrap(), commit)
        },
    )
}

fn full_text_state() -> impl Strategy<Value = FullTextState> {
    let pending = (id(), at(), any::<u8>(), at()).prop_map(|(id, listed_at, tries, not_before)| {
        PendingPage { id, listed_at, tries, not_before }
    });
    let block = (any::<u64>(), vec(any::<u32>(), 0..3))
        .prop_map(|(text, pages)| RepeatedBlock { text, pages });
    let error =
        (text(), text(), at()).prop_map(|(url, message, at)| FullTextError { url, message, at });
    let stats = any::<[u64; 5]>().prop_map(|[taken, shorter, other, refused, failed]| {
        FullTextStats { taken, shorter, other, refused, failed }
    });
    let counts = (any::<i64>(), any::<u32>(), stats);
    (vec(pending, 0..3), counts, vec(block, 0..3), option::of(error)).prop_map(
        |(pending, (day, requested_count, stats), blocks, last_error)| FullTextState {
            pending,
            day,
            requested_count,
            repeated_blocks: RepeatedBlocks { blocks },
            stats,
            last_error,
        },
    )
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let words = (text(), text(), text(), text(), text(), option::of(text()));
    let pending = option::of(at().prop_map(|at| PendingRequest { mode: HubMode::Subscribe, at }));
    let times = (at(), at(), option::of(at()), at());
    (source(), words, pending, times, (any::<u32>(), any::<bool>())).prop_map(
        |(source, words, pending_request, times, (attempts, is_trusted))| Subscription {
            source,
            topic: words.0,
            hub: words.1,
            base: words.2,
            token: Secret::new(&words.3),
            secret: Secret::new(&words.4),
            state: SubscriptionState::Active { until: times.3 },
            pending_request,
            attempts,
            next_at: times.0,
            last_error: words.5,
            made_at: times.1,
            pushed_at: times.2,
            is_trusted,
        },
    )
}

fn system_clock() -> impl Strategy<Value = SystemClock> {
    let doubt = (any::<i64>(), at(), at(), any::<u64>()).prop_map(
        |(ahead_seconds, since, last_at, steady_seconds)| {
            let kind = ClockDoubtKind::Hosts;
            ClockDoubt { kind, ahead_seconds, since, last_at, steady_seconds }
        },
    );
    (option::of(at()), option::of(doubt), option::of(at()), any::<u64>()).prop_map(
        |(confirmed_at, doubt, hour_began_at, pruned_count)| SystemClock {
            confirmed_at,
            doubt,
            hour_began_at,
            pruned_count,
        },
    )
}

/// Any record of any kind but a commit.
fn other_record() -> impl Strategy<Value = LogRecord> {
    let positions = || vec(entry_position(), 0..20);
    let terms = (any::<i64>(), any::<u32>(), vec(any::<(u64, u32)>(), 0..40), any::<i64>());
    prop_oneof![
        (source(), at(), reason()).prop_map(|(source, due_at, reason)| LogRecord::DueTime {
            source,
            due_at,
            reason
        }),
        (source(), positions()).prop_map(|(source, entries)| LogRecord::Pruned { source, entries }),
        (at(), positions()).prop_map(|(now, entries)| LogRecord::MovedBack { now, entries }),
        (source(), full_text_state().boxed())
            .prop_map(|(source, state)| LogRecord::FullText { source, state }),
        subscription().boxed().prop_map(|it| LogRecord::Subscription(Box::new(it))),
        text().prop_map(|token| LogRecord::SubscriptionDeleted(Secret::new(&token))),
        system_clock().prop_map(LogRecord::SystemClock),
        any::<[u8; 16]>().prop_map(|name| LogRecord::SiteName(SiteName::Generated(name))),
        text().prop_map(|base| LogRecord::SiteName(SiteName::Address(base))),
        vec(story_record(), 0..5).prop_map(LogRecord::StoryRecords),
        terms.prop_map(|(day, documents_count, terms, keep_from)| LogRecord::TermCounts {
            counts: DailyTermCounts { day, documents_count, terms },
            keep_from,
        }),
    ]
}

/// Any record; every third one is a commit.
pub(in crate::store::log) fn any_record() -> impl Strategy<Value = LogRecord> {
    let commit = logged_commit().prop_map(|it| LogRecord::Commit(Box::new(it)));
    prop_oneof![1 => commit.boxed(), 2 => other_record().boxed()]
}

fn payload_of(record: &LogRecord) -> Vec<u8> {
    RecordEncoder::new().unwrap().encode(record).unwrap()
}

fn decoded(payload: &[u8]) -> Result<LogRecord, RecordError> {
    RecordDecoder::new().unwrap().decode(payload)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_commit_comes_back(logged in logged_commit()) {
        let record = LogRecord::Commit(Box::new(logged));
        prop_assert_eq!(decode(&encode(&record).unwrap()).unwrap(), record);
    }

    #[test]
    fn any_other_record_comes_back(record in other_record()) {
        prop_assert_eq!(decoded(&payload_of(&record)).unwrap(), record);
    }

    #[test]
    fn a_changed_payload_is_read_without_a_panic(record in any_record(), at in any::<usize>(), bit in 0..8_u8) {
        let mut payload = payload_of(&record);
        let length = payload.len();
        payload[at % length] ^= 1 << bit;
        let _ = decoded(&payload);
        let _ = decoded(&payload[..at % length]);
    }
}

#[test]
fn instants_are_cut_to_the_millisecond() {
    let finer: Timestamp = "2026-11-30T10:00:00.123456789Z".parse().unwrap();
    let whole: Timestamp = "2026-11-30T10:00:00.123Z".parse().unwrap();
    let record = |now| LogRecord::MovedBack { now, entries: Vec::new() };
    assert_eq!(decoded(&payload_of(&record(finer))).unwrap(), record(whole));
}

#[test]
fn the_entries_of_a_document_are_written_once() {
    let mut runner = TestRunner::deterministic();
    let new = vec(listed().boxed(), 30).new_tree(&mut runner).unwrap().current();
    let any = logged_commit().new_tree(&mut runner).unwrap().current();
    let bytes_with = |observed: Vec<ObservedEntry>| {
        let commit = Commit { new: new.clone(), observed, ..any.commit.clone() };
        encode(&LogRecord::Commit(Box::new(logged(any.now, 100, commit)))).unwrap().len()
    };
    let observed: Vec<ObservedEntry> = new.iter().map(observed_of).collect();
    assert_eq!(bytes_with(observed) - bytes_with(Vec::new()), 2 * new.len());
}

#[test]
fn a_long_record_is_compressed_and_a_short_one_is_not() {
    let check = |letters: usize, codec: u8| {
        let record = LogRecord::SiteName(SiteName::Address("خ".repeat(letters)));
        let payload = payload_of(&record);
        assert_eq!(payload[..2], [FORMAT, codec], "{letters} letters");
        assert_eq!(decoded(&payload).unwrap(), record);
    };
    check(10, 0);
    check(1_000, 1);
}

#[test]
fn invalid_payloads_are_refused() {
    let good = payload_of(&LogRecord::SiteName(SiteName::Address("خ".repeat(100))));
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
        let mut payload = good.clone();
        change(&mut payload);
        let error = decoded(&payload).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error:?}, expected {expected:?}");
    };
    check(&|payload| payload[0] = FORMAT + 1, "unknown version: expected 3, found 4");
    check(&|payload| payload[1] = 9, "unknown compression");
    check(&|payload| payload[2] = 255, "wrong size");
    check(&|payload| payload[5] += 1, "wrong size");
    check(&|payload| payload.truncate(3), "cut short");
    check(&Vec::clear, "cut short");
    check(&|payload| payload.truncate(20), "it cannot be unpacked");
    let unknown_kind = [FORMAT, 0, 0, 0, 0, 1, 99];
    assert!(matches!(decoded(&unknown_kind), Err(RecordError::Shape(_))));
}
