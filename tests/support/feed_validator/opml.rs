//! The rules of OPML 2.0.

use super::values::{is_full_uri, is_language, is_rfc_2822};
use super::{Element, Findings};

pub fn check(opml: &Element, findings: &mut Findings) {
    findings.check_attributes(opml, "opml", &["version"]);
    let version = opml.attribute("version").unwrap_or_default();
    findings.check(
        matches!(version, "1.0" | "1.1" | "2.0"),
        "opml",
        format!("the version {version:?}"),
    );
    findings.check_children(opml, "opml", &["head", "body"]);
    let Some((head, body)) = opml.child("head").zip(opml.child("body")) else {
        return findings.add("opml", "no head or no body");
    };
    let known =
        ["title", "dateCreated", "dateModified", "ownerName", "ownerEmail", "ownerId", "docs"];
    findings.check_children(head, "opml/head", &known);
    for date in head.named("dateCreated").chain(head.named("dateModified")) {
        findings.check(is_rfc_2822(&date.text), "opml/head", &date.text);
    }
    findings.check(body.has("outline"), "opml/body", "no outline");
    check_outlines(body, "opml/body", findings);
}

fn check_outlines(parent: &Element, path: &str, findings: &mut Findings) {
    findings.check_children(parent, path, &["outline*"]);
    for (at, outline) in parent.named("outline").enumerate() {
        let path = format!("{path}/outline[{at}]");
        let known = [
            "text",
            "title",
            "type",
            "xmlUrl",
            "htmlUrl",
            "language",
            "category",
            "description",
            "version",
            "created",
            "url",
        ];
        findings.check_attributes(outline, &path, &known);
        let value = |name| outline.attribute(name);
        findings.check(value("text").is_some(), &path, "no text");
        match value("type") {
            Some("rss") => {
                findings.check(value("xmlUrl").is_some(), &path, "no xmlUrl");
                findings.check(value("title").is_some(), &path, "no title");
            }
            Some(other) => findings.add(&path, format!("the type {other}")),
            None => findings.check(value("xmlUrl").is_none(), &path, "no type"),
        }
        let page = value("htmlUrl");
        findings.check(page.is_none_or(is_full_uri), &path, format!("the page {page:?}"));
        findings.check(value("language").is_none_or(is_language), &path, "the language");
        check_outlines(outline, &path, findings);
    }
}
