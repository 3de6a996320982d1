//! The beginning of a text → what kind of document it is, and where its root element begins.
//!
//! Anything before the root (blank lines, PHP warnings, a second XML declaration, comments) is skipped; a
//! page, a subscription list or any other document is an error that says what it is.

use super::attributes::ElementAttributes;
use super::namespaces::{Namespace, NamespaceScopes, split_prefix};
use super::repairs::Repairs;
use super::tokens::{XmlToken, XmlTokens};
use super::{RepairError, sitemap};
use crate::model::Format;

/// Start tags before the root that are examined: PHP's warnings are a few `br` and `b`.
const MOST_TAGS: usize = 200;

/// The kind of document that a text begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DocumentStart<'a> {
    /// JSON, perhaps a JSON Feed.
    Json,
    /// A feed in XML.
    Xml {
        /// The dialect by its root element.
        format: Format,
        /// Where the root's start tag begins, in bytes.
        root_at: usize,
        /// The inside of the document type declaration, with the document's own entities.
        doctype: Option<&'a str>,
        /// What precedes the root and does not belong there.
        repairs: Repairs,
    },
}

/// Finds the root.
pub(super) fn sniff(text: &str) -> Result<DocumentStart<'_>, RepairError> {
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(DocumentStart::Json);
    }
    let mut scopes = NamespaceScopes::default();
    let mut doctype = None;
    let mut repairs = Repairs::default();
    let mut junk_at = None;
    let mut first: Option<&str> = None;
    let mut tags = 0;
    let mut is_page = false;
    let mut declarations = 0;
    let mut tokens = XmlTokens::new(text);
    while let Some((at, token)) = tokens.next() {
        // The walk reports the faults of the root itself.
        let fault = tokens.take_fault();
        match token {
            XmlToken::Doctype(inside, _) => doctype = Some(inside),
            XmlToken::Text(words) if !words.trim().is_empty() => _ = junk_at.get_or_insert(at),
            XmlToken::Instruction(inside) if is_declaration(inside) => {
                declarations += 1;
                record_declaration(declarations, at, &mut repairs);
            }
            XmlToken::Start { name, attributes, .. } => {
                let mark = scopes.mark();
                ElementAttributes::declare_namespaces(attributes, &mut scopes);
                let root = match root_format(name, attributes, &scopes) {
                    Err(RepairError::SitemapIndex(_)) => {
                        return Err(RepairError::SitemapIndex(sitemap::sitemaps_in_index(text)));
                    }
                    // Pages are not feeds, but some feeds are wrapped in the markup of a page.
                    Err(RepairError::HtmlPage) => {
                        is_page = true;
                        None
                    }
                    Ok(Some(format)) if is_page && !is_certainly_feed(format, attributes) => None,
                    other => other?,
                };
                if let Some(format) = root {
                    record_junk(junk_at, &mut repairs);
                    return Ok(DocumentStart::Xml { format, root_at: at, doctype, repairs });
                }
                scopes.restore(mark);
                first.get_or_insert(name);
                junk_at.get_or_insert(at);
                tags += 1;
                if tags == MOST_TAGS {
                    break;
                }
            }
            _ => {}
        }
        if let Some(fault) = fault {
            repairs.record_fault(fault, 0, None);
        }
    }
    match first {
        _ if is_page => Err(RepairError::HtmlPage),
        Some(name) if is_html_element(name) => Err(RepairError::HtmlPage),
        Some(name) => Err(RepairError::UnknownRoot(name.chars().take(60).collect())),
        None => Err(RepairError::NoMarkup),
    }
}

/// Elements that only pages begin with, sorted: pages may leave `html`, `head` and `body` out (HTML Living Standard
/// section 13.1.2.4).
const HTML_ELEMENTS: [&str; 27] = [
    "a", "b", "base", "br", "center", "div", "font", "form", "frameset", "h1", "h2", "h3", "hr",
    "iframe", "img", "main", "meta", "nav", "p", "pre", "script", "span", "strong", "style",
    "table", "ul", "video",
];

/// Whether only a page begins with an element.
pub(super) fn is_html_element(name: &str) -> bool {
    HTML_ELEMENTS.binary_search(&name.to_ascii_lowercase().as_str()).is_ok()
}

/// Whether a processing instruction is an XML declaration.
pub(super) fn is_declaration(inside: &str) -> bool {
    let word = inside.split(|c: char| c.is_ascii_whitespace()).next();
    word.is_some_and(|word| word.eq_ignore_ascii_case("xml"))
}

fn record_junk(at: Option<usize>, repairs: &mut Repairs) {
    if let Some(at) = at {
        repairs.record("text-before-root", at, None, || {
            "what stands before the root element is passed over".to_owned()
        });
    }
}

