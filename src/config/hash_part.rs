//! A key of a source → its part of the hash of everything that a reading of the source's document depends on.

use rafid_feed::hash::Digest;

use crate::model::Source;

/// What a key adds to the hash of a source.
pub(super) struct HashPart {
    /// Parts are added in this order: a new part gets the next number, and adds nothing where its key is not
    /// given. Otherwise the hashes of all sources change, and an upgrade fetches every document again.
    pub(super) order: u8,
    /// Adds the value.
    pub(super) add: fn(&HashedSource<'_>, &mut SourceDigest),
}

/// What a source is hashed from.
pub(super) struct HashedSource<'a> {
    /// The source.
    pub(super) source: &'a Source,
    /// The `User-Agent` that is sent for it: its own, else that of `[polling]`.
    pub(super) user_agent: Option<&'a str>,
}

/// The hash so far.
pub(super) struct SourceDigest(Digest);

impl SourceDigest {
    /// The hash of no value.
    pub(super) fn new() -> Self {
        Self(Digest::new("rafid source 1"))
    }

    /// Adds a value that may be absent.
    pub(super) fn add(&mut self, value: Option<&str>) {
        match value {
            Some(text) => self.0.add_with_length(text),
            // A length that no text has.
            None => self.0.add(u64::MAX.to_be_bytes()),
        }
    }

    /// Adds a value behind its name.
    pub(super) fn add_named(&mut self, name: &str, value: &str) {
        self.add(Some(name));
        self.add(Some(value));
    }

    /// The hash.
    pub(super) fn finish(&self) -> [u8; 16] {
        self.0.to_128()
    }
}
