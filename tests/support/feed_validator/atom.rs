//! The rules of Atom 1.0.

use std::collections::BTreeSet;

use super::values::{self, is_full_uri, is_plain_text, is_rfc_3339};
use super::{Element, Findings, html, rss};

const RELATIONS: &[&str] = &[
    "alternate",
    "current",
    "enclosure",
    "first",
    "hub",
    "last",
    "license",
    "next",
    "next-archive",
    "prev-archive",
    "previous",
    "related",
    "replies",
    "search",
    "self",
    "up",
    "via",
];
const HISTORY_RELATIONS: &[&str] =
    &["current", "first", "last", "next", "next-archive", "prev-archive", "previous"];

pub fn check(feed: &Element, address: &str, findings: &mut Findings) {
    let known = [
        "atom:title",
        "atom:subtitle",
        "atom:id",
        "atom:updated",
        "atom:generator",
        "atom:link*",
        "atom:icon",
        "atom:logo",
        "atom:rights",
        "atom:author*",
        "atom:category*",
        "fh:archive",
        "atom:entry*",
    ];
    findings.check_children(feed, "feed", &known);
    findings.check_attributes(feed, "feed", &[]);
    check_metadata(feed, "feed", findings);
    let own = feed.named("atom:link").find(|link| link.attribute("rel") == Some("self"));
    let own = own.and_then(|link| link.attribute("href"));
    findings.check(own == Some(address), "feed", format!("self is {own:?}, it is at {address}"));
    check_archive(feed, findings);
    let first_entry = feed.children.iter().position(|child| child.name == "atom:entry");
    let after = feed.children.iter().skip(first_entry.unwrap_or(usize::MAX));
    for child in after.filter(|child| !matches!(child.name.as_str(), "atom:entry" | "fh:archive")) {
        findings.add("feed", format!("<{}> stands after an entry", child.name));
    }
    let (mut ids, mut changes) = (BTreeSet::new(), BTreeSet::new());
    for (at, entry) in feed.named("atom:entry").enumerate() {
        let path = format!("feed/entry[{at}]");
        check_entry(entry, &path, feed, findings);
        let text = |name| entry.child(name).map_or("", |child| child.text.as_str());
        findings.check(ids.insert(text("atom:id").to_owned()), &path, "the id of another entry");
        let change = text("atom:updated").to_owned();
        findings.check(changes.insert(change), &path, "updated at the time of another entry");
    }
}

/// What a feed and the source of an entry have.
fn check_metadata(element: &Element, path: &str, findings: &mut Findings) {
    for required in ["atom:title", "atom:id", "atom:updated"] {
        findings.check(element.has(required), path, format!("no <{required}>"));
    }
    for child in &element.children {
        let (path, text) = (format!("{path}/{}", child.name), child.text.as_str());
        match child.name.as_str() {
            "atom:title" | "atom:subtitle" | "atom:rights" => check_text(child, &path, findings),
            "atom:id" => check_id(text, &path, findings),
            "atom:updated" => findings.check(is_rfc_3339(text), &path, text),
            "atom:generator" => {
                findings.check_attributes(child, &path, &["uri", "version"]);
                findings.check(!text.is_empty() && is_plain_text(text), &path, text);
            }
            "atom:icon" | "atom:logo" => findings.check(is_full_uri(text), &path, text),
            "atom:author" | "atom:contributor" => check_person(child, &path, findings),
            "atom:link" => check_link(child, &path, false, findings),
            _ => {}
        }
    }
    check_alternates(element, path, findings);
}

fn check_id(id: &str, path: &str, findings: &mut Findings) {
    findings.check(is_full_uri(id) && values::is_canonical(id), path, format!("the id {id}"));
}

/// An archive page names the feed and another page.
fn check_archive(feed: &Element, findings: &mut Findings) {
    let has =
        |relation| feed.named("atom:link").any(|link| link.attribute("rel") == Some(relation));
    if feed.has("fh:archive") {
        findings.check(has("current"), "feed", "an archive page without current");
        let has_page = has("prev-archive") || has("next-archive");
        findings.check(has_page, "feed", "an archive page without another one");
    }
}

