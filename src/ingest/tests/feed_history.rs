//! Documents, one after the other → silence, emptiness and article keys of a source.

use super::*;
use crate::health::silence;
use crate::model::Silence;

const DAY: i64 = 24 * 3600;

fn item(number: i64, day: i64) -> String {
    let at = at(day * DAY).strftime("%a, %d %b %Y %H:%M:%S GMT");
    format!(
        "<item><guid>{number}</guid><title>خبر {number}</title><link>https://a.example/{number}</link>\
         <pubDate>{at}</pubDate></item>"
    )
}

/// Reads a feed with these items on a day, after the commit `before`.
fn read(items: &[String], before: Option<&Commit>, day: i64) -> Commit {
    let state = before.map_or(PollState::new([9; 16], at(0)), |before| before.state.clone());
    decided_poll(new_document(&items.concat()), state, before, at(day * DAY)).0
}

fn silence_of(commit: &Commit) -> Option<Silence> {
    silence::detect_silence(
        &commit.state.health.news,
        &commit.state.schedule.recent,
        commit.state.last_poll.succeeded_at.unwrap(),
    )
}

#[test]
fn a_feed_that_still_answers_and_has_nothing_new_is_silent() {
    let items: Vec<String> = (0..12).rev().map(|day| item(day, day)).collect();
    let first = read(&items, None, 11);
    assert_eq!(first.state.health.news.news_at, Some(at(11 * DAY)));
    assert_eq!(silence_of(&first), None);
    let same = || poll_result(PollBody::NotModified { validators: None }, 304);
    let later =
        |days: i64| decided_poll(same(), first.state.clone(), Some(&first), at(days * DAY)).0;
    assert_eq!(silence_of(&later(14)), None);
    let Some(Silence::Quiet { since, .. }) = silence_of(&later(15)) else { panic!() };
    assert_eq!(since, at(11 * DAY));
    // It does not change polling.
    assert!(later(15).state.last_poll.failure.is_none());
    let spoken = read(&[&[item(99, 15)], &items[..]].concat(), Some(&first), 15);
    assert_eq!(silence_of(&spoken), None);
}

#[test]
fn an_empty_feed_is_detected() {
    let first = read(&[item(1, 0), item(2, 0)], None, 0);
    assert_eq!(first.state.health.news.empty_since, None);
    let empty = read(&[], Some(&first), 1);
    let still = read(&[], Some(&empty), 5);
    assert_eq!(silence_of(&empty), None);
    assert_eq!(silence_of(&still), Some(Silence::Empty { since: at(DAY) }));
    let back = read(&[item(1, 0)], Some(&still), 6);
    assert_eq!(back.state.health.news.empty_since, None);
}

#[test]
fn the_newest_entries_have_article_keys() {
    let keys = |commit: &Commit| commit.state.health.article_keys.clone();
    let first = read(&[item(1, 1), item(2, 2)], None, 3);
    let second = read(&[item(3, 3), item(2, 2)], Some(&first), 3);
    assert_eq!((keys(&first).len(), keys(&second).len()), (2, 2));
    assert_eq!(keys(&first)[0], keys(&second)[1], "newest first");
    let part = delta_document(&item(4, 3));
    let third = decided_poll(part, second.state.clone(), Some(&second), at(3 * DAY)).0;
    assert_eq!(keys(&third)[1..], keys(&second), "a part leaves the rest");
}

fn delta_document(items: &str) -> PollResult {
    PollResult { status: fetch::IM_USED, ..new_document(items) }
}
