//! What an entry has from its own page, and what is remembered of a source's pages ↔ their fields.

use rafid_feed::model::{
    EntryPage, PlainText, PublishedAttribution, RepeatedBlock, RepeatedBlocks,
};
use serde::{Deserialize, Serialize};

use super::poll_state::ValidatorsV1;
use super::{RecordError, check_version, instant_of};
use crate::model::{EntryId, FullTextError, FullTextState, FullTextStats, PendingPage};

/// The version of a source's pages that is written and read.
pub(crate) const VERSION: u8 = 1;

/// A part of an entry's record.
#[derive(Serialize, Deserialize)]
pub(super) struct EntryPageV1<'a> {
    is_text: bool,
    #[serde(borrow)]
    attributions: Vec<(Option<&'a str>, &'a str)>,
    #[serde(borrow)]
    validators: Option<ValidatorsV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct PagesV1<'a> {
    waiting: Vec<AwaitedV1>,
    day: i64,
    asked: u32,
    marks: Vec<(u64, Vec<u32>)>,
    tally: [u64; 5],
    #[serde(borrow)]
    trouble: Option<(&'a str, &'a str, i64)>,
}

#[derive(Serialize, Deserialize)]
struct AwaitedV1 {
    id: [u8; 16],
    listed_ms: i64,
    tries: u8,
    not_before_ms: i64,
}

impl<'a> EntryPageV1<'a> {
    pub(super) fn of(page: &'a EntryPage) -> Self {
        let attributions = page.attributions.iter();
        Self {
            is_text: page.is_text,
            attributions: attributions
                .map(|said| (said.line.as_ref().map(PlainText::as_str), said.name.as_str()))
                .collect(),
            validators: page.validators.as_ref().map(ValidatorsV1::of),
        }
    }

    pub(super) fn into_page(self) -> EntryPage {
        let vouched = |text: &str| PlainText::from_trusted(text.to_owned());
        let attributions = self.attributions.into_iter();
        EntryPage {
            is_text: self.is_text,
            attributions: attributions
                .map(|(line, name)| PublishedAttribution {
                    line: line.map(vouched),
                    name: vouched(name),
                })
                .collect(),
            validators: self.validators.map(ValidatorsV1::into_validators),
        }
    }
}

/// The fields of the record of a source's pages.
pub(crate) fn encode(pages: &FullTextState) -> Result<Vec<u8>, RecordError> {
    let awaited = |page: &PendingPage| AwaitedV1 {
        id: page.id.to_bytes(),
        listed_ms: page.listed_at.as_millisecond(),
        tries: page.tries,
        not_before_ms: page.not_before.as_millisecond(),
    };
    let FullTextStats { taken, shorter, other, refused, failed } = pages.stats;
    let trouble = pages.last_error.as_ref();
    let marks = pages.repeated_blocks.blocks.iter();
    let fields = PagesV1 {
        waiting: pages.pending.iter().map(awaited).collect(),
        day: pages.day,
        asked: pages.requested_count,
        marks: marks.map(|mark| (mark.text, mark.pages.clone())).collect(),
        tally: [taken, shorter, other, refused, failed],
        trouble: trouble.map(|it| (it.url.as_str(), it.message.as_str(), it.at.as_millisecond())),
    };
    Ok(postcard::to_stdvec(&fields)?)
}

/// The pages of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<FullTextState, RecordError> {
    check_version(VERSION, version)?;
    let fields: PagesV1<'_> = postcard::from_bytes(fields)?;
    let awaited = |page: AwaitedV1| {
        Ok(PendingPage {
            id: EntryId::from_bytes(page.id),
            listed_at: instant_of(page.listed_ms, "listed_at")?,
            tries: page.tries,
            not_before: instant_of(page.not_before_ms, "not_before")?,
        })
    };
    let trouble = match fields.trouble {
        Some((url, message, at)) => Some(FullTextError {
            url: url.to_owned(),
            message: message.to_owned(),
            at: instant_of(at, "trouble")?,
        }),
        None => None,
    };
    let [taken, shorter, other, refused, failed] = fields.tally;
    let marks = fields.marks.into_iter();
    Ok(FullTextState {
        pending: fields.waiting.into_iter().map(awaited).collect::<Result<_, RecordError>>()?,
        day: fields.day,
        requested_count: fields.asked,
        repeated_blocks: RepeatedBlocks {
            blocks: marks.map(|(text, pages)| RepeatedBlock { text, pages }).collect(),
        },
        stats: FullTextStats { taken, shorter, other, refused, failed },
        last_error: trouble,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::super::keys::EntryPosition;
    use super::super::stored_entry;
    use super::*;
    use crate::model::{SourceId, StoredEntry};
    use rafid_feed::model::{Entry, Identity, IdentityKind, SafeHtml, Validators};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn listed() -> StoredEntry {
        let source = SourceId::new("a").unwrap();
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
        StoredEntry {
            id: EntryId::for_identity(&source, &identity),
            source,
            entry: Entry::titled(identity, PlainText::from_trusted("عنوان".to_owned())),
            first_seen_at: at(1),
            listed_at: at(2),
            changed_at: at(3),
            revision: 4,
            fingerprints: vec![5],
            content_hash: 6,
        }
    }

    fn read(listed: &StoredEntry, fields: &[u8]) -> StoredEntry {
        let position =
            EntryPosition { listed_ms: listed.listed_at.as_millisecond(), id: listed.id };
        stored_entry::decode(stored_entry::VERSION, position, listed.source.as_str(), fields)
            .unwrap()
    }

    #[test]
    fn an_entry_keeps_what_its_page_gave() {
        let mut listed = listed();
        let fields = stored_entry::encode(&listed).unwrap();
        assert_eq!(read(&listed, &fields), listed);
        let plain = |text: &str| PlainText::from_trusted(text.to_owned());
        listed.entry.content = Some(SafeHtml::from_trusted("<p>نص</p>".to_owned()));
        listed.entry.page = Some(EntryPage {
            is_text: true,
            attributions: vec![
                PublishedAttribution {
                    line: Some(plain("المصدر: واس")), name: plain("واس")
                },
                PublishedAttribution { line: None, name: plain("سانا") },
            ],
            validators: Some(Validators {
                etag: Some(b"\"1\"".to_vec()),
                last_modified: None,
                url: "https://a.example/1".to_owned(),
            }),
        });
        let fields = stored_entry::encode(&listed).unwrap();
        assert_eq!(read(&listed, &fields), listed);
    }

    #[test]
    fn what_is_remembered_of_pages_comes_back() {
        let pages = FullTextState {
            pending: vec![PendingPage {
                id: listed().id,
                listed_at: at(7),
                tries: 2,
                not_before: at(8),
            }],
            day: 20_775,
            requested_count: 9,
            repeated_blocks: RepeatedBlocks {
                blocks: vec![RepeatedBlock { text: u64::MAX, pages: vec![1, 2] }],
            },
            stats: FullTextStats { taken: 1, shorter: 2, other: 3, refused: 4, failed: 5 },
            last_error: Some(FullTextError {
                url: "https://a.example/1".to_owned(),
                message: "no answer".to_owned(),
                at: at(10),
            }),
        };
        for pages in [FullTextState::default(), pages] {
            assert_eq!(decode(VERSION, &encode(&pages).unwrap()).unwrap(), pages);
        }
        let error = decode(2, &[]).unwrap_err().to_string();
        assert_eq!(error, "unknown version: expected 1, found 2");
        assert!(decode(1, b"\xff").is_err());
    }
}