fn check_entry(entry: &Element, path: &str, feed: &Element, findings: &mut Findings) {
    let known = [
        "atom:title",
        "atom:id",
        "atom:updated",
        "atom:published",
        "atom:author*",
        "atom:contributor*",
        "atom:category*",
        "atom:link*",
        "atom:rights",
        "atom:source",
        "atom:summary",
        "atom:content",
    ];
    let known = [&known[..], rss::ENTRY_EXTENSIONS].concat();
    findings.check_children(entry, path, &known);
    findings.check_attributes(entry, path, &[]);
    for required in ["atom:title", "atom:id", "atom:updated"] {
        findings.check(entry.has(required), path, format!("no <{required}>"));
    }
    findings.check(entry.has("atom:author") || feed.has("atom:author"), path, "no author");
    let has_page = entry
        .named("atom:link")
        .any(|link| link.attribute("rel").unwrap_or("alternate") == "alternate");
    let has_content = entry.has("atom:content");
    findings.check(has_content || has_page, path, "neither content nor the link to a page");
    for child in &entry.children {
        let (path, text) = (format!("{path}/{}", child.name), child.text.as_str());
        match child.name.as_str() {
            "atom:title" | "atom:rights" | "atom:summary" | "atom:content" => {
                check_text(child, &path, findings);
            }
            "atom:id" => check_id(text, &path, findings),
            "atom:updated" | "atom:published" => findings.check(is_rfc_3339(text), &path, text),
            "atom:author" | "atom:contributor" => check_person(child, &path, findings),
            "atom:category" => {
                findings.check_attributes(child, &path, &["term", "scheme", "label"]);
                let term = child.attribute("term").unwrap_or_default();
                findings.check(!term.is_empty(), &path, "no term");
            }
            "atom:link" => check_link(child, &path, true, findings),
            "atom:source" => check_source(child, &path, findings),
            _ => rss::check_extension(entry, child, &path, findings),
        }
    }
    check_alternates(entry, path, findings);
}

fn check_source(source: &Element, path: &str, findings: &mut Findings) {
    let known = [
        "atom:title",
        "atom:id",
        "atom:updated",
        "atom:link*",
        "atom:logo",
        "atom:icon",
        "atom:rights",
        "atom:author*",
    ];
    findings.check_children(source, path, &known);
    check_metadata(source, path, findings);
}

/// A text: of type text or html, and not empty.
fn check_text(text: &Element, path: &str, findings: &mut Findings) {
    findings.check_attributes(text, path, &["type"]);
    findings.check(!text.text.trim().is_empty(), path, "it is empty");
    findings.check(text.children.is_empty(), path, "it has elements");
    match text.attribute("type").unwrap_or("text") {
        "text" => findings.check(is_plain_text(&text.text), path, format!("markup: {}", text.text)),
        "html" => html::check(&text.text, path, findings),
        other => findings.add(path, format!("no rule for the type {other}")),
    }
}

fn check_person(person: &Element, path: &str, findings: &mut Findings) {
    findings.check_children(person, path, &["atom:name", "atom:uri", "atom:email"]);
    let name = person.child("atom:name").map_or("", |name| name.text.as_str());
    findings.check(
        !name.trim().is_empty() && is_plain_text(name),
        path,
        format!("the name {name:?}"),
    );
    if let Some(uri) = person.child("atom:uri") {
        findings.check(is_full_uri(&uri.text), path, format!("the address {}", uri.text));
    }
}

/// A link of a feed or of an entry; RSS uses it, too.
pub fn check_link(link: &Element, path: &str, is_of_entry: bool, findings: &mut Findings) {
    findings.check_attributes(link, path, &["href", "rel", "type", "title", "length", "hreflang"]);
    let relation = link.attribute("rel").unwrap_or("alternate");
    findings.check(RELATIONS.contains(&relation), path, format!("the relation {relation}"));
    let is_of_history = HISTORY_RELATIONS.contains(&relation);
    findings.check(!(is_of_entry && is_of_history), path, "a relation of feeds in an entry");
    let address = link.attribute("href").unwrap_or_default();
    findings.check(is_full_uri(address), path, format!("the address {address:?}"));
    if let Some(media_type) = link.attribute("type") {
        findings.check(values::is_media_type(media_type), path, format!("the type {media_type:?}"));
        let is_feed = media_type.starts_with("application/atom+xml")
            || media_type.starts_with("application/rss+xml");
        findings.check(relation != "self" || is_feed, path, format!("self is {media_type}"));
    }
    if let Some(title) = link.attribute("title") {
        findings.check(
            !title.is_empty() && is_plain_text(title),
            path,
            format!("the title {title:?}"),
        );
    }
    if let Some(length) = link.attribute("length") {
        findings.check(length.parse::<u64>().is_ok(), path, format!("the length {length:?}"));
    }
}

/// One alternate of each type and language.
fn check_alternates(element: &Element, path: &str, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for link in element.named("atom:link") {
        if link.attribute("rel").unwrap_or("alternate") == "alternate" {
            let kind = (link.attribute("type"), link.attribute("hreflang"));
            findings.check(seen.insert(kind), path, format!("two alternates of {kind:?}"));
        }
    }
}
