//! Tables of a subscription's life: events and verification requests → the response and the next step.

use super::*;
use crate::model::{HubOffer, Secret, SourceId};

const TOPIC: &str = "https://a.example/feed";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn subscription() -> Subscription {
    Subscription {
        source: SourceId::new("a").unwrap(),
        topic: TOPIC.to_owned(),
        hub: "https://hub.example/".to_owned(),
        base: "https://news.example/".to_owned(),
        token: Secret::new("token"),
        secret: Secret::new("secret & more"),
        state: SubscriptionState::Wanted,
        pending_request: None,
        attempts: 0,
        next_at: at(0),
        last_error: None,
        made_at: at(0),
        pushed_at: None,
        is_trusted: false,
    }
}

fn request(mode: &str, topic: &str, rest: &str) -> VerificationRequest {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("hub.mode", mode).append_pair("hub.topic", topic);
    VerificationRequest::parse(&format!("{}&{rest}", query.finish()))
}

/// Requested at second 0 and verified a second later, for ten days.
fn active() -> Subscription {
    let mut it = subscription();
    record_request(&mut it, HubMode::Subscribe, at(0));
    let verdict = answer_verification(
        &mut it,
        &request("subscribe", TOPIC, "hub.challenge=c&hub.lease_seconds=864000"),
        at(1),
    );
    assert_eq!(verdict, VerificationVerdict::Confirmed("c".to_owned()));
    it
}

#[test]
fn only_our_own_requests_are_confirmed() {
    let check = |prior: &Subscription,
                 request: &VerificationRequest,
                 second: i64,
                 expected: &VerificationVerdict| {
        let mut it = prior.clone();
        assert_eq!(&answer_verification(&mut it, request, at(second)), expected, "{request:?}");
        if *expected == VerificationVerdict::Refused {
            assert_eq!(&it, prior, "a refusal changes nothing");
        }
    };
    let refused = VerificationVerdict::Refused;
    let yes = || VerificationVerdict::Confirmed("c".to_owned());
    let subscribe = request("subscribe", TOPIC, "hub.challenge=c&hub.lease_seconds=60");
    let unsubscribe = request("unsubscribe", TOPIC, "hub.challenge=c");
    check(&subscription(), &subscribe, 0, &refused);
    let mut pending = subscription();
    record_request(&mut pending, HubMode::Subscribe, at(0));
    check(&pending, &subscribe, 0, &yes());
    check(&pending, &subscribe, HOUR, &yes());
    check(&pending, &subscribe, HOUR + 1, &refused);
    check(&pending, &unsubscribe, 1, &refused);
    check(
        &pending,
        &request("subscribe", "https://a.example/other", "hub.challenge=c"),
        1,
        &refused,
    );
    check(&pending, &request("subscribe", TOPIC, ""), 1, &refused);
    check(&pending, &request("subscribe", TOPIC, "hub.challenge="), 1, &refused);
    let long = format!("hub.challenge={}", "c".repeat(1025));
    check(&pending, &request("subscribe", TOPIC, &long), 1, &refused);
    check(&pending, &request("Subscribe", TOPIC, "hub.challenge=c"), 1, &refused);
    check(&pending, &VerificationRequest::parse("hub.challenge=c"), 1, &refused);
    check(&active(), &subscribe, 2, &yes());
    check(&active(), &subscribe, 2 * HOUR, &refused);
    check(&active(), &unsubscribe, 2, &refused);
    let mut leaving = active();
    begin_unsubscribe(&mut leaving, at(DAY));
    check(&leaving, &unsubscribe, DAY, &refused);
    record_request(&mut leaving, HubMode::Unsubscribe, at(DAY));
    check(&leaving, &unsubscribe, DAY + 1, &VerificationVerdict::Unsubscribed("c".to_owned()));
    check(&leaving, &subscribe, DAY + 1, &refused);
}

