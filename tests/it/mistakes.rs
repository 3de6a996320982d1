//! Typical mistakes, in the configuration and on the command line → the exit code and what a person reads.
//!
//! `tests/fixtures/mistakes.txt` has all of it for review; `UPDATE_GOLDEN=1 cargo test --test it mistakes::`
//! writes it again: review the difference before you commit it.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The content of `feeds.toml`, and what is wrong with it.
const CONFIGURATIONS: [(&str, &str); 28] = [
    ("a misspelled key", "[site]\ntitel = \"أخبار\""),
    ("a key in the wrong section", "[site]\nlisten = \"127.0.0.1:8080\""),
    ("a section that is a list", "[source]\nurl = \"https://a.example/feed\""),
    ("a section in the plural", "[[sources]]\nurl = \"https://a.example/feed\""),
    ("a quote that is not closed", "[site]\ntitle = \"أخبار\nlanguage = \"ar\""),
    ("a word without quotes", "[[source]]\nurl = https://a.example/feed"),
    ("a source without an address", "[[source]]\nname = \"صحيفة\""),
    ("an address without its scheme", "[[source]]\nurl = \"a.example/feed\""),
    ("an address of a feed reader", "[[source]]\nurl = \"feed://a.example/rss\""),
    (
        "a feed that stands twice",
        "[[source]]\nurl = \"https://a.example/feed\"\n\n[[source]]\nurl = \"http://www.a.example/feed/\"",
    ),
    ("an id that is none", "[[source]]\nurl = \"https://a.example/feed\"\nid = \"My Feed\""),
    (
        "a time zone by its city alone",
        "[[source]]\nurl = \"https://a.example/feed\"\ntimezone = \"Riyadh\"",
    ),
    (
        "a charset with a slip",
        "[[source]]\nurl = \"https://a.example/feed\"\ncharset = \"windows-125\"",
    ),
    (
        "categories that are no list",
        "[[source]]\nurl = \"https://a.example/feed\"\ncategories = \"اقتصاد\"",
    ),
    (
        "a variable of the shell in a header",
        "[[source]]\nurl = \"https://a.example/feed\"\nheaders = { Authorization = \"Bearer ${TOKEN}\" }",
    ),
    (
        "a variable that is not set",
        "[[source]]\nurl = \"https://a.example/feed\"\nheaders = { X-Token = { env = \"RAFID_TEST_UNSET\" } }",
    ),
    (
        "a secret's file that is not there",
        "[[source]]\nurl = \"https://a.example/feed\"\nheaders = { X-Token = { file = \"token\" } }",
    ),
    (
        "a credential without systemd",
        "[[source]]\nurl = \"https://a.example/feed\"\nheaders = { X-Token = { credential = \"token\" } }",
    ),
    ("days without a unit", "[store]\nkeep = 90"),
    ("months that are minutes", "[store]\nkeep = \"3m\""),
    ("minutes without a unit", "[polling]\nevery = 30"),
    ("a port alone", "[serve]\nlisten = \"8080\""),
    ("a public address with a query", "[site]\naddress = \"https://news.example/?page=1\""),
    ("a proxy of another kind", "[polling]\nproxy = \"socks5://127.0.0.1:1080\""),
    ("a rule that is no query", "[serve]\ndrop = [\"(كرة\"]"),
    (
        "an output of a category that is not there",
        "[[source]]\nurl = \"https://a.example/feed\"\ncategory = \"اقتصاد\"\n\n[[output]]\nname = \"مال\"\ncategories = [\"اقتصد\"]",
    ),
    ("a word for a number", "[serve]\nentries = \"many\""),
    (
        "selectors without entries",
        "[[source]]\nurl = \"https://a.example/news\"\n[source.page]\ntitle = \"h2\"",
    ),
];

/// The words of a command with a correct configuration, and what is wrong with them.
const COMMANDS: [(&str, &[&str]); 19] = [
    ("a misspelled command", &["chek"]),
    ("a level that is none", &["check", "--log-level", "blah"]),
    ("a port alone", &["run", "--listen", "8080"]),
    ("a configuration that is not there", &["check", "--config", "none.toml"]),
    ("an output that is not there", &["filter", "--output", "nope"]),
    ("a source that is not there", &["filter", "--source", "nope"]),
    ("a rule that is no query", &["filter", "--drop", "(كرة"]),
    ("nothing to add", &["add"]),
    ("a word that is no address", &["add", "news"]),
    ("an address of another kind", &["add", "ftp://a.example/feed"]),
    ("a file to add", &["add", "file:feed.xml"]),
    ("a feed that is there", &["add", "http://www.a.example/feed/"]),
    ("a number below one", &["add", "--pick", "0", "https://b.example/"]),
    ("all and one", &["add", "--pick", "1", "--all", "https://b.example/"]),
    ("a list that is not there", &["import", "none.opml"]),
    ("a page for a list", &["import", "page.html"]),
    ("a list with bad addresses", &["import", "--dry-run", "list.opml"]),
    ("two formats", &["article", "--json", "--format", "html", "page.html"]),
    ("a document that is no feed", &["parse", "page.html"]),
];

const SOUND: &str = "[[source]]\nid = \"one\"\nurl = \"https://a.example/feed\"\n";
const LIST: &str = "<opml version=\"2.0\"><body>\
    <outline text=\"مجلة\" xmlUrl=\"feed://b.example/rss\"/>\
    <outline text=\"صفحة\" type=\"HTML+XPath\" xmlUrl=\"https://c.example/\"/>\
    <outline text=\"بلا مخطط\" xmlUrl=\"d.example/rss\"/>\
    <outline text=\"هجوم\" xmlUrl=\"exec:rm\"/></body></opml>";

#[test]
fn typical_mistakes_give_advice() {
    let mut transcript = String::new();
    for (name, text) in CONFIGURATIONS {
        writeln!(transcript, "── {name}\n{}", indented(text)).unwrap();
        transcript.push_str(&session(text, &["check"]));
    }
    for (name, words) in COMMANDS {
        writeln!(transcript, "── {name}").unwrap();
        transcript.push_str(&session(SOUND, words));
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mistakes.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &transcript).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let difference = transcript.lines().zip(expected.lines()).find(|(got, wanted)| got != wanted);
    assert!(transcript == expected, "first difference (got, expected): {difference:?}");
}

/// One command in a folder of its own: the command line, the output, and the exit code.
fn session(config: &str, words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("feeds.toml", config);
    write("list.opml", LIST);
    write("page.html", "<!doctype html><title>x</title>");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
    for variable in
        ["RUST_LOG", "RAFID_CONFIG", "RAFID_DATA", "RAFID_LISTEN", "CREDENTIALS_DIRECTORY"]
    {
        command.env_remove(variable);
    }
    command.args(words).current_dir(folder.path()).env("NO_COLOR", "1");
    let output = command.output().unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 3, "{words:?} left something behind");
    let kept = std::fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
    assert_eq!(kept, config, "{words:?} wrote into the configuration");
    let mut transcript = format!("$ rafid {}\n", words.join(" "));
    for stream in [output.stdout, output.stderr] {
        let text = String::from_utf8(stream).unwrap();
        let text = text.replace(&folder.path().display().to_string(), "/folder");
        transcript.push_str(&text);
    }
    format!("{}\nexit {}\n\n", transcript.trim_end(), output.status.code().unwrap())
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
