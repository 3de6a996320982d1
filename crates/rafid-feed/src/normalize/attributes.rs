//! The attributes of a tag as written → the allowed ones, each with a checked value.

use std::borrow::Cow;

use url::Url;

use super::elements::HtmlElement;
use super::{absolute_url, escape};
use crate::markup::MarkupTag;
use crate::model::Language;

/// The attributes that each element may have in addition to `dir` and `lang`, sorted (HTML Living
/// Standard, section 4; purely visual attributes are dropped).
pub(super) const ALLOWED: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("blockquote", &["cite"]),
    ("del", &["cite", "datetime"]),
    ("dfn", &["title"]),
    ("img", &["alt", "height", "src", "title", "width"]),
    ("ins", &["cite", "datetime"]),
    ("li", &["value"]),
    ("ol", &["start", "type"]),
    ("q", &["cite"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
];

/// The attributes that every element may have.
pub(super) const GENERIC: &[&str] = &["dir", "lang"];

/// The maximum length of a text in an attribute, in characters (alternative texts of agencies'
/// photos reach about 500).
const MOST_CHARACTERS: usize = 1_000;
/// HTML Living Standard, section 4.9.11: a larger number of columns is read as this one.
const MOST_COLUMNS: i32 = 1_000;

/// The attributes to write for an element, each with a space before it. The addresses of links and
/// pictures are not included: the code that resolves them writes them.
pub(super) fn kept_attributes(
    element: &HtmlElement,
    tag: &MarkupTag,
    base: Option<&Url>,
) -> String {
    let mut written = String::new();
    let mut seen: Vec<&'static str> = Vec::new();
    let mut own = None;
    for (name, value) in tag.attributes() {
        let own = *own.get_or_insert_with(|| own_names(element));
        let Some(name) = allowed_name(own, name) else { continue };
        if seen.contains(&name) {
            continue;
        }
        if let Some(value) = checked_value(name, &decode_value(value), base) {
            seen.push(name);
            push_attribute(&mut written, name, &value);
        }
    }
    if !seen.contains(&"dir")
        && let Some(direction) =
            attribute_value(tag, "style").and_then(|style| styled_direction(&style))
    {
        push_attribute(&mut written, "dir", direction);
    }
    written
}

/// The value of an attribute, with entities resolved; the first attribute of that name counts.
pub(super) fn attribute_value<'a>(tag: &MarkupTag<'a>, name: &str) -> Option<Cow<'a, str>> {
    tag.attributes()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, v)| decode_value(v))
}

/// Appends one attribute.
pub(super) fn push_attribute(written: &mut String, name: &str, value: &str) {
    written.push(' ');
    written.push_str(name);
    written.push_str("=\"");
    escape::push_value(written, value);
    written.push('"');
}

/// A number of pixels as attributes spell it (`640`, `640px`, `640.5`); `None`: it is not one.
pub(super) fn parse_pixels(value: &str) -> Option<u32> {
    let value = value.trim();
    let digits = value.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let unit = value[digits.len()..].trim();
    let is_pixels = unit.is_empty() || unit.starts_with('.') || unit.eq_ignore_ascii_case("px");
    digits.parse().ok().filter(|pixels| is_pixels && *pixels <= 99_999)
}

fn decode_value(value: &str) -> Cow<'_, str> {
    if value.contains('&') { htmlize::unescape_attribute(value) } else { Cow::Borrowed(value) }
}

/// The names of the attributes that an element may have in addition to the general ones.
pub(super) fn own_names(element: &HtmlElement) -> &'static [&'static str] {
    let own = ALLOWED.binary_search_by(|(other, _)| (*other).cmp(element.written)).ok();
    own.and_then(|at| ALLOWED.get(at)).map_or(&[][..], |(_, names)| names)
}

