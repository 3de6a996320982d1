//! A document of our outputs → what W3C's feed validator says about it: errors and warnings, in our words.
//!
//! The rules are those of the validator's own code (github.com/w3c/feedvalidator) for every element and attribute
//! that our outputs use. An element, an attribute or a namespace without a rule here is a finding, too: what the
//! validator says about a new one is looked up first.

mod atom;
mod html;
mod opml;
mod rss;
mod tree;
mod values;

use std::collections::BTreeSet;

pub use tree::Element;

/// What is wrong, each with the path of its element.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// A finding at an element.
    fn add(&mut self, path: &str, finding: impl AsRef<str>) {
        self.0.push(format!("{path}: {}", finding.as_ref()));
    }

    /// Adds a finding where a value does not fit.
    fn check(&mut self, fits: bool, path: &str, finding: impl AsRef<str>) {
        if !fits {
            self.add(path, finding);
        }
    }

    /// Every child is one of `known`, and those with a `*` may be there more than once.
    fn check_children(&mut self, element: &Element, path: &str, known: &[&str]) {
        let mut seen = BTreeSet::new();
        for child in &element.children {
            let rule = known.iter().find(|rule| rule.trim_end_matches('*') == child.name);
            match rule {
                None => self.add(path, format!("no rule for <{}>", child.name)),
                Some(rule) if !rule.ends_with('*') && !seen.insert(&child.name) => {
                    self.add(path, format!("more than one <{}>", child.name));
                }
                Some(_) => {}
            }
        }
    }

    /// Every attribute is one of `known`; a language is allowed everywhere.
    fn check_attributes(&mut self, element: &Element, path: &str, known: &[&str]) {
        for (name, value) in &element.attributes {
            match name.as_str() {
                "xml:lang" => {
                    self.check(values::is_language(value), path, format!("language {value}"));
                }
                name if known.contains(&name) => {}
                name => self.add(path, format!("no rule for the attribute {name}")),
            }
        }
    }
}

/// What the validator says about a feed or an outline that is served at `address`: nothing, if all is well.
pub fn findings(document: &str, address: &str) -> Vec<String> {
    let mut findings = Findings::default();
    let root = match tree::parse(document) {
        Ok(root) => root,
        Err(error) => return vec![format!("not well-formed: {error}")],
    };
    check_characters(&root, &root.name, &mut findings);
    match root.name.as_str() {
        "rss" => rss::check(&root, address, &mut findings),
        "atom:feed" => atom::check(&root, address, &mut findings),
        "opml" => opml::check(&root, &mut findings),
        other => findings.add("document", format!("unknown kind {other}")),
    }
    findings.0
}

/// C1 control characters and replacement characters are signs of a wrong encoding.
fn check_characters(element: &Element, path: &str, findings: &mut Findings) {
    let is_bad = |text: &str| text.contains(|c| matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}'));
    let attributes = element.attributes.iter().map(|(_, value)| value);
    if attributes.chain([&element.text]).any(|text| is_bad(text)) {
        findings.add(path, "bad characters");
    }
    for child in &element.children {
        check_characters(child, &format!("{path}/{}", child.name), findings);
    }
}