#[test]
fn a_lease_is_renewed_well_before_its_end() {
    let check = |lease: &str, until: i64, renewal: std::ops::RangeInclusive<i64>| {
        let mut it = subscription();
        record_request(&mut it, HubMode::Subscribe, at(0));
        let more = format!("hub.challenge=c&hub.lease_seconds={lease}");
        answer_verification(&mut it, &request("subscribe", TOPIC, &more), at(0));
        assert_eq!(it.state, SubscriptionState::Active { until: at(until) }, "{lease}");
        let second = it.next_at.as_second() - at(0).as_second();
        assert!(renewal.contains(&second), "{lease}: {second}");
        assert_eq!(
            next_step(&it, at((second - 1).min(until - 1))),
            SubscriptionStep::Wait,
            "{lease}"
        );
    };
    check("864000", 10 * DAY, 540_000..=648_000);
    check("86400", DAY, 54_000..=64_800);
    check("", 10 * DAY, 540_000..=648_000);
    check("-1", 10 * DAY, 540_000..=648_000);
    check("60", 60, 300..=300);
    let year = 365 * DAY;
    check("18446744073709551615", year, year * 5 / 8 - 60..=year * 3 / 4);

    let mut it = active();
    let renewal = it.next_at;
    assert_eq!(next_step(&it, renewal), SubscriptionStep::Request(HubMode::Subscribe));
    record_request(&mut it, HubMode::Subscribe, renewal);
    assert!(is_active(&it, renewal), "it stays active meanwhile");
    let more = "hub.challenge=d&hub.lease_seconds=864000";
    let verdict = answer_verification(&mut it, &request("subscribe", TOPIC, more), renewal);
    assert_eq!(verdict, VerificationVerdict::Confirmed("d".to_owned()));
    let until = renewal.checked_add(SignedDuration::from_secs(864_000)).unwrap();
    assert_eq!((it.state, it.attempts), (SubscriptionState::Active { until }, 0));
}

#[test]
fn jitter_spreads_renewals() {
    let renewal = |token: &str| {
        let mut it = Subscription { token: Secret::new(token), ..subscription() };
        record_request(&mut it, HubMode::Subscribe, at(0));
        answer_verification(&mut it, &request("subscribe", TOPIC, "hub.challenge=c"), at(0));
        it.next_at
    };
    let times: std::collections::BTreeSet<_> =
        (0..20).map(|number| renewal(&number.to_string())).collect();
    assert!(times.len() > 10, "{times:?}");
}

#[test]
fn a_silent_hub_gets_requests_more_and_more_rarely() {
    let mut it = subscription();
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..10 {
        assert_eq!(next_step(&it, now), SubscriptionStep::Request(HubMode::Subscribe));
        record_request(&mut it, HubMode::Subscribe, now);
        assert_eq!(next_step(&it, now), SubscriptionStep::Wait);
        waits.push((it.next_at.as_second() - now.as_second()) / HOUR);
        now = it.next_at;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 168, 168]);
}

#[test]
fn a_refusal_is_recorded_and_the_hub_may_request_a_wait() {
    let check = |retry: Option<u64>, expected: i64| {
        let mut it = subscription();
        record_request(&mut it, HubMode::Subscribe, at(0));
        record_refusal(&mut it, "it answered 503\n\tbusy", retry, at(1));
        assert_eq!(it.last_error.as_deref(), Some("it answered 503  busy"));
        assert_eq!(it.next_at, at(expected), "{retry:?}");
    };
    check(None, HOUR);
    check(Some(60), HOUR);
    check(Some(7200), 7201);
    check(Some(u64::MAX), 7 * DAY + 1);
    let mut it = subscription();
    record_refusal(&mut it, &"ب".repeat(999), None, at(0));
    assert_eq!(it.last_error.unwrap().chars().count(), 200);
    let mut it = subscription();
    record_refusal(&mut it, "bad hub.secret=secret & more at /token", None, at(0));
    assert_eq!(it.last_error.as_deref(), Some("bad hub.secret=… at /…"));
}

