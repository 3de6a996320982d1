//! The name of a file ↔ what is known about a picture: the folder is its own index, and no second file can disagree
//! with it.
//!
//! | part of the name, separated by dots | value |
//! | --- | --- |
//! | 1 | the id of the picture |
//! | 2 | `<milliseconds>-<entry id>`, or `source` |
//! | 3 | `<width>x<height>-<bytes>`, or `failed-<tries>-<seconds>`, or `gone` |
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
            PictureState::Ready { format, width, height, bytes } => {
                let ending = match format {
                    PictureFormat::Jpeg => "jpg",
                    PictureFormat::WebP => "webp",
                };
                format!("{id}.{owner}.{width}x{height}-{bytes}.{ending}")
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
                let (size, bytes) = state.split_once('-')?;
                let (width, height) = size.split_once('x')?;
                let (width, height) = (width.parse().ok()?, height.parse().ok()?);
                PictureState::Ready { format, width, height, bytes: bytes.parse().ok()? }
            }
        };
        let picture = (PictureId::parse(id)?, Self { owner, state });
        parts.next().is_none().then_some(picture)
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
        let ready = |format| PictureState::Ready { format, width: 408, height: 272, bytes: 17_000 };
        for owner in [entry, PictureOwner::Source] {
            for state in [
                ready(PictureFormat::Jpeg),
                ready(PictureFormat::WebP),
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
