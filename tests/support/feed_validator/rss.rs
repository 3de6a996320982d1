//! The rules of RSS 2.0, and of the extensions that entries have in RSS and Atom.

use std::collections::BTreeSet;

use super::values::{self, is_full_uri, is_http_address, is_plain_text, is_rfc_2822};
use super::{Element, Findings, atom, html};

/// The extensions of an entry; `*`: more than one is allowed.
pub const ENTRY_EXTENSIONS: &[&str] = &[
    "dc:creator*",
    "dc:contributor*",
    "dc:language",
    "dc:source",
    "media:thumbnail*",
    "media:content*",
    "itunes:author",
    "itunes:duration",
    "itunes:episode",
    "itunes:season",
    "itunes:episodeType",
    "itunes:explicit",
    "itunes:image",
    "itunes:summary",
    "itunes:subtitle",
    "itunes:title",
    "podcast:transcript*",
    "podcast:chapters",
    "podcast:person*",
    "podcast:season",
    "podcast:episode",
    "psc:chapters",
];

pub fn check(rss: &Element, address: &str, findings: &mut Findings) {
    findings.check(rss.attribute("version") == Some("2.0"), "rss", "the version");
    findings.check_children(rss, "rss", &["channel"]);
    let Some(channel) = rss.child("channel") else {
        return findings.add("rss", "no channel");
    };
    let known = [
        "title",
        "link",
        "description",
        "language",
        "copyright",
        "managingEditor",
        "webMaster",
        "pubDate",
        "lastBuildDate",
        "category*",
        "generator",
        "docs",
        "ttl",
        "image",
        "atom:link*",
        "fh:archive",
        "itunes:explicit",
        "itunes:category",
        "itunes:owner",
        "item*",
        "podcast:guid",
    ];
    findings.check_children(channel, "channel", &known);
    for required in ["title", "link", "description"] {
        findings.check(channel.has(required), "channel", format!("no <{required}>"));
    }
    for child in &channel.children {
        check_channel_child(channel, child, findings);
    }
    let own = channel.named("atom:link").find(|link| link.attribute("rel") == Some("self"));
    let own = own.and_then(|link| link.attribute("href"));
    findings.check(own == Some(address), "channel", format!("self is {own:?}, it is at {address}"));
    let first_item = channel.children.iter().position(|child| child.name == "item");
    let after = channel.children.iter().skip(first_item.unwrap_or(usize::MAX));
    for child in after.filter(|child| !child.name.contains(':') && child.name != "item") {
        findings.add("channel", format!("<{}> stands after an item", child.name));
    }
    let mut ids = BTreeSet::new();
    for (at, item) in channel.named("item").enumerate() {
        let path = format!("item[{at}]");
        check_item(item, &path, findings);
        let id = item.child("guid").map_or("", |guid| guid.text.as_str()).to_owned();
        findings.check(ids.insert(id), &path, "the guid of another item");
    }
}

fn check_channel_child(channel: &Element, child: &Element, findings: &mut Findings) {
    let (path, text) = (format!("channel/{}", child.name), child.text.as_str());
    let fits = match child.name.as_str() {
        "title" => !text.trim().is_empty() && is_plain_text(text),
        "description" | "copyright" | "category" => is_plain_text(text),
        "link" => is_full_uri(text),
        "language" => values::is_language(text),
        "webMaster" | "managingEditor" => is_mail_with_name(text),
        "pubDate" | "lastBuildDate" => is_rfc_2822(text),
        "ttl" => values::is_positive(text),
        "image" => return check_image(channel, child, findings),
        "atom:link" => return atom::check_link(child, &path, false, findings),
        _ => true,
    };
    findings.check(fits, &path, format!("{text:?}"));
}

/// An address, and a name in parentheses.
fn is_mail_with_name(value: &str) -> bool {
    let Some((mail, name)) = value.split_once(" (") else { return false };
    let is_part = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let parts = mail.split_once('@');
    name.ends_with(')')
        && parts.is_some_and(|(user, host)| is_part(user) && is_part(host) && host.contains('.'))
}

fn check_image(channel: &Element, image: &Element, findings: &mut Findings) {
    let path = "channel/image";
    findings.check_children(
        image,
        path,
        &["url", "title", "link", "width", "height", "description"],
    );
    let text =
        |element: &Element, name| element.child(name).map_or(String::new(), |it| it.text.clone());
    let url = text(image, "url");
    let ending = url.rsplit('.').next().unwrap_or_default();
    let is_picture = matches!(ending, "jpg" | "jpeg" | "gif" | "png");
    findings.check(is_full_uri(&url) && is_picture, path, format!("the picture {url}"));
    for same in ["title", "link"] {
        findings.check(text(image, same) == text(channel, same), path, format!("another {same}"));
    }
    for (name, most) in [("width", 144), ("height", 400)] {
        let pixels = text(image, name);
        let fits = pixels.is_empty() || pixels.parse::<u32>().is_ok_and(|it| it > 0 && it <= most);
        findings.check(fits, path, format!("the {name} {pixels}"));
    }
}

