//! What a response allows → how long the next poll waits, and why.

use super::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A wait is up to a tenth longer than expected (of a day at most), never shorter.
fn assert_wait(world: &World, seconds: i64, reason: PollReason, what: &str) {
    let wait = world.wait();
    let jitter = seconds.min(DAY) / 10;
    assert_eq!(world.state.schedule.reason, reason, "{what}");
    assert!((seconds..=seconds + jitter).contains(&wait), "{what}: {wait}, expected {seconds}");
}

/// The times of `at`, in the format of headers.
fn date(second: i64, form: &str) -> String {
    jiff::fmt::strtime::format(form, &at(second).to_zoned(jiff::tz::TimeZone::UTC)).unwrap()
}

const IMF: &str = "%a, %d %b %Y %H:%M:%S GMT";

async fn first_answer(what: &str, answer: Vec<u8>, seconds: i64, reason: PollReason) {
    let mut world = World::new();
    world.send("/feed", answer);
    world.poll().await;
    assert_wait(&world, seconds, reason, what);
}

#[tokio::test]
async fn headers_slow_down_and_never_hurry() {
    use PollReason::{CacheControl, Rhythm};
    let check = async |lines: &[&str], seconds: i64, reason: PollReason| {
        first_answer(&format!("{lines:?}"), ok(lines, &feed(&[1])), seconds, reason).await;
    };
    let (in_two_hours, sent) = (date(2 * HOUR, IMF), date(HOUR, IMF));
    let (expires, sent) = (format!("Expires: {in_two_hours}"), format!("Date: {sent}"));
    check(&[], 30 * MINUTE, Rhythm).await;
    check(&["Cache-Control: max-age=7200"], 2 * HOUR, CacheControl).await;
    check(&["Cache-Control: max-age=7200", "Age: 1800"], 90 * MINUTE, CacheControl).await;
    check(&[&expires], 2 * HOUR, CacheControl).await;
    check(&[&expires, &sent], HOUR, CacheControl).await;
    check(&[&expires, "Cache-Control: max-age=3600"], HOUR, CacheControl).await;
    check(&["Cache-Control: max-age=99999999999999999999"], DAY, CacheControl).await;
    check(&["Expires: Fri, 31 Dec 9999 23:59:59 GMT"], DAY, CacheControl).await;
    for nothing in
        ["max-age=0", "max-age=60", "no-cache", "no-store", "max-age=-1", "s-maxage=9999"]
    {
        check(&[&format!("Cache-Control: {nothing}")], 30 * MINUTE, Rhythm).await;
    }
    check(&["Expires: 0"], 30 * MINUTE, Rhythm).await;
    check(&["Expires: Thu, 01 Jan 1970 00:00:00 GMT"], 30 * MINUTE, Rhythm).await;
}

#[tokio::test]
async fn an_unchanged_feed_may_slow_down_too() {
    let mut world = World::new();
    world.send("/feed", ok(&["ETag: \"1\""], &feed(&[1])));
    world.poll().await;
    world.send("/feed", bare("304 Not Modified", &["Cache-Control: max-age=7200"]));
    world.poll().await;
    assert_wait(&world, 2 * HOUR, PollReason::CacheControl, "304");
}

#[tokio::test]
async fn the_document_slows_down_even_after_failures() {
    let check = async |words: &str, seconds: i64, reason: PollReason| {
        let mut world = World::new();
        let xmlns = "xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"";
        let start = format!("<rss {xmlns}><channel>{words}");
        let text = String::from_utf8(feed(&[1])).unwrap().replace("<rss><channel>", &start);
        world.send("/feed", ok(&["ETag: \"1\""], text.as_bytes()));
        world.poll().await;
        assert_wait(&world, seconds, reason, words);
        world.send("/feed", bare("304 Not Modified", &[]));
        world.poll().await;
        assert_wait(&world, seconds, reason, words);
        world.send("/feed", bare("500 Oh", &[]));
        world.poll().await;
        assert_wait(&world, seconds, PollReason::Backoff, words);
    };
    check("<ttl>180</ttl>", 3 * HOUR, PollReason::Ttl).await;
    check("<ttl>99999</ttl>", DAY, PollReason::Ttl).await;
    check("<sy:updatePeriod>daily</sy:updatePeriod>", DAY, PollReason::UpdatePeriod).await;
    let twice =
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>";
    check(twice, 12 * HOUR, PollReason::UpdatePeriod).await;
    for nothing in ["<ttl>0</ttl>", "<ttl>-5</ttl>", "<ttl>1</ttl>", "<ttl>soon</ttl>"] {
        check(nothing, 30 * MINUTE, PollReason::Rhythm).await;
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_and_never_zero() {
    use PollReason::{Backoff, RetryAfter};
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let check = async |word: &str, seconds: i64, reason: PollReason| {
            let line = format!("Retry-After: {word}");
            first_answer(&format!("{status}, {word}"), bare(status, &[&line]), seconds, reason)
                .await;
        };
        check("7200", 2 * HOUR, RetryAfter).await;
        check(&date(2 * HOUR, IMF), 2 * HOUR, RetryAfter).await;
        check(&date(2 * HOUR, "%A, %d-%b-%y %H:%M:%S GMT"), 2 * HOUR, RetryAfter).await;
        check(&date(2 * HOUR, "%a %b %e %H:%M:%S %Y"), 2 * HOUR, RetryAfter).await;
        check("99999999999999999999", 7 * DAY, RetryAfter).await;
        check("Fri, 31 Dec 9999 23:59:59 GMT", 7 * DAY, RetryAfter).await;
        for nothing in ["0", "-1", "soon", "", "1.5", &date(-HOUR, IMF)] {
            check(nothing, 30 * MINUTE, Backoff).await;
        }
    }
}

#[tokio::test]
async fn failures_back_off_keep_everything_and_come_back() {
    let mut world = World::new();
    world.send("/feed", ok(&["ETag: \"1\""], &feed(&[1])));
    world.poll().await;
    for status in ["404 Not Found", "500 Oh", "403 Forbidden"] {
        world.send("/feed", bare(status, &[]));
        for hours in [1, 2, 4, 8, 16, 32, 48, 48, 48] {
            world.poll().await;
            assert_wait(&world, hours * HOUR / 2, PollReason::Backoff, status);
        }
        assert_eq!(world.state.document.entries_count, 1);
        world.send("/feed", bare("304 Not Modified", &[]));
        let (requests, _) = world.poll().await;
        assert_eq!(requests[0].header("if-none-match").unwrap(), b"\"1\"");
        assert_eq!(
            (world.state.last_poll.failures, world.state.schedule.reason),
            (0, PollReason::Rhythm)
        );
    }
    world.send("/feed", bare("410 Gone", &[]));
    world.poll().await;
    assert_wait(&world, 30 * DAY, PollReason::Gone, "gone");
}
