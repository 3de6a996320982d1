//! The copies of pictures that a page shows.

use std::collections::BTreeMap;

use crate::model::{EntryId, SourceId, Thumbnail};

/// The copies of pictures that a page shows; empty: none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PagePictures {
    /// Beside the headlines of these entries.
    pub leads: BTreeMap<EntryId, Thumbnail>,
    /// Beside the names of these sources.
    pub icons: BTreeMap<SourceId, Thumbnail>,
}

/// A copy in the markup of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PictureView {
    /// Its address.
    pub(super) src: String,
    /// Its width in pixels.
    pub(super) width: u16,
    /// Its height in pixels.
    pub(super) height: u16,
}

impl PictureView {
    /// A copy below the path of the site.
    pub(super) fn new(root: &str, copy: Thumbnail) -> Self {
        let Thumbnail { id, width, height, version } = copy;
        let version = if version == 0 { String::new() } else { format!("?v={version:08x}") };
        Self { src: format!("{root}picture/{id}{version}"), width, height }
    }
}