fn check_item(item: &Element, path: &str, findings: &mut Findings) {
    let known = [
        "title",
        "link",
        "description",
        "category*",
        "comments",
        "enclosure",
        "guid",
        "pubDate",
        "source",
        "author",
    ];
    let known = [&known[..], ENTRY_EXTENSIONS].concat();
    findings.check_children(item, path, &known);
    findings.check(item.has("title") || item.has("description"), path, "neither title nor text");
    findings.check(item.has("guid"), path, "no guid");
    for child in &item.children {
        let (path, text) = (format!("{path}/{}", child.name), child.text.as_str());
        match child.name.as_str() {
            "title" | "category" => {
                findings.check(
                    !text.trim().is_empty() && is_plain_text(text),
                    &path,
                    format!("{text:?}"),
                );
            }
            "link" | "comments" => findings.check(is_full_uri(text), &path, text),
            "pubDate" => findings.check(is_rfc_2822(text), &path, text),
            "description" => html::check(text, &path, findings),
            "guid" => {
                findings.check_attributes(child, &path, &["isPermaLink"]);
                let is_address = child.attribute("isPermaLink") != Some("false");
                findings.check(!is_address || is_full_uri(text), &path, text);
            }
            "source" => {
                findings.check_attributes(child, &path, &["url"]);
                let address = child.attribute("url").unwrap_or_default();
                findings.check(
                    is_full_uri(address) && is_plain_text(text),
                    &path,
                    format!("{address} {text}"),
                );
            }
            "enclosure" => check_enclosure(child, &path, findings),
            _ => check_extension(item, child, &path, findings),
        }
    }
}

fn check_enclosure(file: &Element, path: &str, findings: &mut Findings) {
    findings.check_attributes(file, path, &["url", "length", "type"]);
    let value = |name| file.attribute(name).unwrap_or_default();
    findings.check(is_http_address(value("url")), path, format!("the address {:?}", value("url")));
    findings.check(value("length").parse::<u64>().is_ok(), path, "the length");
    findings.check(
        values::is_media_type(value("type")),
        path,
        format!("the type {:?}", value("type")),
    );
}

/// An extension of an entry.
pub fn check_extension(entry: &Element, child: &Element, path: &str, findings: &mut Findings) {
    let value = |name| child.attribute(name).unwrap_or_default();
    match child.name.as_str() {
        "dc:language" => findings.check(values::is_language(&child.text), path, &child.text),
        "dc:source" => {
            let is_double = entry.has("source") || entry.has("atom:source");
            findings.check(!is_double, path, "it means the same as <source>");
        }
        "dc:creator" => findings.check(!entry.has("author"), path, "it means the same as <author>"),
        "media:thumbnail" => {
            findings.check_attributes(child, path, &["url", "width", "height", "time"]);
            check_file(child, path, findings);
        }
        "media:content" => {
            let known = [
                "url",
                "type",
                "fileSize",
                "duration",
                "medium",
                "width",
                "height",
                "isDefault",
                "lang",
            ];
            findings.check_attributes(child, path, &known);
            findings.check_children(
                child,
                path,
                &["media:title", "media:description", "media:credit*"],
            );
            check_file(child, path, findings);
            let kind = value("type");
            findings.check(
                kind.is_empty() || values::is_media_type(kind),
                path,
                format!("the type {kind:?}"),
            );
        }
        "itunes:duration" => {
            let is_time = child.text.split(':').all(|part| part.parse::<u32>().is_ok());
            findings.check(is_time, path, &child.text);
        }
        "itunes:explicit" => {
            let is_known = matches!(child.text.as_str(), "yes" | "no" | "true" | "false" | "clean");
            findings.check(is_known, path, &child.text);
        }
        _ => {}
    }
}

/// What pictures and files of Media RSS have in common.
fn check_file(file: &Element, path: &str, findings: &mut Findings) {
    let value = |name| file.attribute(name).unwrap_or_default();
    findings.check(is_full_uri(value("url")), path, format!("the address {:?}", value("url")));
    for number in ["width", "height", "fileSize"] {
        let is_number = value(number).is_empty() || values::is_positive(value(number));
        findings.check(is_number, path, format!("the {number} {}", value(number)));
    }
}
