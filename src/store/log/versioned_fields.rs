//! Parts that the fields of several records have: a record of the database, as it is stored or with its fields
//! alone, and positions.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{EntryId, SourceId, StoryRecord};
use crate::store::keys::EntryPosition;
use crate::store::records::envelope::{
    Compression, EncodedRecord, MAX_FIELDS_BYTES, encode_record,
};
use crate::store::records::{RecordError, story_record};

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

/// A story record, and the entry that it belongs to.
#[derive(Serialize, Deserialize)]
pub(super) struct StoryFieldsV1<'a> {
    id: [u8; 16],
    #[serde(borrow)]
    pub(super) record: VersionedFields<'a>,
}

/// A record as it is in the database: its value, and its parts if it is long.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRecord<'a> {
    #[serde(borrow)]
    value: FieldBytes<'a>,
    #[serde(borrow)]
    parts: Vec<FieldBytes<'a>>,
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

    /// The record as the database stores it.
    pub(super) fn encode(
        &self,
        label: &str,
        compression: Compression,
    ) -> Result<EncodedRecord, RecordError> {
        encode_record(self.version, label, self.bytes(), compression)
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

impl<'a> StoredRecord<'a> {
    pub(super) fn of(encoded: &'a EncodedRecord) -> Self {
        let bytes = |bytes: &'a Vec<u8>| FieldBytes(Cow::Borrowed(bytes.as_slice()));
        Self { value: bytes(&encoded.value), parts: encoded.parts.iter().map(bytes).collect() }
    }

    pub(super) fn into_encoded(self) -> EncodedRecord {
        let bytes = |bytes: FieldBytes<'_>| bytes.0.into_owned();
        EncodedRecord {
            value: bytes(self.value),
            parts: self.parts.into_iter().map(bytes).collect(),
        }
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
