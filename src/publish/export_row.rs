//! A stored entry → one row of an export: the values that researchers need, under flat names.
//!
//! `docs/export.md` has the same table as `EXPORT_COLUMNS`. Every row has every key; what is not known is null, and
//! lists may be empty.

use rafid_feed::arabic::is_breaking;
use rafid_feed::markup::{markup_to_lines, markup_to_text};
use rafid_feed::model::{Language, PlainText, SafeHtml};
use serde::Serialize;

use crate::model::{SourceInfo, StoredEntry, StoryRecord};

/// The version of the format. It increases when a key changes its meaning or is removed.
const EXPORT_SCHEMA_VERSION: u32 = 1;

/// The type of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A whole number of 64 bits with sign.
    Integer,
    /// A number with a fraction, of double precision.
    Real,
    /// True or false.
    Boolean,
    /// An instant: in JSON as RFC 3339 in UTC, in Parquet as milliseconds.
    Time,
    /// A list of texts.
    TextList,
    /// A list of records with these fields.
    RecordList(&'static [(&'static str, ColumnKind)]),
}

/// The columns of an export in their order: each key, and the type of its values.
pub const EXPORT_COLUMNS: &[(&str, ColumnKind)] = &[
    ("schema_version", ColumnKind::Integer),
    ("id", ColumnKind::Text),
    ("source_id", ColumnKind::Text),
    ("source_name", ColumnKind::Text),
    ("source_categories", ColumnKind::TextList),
    ("story_id", ColumnKind::Text),
    ("story_method", ColumnKind::Text),
    ("story_score", ColumnKind::Real),
    ("story_size", ColumnKind::Integer),
    ("first_seen_at", ColumnKind::Time),
    ("listed_at", ColumnKind::Time),
    ("published_at", ColumnKind::Time),
    ("updated_at", ColumnKind::Time),
    ("changed_at", ColumnKind::Time),
    ("revision", ColumnKind::Integer),
    ("title", ColumnKind::Text),
    ("summary_text", ColumnKind::Text),
    ("summary_html", ColumnKind::Text),
    ("content_text", ColumnKind::Text),
    ("content_html", ColumnKind::Text),
    ("content_is_from_page", ColumnKind::Boolean),
    ("link", ColumnKind::Text),
    ("guid", ColumnKind::Text),
    ("authors", ColumnKind::RecordList(&[("name", ColumnKind::Text), ("url", ColumnKind::Text)])),
    ("categories", ColumnKind::TextList),
    ("language", ColumnKind::Text),
    ("direction", ColumnKind::Text),
    ("is_breaking", ColumnKind::Boolean),
    (
        "enclosures",
        ColumnKind::RecordList(&[
            ("url", ColumnKind::Text),
            ("media_type", ColumnKind::Text),
            ("length_bytes", ColumnKind::Integer),
            ("duration_seconds", ColumnKind::Integer),
            ("title", ColumnKind::Text),
        ]),
    ),
    ("image_url", ColumnKind::Text),
    ("image_credit", ColumnKind::Text),
    ("agencies", ColumnKind::TextList),
    ("origin_title", ColumnKind::Text),
    ("origin_url", ColumnKind::Text),
    ("rights", ColumnKind::Text),
    ("licence", ColumnKind::Text),
    ("latitude", ColumnKind::Real),
    ("longitude", ColumnKind::Real),
];

/// One row; its fields are the columns.
#[derive(Debug, Serialize)]
pub(super) struct ExportRow<'a> {
    schema_version: u32,
    id: String,
    source_id: &'a str,
    source_name: Option<&'a str>,
    source_categories: Vec<&'a str>,
    story_id: Option<String>,
    story_method: Option<&'static str>,
    story_score: Option<f32>,
    story_size: Option<u64>,
    first_seen_at: String,
    listed_at: String,
    published_at: Option<String>,
    updated_at: Option<String>,
    changed_at: String,
    revision: u32,
    title: Option<&'a str>,
    summary_text: Option<String>,
    summary_html: Option<&'a str>,
    content_text: Option<String>,
    content_html: Option<&'a str>,
    content_is_from_page: bool,
    link: Option<&'a str>,
    guid: Option<&'a str>,
    authors: Vec<ExportedAuthor<'a>>,
    categories: Vec<&'a str>,
    language: Option<&'a str>,
    direction: &'static str,
    is_breaking: bool,
    enclosures: Vec<ExportedEnclosure<'a>>,
    image_url: Option<&'a str>,
    image_credit: Option<&'a str>,
    agencies: Vec<&'a str>,
    origin_title: Option<&'a str>,
    origin_url: Option<&'a str>,
    rights: Option<&'a str>,
    licence: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ExportedAuthor<'a> {
    name: &'a str,
    url: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ExportedEnclosure<'a> {
    url: &'a str,
    media_type: Option<&'a str>,
    length_bytes: Option<u64>,
    duration_seconds: Option<u64>,
    title: Option<&'a str>,
}

