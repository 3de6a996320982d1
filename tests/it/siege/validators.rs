//! Manners, validators: a server's validators are sent back byte for byte, or not at all.

use Verdict::{Failed, Read};

use super::rows::{Row, Turns, Verdict, feed, rows_of};
use crate::support::origin::{Act, ReceivedRequest, answer, head_of, ok};

/// Each response in turn, the last one to all further requests.
fn responses(answers: Vec<Vec<u8>>) -> Turns {
    answers.into_iter().map(|bytes| vec![Act::Send(bytes)]).collect()
}

fn gave(name: &str, lines: &[&str]) -> Vec<u8> {
    ok(lines, &feed(name))
}

/// The headers of the n-th request: `If-None-Match` and `If-Modified-Since`.
fn conditions(requests: &[ReceivedRequest], index: usize) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    (requests[index].header("if-none-match"), requests[index].header("if-modified-since"))
}

#[allow(clippy::unnecessary_wraps)]
fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    Some(text.to_vec())
}

pub fn rows() -> Vec<Row> {
    let mut rows = echoed();
    rows.extend(renewed_and_dropped());
    rows.extend(not_believed());
    rows
}

/// Forms of an entity tag, all of them opaque.
const TAGS: [(&str, &[u8]); 9] = [
    ("tag-strong", b"\"abc\""),
    ("tag-weak", b"W/\"abc\""),
    ("tag-unquoted", b"abc"),
    ("tag-with-commas", b"\"a,b\", \"c\""),
    ("tag-of-nothing", b"\"\""),
    ("tag-in-arabic", "\"خبر\"".as_bytes()),
    ("tag-in-1256", b"\"\xce\xc8\xd1\""),
    ("tag-half-quoted", b"\"abc"),
    ("tag-small-weak", b"w/\"abc\""),
];

/// Forms of a date, all of them opaque.
const DATES: [(&str, &[u8]); 6] = [
    ("date-usual", b"Tue, 24 Nov 2026 10:00:00 GMT"),
    ("date-of-1970", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    ("date-in-the-future", b"Fri, 31 Dec 2199 23:59:59 GMT"),
    ("date-with-a-zone", b"Tue, 24 Nov 2026 13:00:00 +0300"),
    ("date-that-is-none", b"0"),
    ("date-of-the-false-day", b"Mon, 24 Nov 2026 10:00:00 GMT"),
];

fn echoed() -> Vec<Row> {
    let line = |name: &str, value: &[u8]| [name.as_bytes(), b": ", value, b"\r\n"].concat();
    let given = |name: &str, lines: &[u8]| {
        let body = feed(name);
        let length = format!("Content-Length: {}\r\n\r\n", body.len());
        [b"HTTP/1.1 200 OK\r\n", lines, length.as_bytes(), &body].concat()
    };
    let tags = TAGS.iter().map(|(name, tag)| {
        let script = responses(vec![given(name, &line("ETag", tag)), head_of("304 Same", &[])]);
        rows_of(name, script, Read(2)).judged(3, |requests| {
            assert_eq!(conditions(requests, 0), (None, None));
            assert_eq!(conditions(requests, 1), (bytes(tag), None));
            assert_eq!(conditions(requests, 2), (bytes(tag), None));
            assert_eq!(requests[1].header("a-im"), bytes(b"feed"));
        })
    });
    let dates = DATES.iter().map(|(name, date)| {
        let script =
            responses(vec![given(name, &line("Last-Modified", date)), head_of("304 Same", &[])]);
        rows_of(name, script, Read(2)).judged(2, |requests| {
            assert_eq!(conditions(requests, 1), (None, bytes(date)));
        })
    });
    tags.chain(dates).collect()
}

fn renewed_and_dropped() -> Vec<Row> {
    let both = ["ETag: \"1\"", "Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT"];
    let date = b"Tue, 24 Nov 2026 10:00:00 GMT";
    let long = format!("ETag: \"{}\"", "x".repeat(5000));
    vec![
        rows_of("both", responses(vec![gave("both", &both), head_of("304 S", &[])]), Read(2))
            .judged(2, |requests| {
                assert_eq!(conditions(requests, 1), (bytes(b"\"1\""), bytes(date)));
            }),
        rows_of(
            "renewed-by-304",
            responses(vec![gave("r", &both), head_of("304 S", &["ETag: \"2\""])]),
            Read(2),
        )
        .judged(3, |requests| assert_eq!(conditions(requests, 2), (bytes(b"\"2\""), bytes(date)))),
        rows_of("touched", responses(vec![gave("t", &both), gave("t", &["ETag: \"2\""])]), Read(2))
            .judged(3, |requests| assert_eq!(conditions(requests, 2), (bytes(b"\"2\""), None))),
        rows_of("dropped", responses(vec![gave("d", &both), gave("d2", &[])]), Read(2))
            .judged(3, |requests| assert_eq!(conditions(requests, 2), (None, None))),
        rows_of("too-long-to-echo", responses(vec![gave("l", &[&long])]), Read(2))
            .judged(2, |requests| assert_eq!(conditions(requests, 1), (None, None))),
    ]
}

fn not_believed() -> Vec<Row> {
    let tag = "ETag: \"no\"";
    let page = ok(&[tag, "Content-Type: text/html"], b"<!DOCTYPE html><title>x</title><p>x");
    let half = {
        let body = feed("half");
        let head = head_of("200 OK", &[tag, "Content-Length: 9999"]);
        vec![vec![Act::Send([head, body].concat()), Act::Close]]
    };
    let unconditional = |requests: &[ReceivedRequest]| {
        assert_eq!(conditions(requests, 1), (None, None), "{:?}", requests[1]);
    };
    let kept = |requests: &[ReceivedRequest]| {
        assert_eq!(conditions(requests, 2), (bytes(b"\"1\""), None), "{:?}", requests[2]);
    };
    let error = answer("500 Oh", &[tag], b"");
    let good_then_error = responses(vec![gave("g", &["ETag: \"1\""]), error.clone()]);
    vec![
        rows_of("tag-of-an-error", responses(vec![error]), Failed("fetch", "500"))
            .judged(2, unconditional),
        rows_of("tag-of-a-page", responses(vec![page]), Failed("repair", ""))
            .judged(2, unconditional),
        rows_of("tag-of-a-cut-body", half, Verdict::Cut(2)).judged(2, unconditional),
        rows_of("an-error-in-between", good_then_error, Failed("fetch", "500")).judged(3, kept),
    ]
}
