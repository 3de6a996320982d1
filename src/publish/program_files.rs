//! What does not depend on entries → finished bytes: the program's own files, and the notice pages.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::published_site::PublishedSite;
use crate::http::encode_rendition;
use crate::model::{Notice, Rendition};
use crate::render::{ASSETS, ROBOTS, notice_page};

/// The files of the program by their names.
pub(super) fn program_files() -> BTreeMap<&'static str, Rendition> {
    let files = ASSETS.iter().chain([&ROBOTS]);
    // The time of their last change is not known; the hash shows that they changed.
    let finished = files.map(|asset| {
        (asset.file, encode_rendition(asset.media_type, asset.bytes, Timestamp::UNIX_EPOCH, 0))
    });
    finished.collect()
}

/// The page of every notice.
pub(super) fn notice_pages(site: &PublishedSite) -> BTreeMap<Notice, Bytes> {
    let view = notice_page::NoticeView {
        site: site.title.clone(),
        base: site.base.clone(),
        can_search: site.can_search,
    };
    Notice::ALL.map(|it| (it, Bytes::from(notice_page::render_notice_page(it, &view)))).into()
}
