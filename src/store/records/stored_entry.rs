//! A `StoredEntry` ↔ the fields of its record. The key holds its id and position, the label its source. Texts
//! are borrowed from the entry for writing and from the record for reading. `entry_additions` has the fields
//! that came later.

use rafid_feed::model::{
    CopiedFrom, Direction, Enclosure, Entry, GeoPoint, Identity, IdentityKind, Language, PlainText,
    SafeHtml,
};
use serde::{Deserialize, Serialize};

use super::super::keys::EntryPosition;
use super::entry_additions::{append_entry_additions, read_entry_additions};
use super::entry_parts::{
    ImageV1, PersonV1, person_of, person_str, plain_text, plain_text_str, to_owned_text,
};
use super::field_bytes::to_field_bytes;
use super::full_text::EntryPageV1;
use super::{RecordError, check_version, instant_of, optional_instant, optional_milliseconds};
use crate::model::{SourceId, StoredEntry};

/// The version that is written and read.
pub(crate) const VERSION: u8 = 2;
/// What the fields beside the texts take, of most entries.
const USUAL_OTHER_BYTES: usize = 640;

#[derive(Serialize, Deserialize)]
struct StoredEntryV2<'a> {
    first_seen_ms: i64,
    changed_ms: i64,
    revision: u32,
    content_hash: [u8; 8],
    fingerprints: Vec<[u8; 8]>,
    #[serde(borrow)]
    entry: EntryV1<'a>,
    /// What the entry has from its own page.
    page: Option<EntryPageV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct EntryV1<'a> {
    identity_kind: u8,
    key: &'a str,
    #[serde(borrow)]
    weaker_names: Vec<&'a str>,
    guid: Option<&'a str>,
    link: Option<&'a str>,
    title: &'a str,
    summary: Option<&'a str>,
    content: Option<&'a str>,
    published_ms: Option<i64>,
    updated_ms: Option<i64>,
    authors: Vec<PersonV1<'a>>,
    categories: Vec<&'a str>,
    enclosures: Vec<EnclosureV1<'a>>,
    image: Option<ImageV1<'a>>,
    language: Option<&'a str>,
    direction: u8,
    origin: Option<(Option<&'a str>, Option<&'a str>)>,
    rights: Option<&'a str>,
    licence: Option<&'a str>,
    comments: Option<&'a str>,
    comments_feed: Option<&'a str>,
    comments_count: Option<u32>,
    via: Option<&'a str>,
    point: Option<(i32, i32)>,
}

#[derive(Serialize, Deserialize)]
struct EnclosureV1<'a> {
    url: &'a str,
    media_type: Option<&'a str>,
    length_bytes: Option<u64>,
    duration_seconds: Option<u64>,
    title: Option<&'a str>,
}

/// The fields of an entry's record.
pub(crate) fn encode(listed: &StoredEntry) -> Result<Vec<u8>, RecordError> {
    let fields = StoredEntryV2 {
        first_seen_ms: listed.first_seen_at.as_millisecond(),
        changed_ms: listed.changed_at.as_millisecond(),
        revision: listed.revision,
        content_hash: listed.content_hash.to_be_bytes(),
        fingerprints: listed.fingerprints.iter().map(|name| name.to_be_bytes()).collect(),
        entry: EntryV1::of(&listed.entry),
        page: listed.entry.page.as_ref().map(EntryPageV1::of),
    };
    let texts = [listed.entry.summary.as_ref(), listed.entry.content.as_ref()];
    let texts = texts.into_iter().flatten().map(|text| text.as_str().len());
    let expected = texts.sum::<usize>() + USUAL_OTHER_BYTES;
    Ok(append_entry_additions(&listed.entry, to_field_bytes(&fields, expected)?)?)
}

/// The entry of a record with `position` in its key and `source` in its label.
pub(crate) fn decode(
    version: u8,
    position: EntryPosition,
    source: &str,
    fields: &[u8],
) -> Result<StoredEntry, RecordError> {
    check_version(VERSION, version)?;
    let (fields, additions) = postcard::take_from_bytes::<StoredEntryV2<'_>>(fields)?;
    let page = fields.page.map(EntryPageV1::into_page);
    let entry = read_entry_additions(additions, Entry { page, ..fields.entry.into_entry()? })?;
    Ok(StoredEntry {
        id: position.id,
        source: SourceId::new(source).map_err(|_| RecordError::Field("source"))?,
        entry,
        first_seen_at: instant_of(fields.first_seen_ms, "first_seen_at")?,
        listed_at: instant_of(position.listed_ms, "listed_at")?,
        changed_at: instant_of(fields.changed_ms, "changed_at")?,
        revision: fields.revision,
        fingerprints: fields.fingerprints.into_iter().map(u64::from_be_bytes).collect(),
        content_hash: u64::from_be_bytes(fields.content_hash),
    })
}

