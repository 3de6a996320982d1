//! Canonical RSS 2.0 → `RawFeed`, through the `rss` crate.

use rss::{Channel, Item};

use super::{ParseError, non_blank, non_blank_owned, parse_person};
use crate::model::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawText, TextKind,
};

pub(super) fn parse_rss(body: &str) -> Result<RawFeed, ParseError> {
    let channel = Channel::read_from(body.as_bytes()).map_err(ParseError::Rss)?;
    let image = channel.image.as_ref().and_then(|image| non_blank(&image.url));
    Ok(RawFeed {
        title: raw_text(Some(channel.title)),
        subtitle: raw_text(Some(channel.description)),
        links: raw_link(Some(channel.link)).into_iter().collect(),
        language: channel.language.and_then(non_blank_owned),
        images: image.map(|url| RawImage { url, ..RawImage::default() }).into_iter().collect(),
        updated: channel.last_build_date.and_then(non_blank_owned),
        published: channel.pub_date.and_then(non_blank_owned),
        authors: channel.managing_editor.as_deref().and_then(parse_person).into_iter().collect(),
        categories: raw_categories(channel.categories),
        rights: channel.copyright.and_then(non_blank_owned),
        generator: channel.generator.and_then(non_blank_owned),
        entries: channel.items.into_iter().map(raw_entry).collect(),
        ..RawFeed::default()
    })
}

fn raw_entry(item: Item) -> RawEntry {
    let creators = item.dublin_core_ext.iter().flat_map(|core| core.creators.iter());
    let authors =
        item.author.iter().chain(creators).filter_map(|words| parse_person(words)).collect();
    let file = item.enclosure.and_then(|file| {
        Some(RawEnclosure {
            url: non_blank_owned(file.url)?,
            media_type: non_blank_owned(file.mime_type),
            length: non_blank_owned(file.length),
            ..RawEnclosure::default()
        })
    });
    RawEntry {
        guid_is_permalink: item.guid.as_ref().map(|guid| guid.permalink),
        guid: item.guid.and_then(|guid| non_blank_owned(guid.value)),
        title: raw_text(item.title),
        links: raw_link(item.link).into_iter().collect(),
        summary: raw_text(item.description),
        content: raw_text(item.content),
        authors,
        categories: raw_categories(item.categories),
        enclosures: file.into_iter().collect(),
        ..RawEntry::default()
    }
}

fn raw_text(value: Option<String>) -> Option<RawText> {
    Some(RawText {
        value: non_blank_owned(value?)?,
        kind: TextKind::Unspecified,
        ..RawText::default()
    })
}

fn raw_link(href: Option<String>) -> Option<RawLink> {
    Some(RawLink { href: non_blank_owned(href?)?, ..RawLink::default() })
}

fn raw_categories(list: Vec<rss::Category>) -> Vec<RawCategory> {
    list.into_iter()
        .filter_map(|category| {
            let scheme = category.domain.and_then(non_blank_owned);
            Some(RawCategory { term: non_blank_owned(category.name)?, label: None, scheme })
        })
        .collect()
}
