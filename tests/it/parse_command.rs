//! `rafid parse` → what it prints about feeds and other documents, compared with its JSON Schema.

use rafid_feed::warning_advice::advice_for;
use serde_json::Value;

use crate::support::Origin;
use crate::support::program::{Home, err, json, out};

/// A feed with a link that is no address, a relative one, a repeated id and an ambiguous zone.
const FEED: &str = "<rss version=\"2.0\"><channel><title>صدى السنديان</title>\
    <link>https://sindiyan.example/</link><description>أخبار</description>\
    <managingEditor>editor@sindiyan.example (ليلى الخطيب)</managingEditor>\
    <category>أخبار محلية</category><generator>ورّاق 2</generator>\
    <atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"next\" href=\"/rss?page=2\"/>\
    <item><guid isPermaLink=\"false\">a</guid><title>افتتاح مكتبة & معرض</title><link>javascript:open(1)</link>\
    <pubDate>Mon, 16 Nov 2026 11:05:30 IST</pubDate></item>\
    <item><guid isPermaLink=\"false\">a</guid><title>مطر على الجبل</title><link>/n/2?utm_source=rss</link>\
    <pubDate>16 نوفمبر 2026 11:05</pubDate></item></channel></rss>";

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/parse.schema.json")).unwrap()
}

/// The mistakes of a value by the keywords that the schema uses.
fn mistakes(schema: &Value, rule: &Value, value: &Value, path: &str) -> Vec<String> {
    if let Some(name) = rule["$ref"].as_str() {
        let rule = schema.pointer(name.trim_start_matches('#')).unwrap();
        return mistakes(schema, rule, value, path);
    }
    let types = rule["type"].as_array().cloned().unwrap_or_else(|| vec![rule["type"].clone()]);
    let mut found = Vec::new();
    let is_any = types == [Value::Null];
    if !is_any && !types.iter().any(|name| has_type(value, name.as_str().unwrap())) {
        found.push(format!("{path}: expected {types:?}: {value}"));
    }
    if rule["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        found.push(format!("{path}: not in enum: {value}"));
    }
    if !rule["const"].is_null() && rule["const"] != *value {
        found.push(format!("{path}: not const: {value}"));
    }
    if rule["format"] == "uri" && value.as_str().is_some_and(|url| !url.starts_with("http")) {
        found.push(format!("{path}: no web address: {value}"));
    }
    let required = rule["required"].as_array().into_iter().flatten();
    let missing = required.filter(|key| {
        value.as_object().is_some_and(|object| !object.contains_key(key.as_str().unwrap()))
    });
    found.extend(missing.map(|key| format!("{path}: without {key}")));
    for (key, value) in value.as_object().into_iter().flatten() {
        match rule["properties"].get(key) {
            Some(rule) => found.extend(mistakes(schema, rule, value, &format!("{path}/{key}"))),
            None => found.push(format!("{path}: unknown key {key}")),
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(mistakes(schema, &rule["items"], value, &format!("{path}/{index}")));
    }
    found
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type: {other}"),
    }
}

/// Checks a document of the output against the definition `name`.
fn check_schema(value: &Value, name: &str) {
    let schema = schema();
    let found = mistakes(&schema, &schema["$defs"][name], value, "");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_feed_has_usable_addresses_and_its_own_people() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let feed = json(&home.command_fed(&["parse", "-"], FEED.as_bytes()));
    check_schema(&feed, "feed");
    assert_eq!(feed["next_url"], "https://sindiyan.example/rss?page=2");
    assert_eq!(feed["authors"][0]["name"], "ليلى الخطيب");
    assert_eq!(feed["_rafid"]["categories"][0], "أخبار محلية");
    assert_eq!(feed["_rafid"]["generator"], "ورّاق 2");
    let items = &feed["items"];
    assert_eq!(items[0]["url"], Value::Null);
    assert_eq!(items[0]["_rafid"]["url_as_written"], "javascript:open(1)");
    assert_eq!(items[1]["url"], "https://sindiyan.example/n/2?utm_source=rss");
    assert_eq!(items[1]["_rafid"]["canonical_url"], "https://sindiyan.example/n/2");
    assert_eq!(items[1]["_rafid"]["url_as_written"], "/n/2?utm_source=rss");
}

