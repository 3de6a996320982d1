//! Values in the tree, joined from their parts → values of the model.

use sled::{IVec, Tree};

use super::keys;
use super::records::envelope::Envelope;
use super::records::{
    RecordError, full_text, poll_state, stored_entry, story_record, subscription,
};
use super::store_error::{StoreError, read_error};
use crate::model::{
    DailyTermCounts, EntryId, FullTextState, PollState, StoredEntry, StoryRecord, Subscription,
};

/// Decodes the entry whose record is `value`.
pub(super) fn decode_entry(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<StoredEntry, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let position = keys::position_of_key(key).ok_or_else(|| to_error(RecordError::Field("key")))?;
    let fields = join_fields(tree, key, &envelope)?;
    stored_entry::decode(envelope.version, position, envelope.label, &fields).map_err(to_error)
}

/// Decodes the poll state whose record is `value`.
pub(super) fn decode_poll_state(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<PollState, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let fields = join_fields(tree, key, &envelope)?;
    poll_state::decode(envelope.version, &fields).map_err(to_error)
}

/// Decodes the subscription whose record is `value`.
pub(super) fn decode_subscription(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<Subscription, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let fields = join_fields(tree, key, &envelope)?;
    subscription::decode(envelope.version, &fields).map_err(to_error)
}

/// Decodes the term counts of a day whose record is `value`.
pub(super) fn decode_daily_term_counts(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<DailyTermCounts, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let fields = join_fields(tree, key, &envelope)?;
    story_record::decode_day(envelope.version, &fields).map_err(to_error)
}

/// Decodes the story record whose value is `value`.
pub(super) fn decode_story_record(value: &[u8], id: EntryId) -> Result<StoryRecord, RecordError> {
    let envelope = Envelope::parse(value)?;
    story_record::decode(envelope.version, id, &envelope.fields()?)
}

/// Decodes the full-text state whose record is `value`.
pub(super) fn decode_full_text_state(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<FullTextState, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::parse(value).map_err(to_error)?;
    let fields = join_fields(tree, key, &envelope)?;
    full_text::decode(envelope.version, &fields).map_err(to_error)
}

/// Where the parts of long records are.
pub(super) trait PartSource {
    /// The part at `key`; `None`: it is missing.
    ///
    /// # Errors
    /// `Database` when it cannot be read.
    fn read_part(&self, key: &[u8]) -> Result<Option<IVec>, StoreError>;
}

impl PartSource for Tree {
    fn read_part(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.get(key).map_err(read_error)
    }
}

/// The fields of a record, joined from its parts.
pub(super) fn join_fields(
    parts: &impl PartSource,
    key: &[u8],
    envelope: &Envelope<'_>,
) -> Result<Vec<u8>, StoreError> {
    let to_error = |error| StoreError::undecodable(key, error);
    if envelope.parts == 0 {
        return envelope.fields().map_err(to_error);
    }
    let body = join_parts(parts, key, envelope)?;
    envelope.fields_of_parts(&body).map_err(to_error)
}

/// The parts of a record, joined as they are stored.
pub(super) fn join_parts(
    parts: &impl PartSource,
    key: &[u8],
    envelope: &Envelope<'_>,
) -> Result<Vec<u8>, StoreError> {
    let mut body = Vec::new();
    for number in 0..envelope.parts {
        match parts.read_part(&keys::part_key(key, number))? {
            Some(part) => body.extend_from_slice(&part),
            None => {
                return Err(StoreError::undecodable(key, RecordError::Missing("a part of it")));
            }
        }
    }
    Ok(body)
}
