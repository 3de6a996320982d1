//! Canonical Atom 1.0 → `RawFeed`, through the `atom_syndication` crate. Dates do not come this way:
//! the crate reads some of them wrongly and dies of others, so the repair carries them as written.

use atom_syndication::{Category, Entry, Feed, Link, Person, Text, TextType};

use super::{ParseError, kept};
use crate::feed::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawPerson, RawText, TextKind,
};

pub(super) fn parse(body: &str) -> Result<RawFeed, ParseError> {
    let feed = Feed::read_from(body.as_bytes()).map_err(ParseError::Atom)?;
    let pictures = feed.logo.into_iter().chain(feed.icon).filter_map(kept);
    Ok(RawFeed {
        id: kept(feed.id),
        title: text(feed.title),
        subtitle: feed.subtitle.and_then(text),
        links: feed.links.into_iter().filter_map(link).collect(),
        language: feed.lang.and_then(kept),
        images: pictures.map(|url| RawImage { url, ..RawImage::default() }).collect(),
        authors: people(feed.authors),
        categories: feed.categories.into_iter().filter_map(category).collect(),
        rights: feed.rights.and_then(|rights| kept(rights.value)),
        generator: feed.generator.and_then(|generator| kept(generator.value)),
        entries: feed.entries.into_iter().map(entry).collect(),
        ..RawFeed::default()
    })
}

fn entry(entry: Entry) -> RawEntry {
    let content = entry.content.and_then(|content| {
        let kind = match content.content_type.as_deref() {
            Some("html" | "xhtml") => TextKind::Html,
            Some("text") | None => TextKind::Text,
            Some(_) => TextKind::Unsaid,
        };
        Some(RawText { value: kept(content.value?)?, kind, ..RawText::default() })
    });
    RawEntry {
        guid: kept(entry.id),
        title: text(entry.title),
        enclosures: entry.links.iter().filter_map(enclosure).collect(),
        links: entry.links.into_iter().filter_map(link).collect(),
        summary: entry.summary.and_then(text),
        content,
        authors: people(entry.authors),
        categories: entry.categories.into_iter().filter_map(category).collect(),
        rights: entry.rights.and_then(|rights| kept(rights.value)),
        ..RawEntry::default()
    }
}

fn text(text: Text) -> Option<RawText> {
    let kind = match text.r#type {
        TextType::Text => TextKind::Text,
        TextType::Html | TextType::Xhtml => TextKind::Html,
    };
    let language = text.lang.and_then(kept);
    Some(RawText { value: kept(text.value)?, kind, language, ..RawText::default() })
}

fn link(link: Link) -> Option<RawLink> {
    Some(RawLink {
        href: kept(link.href)?,
        rel: kept(link.rel),
        media_type: link.mime_type.and_then(kept),
        hreflang: link.hreflang.and_then(kept),
        title: link.title.and_then(kept),
    })
}

fn enclosure(link: &Link) -> Option<RawEnclosure> {
    if link.rel != "enclosure" {
        return None;
    }
    Some(RawEnclosure {
        url: kept(link.href.clone())?,
        media_type: link.mime_type.clone().and_then(kept),
        length: link.length.clone().and_then(kept),
        title: link.title.clone().and_then(kept),
        duration: None,
    })
}

fn people(list: Vec<Person>) -> Vec<RawPerson> {
    list.into_iter()
        .map(|person| RawPerson {
            name: kept(person.name),
            email: person.email.and_then(kept),
            url: person.uri.and_then(kept),
        })
        .filter(|person| *person != RawPerson::default())
        .collect()
}

fn category(category: Category) -> Option<RawCategory> {
    Some(RawCategory {
        term: kept(category.term)?,
        label: category.label.and_then(kept),
        scheme: category.scheme.and_then(kept),
    })
}
