//! The fields of a poll's record in format 1 → the result of the poll. That format held the fields of the
//! database's records, not yet encoded as values. It is read, and no longer written.

use serde::Deserialize;

use super::commit_fields::{ObservedFieldsV1, observed_entries};
use super::record::LoggedCommit;
use super::versioned_fields::{PositionV1, StoryFieldsV1, VersionedFields, source_of};
use crate::model::{SourceId, StoredEntry};
use crate::store::commit_records::CommitRecords;
use crate::store::poll_commit::Commit;
use crate::store::records::envelope::{Compression, EncodedRecord};
use crate::store::records::{RecordError, instant_of, poll_state, stored_entry};

#[derive(Deserialize)]
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

#[derive(Deserialize)]
struct EntryFieldsV1<'a> {
    position: PositionV1,
    /// `None`: the source of the commit.
    source: Option<&'a str>,
    #[serde(borrow)]
    record: VersionedFields<'a>,
}

impl CommitFieldsV1<'_> {
    pub(super) fn into_commit(self) -> Result<LoggedCommit, RecordError> {
        let source = source_of(self.source)?;
        let mut encoded = Vec::new();
        let mut entries = |fields: Vec<EntryFieldsV1<'_>>| {
            for it in &fields {
                encoded.push(it.record.encode(source.as_str(), Compression::WhereShorter)?);
            }
            fields.into_iter().map(|it| it.into_entry(&source)).collect::<Result<Vec<_>, _>>()
        };
        let (new, changed, restored) =
            (entries(self.new)?, entries(self.changed)?, entries(self.restored)?);
        let stories = self.story_records.iter().map(|it| it.record.encode("", Compression::Never));
        let records = CommitRecords {
            state: self.state.encode("", Compression::WhereShorter)?,
            entries: encoded,
            stories: stories.collect::<Result<Vec<EncodedRecord>, _>>()?,
        };
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
        commit.observed = observed_entries(self.observed, &commit)?;
        Ok(LoggedCommit {
            now: instant_of(self.now_ms, "now")?,
            keep_per_source: usize::try_from(self.keep_per_source).unwrap_or(usize::MAX),
            commit,
            records,
        })
    }
}

impl EntryFieldsV1<'_> {
    fn into_entry(self, source: &SourceId) -> Result<StoredEntry, RecordError> {
        let source = self.source.unwrap_or(source.as_str());
        let position = self.position.to_position();
        stored_entry::decode(self.record.version, position, source, self.record.bytes())
    }
}
