//! Every section of a sound file, and of an empty one → its settings.

use std::net::SocketAddr;

use super::*;
use crate::model::{ContentPolicy, PerSource};

#[test]
fn an_empty_file_has_every_default() {
    let config = read("").unwrap();
    assert_eq!(config.path, Path::new("/etc/rafid/feeds.toml"));
    assert_eq!(config.site, SiteSettings::default());
    assert_eq!(config.site.title, "الرافد");
    assert_eq!(config.site.language.as_str(), "ar");
    assert_eq!(config.polling, PollingSettings::default());
    let bounds = config.polling.bounds();
    let minutes = [bounds.at_least, bounds.every, bounds.at_most].map(|d| d.as_secs() / 60);
    assert_eq!(minutes, [15, 30, 1440]);
    assert_eq!((config.polling.concurrency, config.polling.per_host), (32, 2));
    assert_eq!(config.polling.max_bytes, 16 << 20);
    assert_eq!(config.store.path, Path::new("/etc/rafid/data"));
    assert_eq!(config.store.keep, Some(Duration::from_hours(90 * 24)));
    assert_eq!((config.store.keep_entries, config.store.cache_bytes), (1000, 32 << 20));
    assert_eq!(config.serve, ServeSettings::default());
    assert_eq!(config.serve.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert!(config.sources.is_empty() && config.notes.is_empty());
}

#[test]
fn every_setting_is_parsed() {
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
    assert_eq!(
        (serve.entries, serve.page_entries, serve.per_source),
        (10, 20, PerSource::AtMost(3))
    );
    assert_eq!(serve.content, ContentPolicy::Full);
    assert!(!format!("{config:?} {polling:?}").contains("word"), "a password is shown");
    assert_eq!(read("[store]\nkeep = 0").unwrap().store.keep, None);
}

#[test]
fn the_share_of_a_source_in_an_output_is_a_number_or_a_word() {
    let check = |value: &str, expected: PerSource| {
        let config = read(&format!("[serve]\nper_source = {value}")).unwrap();
        assert_eq!(config.serve.per_source, expected);
    };
    check("\"share\"", PerSource::Share);
    check("\"any\"", PerSource::Any);
    check("1000", PerSource::AtMost(1000));
    for bad in ["0", "1001", "\"all\"", "true"] {
        assert!(read(&format!("[serve]\nper_source = {bad}")).is_err(), "{bad}");
    }
}

#[test]
fn hubs_may_push_where_push_is_enabled_and_has_an_address() {
    let check = |text: &str, expected: Option<&str>| {
        let config = read(text).unwrap();
        assert_eq!(config.push_base().map(url::Url::as_str), expected, "{text}");
    };
    let site = "[site]\naddress = \"https://news.example/a\"\n";
    let callback = "callback = \"https://hooks.example\"\n";
    check("", None);
    check(site, None);
    check(&format!("[websub]\n{callback}"), None);
    check(&format!("[websub]\nenabled = false\n{callback}"), None);
    check(&format!("{site}[websub]\nenabled = true\n"), Some("https://news.example/a/"));
    check(&format!("{site}[websub]\nenabled = true\n{callback}"), Some("https://hooks.example/"));
}