#[test]
fn a_denial_ends_the_subscription_for_a_week() {
    let check = |reason: &str, expected: &str| {
        let mut it = Subscription { is_trusted: true, ..active() };
        let denial = request("denied", TOPIC, reason);
        assert_eq!(
            answer_verification(&mut it, &denial, at(DAY)),
            VerificationVerdict::DenialRecorded
        );
        assert_eq!((it.state, it.is_trusted), (SubscriptionState::Denied, false));
        assert_eq!(it.last_error.as_deref(), Some(expected));
        assert!(!is_active(&it, at(DAY)));
        assert_eq!(next_step(&it, at(8 * DAY - 1)), SubscriptionStep::Wait);
        assert_eq!(next_step(&it, at(8 * DAY)), SubscriptionStep::Request(HubMode::Subscribe));
        let late = request("subscribe", TOPIC, "hub.challenge=c");
        assert_eq!(
            answer_verification(&mut it, &late, at(DAY)),
            VerificationVerdict::Refused,
            "the request is over"
        );
    };
    check("hub.reason=no+more", "no more");
    check("", "the hub gave no reason");
    let mut it = active();
    let other = request("denied", "https://a.example/other", "");
    assert_eq!(answer_verification(&mut it, &other, at(DAY)), VerificationVerdict::Refused);
    assert!(is_active(&it, at(DAY)));
}

#[test]
fn a_lease_that_ran_out_is_requested_again() {
    let mut it = Subscription { is_trusted: true, ..active() };
    for _ in 0..3 {
        let renewal = it.next_at;
        assert_eq!(next_step(&it, renewal), SubscriptionStep::Request(HubMode::Subscribe));
        record_request(&mut it, HubMode::Subscribe, renewal);
    }
    assert_eq!(next_step(&it, at(10 * DAY + 1)), SubscriptionStep::Expire);
    assert!(!is_active(&it, at(10 * DAY + 1)) && !is_relaxed(&it, at(10 * DAY + 1)));
    expire_lease(&mut it);
    assert_eq!((it.state, it.is_trusted), (SubscriptionState::Expired, false));
    assert_eq!(
        next_step(&it, it.next_at.max(at(10 * DAY + 1))),
        SubscriptionStep::Request(HubMode::Subscribe)
    );
    let now = it.next_at;
    record_request(&mut it, HubMode::Subscribe, now);
    let verdict =
        answer_verification(&mut it, &request("subscribe", TOPIC, "hub.challenge=c"), now);
    assert_eq!(verdict, VerificationVerdict::Confirmed("c".to_owned()));
    assert!(is_active(&it, now));
}

#[test]
fn leaving_takes_at_most_three_requests() {
    let mut it = active();
    begin_unsubscribe(&mut it, at(DAY));
    let mut now = at(DAY);
    for _ in 0..3 {
        assert_eq!(next_step(&it, now), SubscriptionStep::Request(HubMode::Unsubscribe));
        record_request(&mut it, HubMode::Unsubscribe, now);
        assert_eq!(next_step(&it, now), SubscriptionStep::Wait);
        begin_unsubscribe(&mut it, now);
        now = it.next_at;
    }
    assert_eq!(next_step(&it, now), SubscriptionStep::Delete);
    for state in [SubscriptionState::Wanted, SubscriptionState::Expired, SubscriptionState::Denied]
    {
        let mut it = Subscription { state, ..subscription() };
        begin_unsubscribe(&mut it, at(1));
        assert_eq!(next_step(&it, at(1)), SubscriptionStep::Delete, "nothing to end: {state:?}");
    }
}

#[test]
fn polling_relaxes_by_pushes_and_tightens_by_misses() {
    let mut it = active();
    assert!(!is_relaxed(&it, at(2)), "no push came yet");
    record_push(&mut it, at(3));
    assert_eq!(it.pushed_at, Some(at(3)));
    assert!(is_relaxed(&it, at(4)));
    record_missed_push(&mut it);
    assert!(!is_relaxed(&it, at(4)) && is_active(&it, at(4)));
    record_push(&mut it, at(5));
    assert!(is_relaxed(&it, at(6)) && !is_relaxed(&it, at(10 * DAY + 1)));
    begin_unsubscribe(&mut it, at(7));
    assert!(!is_relaxed(&it, at(8)) && !is_active(&it, at(8)));
}