/// XML 1.0 section 2.8: there is one declaration, and nothing precedes it.
fn record_declaration(count: usize, at: usize, repairs: &mut Repairs) {
    if count > 1 {
        repairs.record("second-declaration", at, None, || {
            "a second XML declaration is passed over".to_owned()
        });
    } else if at > 0 {
        repairs.record("late-declaration", at, None, || {
            "the XML declaration does not stand at the very beginning".to_owned()
        });
    }
}

/// Whether the attributes of a root show that it is a feed's.
fn is_certainly_feed(format: Format, attrs: &str) -> bool {
    match format {
        Format::Atom | Format::Atom03 => attrs.contains("w3.org/2005/Atom"),
        _ => attrs.contains("version"),
    }
}

/// The dialect of a root element. `None`: the element is not a root.
fn root_format(
    name: &str,
    attrs: &str,
    scopes: &NamespaceScopes<'_>,
) -> Result<Option<Format>, RepairError> {
    let (prefix, local) = split_prefix(name);
    let ns = scopes.resolve(prefix);
    let attributes_contain = |needle: &str| attrs.to_ascii_lowercase().contains(needle);
    let format = match local.to_ascii_lowercase().as_str() {
        "rss" => Format::Rss,
        "rdf" => Format::Rdf,
        "feed"
            if attributes_contain("purl.org/atom/ns")
                || attributes_contain("version=\"0.3")
                || attributes_contain("version='0.3") =>
        {
            Format::Atom03
        }
        "feed" => Format::Atom,
        "entry" if ns == Some(Namespace::Atom) => Format::Atom,
        "channel" if attributes_contain("href") && !attributes_contain("xmlns") => Format::Cdf,
        "channel" => Format::Rss,
        "html" | "head" | "body" if matches!(prefix, "" | "html" | "xhtml") => {
            return Err(RepairError::HtmlPage);
        }
        "urlset" => Format::NewsSitemap,
        "sitemapindex" => return Err(RepairError::SitemapIndex(Vec::new())),
        "opml" => return Err(RepairError::SubscriptionList),
        _ => return Ok(None),
    };
    Ok(Some(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_after_all_kinds_of_junk() {
        let check = |text: &str, expected: Format, root: &str| match sniff(text).unwrap() {
            DocumentStart::Xml { format, root_at, .. } => {
                assert_eq!(format, expected, "{text}");
                assert!(text[root_at..].starts_with(root), "{text}");
            }
            DocumentStart::Json => panic!("JSON: {text}"),
        };
        check("<rss version='2.0'>", Format::Rss, "<rss");
        check("\n<?xml version='1.0'?>\n<?xml version='1.0'?><RSS>", Format::Rss, "<RSS");
        check("<br />\n<b>Warning</b>: x in <b>y</b><br /><?xml?><rss>", Format::Rss, "<rss");
        check("<!-- <rss> --><feed xmlns='http://purl.org/atom/ns#'>", Format::Atom03, "<feed");
        check("<feed version=\"0.3\">", Format::Atom03, "<feed");
        check("<a:feed xmlns:a='http://www.w3.org/2005/Atom'>", Format::Atom, "<a:feed");
        check("<r:RDF>", Format::Rdf, "<r:RDF");
        check("<entry xmlns='http://www.w3.org/2005/Atom'>", Format::Atom, "<entry");
        check("<Channel HREF='x'>", Format::Cdf, "<Channel");
        check("<channel><title>", Format::Rss, "<channel");
        check("<!DOCTYPE html><rss>", Format::Rss, "<rss");
        check("<html><body><rss version='2.0'>", Format::Rss, "<rss");
    }

    #[test]
    fn other_documents_are_named_in_the_error() {
        let check = |text: &str, expected: &str| {
            assert_eq!(sniff(text).unwrap_err().to_string(), expected, "{text}");
        };
        let page = "this is an HTML page and no feed; the page may name its feed";
        check("<!DOCTYPE html><html>", page);
        check("<html><body><rss><feed><p>", page);
        check("<div><p>x</p>", page);
        check("<META charset=utf-8><title>404</title><h1>", page);
        assert!(HTML_ELEMENTS.is_sorted());
        check("<opml version='1.0'>", "this is a subscription list (OPML) and no feed");
        check(
            "<sitemapindex><sitemap/></sitemapindex>",
            "this is an index of sitemaps and no feed; it names none that could be read",
        );
        check(
            "<urls><url/></urls>",
            "no feed begins with <urls>: expected rss, rdf:RDF, feed or JSON",
        );
        check("words", "there is no markup: expected a feed in XML or JSON");
        assert_eq!(sniff(" {\"version\":"), Ok(DocumentStart::Json));
    }
}
