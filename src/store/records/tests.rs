//! Every value of an entry or a poll state comes back from its bytes. Bytes of an unknown version are
//! refused.

mod earlier;
mod parts;
pub(super) mod plain_entry;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rafid_feed::model::{
    ClockOffset, CopiedFrom, DateOrder, Direction, Enclosure, Entry, GeoPoint, Identity,
    IdentityKind, Image, Language, Person, PlainText, PollHints, SafeHtml, Stage, Validators,
};

use super::super::keys::EntryPosition;
use super::*;
use crate::model::{
    ClockObservation, ClockState, ClockVerdict, EntryId, Failure, FeedAddress, FeedInfo, HubOffer,
    LastDocument, LastPoll, Likeness, LostFeed, MoveSign, NewsHistory, PendingRedirect, PollReason,
    PollSchedule, PollState, RediscoveredFeed, SourceHealth, SourceId, StoredEntry,
};
use parts::{adopted, clock, freshness, health, retention};

pub(in crate::store) fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ء-ي ]{1,20}", "\\PC{1,30}"]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..4)
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

fn plain() -> impl Strategy<Value = PlainText> {
    text().prop_map(PlainText::from_trusted)
}

/// Whole milliseconds of all time, also before 1970.
pub(in crate::store) fn at() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    prop_oneof![first..=last, -5_000..5_000_i64]
        .prop_map(|milliseconds| Timestamp::from_millisecond(milliseconds).unwrap())
}

fn enclosure() -> impl Strategy<Value = Enclosure> {
    let numbers = (option::of(any::<u64>()), option::of(any::<u64>()));
    (text(), some_text(), numbers, option::of(plain())).prop_map(
        |(url, media_type, (length_bytes, duration_seconds), title)| Enclosure {
            url,
            media_type,
            length_bytes,
            duration_seconds,
            title,
        },
    )
}

fn image() -> impl Strategy<Value = Image> {
    let words = (option::of(plain()), option::of(plain()));
    (text(), option::of(any::<u32>()), option::of(any::<u32>()), words)
        .prop_map(|(url, width, height, (credit, alt))| Image { url, width, height, credit, alt })
}

fn identity() -> impl Strategy<Value = Identity> {
    let rung = prop_oneof![
        Just(IdentityKind::Guid),
        Just(IdentityKind::Link),
        Just(IdentityKind::LinkAndTitle),
        Just(IdentityKind::TitleAndDate),
        Just(IdentityKind::Content),
    ];
    (rung, text(), texts()).prop_map(|(rung, key, also)| Identity {
        kind: rung,
        key,
        weaker_names: also,
    })
}

fn language() -> impl Strategy<Value = Option<Language>> {
    prop_oneof![Just(None), Just(Language::parse("ar-EG")), Just(Language::parse("zh-Hant"))]
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Auto), Just(Direction::LeftToRight), Just(Direction::RightToLeft)]
}

fn entry() -> impl Strategy<Value = Entry> {
    let texts_of_it = (some_text(), some_text(), plain(), some_text(), some_text(), some_text());
    let lists = (
        vec((plain(), some_text()), 0..3),
        vec(plain(), 0..3),
        vec(enclosure(), 0..3),
        option::of(image()),
        vec((plain(), some_text()), 0..2),
        vec(image(), 0..3),
    );
    let words = (language(), direction(), option::of((option::of(plain()), some_text())));
    let links = (some_text(), some_text(), some_text(), option::of(any::<u32>()), some_text());
    let rest = (option::of(at()), option::of(at()), option::of(any::<(i32, i32)>()));
    (identity(), texts_of_it, lists, words, links, rest).prop_map(
        |(identity, texts, lists, words, links, rest)| Entry {
            identity,
            guid: texts.0,
            link: texts.1,
            title: texts.2,
            summary: texts.3.map(SafeHtml::from_trusted),
            content: texts.4.map(SafeHtml::from_trusted),
            rights: texts.5.map(PlainText::from_trusted),
            authors: lists.0.into_iter().map(|(name, url)| Person { name, url }).collect(),
            categories: lists.1,
            enclosures: lists.2,
            image: lists.3,
            contributors: lists.4.into_iter().map(|(name, url)| Person { name, url }).collect(),
            more_images: lists.5,
            episode: None,
            language: words.0,
            direction: words.1,
            origin: words.2.map(|(title, url)| CopiedFrom { title, url }),
            licence: links.0,
            comments: links.1,
            comments_feed: links.2,
            comments_count: links.3,
            via: links.4,
            published_at: rest.0,
            updated_at: rest.1,
            point: rest.2.map(|(latitude_e7, longitude_e7)| GeoPoint { latitude_e7, longitude_e7 }),
            page: None,
        },
    )
}

