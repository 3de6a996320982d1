//! Canonical Atom 1.0 → `RawFeed`, through the `atom_syndication` crate. Dates are not read here: the crate
//! reads some of them wrongly and fails on others, so the repair keeps them beside the document as written.

use atom_syndication::{Category, Entry, Feed, Link, Person, Text, TextType};

use super::{ParseError, non_blank_owned};
use crate::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, TextKind,
};

pub(super) fn parse_atom(body: &str) -> Result<RawFeed, ParseError> {
    let feed = Feed::read_from(body.as_bytes()).map_err(ParseError::Atom)?;
    let pictures = feed.logo.into_iter().chain(feed.icon).filter_map(non_blank_owned);
    Ok(RawFeed {
        id: non_blank_owned(feed.id),
        title: raw_text(feed.title),
        subtitle: feed.subtitle.and_then(raw_text),
        links: feed.links.into_iter().filter_map(raw_link).collect(),
        language: feed.lang.and_then(non_blank_owned),
        images: pictures.map(|url| RawImage { url, ..RawImage::default() }).collect(),
        authors: raw_people(feed.authors),
        categories: feed.categories.into_iter().filter_map(raw_category).collect(),
        rights: feed.rights.and_then(|rights| non_blank_owned(rights.value)),
        generator: feed.generator.and_then(|generator| non_blank_owned(generator.value)),
        entries: feed.entries.into_iter().map(raw_entry).collect(),
        ..RawFeed::default()
    })
}

fn raw_entry(entry: Entry) -> RawEntry {
    let content = entry.content.and_then(|content| {
        let kind = match content.content_type.as_deref() {
            Some("html" | "xhtml") => TextKind::Html,
            Some("text") | None => TextKind::Text,
            Some(_) => TextKind::Unspecified,
        };
        Some(RawText { value: non_blank_owned(content.value?)?, kind, ..RawText::default() })
    });
    RawEntry {
        guid: non_blank_owned(entry.id),
        title: raw_text(entry.title),
        enclosures: entry.links.iter().filter_map(raw_enclosure).collect(),
        links: entry.links.into_iter().filter_map(raw_link).collect(),
        summary: entry.summary.and_then(raw_text),
        content,
        authors: raw_people(entry.authors),
        categories: entry.categories.into_iter().filter_map(raw_category).collect(),
        rights: entry.rights.and_then(|rights| non_blank_owned(rights.value)),
        ..RawEntry::default()
    }
}

fn raw_text(text: Text) -> Option<RawText> {
    let kind = match text.r#type {
        TextType::Text => TextKind::Text,
        TextType::Html | TextType::Xhtml => TextKind::Html,
    };
    let language = text.lang.and_then(non_blank_owned);
    Some(RawText { value: non_blank_owned(text.value)?, kind, language, ..RawText::default() })
}

fn raw_link(link: Link) -> Option<RawLink> {
    Some(RawLink {
        href: non_blank_owned(link.href)?,
        rel: non_blank_owned(link.rel),
        media_type: link.mime_type.and_then(non_blank_owned),
        hreflang: link.hreflang.and_then(non_blank_owned),
        title: link.title.and_then(non_blank_owned),
    })
}

fn raw_enclosure(link: &Link) -> Option<RawEnclosure> {
    if link.rel != "enclosure" {
        return None;
    }
    Some(RawEnclosure {
        url: non_blank_owned(link.href.clone())?,
        media_type: link.mime_type.clone().and_then(non_blank_owned),
        length: link.length.clone().and_then(non_blank_owned),
        title: link.title.clone().and_then(non_blank_owned),
        duration: None,
    })
}

fn raw_people(list: Vec<Person>) -> Vec<RawPerson> {
    list.into_iter()
        .map(|person| RawPerson {
            name: non_blank_owned(person.name),
            email: person.email.and_then(non_blank_owned),
            url: person.uri.and_then(non_blank_owned),
        })
        .filter(|person| *person != RawPerson::default())
        .collect()
}

fn raw_category(category: Category) -> Option<RawCategory> {
    Some(RawCategory {
        term: non_blank_owned(category.term)?,
        label: category.label.and_then(non_blank_owned),
        scheme: category.scheme.and_then(non_blank_owned),
    })
}