#[test]
fn another_offer_is_followed_once_a_day() {
    let offer = |topic: &str, hub: &str| HubOffer { topic: topic.into(), hubs: vec![hub.into()] };
    let hub = "https://hub.example/";
    let check = |offer: Option<&HubOffer>, second: i64, expected: bool| {
        assert_eq!(
            matches_offer(&subscription(), offer, at(second)),
            expected,
            "{offer:?} {second}"
        );
    };
    check(Some(&offer(TOPIC, hub)), 2 * DAY, true);
    for other in [Some(&offer("https://a.example/x", hub)), Some(&offer(TOPIC, "https://b/")), None]
    {
        check(other, DAY, false);
        check(other, DAY - 1, true);
    }
    let more = HubOffer { hubs: vec!["https://b/".into(), hub.into()], ..offer(TOPIC, hub) };
    check(Some(&more), 2 * DAY, true);
}

#[test]
fn the_form_has_the_parameters_of_the_request() {
    let callback = "https://news.example/websub/token";
    assert_eq!(
        request_form(&subscription(), HubMode::Subscribe, callback),
        "hub.callback=https%3A%2F%2Fnews.example%2Fwebsub%2Ftoken&hub.mode=subscribe&\
         hub.topic=https%3A%2F%2Fa.example%2Ffeed&hub.lease_seconds=864000&\
         hub.secret=secret+%26+more"
    );
    assert_eq!(
        request_form(&subscription(), HubMode::Unsubscribe, callback),
        "hub.callback=https%3A%2F%2Fnews.example%2Fwebsub%2Ftoken&hub.mode=unsubscribe&\
         hub.topic=https%3A%2F%2Fa.example%2Ffeed"
    );
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", subscription());
    assert!(!shown.contains("secret & more") && !shown.contains("\"token\""), "{shown}");
}

#[test]
fn verifications_are_parsed_from_queries() {
    let check = |query: &str, expected: &VerificationRequest| {
        assert_eq!(&VerificationRequest::parse(query), expected);
    };
    let topic = Some("https://a.example/?x=1&y=أ".to_owned());
    let encoded = "hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%D8%A3";
    check(
        &format!("hub.mode=subscribe&{encoded}&hub.challenge=a+b&hub.lease_seconds=60&x=y"),
        &VerificationRequest {
            mode: Some("subscribe".to_owned()),
            topic: topic.clone(),
            challenge: Some("a b".to_owned()),
            lease_seconds: Some(60),
            reason: None,
        },
    );
    check(
        &format!("{encoded}&hub.topic=other"),
        &VerificationRequest { topic, ..VerificationRequest::default() },
    );
    check("", &VerificationRequest::default());
    check("hub.lease_seconds=x&hub.lease_seconds=-5", &VerificationRequest::default());
}

#[test]
fn another_hub_is_tried_when_one_fails() {
    let offer = |hubs: &[&str]| HubOffer {
        topic: TOPIC.to_owned(),
        hubs: hubs.iter().map(ToString::to_string).collect(),
    };
    let (own, other) = ("https://hub.example/", "https://second.example/");
    let check = |it: &Subscription, hubs: &[&str], expected: Option<(&str, i64)>| {
        let offer = offer(hubs);
        let next = next_hub(it, &offer, at(9));
        assert_eq!(next.map(|next| (next.hub, next.at)), expected.map(|(hub, s)| (hub, at(s))));
    };
    let mut refused = subscription();
    record_request(&mut refused, HubMode::Subscribe, at(0));
    check(&refused, &[own, other], None);
    super::record_refusal(&mut refused, "no", None, at(1));
    check(&refused, &[own, other], Some((other, 9)));
    check(&refused, &[other, own], Some((other, HOUR)));
    check(&refused, &[own], None);
    check(&refused, &[other], None);
    let mut silent = subscription();
    record_request(&mut silent, HubMode::Subscribe, at(0));
    record_request(&mut silent, HubMode::Subscribe, at(HOUR));
    check(&silent, &[own, other], Some((other, 9)));
    let error = Some("a renewal was refused".to_owned());
    check(&Subscription { last_error: error, ..active() }, &[own, other], None);
    let other_topic =
        HubOffer { topic: "https://a.example/other".to_owned(), ..offer(&[own, other]) };
    assert_eq!(next_hub(&silent, &other_topic, at(9)), None);
}
