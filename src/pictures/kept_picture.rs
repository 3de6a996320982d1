//! The name of a file ↔ what is known about a picture: the folder is its own index, and no second file can disagree
//! with it.
//!
//! | part of the name, separated by dots | value |
//! | --- | --- |
//! | 1 | the id of the picture |
//! | 2 | `<milliseconds>-<entry id>`, or `source` |
//! | 3 | `<width>x<height>-<bytes>`, for an icon followed by `-<version>-<misses>-<seconds>`; or `failed-<tries>-<seconds>`, or `gone` |
//! | 4 | `jpg` or `webp`, if there is a copy |

use super::thumbnail::PictureFormat;
use crate::model::{EntryId, PictureId, PictureOwner};

/// What is known about a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureState {
    /// There is a copy.
    Ready {
        /// Its format.
        format: PictureFormat,
        /// Its width in pixels.
        width: u16,
        /// Its height in pixels.
        height: u16,
        /// Its length.
        bytes: u64,
        /// When an icon is looked at again; `None`: the picture of an entry, or an icon that an older version kept.
        check: Option<IconCheck>,
    },
    /// It could not be fetched.
    Failed {
        /// How often that was tried.
        tries: u8,
        /// When it is tried again, in seconds since 1970.
        retry_at: i64,
    },
    /// There will be no copy.
    Gone,
}

/// What is known about the copy of an icon, which may change at its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IconCheck {
    /// A number that other bytes do not have; 0: not known.
    pub(super) version: u32,
    /// How many answers in a row said that there is no icon any more.
    pub(super) misses: u8,
    /// When it is looked at again, in seconds since 1970.
    pub(super) due_at: i64,
}

/// A picture in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeptPicture {
    /// What it is kept for.
    pub(super) owner: PictureOwner,
    /// What is known.
    pub(super) state: PictureState,
}

impl KeptPicture {
    /// The length of its file.
    pub(super) fn bytes(&self) -> u64 {
        match self.state {
            PictureState::Ready { bytes, .. } => bytes,
            PictureState::Failed { .. } | PictureState::Gone => 0,
        }
    }

    /// The name of its file.
    pub(super) fn file_name(&self, id: PictureId) -> String {
        let owner = match self.owner {
            PictureOwner::Entry { listed_ms, id } => format!("{listed_ms}-{id}"),
            PictureOwner::Source => "source".to_owned(),
        };
        match self.state {
            PictureState::Ready { format, width, height, bytes, check } => {
                let check =
                    check.map(|it| format!("-{:08x}-{}-{}", it.version, it.misses, it.due_at));
                let check = check.unwrap_or_default();
                let ending = match format {
                    PictureFormat::Jpeg => "jpg",
                    PictureFormat::WebP => "webp",
                };
                format!("{id}.{owner}.{width}x{height}-{bytes}{check}.{ending}")
            }
            PictureState::Failed { tries, retry_at } => {
                format!("{id}.{owner}.failed-{tries}-{retry_at}")
            }
            PictureState::Gone => format!("{id}.{owner}.gone"),
        }
    }

    /// The picture that a file's name describes; `None`: the file is another one.
    pub(super) fn parse_file_name(name: &str) -> Option<(PictureId, Self)> {
        let mut parts = name.split('.');
        let (id, owner, state) = (parts.next()?, parts.next()?, parts.next()?);
        let ending = parts.next();
        let owner = if owner == "source" {
            PictureOwner::Source
        } else {
            let (listed_ms, entry) = owner.split_once('-')?;
            PictureOwner::Entry { listed_ms: listed_ms.parse().ok()?, id: EntryId::parse(entry)? }
        };
        let state = match (state, ending) {
            ("gone", None) => PictureState::Gone,
            (_, None) => {
                let (tries, retry_at) = state.strip_prefix("failed-")?.split_once('-')?;
                let (tries, retry_at) = (tries.parse().ok()?, retry_at.parse().ok()?);
                PictureState::Failed { tries, retry_at }
            }
            (_, Some(ending)) => {
                let format = match ending {
                    "jpg" => PictureFormat::Jpeg,
                    "webp" => PictureFormat::WebP,
                    _ => return None,
                };
                let (size, rest) = state.split_once('-')?;
                let (width, height) = size.split_once('x')?;
                let (width, height) = (width.parse().ok()?, height.parse().ok()?);
                let (bytes, check) = match rest.split_once('-') {
                    Some((bytes, check)) => (bytes, Some(IconCheck::parse(check)?)),
                    None => (rest, None),
                };
                PictureState::Ready { format, width, height, bytes: bytes.parse().ok()?, check }
            }
        };
        let picture = (PictureId::parse(id)?, Self { owner, state });
        parts.next().is_none().then_some(picture)
    }
}

impl PictureState {
    /// Whether both have the same copy.
    pub(super) fn has_same_copy(&self, other: &Self) -> bool {
        let (Self::Ready { check: Some(own), .. }, Self::Ready { check, .. }) = (self, other)
        else {
            return false;
        };
        own.version == check.map_or(0, |check| check.version)
    }
}

impl IconCheck {
    /// `<version>-<misses>-<seconds>`.
    fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.split_once('-')?;
        let (misses, due_at) = rest.split_once('-')?;
        let version = u32::from_str_radix(version, 16).ok()?;
        Some(Self { version, misses: misses.parse().ok()?, due_at: due_at.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PictureRole;

    #[test]
    fn a_name_holds_everything() {
        let id = PictureId::for_address(PictureRole::Lead, "https://a.example/1.jpg");
        let entry =
            PictureOwner::Entry { listed_ms: 1_795_000_000_123, id: EntryId::from_bytes([7; 16]) };
        let (width, height, bytes) = (408, 272, 17_000);
        let check = Some(IconCheck { version: 0xa5, misses: 2, due_at: 1_795_000_001 });
        let ready = |format, check| PictureState::Ready { format, width, height, bytes, check };
        for owner in [entry, PictureOwner::Source] {
            for state in [
                ready(PictureFormat::Jpeg, None),
                ready(PictureFormat::WebP, None),
                ready(PictureFormat::WebP, check),
                PictureState::Failed { tries: 2, retry_at: 1_795_000_000 },
                PictureState::Gone,
            ] {
                let kept = KeptPicture { owner, state };
                let name = kept.file_name(id);
                assert_eq!(KeptPicture::parse_file_name(&name), Some((id, kept)), "{name}");
                for other in [format!("{name}.part"), format!("x{name}"), name.replace('.', "-")] {
                    assert_eq!(KeptPicture::parse_file_name(&other), None, "{other}");
                }
            }
        }
    }
}
