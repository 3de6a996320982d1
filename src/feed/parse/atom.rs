//! Canonical Atom 1.0 → `RawFeed`, through the `atom_syndication` crate. Dates do not come this way:
//! the crate reads some of them wrongly and dies of others, so the repair carries them as written.

use atom_syndication::{Category, Entry, Feed, Link, Person, Text, TextType};

use super::{ParseError, said};
use crate::feed::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, TextKind,
};

pub(super) fn parse(body: &str) -> Result<RawFeed, ParseError> {
    let feed = Feed::read_from(body.as_bytes()).map_err(ParseError::Atom)?;
    let pictures = feed.logo.iter().chain(&feed.icon).filter_map(|url| said(url));
    Ok(RawFeed {
        id: said(&feed.id),
        title: text(&feed.title),
        subtitle: feed.subtitle.as_ref().and_then(text),
        links: feed.links.iter().filter_map(link).collect(),
        language: feed.lang.as_deref().and_then(said),
        images: pictures.map(|url| RawImage { url, ..RawImage::default() }).collect(),
        authors: people(&feed.authors),
        categories: feed.categories.iter().filter_map(category).collect(),
        rights: feed.rights.as_ref().and_then(|rights| said(&rights.value)),
        generator: feed.generator.as_ref().and_then(|generator| said(&generator.value)),
        entries: feed.entries.iter().map(entry).collect(),
        ..RawFeed::default()
    })
}

fn entry(entry: &Entry) -> RawEntry {
    let content = entry.content.as_ref().and_then(|content| {
        let kind = match content.content_type.as_deref() {
            Some("html" | "xhtml") => TextKind::Html,
            Some("text") | None => TextKind::Text,
            Some(_) => TextKind::Unsaid,
        };
        Some(RawText { value: said(content.value.as_deref()?)?, kind, ..RawText::default() })
    });
    RawEntry {
        guid: said(&entry.id),
        title: text(&entry.title),
        links: entry.links.iter().filter_map(link).collect(),
        summary: entry.summary.as_ref().and_then(text),
        content,
        authors: people(&entry.authors),
        categories: entry.categories.iter().filter_map(category).collect(),
        enclosures: entry.links.iter().filter_map(enclosure).collect(),
        rights: entry.rights.as_ref().and_then(|rights| said(&rights.value)),
        ..RawEntry::default()
    }
}

fn text(text: &Text) -> Option<RawText> {
    let kind = match text.r#type {
        TextType::Text => TextKind::Text,
        TextType::Html | TextType::Xhtml => TextKind::Html,
    };
    let language = text.lang.as_deref().and_then(said);
    Some(RawText { value: said(&text.value)?, kind, language, ..RawText::default() })
}

fn link(link: &Link) -> Option<RawLink> {
    Some(RawLink {
        href: said(&link.href)?,
        rel: said(&link.rel),
        media_type: link.mime_type.as_deref().and_then(said),
        hreflang: link.hreflang.as_deref().and_then(said),
        title: link.title.as_deref().and_then(said),
    })
}

fn enclosure(link: &Link) -> Option<RawEnclosure> {
    if link.rel != "enclosure" {
        return None;
    }
    Some(RawEnclosure {
        url: said(&link.href)?,
        media_type: link.mime_type.as_deref().and_then(said),
        length: link.length.as_deref().and_then(said),
        title: link.title.as_deref().and_then(said),
        duration: None,
    })
}

fn people(list: &[Person]) -> Vec<RawPerson> {
    list.iter()
        .map(|person| RawPerson {
            name: said(&person.name),
            email: person.email.as_deref().and_then(said),
            url: person.uri.as_deref().and_then(said),
        })
        .filter(|person| *person != RawPerson::default())
        .collect()
}

fn category(category: &Category) -> Option<RawCategory> {
    Some(RawCategory {
        term: said(&category.term)?,
        label: category.label.as_deref().and_then(said),
        scheme: category.scheme.as_deref().and_then(said),
    })
}
