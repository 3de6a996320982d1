//! The permanent id of an entry: a hash of its source and of the identity that it was first seen with.

use std::fmt;

use rafid_feed::hash::Digest;
use rafid_feed::model::Identity;
use uuid::Uuid;

use super::source_id::SourceId;

/// The permanent id of an entry: 128 bits of a hash of the source's id and the first identity that
/// the entry was seen with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(Uuid);

impl EntryId {
    /// The id of an entry that was first seen with `identity` in `source`. Two sources never share an
    /// id, whatever guid they claim.
    pub fn for_identity(source: &SourceId, identity: &Identity) -> Self {
        let mut digest = Digest::new("rafid entry 1\0");
        digest.add(source.as_str());
        digest.add("\0");
        digest.add(identity.kind.as_str());
        digest.add("\0");
        digest.add(&identity.key);
        Self(digest.to_uuid())
    }

    /// The sixteen bytes, as stored on disk.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id of sixteen bytes stored on disk.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Parses an id as it is displayed, with or without `urn:uuid:`; `None`: the text is not an id.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
        let id = Self(Uuid::try_parse(text).ok()?);
        // Only the canonical spelling is accepted, so that an entry has one address.
        (id.to_string() == text).then_some(id)
    }

    /// The id as it is published: `urn:uuid:…` (RFC 9562 section 4).
    pub fn to_urn(self) -> String {
        self.0.urn().to_string()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::IdentityKind;

    use super::*;

    #[test]
    fn the_same_guid_in_two_sources_is_two_entries() {
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".into(), weaker_names: Vec::new() };
        let one = EntryId::for_identity(&SourceId::new("one").unwrap(), &identity);
        let two = EntryId::for_identity(&SourceId::new("two").unwrap(), &identity);
        assert_ne!(one, two);
        assert_eq!(one, EntryId::from_bytes(one.to_bytes()));
        assert_eq!(EntryId::parse(&one.to_urn()), Some(one));
        assert_eq!(EntryId::parse(&one.to_string()), Some(one));
        for other in ["", "urn:uuid:", &one.to_string().to_uppercase(), &one.to_string()[1..]] {
            assert_eq!(EntryId::parse(other), None, "{other}");
        }
        let urn = one.to_urn();
        assert_eq!(urn.len(), "urn:uuid:".len() + 36);
        assert_eq!(&urn[23..24], "8", "{urn} is a version 8 UUID");
    }
}
