//! The features of entries ↔ files of the store, so that each text is read once in its life: a start finds in the
//! files what was computed before, and computes what they lack.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{EntryId, StoredEntry};
use crate::store::{
    EntryDigest, FeatureIndex, FeaturePlace, FeatureRecord, FeatureWriter, Store, StoreError,
};
use crate::story::{StoryFeatures, StoryVectors};

/// The features that are kept in files.
pub(super) struct KeptFeatures(FeatureIndex);

impl KeptFeatures {
    /// Those of the store that were computed with these vectors.
    pub(super) fn open(store: &Store, vectors: &StoryVectors) -> Self {
        Self(store.feature_index(vectors.feature_rules()))
    }

    /// Where the features of an entry are, if its record is the one that they were computed from.
    pub(super) fn find(&self, id: EntryId, digest: EntryDigest) -> Option<FeaturePlace> {
        self.0.find(id, digest)
    }

    /// The features at a place; `None`: they cannot be read.
    pub(super) fn read_features(&self, place: &FeaturePlace) -> Option<StoryFeatures> {
        StoryFeatures::from_bytes(&self.0.read_features(place)?)
    }
}

/// The record of the features of a stored entry.
pub(super) fn feature_record(
    stored: &StoredEntry,
    digest: EntryDigest,
    features: &StoryFeatures,
) -> FeatureRecord {
    let (id, first_seen_at) = (stored.id, stored.first_seen_at);
    FeatureRecord { id, digest, first_seen_at, features: features.to_bytes() }
}

/// Writes features into files.
pub(super) struct FeatureKeeper {
    writer: FeatureWriter,
    /// Those of entries that are about to be stored. `None`: two versions of the entry come at once.
    coming: BTreeMap<EntryId, Option<ComingFeatures>>,
}

/// Features of an entry that is about to be stored.
struct ComingFeatures {
    listed_at: Timestamp,
    first_seen_at: Timestamp,
    features: Vec<u8>,
}

impl FeatureKeeper {
    /// Writes to the files of the store what is computed with these vectors.
    pub(super) fn new(store: &Store, vectors: &StoryVectors) -> Self {
        Self { writer: store.feature_writer(vectors.feature_rules()), coming: BTreeMap::new() }
    }

    /// Keeps the features of an entry until it is stored.
    pub(super) fn add_coming(&mut self, listed: &StoredEntry, features: &StoryFeatures) {
        let (listed_at, first_seen_at) = (listed.listed_at, listed.first_seen_at);
        let coming = ComingFeatures { listed_at, first_seen_at, features: features.to_bytes() };
        self.coming.entry(listed.id).and_modify(|earlier| *earlier = None).or_insert(Some(coming));
    }

    /// Writes the features of the entries that were about to be stored, which now are, into the file of a day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn write_coming(&mut self, store: &Store, day: i64) -> Result<(), StoreError> {
        let mut records = Vec::with_capacity(self.coming.len());
        for (id, coming) in std::mem::take(&mut self.coming) {
            let Some(ComingFeatures { listed_at, first_seen_at, features }) = coming else {
                continue;
            };
            // An entry beyond the newest of its source was not stored.
            if let Some(digest) = store.entry_digest(id, listed_at)? {
                records.push(FeatureRecord { id, digest, first_seen_at, features });
            }
        }
        self.write(&records, day);
        Ok(())
    }

    /// Writes records that were computed on a day into its file.
    pub(super) fn write(&mut self, records: &[FeatureRecord], day: i64) {
        self.writer.append(day, records);
    }
}