pub(in crate::store) fn listed() -> impl Strategy<Value = StoredEntry> {
    let times = (at(), at(), at(), any::<u32>());
    (entry(), any::<[u8; 16]>(), times, vec(any::<u64>(), 0..14), any::<u64>()).prop_map(
        |(entry, id, times, fingerprints, content_hash)| StoredEntry {
            id: EntryId::from_bytes(id),
            source: SourceId::new("صحيفة-1").unwrap(),
            entry,
            first_seen_at: times.0,
            listed_at: times.1,
            changed_at: times.2,
            revision: times.3,
            fingerprints,
            content_hash,
        },
    )
}

pub(in crate::store) fn reason() -> impl Strategy<Value = PollReason> {
    (0..=10_u8).prop_map(|code| match code {
        0 => PollReason::New,
        1 => PollReason::Rhythm,
        2 => PollReason::Operator,
        3 => PollReason::CacheControl,
        4 => PollReason::Ttl,
        5 => PollReason::UpdatePeriod,
        6 => PollReason::Skip,
        7 => PollReason::RetryAfter,
        8 => PollReason::Backoff,
        9 => PollReason::Gone,
        _ => PollReason::NetworkDown,
    })
}

fn failure() -> impl Strategy<Value = Failure> {
    let stage = prop_oneof![
        Just(Stage::Fetch),
        Just(Stage::Decode),
        Just(Stage::Repair),
        Just(Stage::Parse),
        Just(Stage::Normalize),
        Just(Stage::Relate),
        Just(Stage::Store),
    ];
    (stage, text(), at()).prop_map(|(stage, message, at)| Failure { stage, message, at })
}

fn validators() -> impl Strategy<Value = Validators> {
    let bytes = || option::of(vec(any::<u8>(), 0..40));
    (bytes(), bytes(), text()).prop_map(|(etag, last_modified, url)| Validators {
        etag,
        last_modified,
        url,
    })
}

fn poll_hints() -> impl Strategy<Value = PollHints> {
    (option::of(any::<u64>()), any::<u32>(), any::<u8>(), option::of(any::<u64>())).prop_map(
        |(ttl_seconds, skip_hours, skip_days, update_seconds)| PollHints {
            ttl_seconds,
            skip_hours,
            skip_days,
            update_seconds,
        },
    )
}

fn feed_info() -> impl Strategy<Value = FeedInfo> {
    let texts = (some_text(), some_text(), some_text(), some_text(), some_text(), some_text());
    (texts, option::of(at())).prop_map(|(texts, updated_at)| {
        let (title, description, site, language, rights, image) = texts;
        let description = description.filter(|words| !words.is_empty());
        FeedInfo { title, description, site, language, rights, image, updated_at }
    })
}

fn pending_redirect() -> impl Strategy<Value = PendingRedirect> {
    (text(), at(), any::<u32>(), option::of(any::<bool>())).prop_map(
        |(to, since, observations, same_feed)| PendingRedirect {
            to,
            since,
            seen_count: observations,
            same_feed,
            sign: MoveSign::Statement,
        },
    )
}

fn date_order() -> impl Strategy<Value = DateOrder> {
    prop_oneof![Just(DateOrder::DayFirst), Just(DateOrder::MonthFirst)]
}

fn lost() -> impl Strategy<Value = LostFeed> {
    let likeness = prop_oneof![
        any::<u32>().prop_map(Likeness::Entries),
        Just(Likeness::Title),
        Just(Likeness::NamedOnly),
    ];
    let found = (text(), some_text(), likeness)
        .prop_map(|(url, title, likeness)| RediscoveredFeed { url, title, likeness });
    (text(), at(), option::of(at()), option::of(found)).prop_map(
        |(address, since, searched_at, found)| LostFeed {
            address,
            since,
            searched_at,
            rediscovered: found,
        },
    )
}

fn history() -> impl Strategy<Value = (NewsHistory, Vec<u64>, (Option<LostFeed>, Option<HubOffer>))>
{
    let instants = (option::of(at()), option::of(at()));
    let offer = (text(), texts()).prop_map(|(topic, hubs)| HubOffer { topic, hubs });
    let rest = (option::of(lost()), option::of(offer));
    (instants, any::<u64>(), vec(any::<u64>(), 0..33), rest).prop_map(
        |((news_at, empty_since), news_days, keys, rest)| {
            (NewsHistory { news_at, news_days, empty_since }, keys, rest)
        },
    )
}

