//! Validators: which responses renew them, and that they are sent back unchanged.

use super::*;

/// One poll: the `If-None-Match` and `If-Modified-Since` that it must send ("" for none), the response,
/// and how many entries are new.
type Step<'a> = (&'a str, &'a str, Vec<Act>, usize);

fn send(answer: Vec<u8>) -> Vec<Act> {
    vec![Act::Send(answer)]
}

fn unchanged() -> Vec<Act> {
    send(bare("304 Not Modified", &[]))
}

async fn check(what: &str, steps: Vec<Step<'_>>) {
    let mut world = World::new();
    for (index, (etag, modified, acts, new)) in steps.into_iter().enumerate() {
        world.serve("/feed", acts);
        let (requests, report) = world.poll().await;
        let [request] = requests.as_slice() else { panic!("{what}, step {index}: {requests:?}") };
        let sent = |name| String::from_utf8(request.header(name).unwrap_or_default()).unwrap();
        assert_eq!(sent("if-none-match"), etag, "{what}, step {index}");
        assert_eq!(sent("if-modified-since"), modified, "{what}, step {index}");
        assert_eq!(
            report.new_count, new,
            "{what}, step {index}: {:?}",
            report.state.last_poll.failure
        );
        assert_eq!(report.changed_count, 0, "{what}, step {index}");
        world.now = world.state.schedule.due_at;
    }
}

#[tokio::test]
async fn they_are_sent_back_unchanged() {
    let odd = [
        ("\"plain\"", "Tue, 24 Nov 2026 10:00:00 GMT"),
        ("W/\"weak, with a comma\"", "Tuesday, 24-Nov-26 10:00:00 GMT"),
        ("\"\"", "Thu, 01 Jan 1980 00:00:00 +0000"),
        ("W/\"\"", "2026-11-24T10:00:00Z"),
        ("unquoted", "Fri, 31 Dec 2100 23:59:59 GMT"),
        ("\"never closed", "24 تشرين الثاني"),
        ("\"خبر\"", "-1"),
    ];
    for (etag, modified) in odd {
        let lines = [format!("ETag: {etag}"), format!("Last-Modified: {modified}")];
        let lines = lines.each_ref().map(String::as_str);
        let steps = vec![
            ("", "", send(ok(&lines, &feed(&[1]))), 1),
            (etag, modified, unchanged(), 0),
            (etag, modified, unchanged(), 0),
        ];
        check(etag, steps).await;
    }
}

#[tokio::test]
async fn every_good_answer_renews_them() {
    let one = ["ETag: \"1\"", "Last-Modified: a"];
    let renewed = async |what: &str, answer: Vec<u8>, new: usize, etag: &str, modified: &str| {
        let steps = vec![
            ("", "", send(ok(&one, &feed(&[1]))), 1),
            ("\"1\"", "a", send(answer), new),
            (etag, modified, send(ok(&[], &feed(&[2, 1]))), 1 - new),
        ];
        check(what, steps).await;
    };
    let tagged = ["ETag: \"2\"", "Last-Modified: a"];
    renewed("304 with a new tag", bare("304 X", &["ETag: \"2\""]), 0, "\"2\"", "a").await;
    renewed("304 with a new date", bare("304 X", &["Last-Modified: b"]), 0, "\"1\"", "b").await;
    renewed("the same body, another tag", ok(&tagged, &feed(&[1])), 0, "\"2\"", "a").await;
    renewed("the same body, no more of them", ok(&[], &feed(&[1])), 0, "", "").await;
    renewed("a new body, another tag", ok(&tagged, &feed(&[2, 1])), 1, "\"2\"", "a").await;
    let dated = ["Last-Modified: b"];
    renewed("a new body, a date alone", ok(&dated, &feed(&[2, 1])), 1, "", "b").await;
    renewed("a new body, no more of them", ok(&[], &feed(&[2, 1])), 1, "", "").await;
}

