//! The HTML of an entry → whether the validator accepts it: no mistake of syntax, only harmless elements and
//! attributes, only absolute addresses.

use scraper::{Html, Node};

use super::Findings;

/// Elements that the validator takes for harmless, among those that an entry may have.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "mark",
    "menu",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];
/// Other names that it takes for tags.
const OTHER_TAGS: &[&str] =
    &["bdo", "body", "embed", "form", "html", "iframe", "main", "object", "script", "style"];
/// Attributes that it takes for harmless, among those that an entry may have.
const ATTRIBUTES: &[&str] = &[
    "abbr", "align", "alt", "char", "charoff", "cite", "class", "colspan", "datetime", "dir",
    "headers", "height", "href", "hreflang", "id", "itemprop", "lang", "loading", "media", "name",
    "open", "poster", "preload", "rel", "reversed", "rowspan", "scope", "size", "sizes", "span",
    "src", "srclang", "srcset", "start", "summary", "title", "type", "valign", "value", "width",
];

pub fn is_tag(name: &str) -> bool {
    ELEMENTS.contains(&name) || OTHER_TAGS.contains(&name)
}

pub fn check(html: &str, path: &str, findings: &mut Findings) {
    let parsed = Html::parse_fragment(html);
    // Markup without mistakes of syntax is written as it was read. The parser sorts the attributes.
    let written = parsed.root_element().inner_html();
    let body = written.strip_prefix("<body>").and_then(|rest| rest.strip_suffix("</body>"));
    let (read, written) = (without_attributes(html), without_attributes(body.unwrap_or(&written)));
    findings.check(read == written, path, format!("HTML {read:?} is read as {written:?}"));
    for node in parsed.tree.nodes() {
        let Node::Element(element) = node.value() else { continue };
        let name = element.name();
        // The parser adds them to a fragment.
        if matches!(name, "html" | "body") {
            continue;
        }
        findings.check(ELEMENTS.contains(&name), path, format!("the element {name}"));
        for (attribute, value) in element.attrs() {
            findings.check(
                ATTRIBUTES.contains(&attribute),
                path,
                format!("the attribute {attribute} of {name}"),
            );
            let is_address = matches!((name, attribute), ("a", "href") | ("img", "src"));
            let is_absolute =
                value.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
            findings.check(
                !is_address || is_absolute,
                path,
                format!("the relative address {value}"),
            );
        }
    }
}

/// The markup with the names of its tags only.
fn without_attributes(html: &str) -> String {
    let tags = html.split('<').map(|tag| match tag.split_once('>') {
        Some((name, text)) => format!("{}>{text}", name.split(' ').next().unwrap_or_default()),
        None => tag.to_owned(),
    });
    tags.collect::<Vec<_>>().join("<")
}
