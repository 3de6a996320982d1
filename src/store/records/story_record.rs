//! A `StoryRecord` and a `DailyTermCounts` ↔ the fields of their records.

use serde::{Deserialize, Serialize};

use super::additions::{append_additions, read_additions};
use super::field_bytes::to_field_bytes;
use super::{RecordError, check_version, instant_of};
use crate::model::{DailyTermCounts, EntryId, SourceId, StoryAssignment, StoryMethod, StoryRecord};

/// The version of story records that is written and read.
pub(crate) const VERSION: u8 = 1;
/// The length of most story records.
const USUAL_BYTES: usize = 128;
/// The version of daily term counts that is written and read.
pub(crate) const DAY_VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct StoryRecordV1<'a> {
    source: &'a str,
    listed_ms: i64,
    seen_ms: i64,
    story: [u8; 16],
    text_group: [u8; 16],
    method: u8,
    score: Option<f32>,
    nearest: Option<[u8; 16]>,
    related: Option<[u8; 16]>,
}

/// What versions after 0.1.0 added to a story record.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct StoryAdditions {
    closeness: Option<f32>,
}

#[derive(Serialize, Deserialize)]
struct DailyTermCountsV1 {
    day: i64,
    documents_count: u32,
    terms: Vec<(u64, u32)>,
}

/// The fields of a story record.
pub(crate) fn encode(record: &StoryRecord) -> Result<Vec<u8>, RecordError> {
    let it = &record.assignment;
    let fields = StoryRecordV1 {
        source: record.source.as_str(),
        listed_ms: record.listed_at.as_millisecond(),
        seen_ms: record.seen_at.as_millisecond(),
        story: it.story.to_bytes(),
        text_group: it.text_group.to_bytes(),
        method: method_code(it.method),
        score: it.score,
        nearest: it.nearest.map(EntryId::to_bytes),
        related: it.related.map(EntryId::to_bytes),
    };
    let additions = StoryAdditions { closeness: it.closeness };
    Ok(append_additions(&additions, to_field_bytes(&fields, USUAL_BYTES)?)?)
}

/// The story record of the entry `id`.
pub(crate) fn decode(version: u8, id: EntryId, fields: &[u8]) -> Result<StoryRecord, RecordError> {
    check_version(VERSION, version)?;
    let (it, added): (StoryRecordV1<'_>, &[u8]) = postcard::take_from_bytes(fields)?;
    let StoryAdditions { closeness } = read_additions(added)?;
    Ok(StoryRecord {
        id,
        source: SourceId::new(it.source).map_err(|_| RecordError::Field("source"))?,
        listed_at: instant_of(it.listed_ms, "listed_at")?,
        seen_at: instant_of(it.seen_ms, "seen_at")?,
        assignment: StoryAssignment {
            story: EntryId::from_bytes(it.story),
            text_group: EntryId::from_bytes(it.text_group),
            method: method_of(it.method)?,
            score: it.score,
            closeness,
            nearest: it.nearest.map(EntryId::from_bytes),
            related: it.related.map(EntryId::from_bytes),
        },
    })
}

/// The fields of a day's term counts.
pub(crate) fn encode_day(day: &DailyTermCounts) -> Result<Vec<u8>, RecordError> {
    let DailyTermCounts { day, documents_count, terms } = day.clone();
    Ok(postcard::to_stdvec(&DailyTermCountsV1 { day, documents_count, terms })?)
}

/// The term counts of a day.
pub(crate) fn decode_day(version: u8, fields: &[u8]) -> Result<DailyTermCounts, RecordError> {
    check_version(DAY_VERSION, version)?;
    let DailyTermCountsV1 { day, documents_count, terms } = postcard::from_bytes(fields)?;
    Ok(DailyTermCounts { day, documents_count, terms })
}

/// The methods in the order of their codes on disk.
const METHODS: [StoryMethod; 5] = [
    StoryMethod::First,
    StoryMethod::SameText,
    StoryMethod::SameEvent,
    StoryMethod::TooShort,
    StoryMethod::TooOld,
];

fn method_code(method: StoryMethod) -> u8 {
    let at = METHODS.iter().position(|known| *known == method);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

fn method_of(code: u8) -> Result<StoryMethod, RecordError> {
    METHODS.get(usize::from(code)).copied().ok_or(RecordError::Field("method"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_story_record_comes_back() {
        for method in METHODS {
            let id = EntryId::from_bytes([7; 16]);
            let record = StoryRecord {
                id,
                source: SourceId::new("bayan").unwrap(),
                listed_at: Timestamp::from_second(1_795_000_000).unwrap(),
                seen_at: Timestamp::from_second(1_795_000_060).unwrap(),
                assignment: StoryAssignment {
                    story: EntryId::from_bytes([1; 16]),
                    text_group: id,
                    method,
                    score: Some(0.5),
                    closeness: Some(-0.25),
                    nearest: Some(EntryId::from_bytes([2; 16])),
                    related: None,
                },
            };
            let fields = encode(&record).unwrap();
            assert_eq!(decode(VERSION, id, &fields).unwrap(), record);
            // As a version without it wrote it, and what such a version reads of today's.
            let earlier = &fields[..fields.len() - 5];
            let assignment = StoryAssignment { closeness: None, ..record.assignment };
            assert_eq!(decode(VERSION, id, earlier).unwrap(), StoryRecord { assignment, ..record });
            let read: StoryRecordV1<'_> = postcard::from_bytes(&fields).unwrap();
            assert_eq!(read.score, Some(0.5));
        }
        assert!(decode(9, EntryId::from_bytes([0; 16]), &[]).is_err());
    }

    #[test]
    fn the_terms_of_a_day_come_back() {
        let day = DailyTermCounts { day: 20_000, documents_count: 3, terms: vec![(1, 2), (9, 1)] };
        assert_eq!(decode_day(DAY_VERSION, &encode_day(&day).unwrap()).unwrap(), day);
    }
}
