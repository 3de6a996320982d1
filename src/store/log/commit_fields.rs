//! The result of a poll ↔ the fields of its record.
//!
//! What is observed of a new or changed entry is usually in the entry itself. Then only the number of that
//! entry is written.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::record::LoggedCommit;
use super::versioned_fields::{PositionV1, VersionedFields, source_of};
use crate::model::{EntryId, ObservedEntry, SeenEntry, SourceId, StoredEntry, StoryRecord};
use crate::store::keys::EntryPosition;
use crate::store::poll_commit::Commit;
use crate::store::records::{RecordError, instant_of, poll_state, stored_entry, story_record};

#[derive(Serialize, Deserialize)]
pub(super) struct CommitFieldsV1<'a> {
    now_ms: i64,
    keep_per_source: u64,
    source: &'a str,
    #[serde(borrow)]
    state: VersionedFields<'a>,
    #[serde(borrow)]
    new: Vec<EntryFieldsV1<'a>>,
    #[serde(borrow)]
    changed: Vec<EntryFieldsV1<'a>>,
    #[serde(borrow)]
    restored: Vec<EntryFieldsV1<'a>>,
    #[serde(borrow)]
    story_records: Vec<StoryFieldsV1<'a>>,
    observed: Vec<ObservedFieldsV1>,
    is_whole: bool,
}

#[derive(Serialize, Deserialize)]
struct EntryFieldsV1<'a> {
    position: PositionV1,
    /// `None`: the source of the commit.
    source: Option<&'a str>,
    #[serde(borrow)]
    record: VersionedFields<'a>,
}

/// A story record, and the entry that it belongs to.
#[derive(Serialize, Deserialize)]
pub(super) struct StoryFieldsV1<'a> {
    id: [u8; 16],
    #[serde(borrow)]
    record: VersionedFields<'a>,
}

#[derive(Serialize, Deserialize)]
enum ObservedFieldsV1 {
    /// As the entry with this number says, counted through `new`, `changed` and `restored`.
    AsEntry(u32),
    Other {
        position: PositionV1,
        content_hash: [u8; 8],
        fingerprints: Vec<[u8; 8]>,
    },
}

impl<'a> CommitFieldsV1<'a> {
    pub(super) fn of(logged: &'a LoggedCommit) -> Result<Self, RecordError> {
        let commit = &logged.commit;
        let entries = |entries: &'a [StoredEntry]| {
            entries.iter().map(|it| EntryFieldsV1::of(it, &commit.source)).collect::<Result<_, _>>()
        };
        let numbers: HashMap<EntryId, (u32, &StoredEntry)> = (0..)
            .zip(entries_of(commit))
            .map(|(number, listed)| (listed.id, (number, listed)))
            .collect();
        Ok(Self {
            now_ms: logged.now.as_millisecond(),
            keep_per_source: u64::try_from(logged.keep_per_source).unwrap_or(u64::MAX),
            source: commit.source.as_str(),
            state: VersionedFields::new(poll_state::VERSION, poll_state::encode(&commit.state)?)?,
            new: entries(&commit.new)?,
            changed: entries(&commit.changed)?,
            restored: entries(&commit.restored)?,
            story_records: commit
                .story_records
                .iter()
                .map(StoryFieldsV1::of)
                .collect::<Result<_, _>>()?,
            observed: commit
                .observed
                .iter()
                .map(|it| ObservedFieldsV1::of(it, numbers.get(&it.entry.id).copied()))
                .collect(),
            is_whole: commit.is_whole,
        })
    }

    pub(super) fn into_commit(self) -> Result<LoggedCommit, RecordError> {
        let source = source_of(self.source)?;
        let entries = |fields: Vec<EntryFieldsV1<'_>>| {
            fields.into_iter().map(|it| it.into_entry(&source)).collect::<Result<Vec<_>, _>>()
        };
        let (new, changed, restored) =
            (entries(self.new)?, entries(self.changed)?, entries(self.restored)?);
        let stories = self.story_records.into_iter().map(StoryFieldsV1::into_record);
        let mut commit = Commit {
            source: source.clone(),
            state: poll_state::decode(self.state.version, self.state.bytes())?,
            new,
            changed,
            restored,
            story_records: stories.collect::<Result<_, _>>()?,
            observed: Vec::new(),
            is_whole: self.is_whole,
        };
        let listed: Vec<&StoredEntry> = entries_of(&commit).collect();
        let observed = self.observed.into_iter().map(|it| it.into_observed(&listed));
        commit.observed = observed.collect::<Result<_, _>>()?;
        Ok(LoggedCommit {
            now: instant_of(self.now_ms, "now")?,
            keep_per_source: usize::try_from(self.keep_per_source).unwrap_or(usize::MAX),
            commit,
        })
    }
}

/// The entries of a commit in the order of their numbers.
fn entries_of(commit: &Commit) -> impl Iterator<Item = &StoredEntry> {
    commit.new.iter().chain(&commit.changed).chain(&commit.restored)
}

impl<'a> EntryFieldsV1<'a> {
    fn of(listed: &'a StoredEntry, source: &SourceId) -> Result<Self, RecordError> {
        Ok(Self {
            position: PositionV1::of(EntryPosition::of_entry(listed)),
            source: (listed.source != *source).then(|| listed.source.as_str()),
            record: VersionedFields::new(stored_entry::VERSION, stored_entry::encode(listed)?)?,
        })
    }

    fn into_entry(self, source: &SourceId) -> Result<StoredEntry, RecordError> {
        let source = self.source.unwrap_or(source.as_str());
        let position = self.position.to_position();
        stored_entry::decode(self.record.version, position, source, self.record.bytes())
    }
}

impl StoryFieldsV1<'_> {
    pub(super) fn of(record: &StoryRecord) -> Result<Self, RecordError> {
        let fields = story_record::encode(record)?;
        Ok(Self {
            id: record.id.to_bytes(),
            record: VersionedFields::new(story_record::VERSION, fields)?,
        })
    }

    pub(super) fn into_record(self) -> Result<StoryRecord, RecordError> {
        let id = EntryId::from_bytes(self.id);
        story_record::decode(self.record.version, id, self.record.bytes())
    }
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