impl<'a> EntryV1<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            identity_kind: identity_kind_code(entry.identity.kind),
            key: &entry.identity.key,
            weaker_names: entry.identity.weaker_names.iter().map(String::as_str).collect(),
            guid: entry.guid.as_deref(),
            link: entry.link.as_deref(),
            title: entry.title.as_str(),
            summary: entry.summary.as_ref().map(SafeHtml::as_str),
            content: entry.content.as_ref().map(SafeHtml::as_str),
            published_ms: optional_milliseconds(entry.published_at),
            updated_ms: optional_milliseconds(entry.updated_at),
            authors: entry.authors.iter().map(person_str).collect(),
            categories: entry.categories.iter().map(PlainText::as_str).collect(),
            enclosures: entry.enclosures.iter().map(EnclosureV1::of).collect(),
            image: entry.image.as_ref().map(ImageV1::of),
            language: entry.language.as_ref().map(Language::as_str),
            direction: direction_code(entry.direction),
            origin: entry
                .origin
                .as_ref()
                .map(|origin| (plain_text_str(origin.title.as_ref()), origin.url.as_deref())),
            rights: plain_text_str(entry.rights.as_ref()),
            licence: entry.licence.as_deref(),
            comments: entry.comments.as_deref(),
            comments_feed: entry.comments_feed.as_deref(),
            comments_count: entry.comments_count,
            via: entry.via.as_deref(),
            point: entry.point.map(|point| (point.latitude_e7, point.longitude_e7)),
        }
    }

    fn into_entry(self) -> Result<Entry, RecordError> {
        Ok(Entry {
            identity: Identity {
                kind: identity_kind_of(self.identity_kind)?,
                key: self.key.to_owned(),
                weaker_names: self.weaker_names.into_iter().map(str::to_owned).collect(),
            },
            guid: to_owned_text(self.guid),
            link: to_owned_text(self.link),
            title: PlainText::from_trusted(self.title.to_owned()),
            summary: safe_html(self.summary),
            content: safe_html(self.content),
            published_at: optional_instant(self.published_ms, "published_at")?,
            updated_at: optional_instant(self.updated_ms, "updated_at")?,
            authors: self.authors.into_iter().map(person_of).collect(),
            categories: self.categories.into_iter().map(plain_text).collect(),
            enclosures: self.enclosures.into_iter().map(EnclosureV1::into_enclosure).collect(),
            image: self.image.map(ImageV1::into_image),
            language: self.language.map(language_of).transpose()?,
            direction: direction_of(self.direction)?,
            origin: self.origin.map(|(title, url)| CopiedFrom {
                title: title.map(plain_text),
                url: to_owned_text(url),
            }),
            rights: self.rights.map(plain_text),
            licence: to_owned_text(self.licence),
            comments: to_owned_text(self.comments),
            comments_feed: to_owned_text(self.comments_feed),
            comments_count: self.comments_count,
            via: to_owned_text(self.via),
            point: self
                .point
                .map(|(latitude_e7, longitude_e7)| GeoPoint { latitude_e7, longitude_e7 }),
            contributors: Vec::new(),
            more_images: Vec::new(),
            episode: None,
            page: None,
        })
    }
}

impl<'a> EnclosureV1<'a> {
    fn of(enclosure: &'a Enclosure) -> Self {
        Self {
            url: &enclosure.url,
            media_type: enclosure.media_type.as_deref(),
            length_bytes: enclosure.length_bytes,
            duration_seconds: enclosure.duration_seconds,
            title: plain_text_str(enclosure.title.as_ref()),
        }
    }

    fn into_enclosure(self) -> Enclosure {
        Enclosure {
            url: self.url.to_owned(),
            media_type: to_owned_text(self.media_type),
            length_bytes: self.length_bytes,
            duration_seconds: self.duration_seconds,
            title: self.title.map(plain_text),
        }
    }
}

fn safe_html(markup: Option<&str>) -> Option<SafeHtml> {
    markup.map(|markup| SafeHtml::from_trusted(markup.to_owned()))
}

fn language_of(tag: &str) -> Result<Language, RecordError> {
    Language::parse(tag).ok_or(RecordError::Field("language"))
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
fn identity_kind_code(identity_kind: IdentityKind) -> u8 {
    match identity_kind {
        IdentityKind::Guid => 1,
        IdentityKind::Link => 2,
        IdentityKind::LinkAndTitle => 3,
        IdentityKind::TitleAndDate => 4,
        IdentityKind::Content => 5,
    }
}

fn identity_kind_of(code: u8) -> Result<IdentityKind, RecordError> {
    Ok(match code {
        1 => IdentityKind::Guid,
        2 => IdentityKind::Link,
        3 => IdentityKind::LinkAndTitle,
        4 => IdentityKind::TitleAndDate,
        5 => IdentityKind::Content,
        _ => return Err(RecordError::Field("identity")),
    })
}

fn direction_code(direction: Direction) -> u8 {
    match direction {
        Direction::Auto => 0,
        Direction::RightToLeft => 1,
        Direction::LeftToRight => 2,
    }
}

fn direction_of(code: u8) -> Result<Direction, RecordError> {
    Ok(match code {
        0 => Direction::Auto,
        1 => Direction::RightToLeft,
        2 => Direction::LeftToRight,
        _ => return Err(RecordError::Field("direction")),
    })
}