#[test]
fn warnings_quote_advise_and_have_a_place() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let warnings = |words: &[&str]| {
        let feed = json(&home.command_fed(&[&["parse", "-"], words].concat(), FEED.as_bytes()));
        check_schema(&feed, "feed");
        feed["_rafid"]["warnings"].as_array().unwrap().clone()
    };
    let english = warnings(&[]);
    let find = |code: &str| english.iter().find(|warning| warning["code"] == code).unwrap().clone();
    let ampersand = find("bare-ampersand");
    assert!(ampersand["quote"].as_str().unwrap().starts_with("& معرض"), "{ampersand}");
    assert_eq!(
        (ampersand["line"].as_i64(), &ampersand["advice"]),
        (Some(1), &"write &amp;".into())
    );
    let zone = find("unknown-zone");
    assert_eq!((&zone["quote"], &zone["entry_id"]), (&"ist".into(), &"a".into()));
    let repeated = find("repeated-id");
    assert_eq!((&repeated["quote"], &repeated["entry"]), (&"a".into(), &1.into()));
    let arabic = warnings(&["--lang", "ar"]);
    assert_eq!(arabic.len(), english.len());
    for (arabic, english) in arabic.iter().zip(&english) {
        assert_eq!((&arabic["code"], &arabic["quote"]), (&english["code"], &english["quote"]));
        for key in ["detail", "advice"] {
            assert!(arabic[key].as_str().unwrap().chars().any(|c| ('ا'..='ي').contains(&c)));
            assert_ne!(arabic[key], english[key]);
        }
    }
}

#[test]
fn many_files_are_read_in_one_run() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let write =
        |name: &str, text: &str| std::fs::write(home.folder.path().join(name), text).unwrap();
    write("feed.xml", FEED);
    write(
        "page.html",
        "<!doctype html><html><link rel=alternate type=application/rss+xml href=/rss>",
    );
    write("list.opml", "<opml version=\"2.0\"><body/></opml>");
    let files = ["page.html", "missing.xml", "list.opml", "feed.xml"];
    let words = [&["parse", "--json-lines", "--url", "https://a.example/x"], &files[..]].concat();
    let read = home.command(&words);
    assert_eq!(read.status.code(), Some(1));
    let lines = out(&read);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["error"]["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("html"), Some("unopened"), Some("opml"), None]);
    for line in &lines[..3] {
        check_schema(line, "refusal");
    }
    check_schema(&lines[3], "feed");
    assert_eq!(lines[3]["_rafid"]["file"], "feed.xml");
    assert_eq!(lines[0]["error"]["feeds"][0]["url"], "https://a.example/rss");
    for words in ["page.html: repair: this is an HTML page", "cannot read missing.xml"] {
        assert!(err(&read).contains(words), "{}", err(&read));
    }
}

#[test]
fn an_unknown_zone_is_wrong_usage() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let date = |zone: &str| {
        let read = home.command_fed(&["parse", "-", "--timezone", zone], FEED.as_bytes());
        (read.status.code(), out(&read), err(&read))
    };
    let (code, printed, message) = date("Asia/Ryadh");
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(message.contains("expected a zone such as Asia/Riyadh"), "{message}");
    for zone in ["Asia/Riyadh", "+03:00", "+3"] {
        let (code, printed, _) = date(zone);
        assert_eq!(code, Some(0));
        assert!(printed.contains("\"date_published\": \"2026-11-16T08:05:00Z\""), "{zone}");
    }
}

/// The advice in the program is that of the documentation, kind by kind.
#[test]
fn the_advice_is_that_of_the_docs() {
    let mut count = 0;
    for line in include_str!("../../docs/warnings.md").lines() {
        let Some(row) = line.strip_prefix("| `") else { continue };
        let cells: Vec<_> = row.trim_end_matches(" |").split(" | ").collect();
        let [code, _, advice] = cells[..] else { panic!("three cells: {line}") };
        let code = code.trim_end_matches('`');
        let known =
            advice_for(code).unwrap_or_else(|| panic!("no row for {code} in warning_advice.tsv"));
        assert_eq!(known.advice_english, advice.replace('`', ""), "{code}");
        count += 1;
    }
    assert!(count > 70, "{count}");
}

#[test]
fn the_docs_have_every_key_of_the_schema() {
    let page = include_str!("../../docs/parse.md");
    let rows: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let schema = schema();
    for name in ["feed", "item", "warning"] {
        let properties = &schema["$defs"][name]["properties"];
        let inner = &properties["_rafid"]["properties"];
        for properties in [properties, inner] {
            for key in properties.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
                assert!(rows.contains(&key), "docs/parse.md does not name {key}");
            }
        }
    }
    let kinds = &schema["$defs"]["refusal"]["properties"]["error"]["properties"]["kind"]["enum"];
    for kind in kinds.as_array().unwrap() {
        assert!(rows.contains(&kind.as_str().unwrap()), "docs/parse.md does not name {kind}");
    }
}
