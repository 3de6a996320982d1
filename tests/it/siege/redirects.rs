//! Armor, addresses, and Manners, redirects: where a server may redirect to, and which headers are sent
//! there.

use Verdict::{Failed, Read};

use super::rows::{Row, Turns, Verdict, good, rows_of, sends};
use crate::support::origin::{Act, Origin, answer};

const REFUSED: &str = "is refused";

fn to(status: &str, location: &str) -> Turns {
    let location = format!("Location: {location}");
    let cookie = "Set-Cookie: seen=yes";
    vec![vec![Act::Send(answer(status, &[&location, cookie], b""))]]
}

/// `inside` is the private network: it must get no request. `other` may get requests.
pub fn rows(origin: &Origin, other: &Origin, inside: &Origin) -> Vec<Row> {
    let mut rows = spellings(inside);
    rows.extend(ways(origin, other));
    origin.put("/landing", vec![vec![Act::Send(good("landing", &["ETag: \"landing\""]))]]);
    other.put("/landing", vec![vec![Act::Send(good("other", &[]))]]);
    for hop in 1..=3 {
        origin.put(&format!("/hop-{hop}"), to("302 Found", &format!("/hop-{}", hop + 1)));
    }
    origin.put("/hop-4", to("302 Found", "/landing"));
    origin.put("/round-2", to("302 Found", "/round-1"));
    for hop in 1..=20 {
        origin.put(&format!("/far-{hop}"), to("302 Found", &format!("/far-{}", hop + 1)));
    }
    rows
}

/// Names of this machine and of private networks, as a `Location`; {} is the port of a server that listens
/// there.
const SPELLINGS: [(&str, &str); 43] = [
    ("inside-by-ip", "http://127.0.0.1:{}/"),
    ("inside-by-name", "http://localhost:{}/"),
    ("inside-by-shouting", "http://LOCALHOST:{}/"),
    ("inside-by-a-dot", "http://localhost.:{}/"),
    ("inside-by-a-dot-behind-ip", "http://127.0.0.1.:{}/"),
    ("inside-by-a-number", "http://2130706433:{}/"),
    ("inside-by-an-octal-number", "http://017700000001:{}/"),
    ("inside-by-octal-parts", "http://0177.0.0.01:{}/"),
    ("inside-by-a-hex-number", "http://0x7f000001:{}/"),
    ("inside-by-hex-parts", "http://0x7f.0x0.0x0.0x1:{}/"),
    ("inside-by-two-parts", "http://127.1:{}/"),
    ("inside-by-three-parts", "http://127.0.1:{}/"),
    ("inside-by-another-loopback", "http://127.8.8.8:{}/"),
    ("inside-by-zero", "http://0:{}/"),
    ("inside-by-zeros", "http://0.0.0.0:{}/"),
    ("inside-by-full-width", "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1:{}/"),
    ("inside-by-ideographic-stops", "http://127\u{3002}0\u{3002}0\u{3002}1:{}/"),
    ("inside-by-full-width-stops", "http://127\u{ff0e}0\u{ff0e}0\u{ff0e}1:{}/"),
    ("inside-by-circled-digits", "http://\u{2460}\u{2461}\u{2466}.0.0.1:{}/"),
    ("inside-by-full-width-letters", "http://\u{ff4c}\u{ff4f}calhost:{}/"),
    ("inside-by-percents", "http://%31%32%37.0.0.1:{}/"),
    ("inside-by-percents-in-the-name", "http://%6cocalhost:{}/"),
    ("inside-by-a-soft-hyphen", "http://local\u{ad}host:{}/"),
    ("inside-by-backslashes", "http:\\\\127.0.0.1:{}\\"),
    ("inside-by-a-tab", "http://127.0.\t0.1:{}/"),
    ("inside-without-a-scheme", "//127.0.0.1:{}/"),
    ("inside-by-ipv6", "http://[::1]:{}/"),
    ("inside-by-long-ipv6", "http://[0:0:0:0:0:0:0:1]:{}/"),
    ("inside-by-ipv6-zero", "http://[::]:{}/"),
    ("inside-by-mapped", "http://[::ffff:127.0.0.1]:{}/"),
    ("inside-by-mapped-hex", "http://[::ffff:7f00:1]:{}/"),
    ("inside-by-compatible", "http://[::127.0.0.1]:{}/"),
    ("inside-by-nat64", "http://[64:ff9b::127.0.0.1]:{}/"),
    ("inside-by-local-nat64", "http://[64:ff9b:1::7f00:1]:{}/"),
    ("inside-by-6to4", "http://[2002:7f00:1::]:{}/"),
    ("inside-by-teredo", "http://[2001:0:808:808::80ff:fffe]:{}/"),
    ("metadata", "http://169.254.169.254/latest/meta-data/"),
    ("metadata-by-a-number", "http://2852039166/latest/meta-data/"),
    ("metadata-by-ipv6", "http://[fd00:ec2::254]/latest/meta-data/"),
    ("metadata-by-mapped", "http://[::ffff:a9fe:a9fe]/"),
    ("link-local", "http://[fe80::1]/"),
    ("benchmark", "http://198.18.0.1/"),
    ("broadcast", "http://255.255.255.255/"),
];

