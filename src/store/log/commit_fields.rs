//! The result of a poll ↔ the fields of its record.
//!
//! Poll state, entries and stories are here as the database stores them, so that they are encoded and compressed
//! once. What is observed of a new or changed entry is usually in the entry itself. Then only the number of that
//! entry is written.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::record::LoggedCommit;
use super::versioned_fields::{PositionV1, StoredRecord, source_of};
use crate::model::{EntryId, ObservedEntry, SeenEntry, SourceId, StoredEntry, StoryRecord};
use crate::store::commit_records::CommitRecords;
use crate::store::keys::EntryPosition;
use crate::store::poll_commit::Commit;
use crate::store::records::envelope::EncodedRecord;
use crate::store::records::{RecordError, instant_of, poll_state, stored_entry, story_record};

#[derive(Serialize, Deserialize)]
pub(super) struct CommitFieldsV2<'a> {
    now_ms: i64,
    keep_per_source: u64,
    source: &'a str,
    #[serde(borrow)]
    state: StoredRecord<'a>,
    #[serde(borrow)]
    new: Vec<EntryFieldsV2<'a>>,
    #[serde(borrow)]
    changed: Vec<EntryFieldsV2<'a>>,
    #[serde(borrow)]
    restored: Vec<EntryFieldsV2<'a>>,
    #[serde(borrow)]
    story_records: Vec<CommittedStoryV2<'a>>,
    observed: Vec<ObservedFieldsV1>,
    is_whole: bool,
}

#[derive(Serialize, Deserialize)]
struct EntryFieldsV2<'a> {
    position: PositionV1,
    /// `None`: the source of the commit.
    source: Option<&'a str>,
    #[serde(borrow)]
    record: StoredRecord<'a>,
}

/// A story record, and the entry that it belongs to.
#[derive(Serialize, Deserialize)]
struct CommittedStoryV2<'a> {
    id: [u8; 16],
    #[serde(borrow)]
    record: StoredRecord<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum ObservedFieldsV1 {
    /// As the entry with this number says, counted through `new`, `changed` and `restored`.
    AsEntry(u32),
    Other {
        position: PositionV1,
        content_hash: [u8; 8],
        fingerprints: Vec<[u8; 8]>,
    },
}

impl<'a> CommitFieldsV2<'a> {
    pub(super) fn of(logged: &'a LoggedCommit) -> Self {
        let LoggedCommit { now, keep_per_source, commit, records } = logged;
        let mut encoded = records.entries.iter();
        let mut entries = |entries: &'a [StoredEntry]| {
            let entries = entries.iter().zip(encoded.by_ref());
            entries.map(|entry| EntryFieldsV2::of(entry, &commit.source)).collect()
        };
        let (new, changed, restored) =
            (entries(&commit.new), entries(&commit.changed), entries(&commit.restored));
        let numbers: HashMap<EntryId, (u32, &StoredEntry)> =
            (0..).zip(commit.entries()).map(|(number, it)| (it.id, (number, it))).collect();
        let observed = commit.observed.iter();
        let stories = commit.story_records.iter().zip(&records.stories);
        Self {
            now_ms: now.as_millisecond(),
            keep_per_source: u64::try_from(*keep_per_source).unwrap_or(u64::MAX),
            source: commit.source.as_str(),
            state: StoredRecord::of(&records.state),
            new,
            changed,
            restored,
            story_records: stories.map(CommittedStoryV2::of).collect(),
            observed: observed
                .map(|it| ObservedFieldsV1::of(it, numbers.get(&it.entry.id).copied()))
                .collect(),
            is_whole: commit.is_whole,
        }
    }

    pub(super) fn into_commit(self) -> Result<LoggedCommit, RecordError> {
        let source = source_of(self.source)?;
        let mut encoded = Vec::new();
        let mut entries = |fields: Vec<EntryFieldsV2<'_>>| {
            let entries = fields.into_iter().map(|it| it.into_entry(&source));
            let (entries, records): (Vec<_>, Vec<_>) =
                entries.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            encoded.extend(records);
            Ok::<_, RecordError>(entries)
        };
        let (new, changed, restored) =
            (entries(self.new)?, entries(self.changed)?, entries(self.restored)?);
        let stories = self.story_records.into_iter().map(CommittedStoryV2::into_record);
        let (story_records, stories) = stories.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let state = self.state.into_encoded();
        let records = CommitRecords { state, entries: encoded, stories };
        let (envelope, fields) = records.state.decode()?;
        let mut commit = Commit {
            source,
            state: poll_state::decode(envelope.version, &fields)?,
            new,
            changed,
            restored,
            story_records,
            observed: Vec::new(),
            is_whole: self.is_whole,
        };
        commit.observed = observed_entries(self.observed, &commit)?;
        Ok(LoggedCommit {
            now: instant_of(self.now_ms, "now")?,
            keep_per_source: usize::try_from(self.keep_per_source).unwrap_or(usize::MAX),
            commit,
            records,
        })
    }
}

