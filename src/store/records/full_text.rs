//! What an entry has from its own page, and the full-text state of a source ↔ their fields.

use rafid_feed::model::{
    EntryPage, PlainText, PublishedAttribution, RepeatedBlock, RepeatedBlocks,
};
use serde::{Deserialize, Serialize};

use super::poll_state::ValidatorsV1;
use super::{RecordError, check_version, instant_of};
use crate::model::{EntryId, FullTextError, FullTextState, FullTextStats, PendingPage};

/// The version of a source's full-text state that is written and read.
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
struct FullTextStateV1<'a> {
    pending: Vec<PendingPageV1>,
    day: i64,
    requested_count: u32,
    repeated_blocks: Vec<(u64, Vec<u32>)>,
    stats: [u64; 5],
    #[serde(borrow)]
    last_error: Option<(&'a str, &'a str, i64)>,
}

#[derive(Serialize, Deserialize)]
struct PendingPageV1 {
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
                .map(|attribution| {
                    (attribution.line.as_ref().map(PlainText::as_str), attribution.name.as_str())
                })
                .collect(),
            validators: page.validators.as_ref().map(ValidatorsV1::of),
        }
    }

    pub(super) fn into_page(self) -> EntryPage {
        let trusted_text = |text: &str| PlainText::from_trusted(text.to_owned());
        let attributions = self.attributions.into_iter();
        EntryPage {
            is_text: self.is_text,
            attributions: attributions
                .map(|(line, name)| PublishedAttribution {
                    line: line.map(trusted_text),
                    name: trusted_text(name),
                })
                .collect(),
            validators: self.validators.map(ValidatorsV1::into_validators),
        }
    }
}

/// The fields of a full-text state.
pub(crate) fn encode(pages: &FullTextState) -> Result<Vec<u8>, RecordError> {
    let pending_page = |page: &PendingPage| PendingPageV1 {
        id: page.id.to_bytes(),
        listed_ms: page.listed_at.as_millisecond(),
        tries: page.tries,
        not_before_ms: page.not_before.as_millisecond(),
    };
    let FullTextStats { taken, shorter, other, refused, failed } = pages.stats;
    let last_error = pages.last_error.as_ref();
    let repeated_blocks = pages.repeated_blocks.blocks.iter();
    let fields = FullTextStateV1 {
        pending: pages.pending.iter().map(pending_page).collect(),
        day: pages.day,
        requested_count: pages.requested_count,
        repeated_blocks: repeated_blocks.map(|block| (block.text, block.pages.clone())).collect(),
        stats: [taken, shorter, other, refused, failed],
        last_error: last_error
            .map(|it| (it.url.as_str(), it.message.as_str(), it.at.as_millisecond())),
    };
    Ok(postcard::to_stdvec(&fields)?)
}

/// The full-text state of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<FullTextState, RecordError> {
    check_version(VERSION, version)?;
    let fields: FullTextStateV1<'_> = postcard::from_bytes(fields)?;
    let pending_page = |page: PendingPageV1| {
        Ok(PendingPage {
            id: EntryId::from_bytes(page.id),
            listed_at: instant_of(page.listed_ms, "listed_at")?,
            tries: page.tries,
            not_before: instant_of(page.not_before_ms, "not_before")?,
        })
    };
    let last_error = match fields.last_error {
        Some((url, message, at)) => Some(FullTextError {
            url: url.to_owned(),
            message: message.to_owned(),
            at: instant_of(at, "last_error")?,
        }),
        None => None,
    };
    let [taken, shorter, other, refused, failed] = fields.stats;
    let repeated_blocks = fields.repeated_blocks.into_iter();
    Ok(FullTextState {
        pending: fields
            .pending
            .into_iter()
            .map(pending_page)
            .collect::<Result<_, RecordError>>()?,
        day: fields.day,
        requested_count: fields.requested_count,
        repeated_blocks: RepeatedBlocks {
            blocks: repeated_blocks.map(|(text, pages)| RepeatedBlock { text, pages }).collect(),
        },
        stats: FullTextStats { taken, shorter, other, refused, failed },
        last_error,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::stored_entry;
    use super::super::tests::plain_entry::{listed, read_back};
    use super::*;
    use rafid_feed::model::{SafeHtml, Validators};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_entry_keeps_the_values_of_its_page() {
        let mut listed = listed();
        let fields = stored_entry::encode(&listed).unwrap();
        assert_eq!(read_back(&listed, &fields), listed);
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
        assert_eq!(read_back(&listed, &fields), listed);
    }

    #[test]
    fn a_full_text_state_comes_back() {
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
