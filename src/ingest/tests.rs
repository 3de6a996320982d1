//! Results of polls and pushes → what is committed, listed and reported.

mod clock_offset;
mod date_order;
mod feed_health;
mod feed_history;
mod listing_times;
mod polling;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::model::{PlainText, ReadHints, Validators};
use rafid_feed::pipeline::{self, ParsedFeed, ReadError};
use tokio::sync::Semaphore;

use super::*;
use crate::decide::prepared_entries::PreparedEntries;
use crate::decide::schedule::Bounds;
use crate::fetch::Client;
use crate::model::{
    FollowedRedirect, HubOffer, PollReason, RememberedEntry, Retention, SeenEntry, SeenIndex,
    SourceId,
};
use crate::store::Commit;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_400_000 + second).unwrap()
}

pub(super) fn source() -> Arc<Source> {
    let location = Location::Web("https://a.example/rss".parse().unwrap());
    Arc::new(Source::bare(SourceId::new("a").unwrap(), location))
}

pub(super) fn retention() -> Retention {
    Retention { keep_seconds: None, entries: 1_000 }
}

pub(super) fn conditions(config_hash: [u8; 16]) -> ReuseConditions {
    ReuseConditions { config_hash, retention: retention(), requests_whole: false }
}

pub(super) fn bounds() -> Bounds {
    let minutes = |count: u64| std::time::Duration::from_secs(count * 60);
    Bounds { every: minutes(30), at_least: minutes(15), at_most: minutes(1440) }
}

fn reading(items: &str) -> Box<ParsedFeed> {
    let text = format!("<rss><channel><title>وكالة</title>{items}</channel></rss>");
    let document = Document { bytes: text.into_bytes(), ..Document::default() };
    Box::new(pipeline::read_feed(&document, ReadHints::default()).unwrap())
}

pub(super) fn poll_result(body: PollBody, status: u16) -> PollResult {
    PollResult::new(body, status, Freshness::default(), Vec::new())
}

fn new_document(items: &str) -> PollResult {
    let validators = Validators { url: "https://a.example/rss".into(), ..Validators::default() };
    let body = PollBody::Changed {
        reading: reading(items),
        validators: Some(validators),
        body_hash: Some([1; 16]),
        offer: None,
        held: crate::ingest::ReservedMemory::default(),
    };
    poll_result(body, 200)
}

/// What the store would know after a commit, from its entries.
fn known_after(commit: &Commit) -> SeenIndex {
    let mut known = SeenIndex::default();
    known.extend(remembered_after(commit));
    known
}

/// What the store would remember of a commit's entries; that they are stored does not matter to these tests.
fn remembered_after(commit: &Commit) -> impl Iterator<Item = RememberedEntry> {
    let observed = commit.observed.iter().cloned();
    observed.map(|seen| RememberedEntry { seen, is_kept: false })
}

