//! Canonical RSS 2.0 → `RawFeed`, through the `rss` crate.

use rss::{Channel, Item};

use super::{ParseError, kept, person, said};
use crate::feed::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawText, TextKind,
};

pub(super) fn parse(body: &str) -> Result<RawFeed, ParseError> {
    let channel = Channel::read_from(body.as_bytes()).map_err(ParseError::Rss)?;
    let image = channel.image.as_ref().and_then(|image| said(&image.url));
    Ok(RawFeed {
        title: text(Some(channel.title)),
        subtitle: text(Some(channel.description)),
        links: link(Some(channel.link)).into_iter().collect(),
        language: channel.language.and_then(kept),
        images: image.map(|url| RawImage { url, ..RawImage::default() }).into_iter().collect(),
        updated: channel.last_build_date.and_then(kept),
        published: channel.pub_date.and_then(kept),
        authors: channel.managing_editor.as_deref().and_then(person).into_iter().collect(),
        categories: categories(channel.categories),
        rights: channel.copyright.and_then(kept),
        generator: channel.generator.and_then(kept),
        entries: channel.items.into_iter().map(entry).collect(),
        ..RawFeed::default()
    })
}

fn entry(item: Item) -> RawEntry {
    let creators = item.dublin_core_ext.iter().flat_map(|core| core.creators.iter());
    let authors = item.author.iter().chain(creators).filter_map(|words| person(words)).collect();
    let file = item.enclosure.and_then(|file| {
        Some(RawEnclosure {
            url: kept(file.url)?,
            media_type: kept(file.mime_type),
            length: kept(file.length),
            ..RawEnclosure::default()
        })
    });
    RawEntry {
        guid_is_permalink: item.guid.as_ref().map(|guid| guid.permalink),
        guid: item.guid.and_then(|guid| kept(guid.value)),
        title: text(item.title),
        links: link(item.link).into_iter().collect(),
        summary: text(item.description),
        content: text(item.content),
        authors,
        categories: categories(item.categories),
        enclosures: file.into_iter().collect(),
        ..RawEntry::default()
    }
}

fn text(value: Option<String>) -> Option<RawText> {
    Some(RawText { value: kept(value?)?, kind: TextKind::Unsaid, ..RawText::default() })
}

fn link(href: Option<String>) -> Option<RawLink> {
    Some(RawLink { href: kept(href?)?, ..RawLink::default() })
}

fn categories(list: Vec<rss::Category>) -> Vec<RawCategory> {
    list.into_iter()
        .filter_map(|category| {
            let scheme = category.domain.and_then(kept);
            Some(RawCategory { term: kept(category.name)?, label: None, scheme })
        })
        .collect()
}
