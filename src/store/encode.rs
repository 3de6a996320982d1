//! Values of the model → their records as they are in the database.

use super::keys;
use super::records::envelope::{Compression, EncodedRecord, encode_record};
use super::records::{poll_state, stored_entry, story_record};
use super::store_error::StoreError;
use crate::model::{PollState, SourceId, StoredEntry, StoryRecord};

/// The record of a source's poll state.
///
/// # Errors
/// `Unencodable`.
pub(super) fn encode_poll_state(
    source: &SourceId,
    state: &PollState,
) -> Result<EncodedRecord, StoreError> {
    poll_state::encode(state)
        .and_then(|fields| {
            encode_record(poll_state::VERSION, "", &fields, Compression::WhereShorter)
        })
        .map_err(|error| StoreError::unencodable(&keys::poll_state_key(source), error))
}

/// The record of an entry of `source`.
///
/// # Errors
/// `Unencodable`.
pub(super) fn encode_entry(
    listed: &StoredEntry,
    source: &SourceId,
) -> Result<EncodedRecord, StoreError> {
    stored_entry::encode(listed)
        .and_then(|fields| {
            encode_record(
                stored_entry::VERSION,
                source.as_str(),
                &fields,
                Compression::WhereShorter,
            )
        })
        .map_err(|source| StoreError::Unencodable {
            what: format!("the entry {}", listed.id),
            source,
        })
}

/// The record of the story of an entry.
///
/// # Errors
/// `Unencodable`.
pub(super) fn encode_story_record(record: &StoryRecord) -> Result<EncodedRecord, StoreError> {
    story_record::encode(record)
        .and_then(|fields| encode_record(story_record::VERSION, "", &fields, Compression::Never))
        .map_err(|error| StoreError::unencodable(&keys::story_record_key(record.id), error))
}