#[tokio::test]
async fn an_incomplete_feed_has_none() {
    let lines = ["ETag: \"1\"", "Last-Modified: a"];
    let bad = ["ETag: \"bad\"", "Last-Modified: bad"];
    let page = "<!doctype html><html><body>صيانة</body></html>".as_bytes();
    let whole = feed(&[3, 2, 1]);
    let half = &whole[..whole.len() - 60];
    let short =
        [head_of("200 OK", &[bad[0], bad[1], "Content-Length: 900"]), half.to_vec()].concat();
    let size = format!("{:x}\r\n", half.len()).into_bytes();
    let chunked = head_of("200 OK", &[bad[0], bad[1], "Transfer-Encoding: chunked"]);
    let chunked = [chunked, size, half.to_vec(), b"\r\n".to_vec()].concat();
    let rows: Vec<(&str, Vec<Act>, bool)> = vec![
        ("an error", send(bare("500 Oh", &bad)), true),
        ("not found", send(bare("404 Not Found", &bad)), true),
        ("a page", send(ok(&bad, page)), true),
        ("nothing", send(ok(&bad, b"")), true),
        ("noise", send(ok(&bad, b"\x00\x01\x02")), true),
        ("a part that was not requested", send(bare("206 Partial Content", &bad)), true),
        ("a body cut by its length", vec![Act::Send(short), Act::Close], false),
        ("a body cut between chunks", vec![Act::Send(chunked), Act::Close], false),
    ];
    for (what, acts, keeps) in rows {
        let mut world = World::new();
        world.send("/feed", ok(&lines, &feed(&[1])));
        world.poll().await;
        world.serve("/feed", acts);
        world.poll().await;
        world.send("/feed", ok(&lines, &whole));
        let (requests, report) = world.poll().await;
        let etag = requests[0].header("if-none-match");
        assert_eq!(etag, keeps.then(|| b"\"1\"".to_vec()), "{what}");
        assert_eq!(report.entries_count, Some(3), "{what}: nothing is hidden behind it");
    }
}

#[tokio::test]
async fn a_truncated_document_is_accepted_the_second_time() {
    let whole = feed(&[2, 1]);
    let half = whole[..whole.len() - "</channel></rss>".len()].to_vec();
    let tagged = |body: &[u8]| send(ok(&["ETag: \"1\""], body));
    let heals = vec![
        ("", "", tagged(&half), 2),
        ("", "", tagged(&feed(&[3, 2, 1])), 1),
        ("\"1\"", "", unchanged(), 0),
    ];
    check("it heals under the same tag", heals).await;
    let stays =
        vec![("", "", tagged(&half), 2), ("", "", tagged(&half), 0), ("\"1\"", "", unchanged(), 0)];
    check("it never ends", stays).await;
}

#[tokio::test]
async fn an_unrequested_304_is_a_failure() {
    let mut world = World::new();
    world.send("/feed", bare("304 Not Modified", &["ETag: \"1\""]));
    let (_, report) = world.poll().await;
    assert_eq!((report.state.last_poll.failures, report.state.document.validators), (1, None));
}

#[tokio::test]
async fn they_are_only_for_the_address_that_sent_them() {
    let mut world = World::new();
    world.send("/feed", bare("302 Found", &["Location: /a"]));
    world.send("/a", ok(&["ETag: \"a\""], &feed(&[1])));
    world.send("/b", ok(&["ETag: \"b\""], &feed(&[2, 1])));
    let mut check = async |expected: [(&str, Option<&[u8]>); 2]| {
        let (requests, _) = world.poll().await;
        let sent: Vec<_> = requests
            .iter()
            .map(|request| (request.path.clone(), request.header("if-none-match")))
            .collect();
        let expected = expected.map(|(path, tag)| (path.to_owned(), tag.map(<[u8]>::to_vec)));
        assert_eq!(sent, expected);
        world.send("/feed", bare("302 Found", &["Location: /b", "ETag: \"of the redirect\""]));
    };
    check([("/feed", None), ("/a", None)]).await;
    check([("/feed", None), ("/b", None)]).await;
    check([("/feed", None), ("/b", Some(b"\"b\""))]).await;
}
