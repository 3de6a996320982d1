//! Armor, bytes: what a server can do to a connection and to the protocol.

use Act::{Close, Flood, Hang, Reset, Send, Trickle};
use Verdict::{Broken, Cut, Endless, Failed, Read};

use super::rows::{Row, Verdict, feed, good, row, sends};
use crate::support::origin::{Act, answer, head_of, ok};

pub fn rows() -> Vec<Row> {
    [heads(), informational(), bodies(), chunks(), lengths(), second_answers()]
        .into_iter()
        .flatten()
        .collect()
}

const NONE: Verdict = Failed("fetch", "no answer from 127.0.0.1");

fn heads() -> Vec<Row> {
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X: {}", "y".repeat(500_000));
    let line = |bytes: &'static [u8]| vec![Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Trickle(bytes)];
    let odd = |line: &'static str| {
        let body = feed("odd");
        let head = format!("HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.into_bytes(), body].concat()
    };
    vec![
        row("silence", vec![Hang], Endless),
        row("half-a-status-line", vec![Send(b"HTTP/1.1 20".to_vec()), Hang], Endless),
        row("a-letter-at-a-time", line(b"x"), Endless),
        row("a-header-at-a-time", line(b"X-A: b\r\n"), Endless),
        row("a-head-without-end", vec![Send(head()), Flood(b"X-A: b\r\n".to_vec())], NONE),
        row("a-line-without-end", vec![Send(head()), Flood(vec![b'x'; 8192])], NONE),
        sends("two-hundred-headers", ok(&[many.trim_end()], b""), NONE),
        sends("half-a-megabyte-of-head", ok(&[&long], b""), NONE),
        sends("seventy-kilobytes-of-head", ok(&[&long[..70_000]], b""), NONE),
        row("closed-at-once", vec![Close], NONE),
        row("reset-at-once", vec![Reset], NONE),
        row("closed-in-the-head", vec![Send(head()), Close], NONE),
        row("reset-in-the-head", vec![Send(head()), Reset], NONE),
        row("http-0-9", vec![Send(feed("old")), Close], NONE),
        sends("another-protocol", b"SSH-2.0-x\r\n\r\n".to_vec(), NONE),
        row("http-2-unasked", vec![Send(HTTP2.to_vec()), Hang], NONE),
        sends("status-000", answer("000 Nothing", &[], &feed("zero")), NONE),
        sends("status-999", answer("999 Denied", &[], &feed("denied")), Failed("fetch", "999")),
        sends(
            "no-content-with-content",
            answer("204 No", &[], &feed("204")),
            Failed("fetch", "204"),
        ),
        sends("reset-content", answer("205 No", &[], &feed("205")), Failed("fetch", "205")),
        sends("a-part-unasked", answer("206 Part", &[], &feed("206")), Failed("fetch", "206")),
        sends("a-delta-unasked", answer("226 IM Used", &[], &feed("226")), Failed("fetch", "226")),
        sends("folded", odd("X-A: b\r\n c\r\n\td"), Read(2)),
        sends("spaces-before-colons", odd("X-A : b"), Read(2)),
        sends("a-line-without-a-colon", odd("PHP Warning in line 3"), Read(2)),
        sends("bytes-in-a-header", odd("X-A: \u{633}\u{627}"), Read(2)),
        sends("ends-of-lines-alone", bare_newlines(), Read(2)),
    ]
}

/// The settings with which an HTTP/2 server starts.
const HTTP2: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64";

fn head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n".to_vec()
}

fn bare_newlines() -> Vec<u8> {
    let body = feed("lf");
    [format!("HTTP/1.1 200 OK\nContent-Length: {}\n\n", body.len()).into_bytes(), body].concat()
}

fn informational() -> Vec<Row> {
    let one = head_of("103 Early Hints", &["Link: </a.css>; rel=preload"]);
    let hints = one.repeat(5);
    vec![
        sends("hints-before-an-answer", [hints, good("hints", &[])].concat(), Read(2)),
        row("hints-at-a-time", vec![Trickle(b"HTTP/1.1 103 Early Hints\r\n\r\n")], Endless),
        row("continue-at-a-time", vec![Trickle(b"HTTP/1.1 100 Continue\r\n\r\n")], Endless),
        row("processing-then-silence", vec![Send(head_of("102 Processing", &[])), Hang], Endless),
        row("hints-without-end", vec![Flood(one)], Endless),
        row(
            "switching-protocols",
            vec![Send(head_of("101 Switching", &["Upgrade: h2c"])), Hang],
            Failed("fetch", "101"),
        ),
    ]
}

fn bodies() -> Vec<Row> {
    let begun = |name: &str| {
        let body = feed(name);
        let half = body.windows(7).position(|seven| seven == b"</item>").unwrap() + 7;
        let head = head_of("200 OK", &[&format!("Content-Length: {}", body.len())]);
        [head, body[..half].to_vec()].concat()
    };
    let large = head_of("200 OK", &["Content-Length: 99999999999"]);
    let endless = head_of("200 OK", &[]);
    let too_large = Failed("fetch", "the document is larger than");
    vec![
        row("a-body-at-a-time", vec![Send(endless.clone()), Trickle(b" ")], Endless),
        row("half-a-body-then-silence", vec![Send(begun("quiet")), Hang], Endless),
        row("half-a-body-then-closed", vec![Send(begun("closed")), Close], Cut(1)),
        row(
            "blanks-then-closed",
            vec![
                Send([head_of("200 OK", &["Content-Length: 100"]), b"  ".to_vec()].concat()),
                Close,
            ],
            Failed("fetch", "the body cannot be read"),
        ),
        row("half-a-body-then-reset", vec![Send(begun("reset")), Reset], Broken),
        row(
            "too-large-and-says-so",
            vec![Send(large), Flood(vec![b' '; 65536])],
            too_large.clone(),
        ),
        row("too-large-and-does-not", vec![Send(endless), Flood(vec![b' '; 65536])], too_large),
    ]
}

