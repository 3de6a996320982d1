//! Documents and failures, one after the other → the source's health.

use super::*;
use crate::fetch::Waf;
use crate::health::frozen_dates;
use crate::model::{AccessDenied, DeniedBy, Finding, FrozenDates};

const DAY: i64 = 24 * 3600;

/// An entry with a date of 2019.
fn old(number: i64) -> String {
    format!(
        "<item><guid>{number}</guid><title>خبر رقم {number}</title>\
         <pubDate>Tue, 01 Jan 2019 00:00:00 GMT</pubDate></item>"
    )
}

fn olds(last: i64) -> String {
    (1..=last).rev().map(old).collect()
}

/// Reads a document on a day, after the commit `before`.
fn read(source: &Arc<Source>, items: &str, before: Option<&Commit>, day: i64) -> Commit {
    let state = before.map_or(PollState::new([9; 16], at(0)), |before| before.state.clone());
    let decided_poll = |input: &DecideInput<'_>| {
        decide_poll(source, new_document(items), state, input, at(day * DAY))
    };
    let commit = with_known(before, None, decided_poll).0;
    let kept = before.map(|before| before.new.clone()).unwrap_or_default();
    let remembered = commit.observed;
    Commit { new: [commit.new, kept].concat(), observed: remembered, ..commit }
}

#[test]
fn entries_with_meaningless_dates_are_listed_when_they_are_seen() {
    let run = |source: Source| {
        let source = Arc::new(source);
        let mut commit = read(&source, &olds(10), None, 0);
        for day in 1..6 {
            commit = read(&source, &olds(10 + day * 2), Some(&commit), day);
        }
        commit
    };
    let commit = run(Source::clone(&source()));
    let newest = "2019-01-01T00:00:00Z".parse().unwrap();
    let expected = FrozenDates::Still { since: at(DAY), newest };
    assert_eq!(frozen_dates::detect_frozen_dates(&commit.state.health.dates), Some(expected));
    let listed: Vec<_> = commit.new.iter().map(|listed| listed.listed_at).collect();
    assert_eq!(listed[..2], [at(5 * DAY); 2], "once it is known");
    assert_eq!(commit.new[0].entry.published_at, None);
    assert_eq!(listed[9], newest, "not before");
    // The operator may know that the dates are right.
    let ignore = vec![Finding::FrozenDates];
    let commit = run(Source { ignore, ..Source::clone(&source()) });
    assert!(frozen_dates::detect_frozen_dates(&commit.state.health.dates).is_some());
    assert_eq!(commit.new[0].listed_at, newest);
}

#[test]
fn entries_with_stamped_dates_keep_their_listing_time() {
    let items = |day: i64| {
        let at = at(day * DAY).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        olds(4).replace("Tue, 01 Jan 2019 00:00:00 GMT", &at)
    };
    let first = read(&source(), &items(0), None, 0);
    let mut commit = first.clone();
    for day in 1..4 {
        assert_eq!(frozen_dates::detect_frozen_dates(&commit.state.health.dates), None);
        commit = read(&source(), &items(day), Some(&commit), day);
        assert!(commit.changed.is_empty());
    }
    let found = frozen_dates::detect_frozen_dates(&commit.state.health.dates);
    assert_eq!(found, Some(FrozenDates::Stamped { since: at(DAY) }));
    assert_eq!(commit.new, first.new);
}

#[test]
fn another_address_is_another_feed() {
    let first = read(&source(), &olds(10), None, 0);
    assert_eq!(first.state.health.writing.baseline.entries, 10);
    let same = Source { user_agent: Some("x".into()), ..Source::clone(&source()) };
    let second = read(&Arc::new(same), &olds(10), Some(&first), 1);
    assert_eq!(second.state.health, first.state.health);
    let location = Location::Web("https://b.example/rss".parse().unwrap());
    let moved = Source { location, ..Source::clone(&source()) };
    let third = read(&Arc::new(moved), &olds(10), Some(&first), 1);
    assert_eq!(third.state.health.writing.baseline.entries, 0);
}

fn status(code: u16, reason: Option<Waf>) -> UpdateError {
    let (url, freshness) = ("https://a.example/rss".to_owned(), Freshness::default());
    UpdateError::Fetch(FetchError::Status { code, url, reason, freshness })
}

#[test]
fn denials_are_counted_until_a_good_response() {
    let fail = |error: UpdateError, state: PollState, second: i64| {
        let status = match &error {
            UpdateError::Fetch(error) => error.status().unwrap_or(0),
            _ => 200,
        };
        decided_poll(poll_result(PollBody::Failed(error), status), state, None, at(second)).0.state
    };
    let check = |errors: Vec<UpdateError>, expected: Option<(DeniedBy, u16, u32)>| {
        let mut state = PollState::new([0; 16], at(0));
        for (error, second) in errors.into_iter().zip(1..) {
            state = fail(error, state, second);
        }
        let found = state.health.access_denied.map(|it| (it.by, it.status, it.count));
        assert_eq!(found, expected);
        state
    };
    for code in [401, 403, 406, 451] {
        check(vec![status(code, None)], Some((DeniedBy::Server, code, 1)));
    }
    check(vec![status(403, Some(Waf::Cloudflare))], Some((DeniedBy::Cloudflare, 403, 1)));
    check(vec![status(202, Some(Waf::AwsWaf))], Some((DeniedBy::AwsWaf, 202, 1)));
    check(vec![status(429, Some(Waf::Vercel))], Some((DeniedBy::Vercel, 429, 1)));
    for code in [400, 402, 404, 410, 429, 500, 503] {
        check(vec![status(code, None)], None);
    }
    let dns = || UpdateError::Fetch(FetchError::Dns { host: "x".into(), reason: "no".into() });
    check(vec![dns()], None);
    // Other failures do not change it, and a feed that is gone ends it.
    let mixed = vec![status(403, None), dns(), status(500, None), status(401, None)];
    check(mixed, Some((DeniedBy::Server, 401, 2)));
    check(vec![status(403, None), status(404, None)], None);
    let page = UpdateError::Read(ReadError::Repair(rafid_feed::repair::RepairError::HtmlPage));
    check(vec![status(403, None), page], None);

    let three = (0..3).map(|_| status(403, None)).collect();
    let state = check(three, Some((DeniedBy::Server, 403, 3)));
    let refusal = state.health.access_denied.unwrap();
    assert_eq!((refusal.since, refusal.is_reported()), (at(1), true));
    assert!(!AccessDenied { count: 2, ..refusal }.is_reported());
    let same = poll_result(PollBody::NotModified { validators: None }, 304);
    assert_eq!(decided_poll(same, state, None, at(9)).0.state.health.access_denied, None);
}