pub(in crate::store) fn state() -> impl Strategy<Value = PollState> {
    let hashes = (option::of(validators()), option::of(any::<[u8; 16]>()), any::<[u8; 16]>());
    let times = (option::of(at()), option::of(at()), option::of(at()), at(), vec(at(), 0..33));
    let content = (
        option::of(failure()),
        option::of(pending_redirect()),
        poll_hints(),
        feed_info(),
        texts(),
        clock(),
    );
    let health = (health(), option::of(freshness()), option::of(retention()));
    let content = (content, option::of(adopted()), option::of(date_order()), history(), health);
    let numbers = (any::<u32>(), any::<u16>(), any::<u32>(), any::<u32>());
    (hashes, times, content, numbers, reason()).prop_map(
        |(hashes, times, (content, adopted, date_order, history, health), numbers, reason)| {
            PollState {
                document: LastDocument {
                    validators: hashes.0,
                    body_hash: hashes.1,
                    config_hash: hashes.2,
                    retention: health.2,
                    date_order,
                    feed_info: content.3,
                    entries_count: numbers.3,
                    warnings_count: numbers.2,
                    warnings: content.4,
                },
                schedule: PollSchedule {
                    due_at: times.3,
                    reason,
                    poll_hints: content.2,
                    freshness: health.1,
                    recent: times.4,
                    changed_at: times.2,
                },
                last_poll: LastPoll {
                    polled_at: times.0,
                    succeeded_at: times.1,
                    status: numbers.1,
                    failures: numbers.0,
                    failure: content.0,
                },
                address: FeedAddress {
                    adopted_redirect: adopted,
                    pending_redirect: content.1,
                    lost: history.2.0,
                    hub_offer: history.2.1,
                },
                health: SourceHealth {
                    clock: content.5,
                    news: history.0,
                    article_keys: history.1,
                    ..health.0
                },
            }
        },
    )
}

fn record() -> impl Strategy<Value = seen_chunk::SeenEntryRecord> {
    let names = vec(any::<u64>(), 0..13);
    let flags = (any::<bool>(), any::<bool>());
    (any::<[u8; 16]>(), any::<i64>(), any::<u64>(), flags, names).prop_map(
        |(id, listed_ms, content_hash, (kept, listed), fingerprints)| seen_chunk::SeenEntryRecord {
            position: EntryPosition { listed_ms, id: EntryId::from_bytes(id) },
            content_hash,
            kept,
            listed,
            fingerprints,
        },
    )
}

fn position(listed: &StoredEntry) -> EntryPosition {
    EntryPosition { listed_ms: listed.listed_at.as_millisecond(), id: listed.id }
}

proptest! {
    #[test]
    fn an_entry_comes_back(listed in listed()) {
        let fields = stored_entry::encode(&listed).unwrap();
        let back = stored_entry::decode(2, position(&listed), listed.source.as_str(), &fields).unwrap();
        prop_assert_eq!(back, listed);
    }

    #[test]
    fn a_poll_state_comes_back(state in state()) {
        let fields = poll_state::encode(&state).unwrap();
        prop_assert_eq!(poll_state::decode(5, &fields).unwrap(), state);
    }

    #[test]
    fn a_chunk_comes_back_and_its_header_alone(records in vec(record(), 0..50)) {
        let fields = seen_chunk::encode(&records).unwrap();
        prop_assert_eq!(seen_chunk::decode(2, &fields).unwrap(), records.clone());
        for length in 0..fields.len() {
            prop_assert!(seen_chunk::decode(2, &fields[..length]).is_err(), "{length} bytes");
        }
        prop_assert_eq!(seen_chunk::decode_header(2, &fields).unwrap(), seen_chunk::ChunkHeader::of_records(&records));
    }

    #[test]
    fn instants_are_cut_to_the_millisecond(at in at(), below in 0..1_000_000_i32) {
        let before_1970 = at.as_millisecond() < 0;
        let finer = jiff::SignedDuration::new(0, if before_1970 { -below } else { below });
        if let Ok(finer) = at.checked_add(finer) {
            prop_assert_eq!(whole_milliseconds(finer), at);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        let id = EntryId::from_bytes([0; 16]);
        let _ = stored_entry::decode(2, EntryPosition { listed_ms: 0, id }, "a", &bytes);
        let _ = poll_state::decode(5, &bytes);
        let _ = seen_chunk::decode(2, &bytes);
        let _ = envelope::Envelope::parse(&bytes).map(|envelope| envelope.fields());
    }
}

#[test]
fn other_versions_are_refused() {
    let message =
        |expected: u8, found: u8| format!("unknown version: expected {expected}, found {found}");
    for found in [1, 3] {
        let of_entries =
            stored_entry::decode(found, EntryPosition::start_of(0), "a", &[]).unwrap_err();
        assert_eq!(of_entries.to_string(), message(2, found));
        assert_eq!(seen_chunk::decode(found, &[]).unwrap_err().to_string(), message(2, found));
        assert_eq!(
            seen_chunk::decode_header(found, &[]).unwrap_err().to_string(),
            message(2, found)
        );
    }
    for found in [4, 6] {
        assert_eq!(poll_state::decode(found, &[]).unwrap_err().to_string(), message(5, found));
    }
}
