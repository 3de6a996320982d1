//! Text from outside → log lines and output of commands without its control characters: no publisher and no
//! client moves the cursor, colors the text or starts a line of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;

use serde_json::json;

use crate::support::origin::DEADLINE;
use crate::support::program::Home;
use crate::support::web::request;
use crate::support::{Origin, Page};

/// A color, a title of the window, the one-byte CSI, a backspace, a return, and a line that looks like one of
/// ours.
const EVIL: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\u{9b}31m\u{8}\r\nFORGED line\u{85}\u{2028}\u{202e}";

fn feed() -> String {
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": format!("عنوان {EVIL}"),
        "description": EVIL, "language": EVIL, "home_page_url": format!("https://a.example/{EVIL}"),
        "items": [{
            "id": EVIL, "url": format!("https://a.example/{EVIL}"), "title": format!("خبر {EVIL}"),
            "content_text": EVIL, "date_published": EVIL, "tags": [EVIL],
            "authors": [{"name": EVIL}], "attachments": [{"url": EVIL, "mime_type": EVIL}],
        }],
    })
    .to_string()
}

fn rss() -> String {
    let xml = format!(
        "<rss version=\"2.0\"><channel><title>{EVIL}</title><item><title>خبر {EVIL}</title>\
         <guid>{EVIL}</guid><pubDate>{EVIL}</pubDate><link>{EVIL}</link><{EVIL}/>\
         <description>{EVIL}</description><x{EVIL} a=\"{EVIL}\">&{EVIL};"
    );
    format!("<?xml version=\"1.0\" encoding=\"x{EVIL}\"?>{xml}")
}

/// Sources that can be read, that fail and that redirect, all with `EVIL` in their texts.
fn world() -> (Origin, Home) {
    let origin = Origin::start();
    let packed = EVIL.replace(['\r', '\n'], "");
    let json = "application/feed+json";
    origin.put("/json", Page::xml(feed()).content_type(json).etag(&format!("\"{packed}\"")));
    origin.put("/rss", Page::xml(rss()).header("last-modified", &packed));
    origin.put("/type", Page::xml("<p>x").header("content-type", &format!("text/{packed}")));
    origin.put("/page", Page::xml(format!("<html><title>{EVIL}</title>")));
    origin.put("/away", Page::status(301).header("location", &format!("http://{packed}/")));
    origin.put("/moved", Page::status(301).header("location", &format!("/json?{packed}")));
    origin.put("/coded", Page::xml("x").header("content-encoding", &packed));
    origin.put("/again", Page::status(429).header("retry-after", &packed));
    let names = ["json", "rss", "type", "page", "away", "moved", "coded", "again"];
    let source = |id: &&str| {
        format!("[[source]]\nid = \"{id}\"\nurl = \"{}\"\n\n", origin.url(&format!("/{id}")))
    };
    let home = Home::new(&origin, &names.iter().map(source).collect::<Vec<_>>().concat());
    (origin, home)
}

/// Nothing but text, line ends and tabs, and no line that comes from outside.
fn assert_calm(output: &[u8], of: &str) {
    let output = String::from_utf8(output.to_vec()).unwrap();
    let line =
        |c: char| output.lines().find(|line| line.contains(c)).unwrap_or_default().to_owned();
    for c in output.chars() {
        let is_calm = !c.is_control() || c == '\n' || c == '\t';
        assert!(is_calm, "{of} says {c:?}: {:?}", line(c));
        assert!(
            !matches!(c, '\u{2068}' | '\u{2069}'),
            "{of} isolates words for a program: {:?}",
            line(c)
        );
    }
    // JSON is for programs, and has the original text.
    let is_json = |line: &&str| line.trim_start().starts_with(['"', '{']);
    for line in output.lines().filter(|line| !is_json(line)) {
        let count = |expected: char| line.chars().filter(|c| *c == expected).count();
        assert!(count('\u{202e}') <= count('\u{202c}'), "{of} turns what follows: {line:?}");
    }
    assert!(!output.lines().any(|line| line.starts_with("FORGED")), "{of} was forged: {output}");
}

fn check(home: &Home, words: &[&str]) {
    let Output { stdout, stderr, .. } = home.command(words);
    assert!(!stdout.is_empty() || !stderr.is_empty(), "{words:?} says nothing");
    assert_calm(&stdout, &format!("{words:?}"));
    assert_calm(&stderr, &format!("{words:?} (stderr)"));
}

#[test]
fn commands_print_no_control_characters() {
    let (origin, home) = world();
    let everything = "trace,hyper=info,sled=info,h2=info";
    for format in ["text", "json"] {
        check(&home, &["poll", "--log-format", format, "--log-level", everything]);
    }
    for words in [&["status"][..], &["check"], &["export"]] {
        check(&home, words);
    }
    let kept = home.command(&["filter", "--json"]).stdout;
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    let ids = kept["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap());
    for id in ids.chain([EVIL]) {
        check(&home, &["explain", id]);
    }
    for (file, text) in [("a.json", feed()), ("a.xml", rss()), ("a.html", EVIL.to_owned())] {
        std::fs::write(home.folder.path().join(file), text).unwrap();
        check(&home, &["parse", file]);
    }
    for path in ["/json", "/rss", "/type", "/page", "/away", "/moved", "/coded", "/again"] {
        check(&home, &["probe", &origin.url(path)]);
    }
    home.write(&format!("[site]\ntitle = \"{}\"\n[x{EVIL}]\n", EVIL.escape_default()));
    check(&home, &["check"]);
}

/// The address at which a program serves, from this line of its log; `None`: the line is about something
/// else.
fn served_at(line: &[u8]) -> Option<SocketAddr> {
    let line = String::from_utf8_lossy(line).into_owned();
    let (_, port) = line.contains("serving").then(|| line.split_once("127.0.0.1:"))??;
    let end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
    Some(SocketAddr::from(([127, 0, 0, 1], port[..end].parse().ok()?)))
}

#[test]
fn the_daemon_prints_no_control_characters() {
    let (_origin, home) = world();
    for format in ["text", "json"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rafid"))
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", format])
            .args(["--log-level", "trace,sled=info"])
            .current_dir(home.folder.path())
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, addresses) = channel();
        let reading = std::thread::spawn(move || {
            let mut output = Vec::new();
            loop {
                let from = output.len();
                if stderr.read_until(b'\n', &mut output).unwrap() == 0 {
                    return output;
                }
                if let Some(address) = served_at(&output[from..]) {
                    let _ = sender.send(address);
                }
            }
        });
        let address = addresses.recv_timeout(DEADLINE).expect("it says where it serves");
        while request(address, "GET", "/readyz", &[]).is_none_or(|answer| answer.status != 200) {
            std::thread::yield_now();
        }
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let _ = write!(stream, "GET /{EVIL} HTTP/1.1\r\nHost: {EVIL}\r\nX: {EVIL}\r\n\r\n");
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
        for path in ["/%1b%5b31m%0d%0a", "/source/%1b%5b31m/", "/?before=%1b%0a"] {
            request(address, "GET", path, &[("user-agent", "\u{9b}31m"), ("referer", "\u{9b}")]);
        }
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        assert!(child.wait().unwrap().success());
        let output = reading.join().unwrap();
        assert!(!output.is_empty());
        assert_calm(&output, format);
    }
}
