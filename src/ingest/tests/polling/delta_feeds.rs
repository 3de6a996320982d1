//! A feed that contains only new entries (RFC 3229): requested with validators, never treated as the whole
//! feed.

use super::*;

/// The expected request (`A-IM`, `If-None-Match`), the response, and how many entries are new.
type Step<'a> = (bool, &'a str, Vec<u8>, usize);

async fn check(what: &str, steps: Vec<Step<'_>>) -> World {
    let mut world = World::new();
    for (index, (part, etag, answer, new)) in steps.into_iter().enumerate() {
        world.send("/feed", answer);
        let (requests, report) = world.poll().await;
        let a_im = requests[0].header("a-im");
        assert_eq!(a_im, part.then(|| b"feed".to_vec()), "{what}, step {index}");
        let sent = requests[0].header("if-none-match").unwrap_or_default();
        assert_eq!(sent, etag.as_bytes(), "{what}, step {index}");
        assert_eq!(
            report.new_count, new,
            "{what}, step {index}: {:?}",
            report.state.last_poll.failure
        );
        world.now = world.state.schedule.due_at;
    }
    world
}

/// A response with this status and a feed with these entries.
fn feed_as(status: &str, lines: &[&str], numbers: &[u32]) -> Vec<u8> {
    let answer = ok(lines, &feed(numbers));
    let text = String::from_utf8(answer).unwrap();
    text.replacen("200 OK", status, 1).into_bytes()
}

fn part(lines: &[&str], numbers: &[u32]) -> Vec<u8> {
    feed_as("226 IM Used", &[lines, &["IM: feed"]].concat(), numbers)
}

#[tokio::test]
async fn a_delta_feed_adds_entries_and_removes_nothing() {
    let world = check(
        "226",
        vec![
            (false, "", ok(&["ETag: \"3\""], &feed(&[3, 2, 1])), 3),
            (true, "\"3\"", part(&["ETag: \"4\""], &[4]), 1),
            (true, "\"4\"", part(&["ETag: \"5\""], &[]), 0),
            (true, "\"5\"", bare("304 Not Modified", &[]), 0),
            (true, "\"5\"", ok(&["ETag: \"6\""], &feed(&[4, 3, 2, 1])), 0),
        ],
    )
    .await;
    assert_eq!(world.state.document.entries_count, 4);
    let world = check(
        "what the whole was is remembered",
        vec![
            (false, "", ok(&["ETag: \"3\""], &feed(&[3, 2, 1])), 3),
            (true, "\"3\"", part(&["ETag: \"4\""], &[4]), 1),
        ],
    )
    .await;
    assert_eq!((world.state.document.entries_count, world.state.document.body_hash), (3, None));
    check(
        "a part under 200",
        vec![
            (false, "", ok(&["ETag: \"2\""], &feed(&[2, 1])), 2),
            (true, "\"2\"", ok(&["ETag: \"3\"", "IM: feed"], &feed(&[3])), 1),
            (true, "\"3\"", ok(&["ETag: \"3\""], &feed(&[3, 2, 1])), 0),
        ],
    )
    .await;
}

#[tokio::test]
async fn only_a_requested_delta_feed_is_accepted() {
    check("unasked", vec![(false, "", part(&["ETag: \"1\""], &[1]), 0)]).await;
    let dated = ok(&["Last-Modified: a"], &feed(&[1]));
    check("without a tag", vec![(false, "", dated, 1), (false, "", part(&[], &[2]), 0)]).await;
    for odd in ["IM: vcdiff", "IM: feed, gzip", "X: no word of it"] {
        let whole = || ok(&["ETag: \"1\""], &feed(&[2, 1]));
        let first = ok(&["ETag: \"1\""], &feed(&[1]));
        let other = feed_as("226 IM Used", &[odd, "ETag: \"2\""], &[2]);
        let steps = vec![(false, "", first, 1), (true, "\"1\"", other, 0), (false, "", whole(), 1)];
        check(odd, steps).await;
    }
    let broken = [
        head_of("226 IM Used", &["IM: feed", "ETag: \"2\"", "Content-Length: 4"]),
        b"oops".to_vec(),
    ];
    let steps = vec![
        (false, "", ok(&["ETag: \"1\""], &feed(&[1])), 1),
        (true, "\"1\"", broken.concat(), 0),
        (false, "", ok(&["ETag: \"2\""], &feed(&[2, 1])), 1),
    ];
    check("a part that cannot be read", steps).await;
}
