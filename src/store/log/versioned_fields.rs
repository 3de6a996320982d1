//! Parts that the fields of several records have: the record of the database in the log, with its version, and
//! positions.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{EntryId, SourceId};
use crate::store::keys::EntryPosition;
use crate::store::records::RecordError;
use crate::store::records::envelope::MAX_FIELDS_BYTES;

/// The position of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PositionV1 {
    listed_ms: i64,
    id: [u8; 16],
}

/// The fields of a record in the database, and their version.
#[derive(Serialize, Deserialize)]
pub(super) struct VersionedFields<'a> {
    pub(super) version: u8,
    #[serde(borrow)]
    pub(super) fields: FieldBytes<'a>,
}

/// Bytes that are written and borrowed as a whole, not one by one.
pub(super) struct FieldBytes<'a>(Cow<'a, [u8]>);

impl Serialize for FieldBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for FieldBytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a [u8]>::deserialize(deserializer).map(|bytes| Self(Cow::Borrowed(bytes)))
    }
}

impl VersionedFields<'_> {
    /// Fields that the database can hold: whatever is in the log can be applied.
    ///
    /// # Errors
    /// `Size` when they are longer than `MAX_FIELDS_BYTES`.
    pub(super) fn new(version: u8, fields: Vec<u8>) -> Result<Self, RecordError> {
        if fields.len() > MAX_FIELDS_BYTES {
            return Err(RecordError::Size { expected: MAX_FIELDS_BYTES, found: fields.len() });
        }
        Ok(Self { version, fields: FieldBytes(Cow::Owned(fields)) })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.fields.0
    }
}

impl PositionV1 {
    pub(super) fn of(position: EntryPosition) -> Self {
        Self { listed_ms: position.listed_ms, id: position.id.to_bytes() }
    }

    pub(super) fn to_position(self) -> EntryPosition {
        EntryPosition { listed_ms: self.listed_ms, id: EntryId::from_bytes(self.id) }
    }
}

/// The source with this id.
pub(super) fn source_of(id: &str) -> Result<SourceId, RecordError> {
    SourceId::new(id).map_err(|_| RecordError::Field("source"))
}