impl<'a> EntryFieldsV2<'a> {
    fn of((listed, encoded): (&'a StoredEntry, &'a EncodedRecord), source: &SourceId) -> Self {
        Self {
            position: PositionV1::of(EntryPosition::of_entry(listed)),
            source: (listed.source != *source).then(|| listed.source.as_str()),
            record: StoredRecord::of(encoded),
        }
    }

    fn into_entry(self, source: &SourceId) -> Result<(StoredEntry, EncodedRecord), RecordError> {
        let source = self.source.unwrap_or(source.as_str());
        let encoded = self.record.into_encoded();
        let (envelope, fields) = encoded.decode()?;
        let position = self.position.to_position();
        let listed = stored_entry::decode(envelope.version, position, source, &fields)?;
        Ok((listed, encoded))
    }
}

impl<'a> CommittedStoryV2<'a> {
    fn of((record, encoded): (&StoryRecord, &'a EncodedRecord)) -> Self {
        Self { id: record.id.to_bytes(), record: StoredRecord::of(encoded) }
    }

    fn into_record(self) -> Result<(StoryRecord, EncodedRecord), RecordError> {
        let encoded = self.record.into_encoded();
        let (envelope, fields) = encoded.decode()?;
        let id = EntryId::from_bytes(self.id);
        Ok((story_record::decode(envelope.version, id, &fields)?, encoded))
    }
}

/// What was observed, with the values of the commit's own entries where it refers to them.
///
/// # Errors
/// `Field`.
pub(super) fn observed_entries(
    observed: Vec<ObservedFieldsV1>,
    commit: &Commit,
) -> Result<Vec<ObservedEntry>, RecordError> {
    let listed: Vec<&StoredEntry> = commit.entries().collect();
    observed.into_iter().map(|it| it.into_observed(&listed)).collect()
}

impl ObservedFieldsV1 {
    fn of(observed: &ObservedEntry, entry: Option<(u32, &StoredEntry)>) -> Self {
        let SeenEntry { id, listed_at, content_hash } = observed.entry;
        let position = EntryPosition { listed_ms: listed_at.as_millisecond(), id };
        match entry {
            Some((number, listed))
                if EntryPosition::of_entry(listed) == position
                    && listed.content_hash == content_hash
                    && listed.fingerprints == observed.fingerprints =>
            {
                Self::AsEntry(number)
            }
            _ => Self::Other {
                position: PositionV1::of(position),
                content_hash: content_hash.to_be_bytes(),
                fingerprints: observed.fingerprints.iter().map(|it| it.to_be_bytes()).collect(),
            },
        }
    }

    fn into_observed(self, listed: &[&StoredEntry]) -> Result<ObservedEntry, RecordError> {
        match self {
            Self::AsEntry(number) => {
                let at = usize::try_from(number).ok();
                let listed =
                    at.and_then(|at| listed.get(at)).ok_or(RecordError::Field("observed"))?;
                let StoredEntry { id, listed_at, content_hash, .. } = **listed;
                Ok(ObservedEntry {
                    entry: SeenEntry { id, listed_at, content_hash },
                    fingerprints: listed.fingerprints.clone(),
                })
            }
            Self::Other { position, content_hash, fingerprints } => {
                let EntryPosition { listed_ms, id } = position.to_position();
                Ok(ObservedEntry {
                    entry: SeenEntry {
                        id,
                        listed_at: instant_of(listed_ms, "listed_at")?,
                        content_hash: u64::from_be_bytes(content_hash),
                    },
                    fingerprints: fingerprints.into_iter().map(u64::from_be_bytes).collect(),
                })
            }
        }
    }
}