/// The name to write; `None`: the element may not have it.
fn allowed_name(own: &[&'static str], name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case("xml:lang") {
        return Some("lang");
    }
    let names = GENERIC.iter().chain(own).copied();
    names
        .filter(|known| !matches!(*known, "href" | "src"))
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// The checked value; `None`: it is not a valid value of its kind.
fn checked_value(name: &str, value: &str, base: Option<&Url>) -> Option<String> {
    let value = value.trim();
    let one_of = |words: &[&str]| {
        words.iter().find(|word| word.eq_ignore_ascii_case(value)).map(ToString::to_string)
    };
    match name {
        "dir" => one_of(&["rtl", "ltr", "auto"]),
        "lang" => Language::parse(value).map(|language| language.as_str().to_owned()),
        "cite" => absolute_url::absolute_web_url(value, base),
        "colspan" | "rowspan" => {
            value.parse().ok().filter(|n| (1..=MOST_COLUMNS).contains(n)).map(|n| n.to_string())
        }
        "height" | "width" => parse_pixels(value).map(|pixels| pixels.to_string()),
        "start" | "value" => value.parse::<i32>().ok().map(|number| number.to_string()),
        "scope" => one_of(&["row", "col", "rowgroup", "colgroup"]),
        // Upper and lower case mean different numerals.
        "type" => matches!(value, "1" | "a" | "A" | "i" | "I").then(|| value.to_owned()),
        _ => Some(value.chars().take(MOST_CHARACTERS).collect()),
    }
}

/// The direction that a style sets.
fn styled_direction(style: &str) -> Option<&'static str> {
    style.split(';').filter_map(|rule| rule.split_once(':')).find_map(|(name, value)| {
        let value = value.split('!').next().unwrap_or_default().trim();
        name.trim().eq_ignore_ascii_case("direction").then(|| {
            ["rtl", "ltr"].into_iter().find(|direction| direction.eq_ignore_ascii_case(value))
        })?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::{MarkupToken, Scanner};
    use crate::normalize::elements;

    #[test]
    fn attributes_are_kept_or_dropped() {
        let base = Url::parse("https://a.example/").unwrap();
        let check = |markup: &str, expected: &str| {
            let Some(MarkupToken::Start(tag)) = Scanner::new(markup).next() else {
                panic!("{markup}")
            };
            let element = elements::find_element(tag.name).unwrap();
            assert_eq!(kept_attributes(element, &tag, Some(&base)), expected, "{markup}");
        };
        check("<p class=x id=y onclick='z'>", "");
        check("<p DIR=RTL xml:lang=ar_eg lang=en>", " dir=\"rtl\" lang=\"ar-EG\"");
        check("<p dir=up lang='arabic language'>", "");
        check("<p dir=up dir=ltr>", " dir=\"ltr\"");
        check("<p style='color:red; Direction : RTL !important'>", " dir=\"rtl\"");
        check("<p style='direction:rtl' dir=ltr>", " dir=\"ltr\"");
        check("<td colspan=2 rowspan=0 width=9 headers=h>", " colspan=\"2\"");
        check("<td colspan=1001>", "");
        check("<th scope=COL>", " scope=\"col\"");
        check("<ol start=-3 type=A reversed>", " start=\"-3\" type=\"A\"");
        check(
            "<img src=x width='640px' height=auto alt='a &quot;b&quot; &lt;c'>",
            " width=\"640\" alt=\"a &quot;b&quot; &lt;c\"",
        );
        check("<a href=x title=t target=_blank rel=me>", " title=\"t\"");
        check("<blockquote cite='/x'>", " cite=\"https://a.example/x\"");
        check("<q cite='javascript:x'>", "");
        check("<time datetime='2026-11-24'>", " datetime=\"2026-11-24\"");
        check("<acronym title=t>", " title=\"t\"");
    }

    #[test]
    fn pixels_as_written() {
        let check = |value: &str, expected: Option<u32>| {
            assert_eq!(parse_pixels(value), expected, "{value}");
        };
        check(" 640 ", Some(640));
        check("640px", Some(640));
        check("1.5", Some(1));
        check("100%", None);
        check("auto", None);
        check("-1", None);
        check("100000", None);
    }

    #[test]
    fn the_table_is_sorted_and_names_kept_elements() {
        assert!(ALLOWED.is_sorted());
        for (name, attributes) in ALLOWED {
            let element = elements::find_element(name).unwrap();
            assert!(element.role.is_kept() && element.written == *name, "{name}");
            assert!(attributes.is_sorted(), "{name}");
        }
    }
}
