//! Whole files: what good ones say, and what is said about bad ones.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{Strategy, any, prop};

use super::*;
use crate::feed::model::{ContentPolicy, Location, Source, SourceId};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(text: &str) -> Result<Config, ConfigError> {
    parse(text, Path::new("feeds.toml"), Path::new("/etc/rafid"))
}

fn sources(text: &str) -> Vec<Arc<Source>> {
    read(text).unwrap().sources
}

/// What a person reads about `text`.
fn shown(name: &str, text: &str) -> String {
    match parse(text, Path::new(name), Path::new("/etc/rafid")) {
        Ok(config) if config.notes.is_empty() => "nothing to say\n".to_owned(),
        Ok(config) => config.notes.join("\n\n") + "\n",
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn bad_files_are_explained() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/fixtures/config")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        count += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let got = shown(name, &fs::read_to_string(&path).unwrap());
        assert!(!got.contains("secret\"") && !got.contains("secret@"), "{name} tells:\n{got}");
        let golden = path.with_extension("txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &got).unwrap();
        }
        if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{name}:\n{got}"));
        }
    }
    assert!(count >= 15, "only {count} fixtures");
    assert!(wrong.is_empty(), "UPDATE_GOLDEN=1 accepts:\n{}", wrong.join("\n"));
}

#[test]
fn colours_are_for_terminals_only() {
    let error = read("[site]\ntitel = \"س\"").unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'));
    assert!(error.coloured().contains('\u{1b}'));
    assert_eq!(error.mistake_count(), Some(1));
}

#[test]
fn a_flood_of_mistakes_is_counted() {
    let error = read(&"[[source]]\n".repeat(500)).unwrap_err();
    assert_eq!(error.mistake_count(), Some(500));
    let text = error.to_string();
    assert_eq!(text.matches("error: ").count(), 100);
    assert!(text.ends_with("feeds.toml: 500 mistakes, 400 of them not shown"));
}

