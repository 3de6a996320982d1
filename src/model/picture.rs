//! The address of a publisher's picture → the id of its small copy, which is served from here.

use std::fmt;

use jiff::Timestamp;
use rafid_feed::hash::Digest;
use uuid::Uuid;

use super::entry_id::EntryId;

/// What a picture is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureRole {
    /// Beside the headline of an entry.
    Lead,
    /// Beside the name of a source.
    Icon,
    /// The same; the address is that of a page which names the icon.
    SiteIcon,
}

/// The id of a copy: 128 bits of a hash of the role and the address, so that no one can find the address by it. An
/// icon may change at its address: its copies have a version beside the id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PictureId(Uuid);

impl PictureId {
    /// The id of the copy of a picture.
    pub fn for_address(role: PictureRole, address: &str) -> Self {
        let mut digest = Digest::new("rafid picture 1\0");
        digest.add(match role {
            PictureRole::Lead => "lead\0",
            PictureRole::Icon => "icon\0",
            PictureRole::SiteIcon => "site icon\0",
        });
        digest.add(address);
        Self(digest.to_uuid())
    }

    /// Parses an id as it is displayed; `None`: the text is not an id.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(Uuid::try_parse(text).ok()?);
        // Only one spelling is accepted, so that a copy has one address.
        (id.to_string() == text).then_some(id)
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl fmt::Debug for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureId({self})")
    }
}

/// A copy that is ready, as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thumbnail {
    /// Its id.
    pub id: PictureId,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// A number that other copies of the id do not have; 0: there is one copy.
    pub version: u32,
}

/// What a copy is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PictureOwner {
    /// An entry: of several that show the picture the one that was listed last.
    Entry {
        /// When it is listed, in milliseconds since 1970.
        listed_ms: i64,
        /// Its id.
        id: EntryId,
    },
    /// A source.
    Source,
}

impl PictureOwner {
    /// The owner that is an entry.
    pub fn entry(id: EntryId, listed_at: Timestamp) -> Self {
        Self::Entry { listed_ms: listed_at.as_millisecond(), id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let address = "https://a.example/1.jpg";
        let id = PictureId::for_address(PictureRole::Lead, address);
        let icon = PictureId::for_address(PictureRole::Icon, address);
        assert_ne!(id, icon);
        assert_ne!(icon, PictureId::for_address(PictureRole::SiteIcon, address));
        let text = id.to_string();
        assert_eq!((text.len(), PictureId::parse(&text)), (32, Some(id)));
        for other in [text.to_uppercase(), format!("{{{text}}}"), id.0.to_string(), String::new()] {
            assert_eq!(PictureId::parse(&other), None, "{other}");
        }
    }
}
