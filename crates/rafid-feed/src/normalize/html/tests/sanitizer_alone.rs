//! Hostile markup → what the sanitizer alone keeps of it, without the steps before it: the allow-list
//! has to hold by itself.

use super::attacks::attack_table;
use super::*;

/// Elements that run, load or send something, or that change the page around them.
const FORBIDDEN_ELEMENTS: [&str; 34] = [
    "applet",
    "audio",
    "base",
    "body",
    "button",
    "canvas",
    "dialog",
    "embed",
    "fencedframe",
    "form",
    "frame",
    "frameset",
    "head",
    "html",
    "iframe",
    "input",
    "link",
    "map",
    "marquee",
    "math",
    "meta",
    "noscript",
    "object",
    "option",
    "param",
    "portal",
    "script",
    "select",
    "slot",
    "style",
    "svg",
    "template",
    "textarea",
    "video",
];

/// Attributes that run or load something, or that change how the page looks or works.
const FORBIDDEN_ATTRIBUTES: [&str; 24] = [
    "action",
    "autofocus",
    "background",
    "class",
    "contenteditable",
    "data",
    "download",
    "form",
    "formaction",
    "id",
    "is",
    "name",
    "onclick",
    "onerror",
    "onload",
    "onmouseover",
    "ping",
    "poster",
    "slot",
    "srcdoc",
    "srcset",
    "style",
    "target",
    "xlink:href",
];

/// Addresses that no link and no picture may have.
const FORBIDDEN_ADDRESSES: [&str; 9] = [
    "javascript:RUN",
    "JaVaScRiPt:RUN",
    "java\tscript:RUN",
    "data:text/html,x",
    "vbscript:RUN",
    "file:///etc/passwd",
    "blob:x",
    "//x.example/",
    "/relative",
];

fn sanitized(markup: &str) -> String {
    sanitizer().clean(markup).to_string()
}

#[test]
fn attacks_are_harmless_without_the_steps_before() {
    for attack in attack_table::MARKUP {
        for input in [(*attack).to_owned(), format!("<p>{attack}</p>"), format!("<table>{attack}")]
        {
            assert_harmless(&sanitized(&input), &input);
        }
    }
    for address in attack_table::ADDRESSES {
        let address = address.replace('"', "&quot;");
        let input =
            format!("<a href=\"{address}\">x</a><img src=\"{address}\" srcset=\"{address}\">");
        assert_harmless(&sanitized(&input), &input);
    }
}

#[test]
fn no_forbidden_element_is_kept() {
    for name in FORBIDDEN_ELEMENTS {
        let clean = sanitized(&format!("<p>a</p><{name} href=x>b</{name}><p>c</p>"));
        assert!(!clean.contains(&format!("<{name}")), "{clean}");
        assert!(clean.contains("<p>a</p>"), "{name}: {clean}");
    }
    for name in ["script", "style"] {
        let clean = sanitized(&format!("<p>a</p><{name}>b</{name}>"));
        assert_eq!(clean, "<p>a</p>", "the text of a {name} is no text");
    }
}

#[test]
fn no_forbidden_attribute_is_kept() {
    for element in ELEMENTS.iter().filter(|element| element.role.is_kept()) {
        let element = element.written;
        for name in FORBIDDEN_ATTRIBUTES {
            let clean = sanitized(&format!("<{element} {name}=\"alert(1)\">x</{element}>"));
            assert!(!clean.contains("alert"), "{clean}");
        }
    }
}

#[test]
fn only_web_and_mail_addresses_are_kept() {
    for address in FORBIDDEN_ADDRESSES {
        let clean = sanitized(&format!(
            "<a href=\"{address}\">x</a><img alt=\"\" src=\"{address}\"><q cite=\"{address}\">y</q>"
        ));
        for name in ["href", "src", "cite"] {
            assert!(!clean.contains(name), "{address}: {clean}");
        }
    }
    let kept =
        sanitized("<a href=\"https://a.example/\">x</a><a href=\"mailto:a@a.example\">y</a>");
    assert!(kept.contains("https://a.example/") && kept.contains("mailto:a@a.example"), "{kept}");
}