fn chunks() -> Vec<Row> {
    let chunked = || head_of("200 OK", &["Transfer-Encoding: chunked"]);
    let after = |name: &str, end: &str| {
        let body = feed(name);
        let size = format!("{:x}\r\n", body.len());
        [chunked(), size.into_bytes(), body, format!("\r\n{end}").into_bytes()].concat()
    };
    let flood = |bytes: &[u8]| vec![Send(chunked()), Flood(bytes.to_vec())];
    let none = |name: &'static str, bytes: &[u8]| {
        sends(name, [&chunked(), bytes].concat(), Failed("fetch", "the body cannot be read"))
    };
    let extensions = [chunked(), b"1;".to_vec()].concat();
    let extended = format!("5;name=\"{}\"\r\n<rss>\r\n0\r\n\r\n", "x".repeat(20_000));
    vec![
        sends("chunks", after("chunks", "0\r\n\r\n"), Read(2)),
        sends("chunks-and-a-trailer", after("trailer", "0\r\nX-A: b\r\n\r\n"), Read(2)),
        row("chunks-without-an-end", vec![Send(after("open", "")), Close], Cut(2)),
        row("a-chunk-at-a-time", vec![Send(chunked()), Trickle(b"1\r\n \r\n")], Endless),
        row("tiny-chunks-without-end", flood(&b"1\r\n \r\n".repeat(1000)), Endless),
        row("a-size-without-end", flood(&[b'0'; 8192]), Broken),
        row(
            "extensions-without-end",
            vec![Send(extensions), Flood(vec![b'x'; 8192])],
            Failed("fetch", "the body cannot be read"),
        ),
        row(
            "trailers-without-end",
            vec![Send(after("trailers", "0\r\n")), Flood(b"X-A: b\r\n".to_vec())],
            Cut(2),
        ),
        none("a-size-too-great", b"ffffffffffffffffff\r\n<rss>\r\n0\r\n\r\n"),
        none("a-size-that-is-none", b"six\r\n<rss>\r\n0\r\n\r\n"),
        none("a-negative-size", b"-6\r\n<rss>\r\n0\r\n\r\n"),
        none("a-long-extension", extended.as_bytes()),
        sends("chunked-says-the-end-alone", vec_of_chunked_lie(), Broken),
    ]
}

/// Chunks are announced, but a feed follows.
fn vec_of_chunked_lie() -> Vec<u8> {
    [head_of("200 OK", &["Transfer-Encoding: chunked"]), feed("lie")].concat()
}

fn lengths() -> Vec<Row> {
    let with = |name: &str, lines: &[&str]| [head_of("200 OK", lines), feed(name)].concat();
    let short = with("short", &["Content-Length: 120"]);
    vec![
        row(
            "a-length-too-great",
            vec![Send(with("long", &["Content-Length: 9999"])), Close],
            Cut(2),
        ),
        sends("a-length-too-small", short, Verdict::AtLeast(0)),
        sends("a-negative-length", with("minus", &["Content-Length: -1"]), NONE),
        sends("a-length-with-a-plus", with("plus", &["Content-Length: +9"]), NONE),
        sends("two-lengths", with("two", &["Content-Length: 9", "Content-Length: 8"]), NONE),
        sends("a-list-of-lengths", with("list", &["Content-Length: 9, 8"]), NONE),
        row(
            "no-length-and-an-end",
            vec![Send([head_of("200 OK", &[]), feed("end")].concat()), Close],
            Read(2),
        ),
        sends(
            "unchanged-unasked",
            answer("304 Not Modified", &[], b""),
            Failed("fetch", "304 not modified to an unconditional request"),
        ),
        sends(
            "unchanged-with-a-body",
            answer("304 Not Modified", &[], &feed("304")),
            Failed("fetch", "304"),
        ),
    ]
}

/// A second response follows the first without a request: it must be dropped.
fn second_answers() -> Vec<Row> {
    let smuggled = || ok(&["ETag: \"evil\""], &feed("evil"));
    let pure = |requests: &[crate::support::origin::ReceivedRequest]| {
        for requests in requests {
            assert_eq!(requests.header("if-none-match"), None, "{requests:?}");
        }
        let mut connections: Vec<_> = requests.iter().map(|requests| requests.connection).collect();
        connections.dedup();
        assert_eq!(connections.len(), requests.len(), "used again: {requests:?}");
    };
    let both = |name: &str| [good(name, &[]), smuggled()].concat();
    let gone = [answer("404 Not Found", &[], b""), smuggled()].concat();
    vec![
        sends("an-answer-behind-the-answer", both("first"), Read(2)).judged(2, pure),
        sends("an-answer-behind-404", gone, Failed("fetch", "404")).judged(2, pure),
    ]
}