/// Decides with what the store would know after `before`.
fn with_known<T>(
    before: Option<&Commit>,
    pushed: Option<Duration>,
    decide: impl FnOnce(&DecideInput<'_>) -> T,
) -> T {
    let known = before.map(known_after).unwrap_or_default();
    let earlier = |seen: &SeenEntry| {
        before?.new.iter().chain(&before?.changed).find(|entry| entry.id == seen.id).cloned()
    };
    decide(&DecideInput {
        known: &known,
        prepared: &PreparedEntries::default(),
        earlier: &earlier,
        bounds: bounds(),
        config_hash: [9; 16],
        retention: retention(),
        network: NetworkStatus::Up,
        push_interval: pushed,
    })
}

fn decided_poll(
    result: PollResult,
    state: PollState,
    before: Option<&Commit>,
    now: Timestamp,
) -> (Commit, UpdateReport) {
    with_known(before, None, |input| decide_poll(&source(), result, state, input, now))
}

const ITEM: &str = "<item><guid>1</guid><title>خبر أول</title>\
                    <pubDate>Mon, 23 Nov 2026 00:00:00 GMT</pubDate></item>";

#[test]
fn other_categories_alone_are_no_change() {
    let item = |more: &str| ITEM.replace("</item>", &format!("{more}</item>"));
    let category = item("<category>أخبار</category><category>صحة</category>");
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let (second, report) =
        decided_poll(new_document(&category), first.state.clone(), Some(&first), at(20));
    let [listed] = &second.changed[..] else { panic!("{second:?}") };
    let names: Vec<&str> = listed.entry.categories.iter().map(PlainText::as_str).collect();
    assert_eq!((names, report.changes_outputs()), (vec!["صحة"], true));
    assert_eq!((listed.changed_at, listed.revision), (first.new[0].changed_at, 0));
    // Together with a new text they are part of a change.
    let text = item("<category>علوم</category><description>نص</description>");
    let (third, _) = decided_poll(new_document(&text), second.state.clone(), Some(&second), at(30));
    assert_eq!((third.changed[0].changed_at, third.changed[0].revision), (at(30), 1));
}

#[test]
fn entries_and_validators_are_committed_together() {
    let state = PollState::new([0; 16], at(0));
    let (commit, report) = decided_poll(new_document(ITEM), state, None, at(10));
    assert_eq!((commit.new.len(), report.new_count, report.entries_count), (1, 1, Some(1)));
    assert!(commit.state.document.validators.is_some());
    assert_eq!(commit.state.document.body_hash, Some([1; 16]));
    assert_eq!(commit.state.document.config_hash, [9; 16], "read with the current settings");
    assert_eq!(commit.state.document.feed_info.title.as_deref(), Some("وكالة"));
    assert_eq!(commit.observed.len(), 1);
    assert!(commit.state.schedule.due_at > at(10));
}

#[test]
fn an_entry_from_the_future_is_listed_now() {
    let item = ITEM.replace("2026", "2030");
    let (commit, _) =
        decided_poll(new_document(&item), PollState::new([0; 16], at(0)), None, at(10));
    assert_eq!(commit.new[0].listed_at, at(10));
    assert!(
        commit.new[0].entry.published_at.unwrap() > at(10),
        "the claimed date is stored separately"
    );
}

#[test]
fn an_edit_updates_in_place() {
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let edited = ITEM.replace("خبر أول", "خبر أول معدّل");
    let (second, report) =
        decided_poll(new_document(&edited), first.state.clone(), Some(&first), at(2000));
    assert_eq!((second.new.len(), report.changed_count), (0, 1));
    let (was, is) = (&first.new[0], &second.changed[0]);
    assert_eq!((is.id, is.listed_at, is.first_seen_at), (was.id, was.listed_at, was.first_seen_at));
    assert_eq!((is.changed_at, is.revision), (at(2000), 1));
    let (third, _) =
        decided_poll(new_document(&edited), second.state.clone(), Some(&second), at(4000));
    assert_eq!((third.new.len(), third.changed.len()), (0, 0));
    assert_eq!(
        third.state.schedule.changed_at, second.state.schedule.changed_at,
        "nothing changed"
    );
}

#[test]
fn an_edit_keeps_the_publication_date() {
    let check = |before: &str, after: &str, expected: &str| {
        let (first, _) =
            decided_poll(new_document(before), PollState::new([0; 16], at(0)), None, at(10));
        let edited = after.replace("خبر أول", "خبر أول معدّل");
        let (second, _) =
            decided_poll(new_document(&edited), first.state.clone(), Some(&first), at(2000));
        let published_at = second.changed[0].entry.published_at.unwrap();
        assert!(published_at.to_string().starts_with(expected), "{published_at}");
    };
    let year = |year: &str| ITEM.replace("2026", year);
    check(&year("2024"), &year("2026"), "2024");
    check(&year("2024"), &year("2022"), "2022");
    let undated = ITEM.replace("pubDate", "other");
    check(&undated, &year("2024"), "2024");
    check(&year("2024"), &undated, "2024");
}

#[test]
fn entries_without_content_are_counted_but_not_listed() {
    let items = format!("<item><guid>7</guid></item>{ITEM}");
    let (commit, report) =
        decided_poll(new_document(&items), PollState::new([0; 16], at(0)), None, at(10));
    assert_eq!((commit.new.len(), report.entries_count), (1, Some(2)));
}

#[test]
fn a_failure_changes_only_the_last_poll_and_the_schedule() {
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let error = || UpdateError::Read(ReadError::Decode(rafid_feed::decode::DecodeError::Empty));
    let failed = poll_result(PollBody::Failed(error()), 200);
    let (commit, report) = decided_poll(failed, first.state.clone(), Some(&first), at(2000));
    assert!(commit.new.is_empty() && commit.observed.is_empty() && !report.changes_outputs());
    assert_eq!(commit.state.document.validators, first.state.document.validators);
    let failure = commit.state.last_poll.failure.as_ref().unwrap();
    assert_eq!((failure.stage, commit.state.last_poll.failures), (Stage::Decode, 1));
    assert_eq!(commit.state.schedule.reason, PollReason::Backoff);
    assert_eq!(commit.state.last_poll.succeeded_at, Some(at(10)));
    let gone = poll_result(PollBody::Failed(error()), 410);
    let (commit, _) = decided_poll(gone, commit.state, Some(&first), at(4000));
    assert_eq!(
        (commit.state.last_poll.failures, commit.state.schedule.reason),
        (2, PollReason::Gone)
    );
    let same = poll_result(PollBody::NotModified { validators: None }, 304);
    let (commit, report) = decided_poll(same, commit.state, Some(&first), at(6000));
    assert_eq!((commit.state.last_poll.failures, commit.state.last_poll.failure), (0, None));
    assert_eq!(
        (report.entries_count, commit.state.document.validators),
        (None, first.state.document.validators)
    );
}

#[test]
fn a_permanent_redirect_is_pending_until_it_ends() {
    let hop = |status: u16, to: &str| FollowedRedirect {
        status,
        from: "https://a.example/rss".parse().unwrap(),
        to: to.parse().unwrap(),
    };
    let poll = |hops: Vec<FollowedRedirect>, state: PollState, second: i64| {
        let result =
            PollResult { hops, ..poll_result(PollBody::NotModified { validators: None }, 304) };
        decided_poll(result, state, None, at(second)).0.state
    };
    let state = poll(vec![hop(301, "https://b.example/")], PollState::new([0; 16], at(0)), 1);
    let state = poll(vec![hop(308, "https://b.example/")], state, 2);
    let moved = state.address.pending_redirect.clone().unwrap();
    assert_eq!(
        (moved.to.as_str(), moved.since, moved.seen_count),
        ("https://b.example/", at(1), 2)
    );
    let mixed = vec![hop(301, "https://b.example/"), hop(302, "https://c.example/")];
    assert_eq!(poll(mixed, state.clone(), 3).address.pending_redirect, None);
    assert_eq!(poll(Vec::new(), state, 3).address.pending_redirect, None);
}

#[test]
fn a_push_adds_entries_and_leaves_the_rest_as_the_last_poll_left_it() {
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let item = "<item><guid>2</guid><title>خبر دُفع</title>\
                <pubDate>Mon, 23 Nov 2026 01:00:00 GMT</pubDate></item>";
    let push = |items: &str, before: &Commit, second: i64| {
        let state = before.state.clone();
        with_known(Some(before), None, |input| {
            decide_push(&source(), *reading(items), state, input, at(second))
        })
    };
    let (second, report) = push(item, &first, 20);
    assert_eq!((second.new.len(), report.new_count, report.entries_count), (1, 1, Some(1)));
    assert_eq!(second.new[0].source, source().id);
    assert_eq!(report.hubs, HubDiscovery::Unknown);
    let mut expected = first.state.clone();
    expected.schedule.recent.insert(0, "2026-11-23T01:00:00Z".parse().unwrap());
    expected.schedule.changed_at = Some(at(20));
    assert_eq!(second.state.health.news.news_at, Some(at(20)));
    let keys = &second.state.health.article_keys;
    assert_eq!((keys.len(), &keys[1..]), (2, &first.state.health.article_keys[..]));
    assert_eq!(second.state.health.writing.newest.len(), 1, "the first document is the baseline");
    assert_eq!(second.state.health.clock, first.state.health.clock);
    assert_eq!(second.state.health.access_denied, first.state.health.access_denied);
    expected.health = second.state.health.clone();
    assert_eq!(second.state, expected);
    let edited = ITEM.replace("خبر أول", "خبر أول معدّل");
    let (third, report) = push(&edited, &first, 30);
    assert_eq!((third.new.len(), third.changed.len(), report.changed_count), (0, 1, 1));
    let (fourth, report) = push(ITEM, &first, 30);
    assert_eq!((fourth.state, report.changes_outputs()), (first.state, false));
}

#[test]
fn a_poll_without_news_makes_polls_rare_while_hubs_push() {
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let check = |result: PollResult, pushed: Option<u64>, expected: PollReason| {
        let (commit, _) = with_known(Some(&first), pushed.map(Duration::from_secs), |input| {
            decide_poll(&source(), result, first.state.clone(), input, at(20))
        });
        assert_eq!(commit.state.schedule.reason, expected);
    };
    let new = ITEM.replace("<guid>1", "<guid>2").replace("أول", "ثانٍ");
    let same = || poll_result(PollBody::NotModified { validators: None }, 304);
    check(same(), None, PollReason::Rhythm);
    check(same(), Some(72_000), PollReason::Push);
    check(new_document(ITEM), Some(72_000), PollReason::Push);
    check(new_document(&new), Some(72_000), PollReason::Rhythm);
}

#[test]
fn hubs_of_a_document_are_reported_and_missing_ones_if_it_is_complete() {
    let offer = HubOffer { topic: "https://a.example/rss".into(), hubs: vec!["https://h/".into()] };
    let check = |hubs: Option<HubOffer>, hash: Option<[u8; 16]>, expected: HubDiscovery| {
        let read = PollBody::Changed {
            reading: reading(ITEM),
            validators: None,
            body_hash: hash,
            offer: hubs,
            held: crate::ingest::ReservedMemory::default(),
        };
        let state = PollState::new([0; 16], at(0));
        let (_, report) = decided_poll(poll_result(read, 200), state, None, at(10));
        assert_eq!(report.hubs, expected);
    };
    check(Some(offer.clone()), Some([1; 16]), HubDiscovery::Hubs(offer.clone()));
    check(Some(offer.clone()), None, HubDiscovery::Hubs(offer));
    check(None, Some([1; 16]), HubDiscovery::NoHubs);
    check(None, None, HubDiscovery::Unknown);
}

/// The shared resources of these tests.
fn resources() -> PollResources {
    PollResources {
        client: Client::new(&fetch::FetchSettings {
            user_agent: "x".to_owned(),
            timeout: Duration::from_secs(1),
            max_bytes: 1000,
            per_host: 2,
            allow_private: std::collections::BTreeSet::new(),
            proxy: None,
        })
        .unwrap(),
        max_bytes: 1000,
        readers: Semaphore::new(1),
        large: crate::ingest::LargeReader::start().unwrap(),
    }
}

/// The signature of a text with the key of RFC 4231 section 4.3, in hexadecimal digits.
fn signed(algorithm: ring::hmac::Algorithm, text: &str) -> String {
    let key = ring::hmac::Key::new(algorithm, b"Jefe");
    let tag = ring::hmac::sign(&key, text.as_bytes());
    tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[tokio::test]
async fn only_signed_pushes_are_read() {
    let resources = resources();
    let secret = crate::model::Secret::new("Jefe");
    let check = async |text: &str, signature: Option<&str>, expected: &str| {
        let document = Document { bytes: text.as_bytes().to_vec(), ..Document::default() };
        let signature = signature.map(str::to_owned);
        let push = SignedPush { document, signature, secret: secret.clone() };
        let shown = format!("{:?}", read_push(&resources, &source(), push, None, at(0)).await);
        assert!(shown.starts_with(expected), "{shown}");
    };
    // RFC 4231 section 4.3.
    let tag = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    check("what do ya want for nothing?", Some(tag), "Unreadable").await;
    check("what do ya want for nothing!", Some(tag), "Forged").await;
    check("what do ya want for nothing?", None, "Forged").await;
    let text = format!("<rss><channel><title>وكالة</title>{ITEM}</channel></rss>");
    let hex = signed(ring::hmac::HMAC_SHA512, &text);
    check(&text, Some(&format!("sha512={hex}")), "Read").await;
}