/// The story of an entry, and how many stored entries it has.
#[derive(Debug, Clone)]
pub(super) struct StoryFacts {
    pub(super) record: StoryRecord,
    pub(super) size: u64,
}

impl<'a> ExportRow<'a> {
    /// The row of an entry. `info` is about its source; `None`: the site does not have this source. `story`:
    /// its story; `None`: none was decided.
    pub(super) fn new(
        listed: &'a StoredEntry,
        info: Option<&'a SourceInfo>,
        story: Option<&StoryFacts>,
    ) -> Self {
        let entry = &listed.entry;
        let assignment = story.map(|story| &story.record.assignment);
        let (summary, content) = (entry.summary.as_ref(), entry.content.as_ref());
        let image = entry.image.as_ref();
        let page = entry.page.as_ref();
        let origin = entry.origin.as_ref();
        let categories = info.map(|info| info.categories.as_slice()).unwrap_or_default();
        Self {
            schema_version: EXPORT_SCHEMA_VERSION,
            id: listed.id.to_urn(),
            source_id: listed.source.as_str(),
            source_name: info.map(|info| info.name.as_str()),
            source_categories: categories.iter().map(|it| it.name.as_str()).collect(),
            story_id: assignment.map(|it| it.story.to_urn()),
            story_method: assignment.map(|it| it.method.as_str()),
            story_score: assignment.and_then(|it| it.score),
            story_size: story.map(|story| story.size),
            first_seen_at: listed.first_seen_at.to_string(),
            listed_at: listed.listed_at.to_string(),
            published_at: entry.published_at.map(|at| at.to_string()),
            updated_at: entry.updated_at.map(|at| at.to_string()),
            changed_at: listed.changed_at.to_string(),
            revision: listed.revision,
            title: Some(entry.title.as_str()).filter(|title| !title.is_empty()),
            summary_text: summary.map(|html| markup_to_text(html.as_str())),
            summary_html: summary.map(SafeHtml::as_str),
            content_text: content.map(|html| markup_to_lines(html.as_str())),
            content_html: content.map(SafeHtml::as_str),
            content_is_from_page: page.is_some_and(|page| page.is_text),
            link: entry.link.as_deref(),
            guid: entry.guid.as_deref(),
            authors: authors(listed),
            categories: entry.categories.iter().map(PlainText::as_str).collect(),
            language: entry.language.as_ref().map(Language::as_str),
            direction: entry.direction.as_str(),
            is_breaking: is_breaking(entry),
            enclosures: enclosures(listed),
            image_url: image.map(|image| image.url.as_str()),
            image_credit: image.and_then(|image| image.credit.as_ref()).map(PlainText::as_str),
            agencies: page
                .map(|page| &page.attributions[..])
                .unwrap_or_default()
                .iter()
                .map(|credit| credit.name.as_str())
                .collect(),
            origin_title: origin.and_then(|it| it.title.as_ref()).map(PlainText::as_str),
            origin_url: origin.and_then(|it| it.url.as_deref()),
            rights: entry.rights.as_ref().map(PlainText::as_str),
            licence: entry.licence.as_deref(),
            latitude: entry.point.map(|point| f64::from(point.latitude_e7) / 1e7),
            longitude: entry.point.map(|point| f64::from(point.longitude_e7) / 1e7),
        }
    }
}

fn authors(listed: &StoredEntry) -> Vec<ExportedAuthor<'_>> {
    let authors = listed.entry.authors.iter();
    authors.map(|it| ExportedAuthor { name: it.name.as_str(), url: it.url.as_deref() }).collect()
}

fn enclosures(listed: &StoredEntry) -> Vec<ExportedEnclosure<'_>> {
    let enclosures = listed.entry.enclosures.iter();
    let exported = enclosures.map(|file| ExportedEnclosure {
        url: &file.url,
        media_type: file.media_type.as_deref(),
        length_bytes: file.length_bytes,
        duration_seconds: file.duration_seconds,
        title: file.title.as_ref().map(PlainText::as_str),
    });
    exported.collect()
}
