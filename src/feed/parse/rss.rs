//! Canonical RSS 2.0 → `RawFeed`, through the `rss` crate.

use rss::{Channel, Item};

use super::{ParseError, person, said};
use crate::feed::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawText, TextKind,
};

pub(super) fn parse(body: &str) -> Result<RawFeed, ParseError> {
    let channel = Channel::read_from(body.as_bytes()).map_err(ParseError::Rss)?;
    let image = channel.image.as_ref().and_then(|image| said(&image.url));
    Ok(RawFeed {
        title: text(Some(&channel.title)),
        subtitle: text(Some(&channel.description)),
        links: link(Some(&channel.link)).into_iter().collect(),
        language: channel.language.as_deref().and_then(said),
        images: image.map(|url| RawImage { url, ..RawImage::default() }).into_iter().collect(),
        updated: channel.last_build_date.as_deref().and_then(said),
        published: channel.pub_date.as_deref().and_then(said),
        authors: channel.managing_editor.as_deref().and_then(person).into_iter().collect(),
        categories: categories(&channel.categories),
        rights: channel.copyright.as_deref().and_then(said),
        generator: channel.generator.as_deref().and_then(said),
        entries: channel.items.iter().map(entry).collect(),
        ..RawFeed::default()
    })
}

fn entry(item: &Item) -> RawEntry {
    let creators = item.dublin_core_ext.iter().flat_map(|core| core.creators.iter());
    let authors = item.author.iter().chain(creators).filter_map(|words| person(words)).collect();
    let file = item.enclosure.as_ref().and_then(|file| {
        Some(RawEnclosure {
            url: said(&file.url)?,
            media_type: said(&file.mime_type),
            length: said(&file.length),
            ..RawEnclosure::default()
        })
    });
    RawEntry {
        guid: item.guid.as_ref().and_then(|guid| said(&guid.value)),
        guid_is_permalink: item.guid.as_ref().map(|guid| guid.permalink),
        title: text(item.title.as_deref()),
        links: link(item.link.as_deref()).into_iter().collect(),
        summary: text(item.description.as_deref()),
        content: text(item.content.as_deref()),
        authors,
        categories: categories(&item.categories),
        enclosures: file.into_iter().collect(),
        ..RawEntry::default()
    }
}

fn text(value: Option<&str>) -> Option<RawText> {
    let value = said(value?)?;
    Some(RawText { value, kind: TextKind::Unsaid, ..RawText::default() })
}

fn link(href: Option<&str>) -> Option<RawLink> {
    Some(RawLink { href: said(href?)?, ..RawLink::default() })
}

fn categories(list: &[rss::Category]) -> Vec<RawCategory> {
    list.iter()
        .filter_map(|category| {
            let scheme = category.domain.as_deref().and_then(said);
            Some(RawCategory { term: said(&category.name)?, label: None, scheme })
        })
        .collect()
}