fn spellings(inside: &Origin) -> Vec<Row> {
    let port = inside.address.port().to_string();
    let mut rows: Vec<Row> = SPELLINGS
        .iter()
        .map(|(name, location)| {
            let location = location.replace("{}", &port);
            rows_of(name, to("302 Found", &location), Failed("fetch", REFUSED))
        })
        .collect();
    for (name, host) in [("source-inside", "127.0.0.1"), ("source-inside-by-number", "0x7f.1")] {
        let row = rows_of(name, Vec::new(), Failed("fetch", REFUSED));
        rows.push(Row { requests: 0, ..row }.at(format!("http://{host}:{port}/{name}")));
    }
    let user = format!("http://good.example@127.0.0.1:{port}/");
    let no_user = Failed("fetch", "user-info, expected none");
    rows.push(rows_of("inside-by-a-user", to("301 Moved", &user), no_user));
    let hops = to("302 Found", "/then-inside");
    rows.push(rows_of("inside-on-the-second-hop", hops, Failed("fetch", REFUSED)));
    rows
}

fn ways(origin: &Origin, other: &Origin) -> Vec<Row> {
    let away = other.url("/landing");
    let scheme = Failed("fetch", "expected http or https");
    let nowhere = Failed("fetch", "no address to go to");
    origin.put("/then-inside", to("301 Moved", "http://localhost:9/"));
    vec![
        rows_of("found", to("302 Found", "/landing"), Read(2)).judged(2, |_| {}),
        rows_of("see-other", to("303 See Other", "landing"), Read(2)),
        rows_of("for-now", to("307 Temporary", "?/../landing"), Failed("fetch", "404")),
        rows_of("for-ever", to("301 Moved", "/landing"), Read(2)).judged(3, |_| {}),
        rows_of("for-ever-too", to("308 Moved", "./landing#top"), Read(2)).judged(3, |_| {}),
        rows_of("a-chain", to("302 Found", "/hop-1"), Read(2)),
        rows_of("round-1", to("302 Found", "/round-2"), Failed("fetch", "come back to")),
        rows_of("to-itself", to("302 Found", "/to-itself"), Failed("fetch", "come back to")),
        rows_of("a-chain-without-end", to("302 Found", "/far-1"), Failed("fetch", "more than 10")),
        sends("no-location", answer("302 Found", &[], b""), nowhere.clone()),
        rows_of("an-empty-location", to("301 Moved", ""), nowhere.clone()),
        rows_of("a-bad-location", to("301 Moved", "http://a:b:c/"), nowhere),
        rows_of("to-a-file", to("302 Found", "file:///etc/passwd"), scheme.clone()),
        rows_of("to-gopher", to("302 Found", "gopher://a.example/"), scheme.clone()),
        rows_of("to-data", to("302 Found", "data:text/xml,<rss/>"), scheme.clone()),
        rows_of("to-a-script", to("302 Found", "javascript:alert(1)"), scheme),
        sends(
            "choices",
            answer("300 Choices", &["Location: /landing"], b""),
            Failed("fetch", "300"),
        ),
        rows_of("away", to("302 Found", &away), Read(2)).judged(2, |_| {}).at(with_user(origin)),
    ]
}

/// A source with credentials, which must not be sent to another host.
fn with_user(origin: &Origin) -> String {
    format!("http://ana:sirr-1@{}/away", origin.address)
}
