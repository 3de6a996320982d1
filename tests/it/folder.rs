//! The site as a folder of files: each of its links leads to one of its files or to another site, whether the
//! store is at rest or a daemon holds it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::program::Home;
use crate::support::{Origin, Page, feeds};

const BASE: &str = "https://news.example/rafid/";

/// Two sources that report one story, with more entries of one source than a page has.
fn home(origin: &Origin) -> Home {
    let lead = "افتتحت البلدية صباح اليوم مكتبة عامة في حي الزيتون بحضور مئات القراء والطلاب";
    let numbered: Vec<(String, String)> = (0..90)
        .map(|number| (format!("n{number}"), format!("خبر رقم {number} من أخبار الحي القديم")))
        .collect();
    let many: Vec<(&str, &str, &str, u8)> =
        numbered.iter().map(|(id, title)| (id.as_str(), title.as_str(), "نص", 20)).collect();
    origin.put("/many", Page::xml(feeds::rss("وكالة الحي", &many)));
    for (path, name, id) in [("/one", "مرصد", "o1"), ("/two", "صحيفة", "t1")] {
        let news = [(id, "افتتاح مكتبة عامة في حي الزيتون بحضور مئات القراء", lead, 21)];
        // Old news starts no story.
        let hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
        let text = feeds::rss(name, &news);
        let text = text.replace("21 Nov 2026 08:00:00 +0300", &hour_ago.to_string());
        origin.put(path, Page::xml(text));
    }
    let source = |id: &str, more: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\nurl = \"{}\"\n{more}\n\n",
            origin.url(&format!("/{id}"))
        )
    };
    let site = format!("[site]\naddress = \"{BASE}\"\n\n");
    let sources = [
        source("many", "category = \"محليات\""),
        source("one", "category = \"ثقافة\""),
        source("two", "private = true"),
        "[[output]]\nid = \"مكتبات\"\nname = \"مكتبات\"\nquery = \"مكتبة\"\n".to_owned(),
    ];
    Home::new(origin, &(site + &sources.concat()))
}

/// The addresses in a text: of links and forms in markup, and any others that start with the site's address.
fn links(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let plain = text
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("\\\"", "\"");
    for mark in ["href=\"", "src=\"", "action=\"", "htmlUrl=\"", "xmlUrl=\""] {
        for (at, _) in plain.match_indices(mark) {
            let rest = &plain[at + mark.len()..];
            found.insert(rest[..rest.find('"').unwrap()].to_owned());
        }
    }
    for (at, _) in plain.match_indices(BASE) {
        let rest = &plain[at..];
        let end =
            rest.find(|c: char| c.is_whitespace() || "\"<>'".contains(c)).unwrap_or(rest.len());
        found.insert(rest[..end].to_owned());
    }
    found
}

/// The file that a link leads to; `None`: it leads to another site, or to the same page.
fn file_of(link: &str, page: &str) -> Option<String> {
    let path = match link {
        _ if link.starts_with(BASE) => &link[BASE.len()..],
        _ if link.starts_with("/rafid/") => &link["/rafid/".len()..],
        _ if link.contains(':') || link.starts_with('#') => return None,
        _ => panic!("{page} leads to {link}"),
    };
    assert!(!path.contains("before=") && !path.starts_with("search"), "{page} leads to {link}");
    let path = path.split(['?', '#']).next().unwrap();
    let path = percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned();
    let is_folder = path.is_empty() || path.ends_with('/');
    Some(if is_folder { format!("{path}index.html") } else { path })
}

/// Visits all files, and returns the numbers of stories and of older pages.
fn walk(folder: &Path) -> (usize, usize) {
    let mut files = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(here) = waiting.pop() {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let is_text = |file: &&String| {
        !file.starts_with('.')
            && [".html", ".xml", ".json", ".opml"].iter().any(|end| file.ends_with(end))
    };
    for file in files.iter().filter(is_text) {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(!text.contains("<form"), "{file}");
        for link in links(&text) {
            if let Some(target) = file_of(&link, file) {
                assert!(files.contains(&target), "{file} leads to {link}, and {target} is no file");
            }
        }
    }
    let count = |mark: &str| files.iter().filter(|file| file.contains(mark)).count();
    (count("story/"), count("older-"))
}

#[test]
fn every_link_of_the_folder_leads_to_a_file() {
    let origin = Origin::start();
    let home = home(&origin);
    let polled = home.command(&["poll"]);
    assert!(polled.status.success(), "{}", String::from_utf8_lossy(&polled.stderr));
    let site = home.folder.path().join("site");
    let built = home.command(&["build", "site"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let at_rest = walk(&site);
    assert_eq!(at_rest.0, 1, "one story has two sources");
    assert!(at_rest.1 >= 6, "ninety entries of all, of a category and of a source: {at_rest:?}");

    let program = home.run();
    let built = home.command(&["build", "site", "--json"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let outcome: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    assert_eq!((&outcome["schema_version"], &outcome["folder"]), (&1.into(), &"site".into()));
    assert!(outcome["files"].as_u64().unwrap() > 20, "{outcome}");
    assert_eq!(outcome["replaced_as_a_whole"], true);
    assert_eq!(walk(&site), at_rest, "the daemon writes the same files");
    assert!(program.stop().success());
    assert!(!home.folder.path().join(".site").exists());
}
