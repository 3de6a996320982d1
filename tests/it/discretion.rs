//! Secrets in the operator's addresses stay with the operator: the real binary, and everything that it
//! serves, writes and prints.

use crate::support::program::Home;
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

const NEWS: [(&str, &str, &str, u8); 1] = [("1", "افتتاح مكتبة", "نص الخبر", 24)];

/// Sources whose addresses contain secret words, each with `sirr`.
fn sources(origin: &Origin) -> String {
    let host = origin.address.to_string();
    let page = || Page::xml(feeds::rss("وكالة", &NEWS));
    origin.put("/open?token=sirr-1&cat=7", page());
    origin.put("/private/sirr-2", page());
    origin.put("/chosen?k=sirr-3", page());
    let moved = Page::status(301).header("location", "/there?api_key=sirr-4");
    origin.put("/moved?sig=sirr-5", moved);
    origin.put("/there?api_key=sirr-4", page());
    format!(
        "[[source]]\nurl = \"http://{host}/open?token=sirr-1&cat=7\"\n\n\
         [[source]]\nid = \"hidden\"\nprivate = true\nurl = \"http://{host}/private/sirr-2\"\n\n\
         [[source]]\nid = \"chosen\"\npublic_url = \"https://chosen.example/feed\"\n\
         url = \"http://{host}/chosen?k=sirr-3\"\n\n\
         [[source]]\nid = \"moved\"\nurl = \"http://{host}/moved?sig=sirr-5\"\n\n\
         [[source]]\nid = \"gone\"\nurl = \"http://{host}/gone?password=sirr-6\"\n\n\
         [[source]]\nid = \"hidden-gone\"\nprivate = true\nurl = \"http://{host}/sirr-7\"\n"
    )
}

#[test]
fn secrets_are_published_nowhere() {
    let origin = Origin::start();
    let host = origin.address.to_string();
    let sources = sources(&origin);
    let home = Home::new(&origin, &sources);
    let program = home.run();
    program.wait_for("first pass", |_| true);
    program.rendered();
    let status = get(program.address, "/status.json").json();
    let of = |id: &str| {
        let sources = status["sources"].as_array().unwrap();
        sources.iter().find(|source| source["id"] == id).unwrap().clone()
    };
    let open = status["sources"][0].clone();
    assert_eq!(open["url"], format!("http://{host}/open?cat=7"));
    assert!(!open["id"].as_str().unwrap().contains("sirr"), "{open}");
    assert_eq!(of("hidden")["url"], "(private)");
    assert_eq!(of("chosen")["url"], "https://chosen.example/feed");
    assert_eq!(of("moved")["moved"]["to"], format!("http://{host}/there"));
    let failure = of("gone")["last_error"]["message"].as_str().unwrap().to_owned();
    assert!(failure.starts_with(&format!("http://{host}/gone answered 404")), "{failure}");
    let failure = of("hidden-gone")["last_error"]["message"].as_str().unwrap().to_owned();
    assert!(failure.starts_with("(private) answered 404"), "{failure}");

    let opml = get(program.address, "/sources.opml").text();
    assert!(!opml.contains("/private/") && opml.contains("https://chosen.example/feed"), "{opml}");
    let mut texts = Vec::new();
    for path in [
        "/",
        "/feed.xml",
        "/atom.xml",
        "/feed.json",
        "/status",
        "/status.json",
        "/sources.opml",
        "/metrics",
        "/source/hidden/",
        "/source/hidden/atom.xml",
    ] {
        texts.push((path.to_owned(), get(program.address, path).text()));
    }
    for words in [&["status"] as &[&str], &["status", "--json"]] {
        let output = home.command(words);
        let bytes = [output.stdout, output.stderr].concat();
        texts.push((words.join(" "), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (what, text) in texts {
        assert!(!text.contains("sirr"), "{what}: {text}");
    }
    assert!(program.stop().success());
    let polled =
        home.command(&["poll", "--all", "--log-level", "warn,rafid=trace", "--log-format", "json"]);
    let texts = String::from_utf8_lossy(&polled.stderr).into_owned();
    assert!(!texts.contains("sirr"), "{texts}");
}
