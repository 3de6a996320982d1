//! Lists beside sources of the files → the sources of both.

use super::*;
use crate::model::SkippedFeed;

const LIST: &str = "[[list]]\nid = \"dawn\"\nurl = \"https://lists.example/a.opml\"\n";

fn config(text: &str) -> Config {
    crate::config::parse(text, Path::new("x"), Path::new("/etc")).unwrap()
}

fn feed(id: &str, url: &str) -> ListedFeed {
    ListedFeed {
        id: SourceId::new(id).unwrap(),
        url: url.to_owned(),
        title: "اسم".to_owned(),
        site: Some("https://a.example/".to_owned()),
        categories: vec!["علوم".to_owned(), "!!".to_owned(), "كتب".to_owned()],
        language: None,
    }
}

fn copy(feeds: Vec<ListedFeed>) -> ListCopy {
    ListCopy { feeds, skipped: Vec::new() }
}

fn with_copies(text: &str, copies: &[(&str, ListCopy)]) -> Config {
    let mut config = config(text);
    let copies = copies.iter().map(|(id, copy)| (SourceId::new(id).unwrap(), copy.clone()));
    add_list_sources(&mut config, &copies.collect());
    config
}

fn ids(config: &Config) -> Vec<&str> {
    config.sources.iter().map(|source| source.id.as_str()).collect()
}

#[test]
fn a_feed_of_a_list_is_a_source_with_the_settings_of_the_list() {
    let keys = "category = \"من غيرنا\"\nlanguage = \"fa\"\nevery = \"2h\"\ndrop = [\"إعلان\"]\n";
    let own = "[[source]]\nurl = \"https://own.example/\"\ncategory = \"عُلوم\"\n";
    let feeds = vec![
        feed("dawn-a", "https://me:word@a.example/feed"),
        ListedFeed { language: Some("ar".to_owned()), ..feed("dawn-b", "https://b.example/") },
    ];
    let config = with_copies(&format!("{own}{LIST}{keys}"), &[("dawn", copy(feeds))]);
    assert_eq!(ids(&config), ["own-example", "dawn-a", "dawn-b"]);
    let source = &config.sources[1];
    assert_eq!(source.list.as_ref().map(SourceId::as_str), Some("dawn"));
    assert_eq!(source.name.as_deref(), Some("اسم"));
    assert_eq!(source.published_location(), "https://a.example/feed");
    assert_eq!(source.headers, [("authorization".to_owned(), "Basic bWU6d29yZA==".to_owned())]);
    let names: Vec<&str> = source.categories.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["من غيرنا", "عُلوم", "كتب"], "a category has its first name");
    assert_eq!((source.every.unwrap().as_secs(), source.rules.drop.len()), (7200, 1));
    let languages = config.sources.iter().map(|it| it.language.as_ref().map(Language::as_str));
    assert_eq!(languages.collect::<Vec<_>>(), [None, Some("fa"), Some("ar")]);
    assert!(config.notes.is_empty(), "{:?}", config.notes);
    let plain = with_copies(
        &format!("{LIST}folders = false\n"),
        &[("dawn", copy(vec![feed("dawn-a", "https://a.example/")]))],
    );
    assert!(plain.sources[0].categories.is_empty());
}

#[test]
fn a_source_of_the_files_takes_the_place_of_the_feed() {
    let own = "[[source]]\nid = \"mine\"\nurl = \"https://a.example/\"\n\
               [[source]]\nid = \"dawn-b\"\nurl = \"https://b.example/\"\nevery = \"3h\"\n\
               [[source]]\nurl = \"https://c.example/\"\nenabled = false\n\
               [[source]]\nid = \"dawn-d\"\nurl = \"https://other.example/\"\n";
    let list = |letters: &str| {
        let feeds = letters
            .chars()
            .map(|letter| feed(&format!("dawn-{letter}"), &format!("http://www.{letter}.example")));
        copy(feeds.collect())
    };
    let config = with_copies(&format!("{LIST}{own}"), &[("dawn", list("abcde"))]);
    assert_eq!(ids(&config), ["mine", "dawn-b", "dawn-d", "dawn-e"]);
    assert_eq!(config.sources[1].list, None);
    let notes = config.notes.join("\n");
    assert_eq!(config.notes.len(), 2, "{notes}");
    assert!(notes.contains("which stay as they are: mine"), "{notes}");
    assert!(notes.contains("whose ids other sources have; they are left out: dawn-d"), "{notes}");
}

#[test]
fn the_first_of_two_lists_wins() {
    let second = "[[list]]\nid = \"dusk\"\nurl = \"https://lists.example/b.opml\"\n";
    let both = [
        (
            "dusk",
            copy(vec![feed("dusk-a", "https://a.example/"), feed("dusk-b", "https://b.example/")]),
        ),
        ("dawn", copy(vec![feed("dawn-a", "https://a.example/")])),
        ("gone", copy(vec![feed("gone-c", "https://c.example/")])),
    ];
    let config = with_copies(&format!("{LIST}{second}"), &both);
    assert_eq!(ids(&config), ["dawn-a", "dusk-b"]);
    assert!(config.notes[0].contains("the list `dusk` names feeds that other sources read"));
}

#[test]
fn a_list_of_another_server_reaches_no_server_of_the_operator() {
    let polling = "[polling]\nallow_private = [\"127.0.0.1:8081\", \"[::1]:80\"]\n";
    let feeds = || {
        copy(vec![
            feed("dawn-a", "http://127.0.0.1:8081/secret"),
            feed("dawn-b", "http://[::1]/secret"),
            feed("dawn-c", "http://127.0.0.1:9/"),
        ])
    };
    let config = with_copies(&format!("{polling}{LIST}"), &[("dawn", feeds())]);
    assert_eq!(ids(&config), ["dawn-c"], "the guard of requests refuses that one");
    assert!(config.notes[0].contains("left out: dawn-a, dawn-b"), "{:?}", config.notes);
    for url in ["file:a.opml", "http://127.0.0.1:8081/a.opml"] {
        let list = LIST.replace("https://lists.example/a.opml", url);
        let config = with_copies(&format!("{polling}{list}"), &[("dawn", feeds())]);
        assert_eq!(config.sources.len(), 3, "{url}");
    }
}

#[test]
fn a_list_does_not_break_the_configuration() {
    let output = "[[output]]\nname = \"علوم\"\ncategories = [\"علوم\", \"طقس\"]\nsources = [\"dawn-a\", \"dawn-z\"]\n";
    let skipped = |line| SkippedFeed { line, title: String::new(), reason: "why".to_owned() };
    let list = ListCopy {
        feeds: vec![feed("dawn-a", "https://a.example/")],
        skipped: vec![skipped(7), skipped(9)],
    };
    let config = with_copies(&format!("{LIST}{output}"), &[("dawn", list)]);
    let notes = config.notes.join("\n");
    assert_eq!(config.notes.len(), 3, "{notes}");
    assert!(notes.contains("the list `dawn`, line 7: why (and 1 more that are no feeds)"));
    assert!(notes.contains("the output `علوم`: no source has the category `طقس` at present"));
    assert!(notes.contains("no source has the id `dawn-z` at present"));
    let none = with_copies(&format!("{LIST}{output}"), &[]);
    assert_eq!((none.sources.len(), none.notes.len()), (0, 4), "before the first refresh");
    let without = crate::config::parse(output, Path::new("x"), Path::new("/etc"));
    assert!(without.is_err(), "without lists it is a mistake");
}
