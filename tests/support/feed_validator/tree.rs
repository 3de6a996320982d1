//! A document → its elements, with the usual prefixes of their namespaces.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// The namespaces that the validator knows, with the prefixes that it expects, among those that we use. The empty
/// one belongs to RSS and OPML.
const NAMESPACES: &[(&str, &str)] = &[
    ("http://www.w3.org/2005/Atom", "atom"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://search.yahoo.com/mrss/", "media"),
    ("http://purl.org/syndication/history/1.0", "fh"),
    ("http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"),
    ("http://www.w3.org/XML/1998/namespace", "xml"),
];
/// The validator reports that it has no rules for these: documents have them only when their entries need them.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("https://podcastindex.org/namespace/1.0", "podcast"),
    ("http://podlove.org/simple-chapters", "psc"),
];

/// An element with what is in it.
#[derive(Debug, Default, Clone)]
pub struct Element {
    /// `title`, `atom:title`: the prefix is the usual one of the namespace.
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    /// Its text without that of its children.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.child(name).is_some()
    }
}

/// The root element.
///
/// # Errors
/// Where the document is not well-formed, or uses a namespace that the validator does not know.
pub fn parse(document: &str) -> Result<Element, String> {
    let mut reader = NsReader::from_str(document);
    let mut open = vec![Element::default()];
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                let prefix = prefix_of(&space)?;
                open.push(element(&reader, prefix, &start)?);
            }
            Event::Empty(start) => {
                let prefix = prefix_of(&space)?;
                let element = element(&reader, prefix, &start)?;
                open.last_mut().unwrap().children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().ok_or("an end without a start")?.children.push(element);
            }
            Event::Text(text) => {
                open.last_mut().unwrap().text.push_str(&text.decode().map_err(|e| e.to_string())?);
            }
            Event::CData(text) => {
                open.last_mut().unwrap().text.push_str(&text.decode().map_err(|e| e.to_string())?);
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| error.to_string())?;
                let text = quick_xml::escape::unescape(&format!("&{name};")).map(String::from);
                open.last_mut().unwrap().text.push_str(&text.map_err(|error| error.to_string())?);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let [document] = &mut open[..] else { return Err("an element is not closed".to_owned()) };
    document.children.pop().ok_or_else(|| "no element".to_owned())
}

fn prefix_of(space: &ResolveResult<'_>) -> Result<&'static str, String> {
    let name = match space {
        ResolveResult::Unbound => return Ok(""),
        ResolveResult::Bound(name) => String::from_utf8_lossy(name.0).into_owned(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("the prefix {} is not declared", String::from_utf8_lossy(prefix)));
        }
    };
    let known = NAMESPACES.iter().chain(UNSUPPORTED).find(|(known, _)| *known == name);
    known.map(|(_, prefix)| *prefix).ok_or_else(|| format!("unknown namespace {name}"))
}

fn element(
    reader: &NsReader<&[u8]>,
    prefix: &str,
    start: &BytesStart<'_>,
) -> Result<Element, String> {
    let local = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value = attribute.decoded_and_normalized_value(XmlVersion::default(), reader.decoder());
        let value = value.map_err(|error| error.to_string())?.into_owned();
        if let Some(declared) = name.strip_prefix("xmlns:") {
            check_prefix(declared, &value)?;
        } else if name != "xmlns" {
            attributes.push((name, value));
        }
    }
    let name = if prefix.is_empty() { local } else { format!("{prefix}:{local}") };
    Ok(Element { name, attributes, ..Element::default() })
}

/// A namespace has its usual prefix.
fn check_prefix(prefix: &str, name: &str) -> Result<(), String> {
    let known = NAMESPACES.iter().chain(UNSUPPORTED).find(|(known, _)| *known == name);
    match known {
        Some((_, usual)) if *usual == prefix => Ok(()),
        Some((_, usual)) => Err(format!("the prefix of {name} is {prefix}, usual is {usual}")),
        None => Err(format!("unknown namespace {name}")),
    }
}
