//! The features of entries ↔ files of the store, so that each text is read once in its life: a start finds in the
//! files what was computed before, and computes what they lack.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{EntryId, StoredEntry, StoryRecord};
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

    /// Where the features of an entry are, if its records are those that they were computed from.
    pub(super) fn find(&self, id: EntryId, digest: EntryDigest) -> Option<FeaturePlace> {
        self.0.find(id, digest)
    }

    /// The story record and the features at a place; `None`: they cannot be read.
    pub(super) fn read_features(
        &self,
        place: &FeaturePlace,
    ) -> Option<(StoryRecord, StoryFeatures)> {
        let (record, features) = self.0.read_features(place)?;
        Some((record, StoryFeatures::from_bytes(&features)?))
    }
}

/// Features of an entry that is stored, with the digest of the records that they were computed from.
pub(super) struct ComputedFeatures {
    id: EntryId,
    digest: EntryDigest,
    entry: EntryFeatures,
}

impl ComputedFeatures {
    /// The features of a stored entry.
    pub(super) fn new(stored: &StoredEntry, digest: EntryDigest, features: &StoryFeatures) -> Self {
        Self { id: stored.id, digest, entry: EntryFeatures::new(stored, features) }
    }
}

/// Writes features into files.
pub(super) struct FeatureKeeper {
    writer: FeatureWriter,
    /// Those of entries that are about to be stored. `None`: two versions of the entry come at once.
    coming: BTreeMap<EntryId, Option<EntryFeatures>>,
}

/// Features of an entry that is stored, or about to be.
struct EntryFeatures {
    listed_at: Timestamp,
    first_seen_at: Timestamp,
    features: Vec<u8>,
}

impl EntryFeatures {
    fn new(listed: &StoredEntry, features: &StoryFeatures) -> Self {
        let (listed_at, first_seen_at) = (listed.listed_at, listed.first_seen_at);
        Self { listed_at, first_seen_at, features: features.to_bytes() }
    }
}

/// The records for files of entries with their features; `None`: the entry was not stored (it is beyond the newest of its
/// source), or has no story record.
fn records_of(
    store: &Store,
    entries: Vec<(EntryId, EntryFeatures)>,
) -> Result<Vec<Option<FeatureRecord>>, StoreError> {
    let positions: Vec<_> = entries.iter().map(|(id, entry)| (*id, entry.listed_at)).collect();
    let digests = store.entry_digests(&positions)?;
    let to_record = |((id, entry), digest): ((EntryId, EntryFeatures), Option<EntryDigest>)| {
        let EntryFeatures { first_seen_at, features, .. } = entry;
        let Some(digest) = digest else { return Ok(None) };
        let Some(decision) = store.story_record(id)? else { return Ok(None) };
        Ok(Some(FeatureRecord { id, digest, first_seen_at, story: decision, features }))
    };
    entries.into_iter().zip(digests).map(to_record).collect()
}

impl FeatureKeeper {
    /// Writes to the files of the store what is computed with these vectors.
    pub(super) fn new(store: &Store, vectors: &StoryVectors) -> Self {
        Self { writer: store.feature_writer(vectors.feature_rules()), coming: BTreeMap::new() }
    }

    /// Keeps the features of an entry until it is stored.
    pub(super) fn add_coming(&mut self, listed: &StoredEntry, features: &StoryFeatures) {
        let coming = EntryFeatures::new(listed, features);
        self.coming.entry(listed.id).and_modify(|earlier| *earlier = None).or_insert(Some(coming));
    }

    /// Writes the features of the entries that were about to be stored, which now are, into the file of a day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn write_coming(&mut self, store: &Store, day: i64) -> Result<(), StoreError> {
        let coming = std::mem::take(&mut self.coming).into_iter();
        let coming = coming.filter_map(|(id, entry)| Some((id, entry?))).collect();
        let records: Vec<_> = records_of(store, coming)?.into_iter().flatten().collect();
        self.writer.append(day, &records);
        Ok(())
    }

    /// Writes features of stored entries, which have their story records now, into the file of a day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn write_computed(
        &mut self,
        store: &Store,
        computed: Vec<ComputedFeatures>,
        day: i64,
    ) -> Result<(), StoreError> {
        let (digests, entries): (Vec<_>, _) =
            computed.into_iter().map(|it| (it.digest, (it.id, it.entry))).unzip();
        let records = records_of(store, entries)?.into_iter().zip(digests);
        let unchanged = records.filter_map(|(record, digest)| {
            record.filter(|record| record.digest.is_of_same_record(digest))
        });
        let records: Vec<_> = unchanged.collect();
        self.writer.append(day, &records);
        Ok(())
    }
}