#[test]
fn an_empty_file_has_every_default() {
    let config = read("").unwrap();
    assert_eq!(config.path, Path::new("/etc/rafid/feeds.toml"));
    assert_eq!(config.site, Site::default());
    assert_eq!(config.site.title, "الرافد");
    assert_eq!(config.site.language.as_str(), "ar");
    assert_eq!(config.polling, Polling::default());
    let bounds = config.polling.bounds();
    let minutes = [bounds.at_least, bounds.every, bounds.at_most].map(|d| d.as_secs() / 60);
    assert_eq!(minutes, [15, 30, 1440]);
    assert_eq!((config.polling.concurrency, config.polling.per_host), (32, 2));
    assert_eq!(config.polling.max_bytes, 16 << 20);
    assert_eq!(config.store.path, Path::new("/etc/rafid/data"));
    assert_eq!(config.store.keep, Some(Duration::from_hours(90 * 24)));
    assert_eq!((config.store.keep_entries, config.store.cache_bytes), (1000, 64 << 20));
    assert_eq!(config.serve, Serve::default());
    assert_eq!(config.serve.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert!(config.sources.is_empty() && config.notes.is_empty());
}

#[test]
fn every_setting_is_read() {
    let config = read(
        r#"
        [site]
        title = " أخبار "
        description = "وصف"
        address = "https://news.example/feeds"
        language = "ar_eg"
        contact = "me@news.example"
        [polling]
        every = 3600
        at_least = "20m"
        at_most = "2d"
        concurrency = 8
        per_host = 1
        timeout = "1m30s"
        max_bytes = "1MB"
        user_agent = "Reader/1"
        proxy = "http://me:word@proxy.example:3128"
        allow_private = ["[::1]:80", "Intranet.example:8080"]
        [store]
        path = "/var/lib/rafid"
        keep = "forever"
        keep_entries = 5
        cache_bytes = 8_388_608
        [serve]
        listen = "localhost:0"
        entries = 10
        page_entries = 20
        per_source = 3
        content = "full"
        "#,
    )
    .unwrap();
    let site = &config.site;
    assert_eq!((site.title.as_str(), site.description.as_str()), ("أخبار", "وصف"));
    assert_eq!(site.address.as_ref().unwrap().as_str(), "https://news.example/feeds/");
    assert_eq!(site.language.as_str(), "ar-EG");
    assert_eq!(site.contact.as_deref(), Some("me@news.example"));
    let polling = &config.polling;
    let lengths = [polling.every, polling.at_least, polling.at_most, polling.timeout];
    assert_eq!(lengths.map(|length| length.as_secs()), [3600, 1200, 172_800, 90]);
    assert_eq!((polling.concurrency, polling.per_host, polling.max_bytes), (8, 1, 1_000_000));
    assert_eq!(polling.user_agent.as_deref(), Some("Reader/1"));
    assert_eq!(polling.proxy.as_ref().unwrap().password(), Some("word"));
    let private: Vec<_> = polling.allow_private.iter().map(|p| (p.host.as_str(), p.port)).collect();
    assert_eq!(private, [("::1", 80), ("intranet.example", 8080)]);
    assert_eq!(config.store.path, Path::new("/var/lib/rafid"));
    assert_eq!(config.store.keep, None);
    assert_eq!((config.store.keep_entries, config.store.cache_bytes), (5, 8 << 20));
    let serve = &config.serve;
    assert_eq!(serve.listen, SocketAddr::from(([127, 0, 0, 1], 0)));
    assert_eq!((serve.entries, serve.page_entries, serve.per_source), (10, 20, Some(3)));
    assert_eq!(serve.content, ContentPolicy::Full);
    assert!(!format!("{config:?} {polling:?}").contains("word"), "a password is shown");
    assert_eq!(read("[store]\nkeep = 0").unwrap().store.keep, None);
}

#[test]
fn every_key_of_a_source_is_read() {
    let config = read(
        r#"
        [[source]]
        url = "https://me:word@A.example:443/feed#top"
        id = "أخبار"
        name = "أخبارٌ"
        category = "اقتصاد"
        site = "https://a.example"
        language = "ar"
        charset = "cp1256"
        timezone = "+03:00"
        every = "1h"
        user_agent = "Reader/2"
        headers = { X-Token = "t", accept = "*/*" }
        cap = 7
        enabled = true
        [source.page]
        entry = "article.card"
        title = "h2, h3"
        date = "time"
        "#,
    )
    .unwrap();
    let id = SourceId::new("أخبار").unwrap();
    let source = config.source(&id).unwrap();
    assert_eq!(source.location.to_string(), "https://a.example/feed");
    assert_eq!(source.name.as_deref(), Some("أخبارٌ"));
    assert_eq!(source.category.as_ref().unwrap().slug, "اقتصاد");
    assert_eq!(source.site.as_ref().unwrap().as_str(), "https://a.example/");
    assert_eq!(source.language.as_ref().unwrap().as_str(), "ar");
    assert_eq!(source.charset.as_deref(), Some("windows-1256"));
    assert_eq!(source.timezone.as_deref(), Some("+03:00"));
    assert_eq!(source.every, Some(Duration::from_hours(1)));
    assert_eq!(source.user_agent.as_deref(), Some("Reader/2"));
    let headers: Vec<_> = source.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let expected = [("x-token", "t"), ("accept", "*/*"), ("authorization", "Basic bWU6d29yZA==")];
    assert_eq!(headers, expected);
    assert_eq!(source.cap, Some(7));
    let page = source.page.as_ref().unwrap();
    assert_eq!((page.entry.as_str(), page.title.as_deref()), ("article.card", Some("h2, h3")));
    assert_eq!((page.link.as_deref(), page.date.as_deref()), (None, Some("time")));
    assert!(!format!("{source:?} {config:?}").contains("bWU6"), "a password is shown");
    assert!(config.source(&SourceId::new("other").unwrap()).is_none());
}

#[test]
fn disabled_sources_are_left_out_and_files_are_found() {
    let list = sources(
        r#"
        [[source]]
        url = "https://a.example/"
        enabled = false
        [[source]]
        url = "file:a/b.xml"
        "#,
    );
    let [source] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!(source.location, Location::File("/etc/rafid/a/b.xml".into()));
    assert_eq!(source.id.as_str(), "a-b");
}

#[test]
fn categories_that_meet_in_an_address_are_one() {
    let list = sources(
        r#"
        source = [
            { url = "https://a.example/", category = "اقتصاد" },
            { url = "https://b.example/", category = "اقتصـاد" },
            { url = "https://c.example/", category = "رياضة" },
        ]"#,
    );
    let names: Vec<_> = list.iter().map(|s| s.category.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, ["اقتصاد", "اقتصاد", "رياضة"]);
}

#[test]
fn the_hash_of_a_source_is_of_what_its_documents_depend_on() {
    const PLAIN: &str = "url = \"https://a.example/\"";
    let hash = |before: &str, keys: &str| {
        let config = read(&format!("{before}\n[[source]]\nid = \"a\"\n{keys}")).unwrap();
        config.source_hash(&config.sources[0])
    };
    let plain = hash("", PLAIN);
    for same in ["name = \"س\"", "category = \"س\"", "every = \"1h\"", "cap = 3"] {
        assert_eq!(hash("", &format!("{PLAIN}\n{same}")), plain, "{same}");
    }
    let others = [
        "language = \"ar\"",
        "charset = \"utf-8\"",
        "timezone = \"+03:00\"",
        "user_agent = \"x\"",
        "headers = { a = \"b\" }",
        "headers = { b = \"a\" }",
        "headers = { ab = \"\" }",
    ];
    let mut seen =
        vec![plain, hash("", "url = \"http://a.example/\""), hash("", "url = \"file:a\"")];
    for other in others {
        seen.push(hash("", &format!("{PLAIN}\n{other}")));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
    let agent = "[polling]\nuser_agent = \"x\"";
    assert_eq!(hash(agent, PLAIN), hash("", &format!("{PLAIN}\nuser_agent = \"x\"")));
    assert_eq!(hash(agent, "url = \"file:a\""), hash("", "url = \"file:a\""));
}

#[test]
fn files_that_cannot_be_read_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    let message = || load(&path).unwrap_err().to_string();
    let shown = path.display();
    let missing = format!(
        "there is no {shown}: make it with `rafid add <URL>`, or copy the feeds.toml that comes \
         with rafid"
    );
    assert_eq!(message(), missing);
    fs::write(&path, b"[site]\ntitle = \"\xd8\xa3\xff\"").unwrap();
    let bytes = format!("{shown} is not UTF-8: the first wrong byte is on line 2, column 11");
    assert_eq!(message(), bytes);
    fs::write(&path, " ".repeat(100_000)).unwrap();
    assert_eq!(message(), format!("{shown} is too long: expected at most 65536 bytes in line 1"));
    fs::write(&path, "أ\n".repeat(2 << 20)).unwrap();
    assert_eq!(
        message(),
        format!("{shown} is too long: expected at most 4194304 bytes in the file")
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(message(), format!("cannot read {shown}"));
    assert_eq!(load(&path).unwrap_err().mistake_count(), None);
}

fn shipped() -> String {
    fs::read_to_string(root().join("feeds.toml")).unwrap()
}

/// A text whose commented-out settings (`#key = …`, `#[[source]]`) are set.
fn uncommented(text: &str) -> String {
    let setting = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let line = |line| str::strip_prefix(line, "#").filter(setting).unwrap_or(line);
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn has_arabic(text: &str) -> bool {
    text.chars().any(|c| ('\u{0621}'..='\u{064A}').contains(&c))
}

#[test]
fn the_shipped_list_is_good() {
    let config = load(&root().join("feeds.toml")).unwrap();
    assert_eq!(config.path, root().join("feeds.toml"));
    assert_eq!(config.notes, Vec::<String>::new());
    assert!(config.sources.len() >= 44, "{} sources", config.sources.len());
    let ids: std::collections::BTreeSet<_> = config.sources.iter().map(|s| &s.id).collect();
    assert_eq!(ids.len(), config.sources.len());
    for source in &config.sources {
        assert!(has_arabic(source.name.as_deref().unwrap()), "{}", source.id);
        assert!(has_arabic(&source.category.as_ref().unwrap().name), "{}", source.id);
        assert!(source.site.is_some() && source.every.is_none(), "{}", source.id);
        assert_eq!(source.language.as_ref().unwrap().as_str(), "ar");
    }
    assert_eq!(config.polling, Polling::default(), "it is shipped with the defaults");
    assert_eq!(config.serve, Serve::default());
}

#[test]
fn the_shipped_list_tells_every_key_and_its_default() {
    let text = shipped();
    let mut keys: Vec<&str> = sections::SITE.iter().map(|key| key.name).collect();
    keys.extend(sections::POLLING.iter().map(|key| key.name));
    keys.extend(sections::STORE.iter().map(|key| key.name));
    keys.extend(sections::SERVE.iter().map(|key| key.name));
    keys.extend(source::SOURCE.iter().map(|key| key.name));
    for key in keys {
        assert!(text.contains(&format!("\n#{key} = ")), "{key} is not explained");
    }
    let config = read(&uncommented(&text)).unwrap();
    let (site, polling) = (Site::default(), Polling::default());
    let examples = Site {
        address: config.site.address.clone(),
        timezone: config.site.timezone.clone(),
        contact: config.site.contact.clone(),
        ..site
    };
    assert_eq!(config.site, examples);
    let examples = Polling {
        user_agent: config.polling.user_agent.clone(),
        proxy: config.polling.proxy.clone(),
        allow_private: config.polling.allow_private.clone(),
        ..polling
    };
    assert_eq!(config.polling, examples);
    let store = StoreSettings { path: "/etc/rafid/data".into(), ..StoreSettings::default() };
    assert_eq!(config.store, store);
    assert_eq!(config.serve, Serve { per_source: Some(20), ..Serve::default() });
    assert_eq!(config.sources[0].id.as_str(), "news-example");
}

#[test]
fn the_starter_is_good() {
    let text = edit::template();
    let config = read(text).unwrap();
    assert!(config.sources.is_empty() && config.notes.is_empty());
    let set = read(&uncommented(text)).unwrap();
    assert_eq!(set.polling, Polling::default());
    assert_eq!(set.serve, Serve::default());
    assert_eq!(set.store, config.store);
}

/// Texts that look like a config, more or less.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: [&str; 48] = [
        "[",
        "[[",
        "]",
        "]]",
        "source",
        "site",
        "polling",
        "url",
        "id",
        "headers",
        "every",
        "=",
        " = ",
        "\"",
        "'",
        "\"\"\"",
        "{",
        "}",
        ",",
        ".",
        "\n",
        "\n[[source]]\n",
        "\n[polling]\n",
        "\n[source.headers]\n",
        "url = \"https://a.example/x\"\n",
        "https://a:b@c/",
        "\"file:a\"",
        "30m",
        "\"30m\"",
        "1",
        "true",
        "2026-01-01",
        "أخبار",
        "#",
        "\\u0040",
        "\t",
        " ",
        "\r\n",
        "\u{feff}",
        "1e5",
        "-",
        "0x",
        "\u{0}",
        "[site]\n",
        "[a.b]\n",
        "[a]\n",
        "[[a.b]]\n",
        "a.b = 1\n",
    ];
    let known = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30);
    let known = known.prop_map(|pieces| pieces.concat());
    proptest::prop_oneof![known, any::<String>()]
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in texts()) {
        let _ = shown("x", &text);
        if let Err(error) = read(&text) {
            let _ = error.coloured();
        }
    }

    #[test]
    fn no_edit_makes_it_panic_or_loses_a_byte(text in texts()) {
        let new = edit::NewSource { url: "https://new.example/".into(), ..Default::default() };
        if let Ok(edited) = edit::append_sources(&text, &[new]) {
            proptest::prop_assert!(edited.starts_with(&text));
            let without = edit::remove_source(&edited, "new-example").unwrap();
            proptest::prop_assert_eq!(without.trim_end(), text.trim_end());
        }
        let _ = edit::remove_source(&text, "a-example-x");
    }

    #[test]
    fn what_is_appended_is_read_back(
        name in "[^\\pC\\s]{1,20}",
        category in "[اأب ت\"'\\\\#]{1,9}س",
        words in "[a-z]{1,8}",
    ) {
        let new = edit::NewSource {
            url: format!("https://{words}.example/{words}?x='\"#"),
            id: Some(words.clone()),
            name: Some(name.clone()),
            category: Some(category.clone()),
            site: Some(format!("https://{words}.example/")),
            language: Some("ar".into()),
        };
        let before = "# تعليق\n[site]\ntitle = 'س' # آخر\n";
        let text = edit::append_sources(before, std::slice::from_ref(&new)).unwrap();
        proptest::prop_assert!(text.starts_with(before));
        let config = read(&text).unwrap();
        let source = &config.sources[0];
        proptest::prop_assert_eq!(source.id.as_str(), &words);
        proptest::prop_assert_eq!(source.name.as_deref(), Some(name.as_str()));
        let words: Vec<_> = category.split_whitespace().collect();
        proptest::prop_assert_eq!(&source.category.as_ref().unwrap().name, &words.join(" "));
    }
}
