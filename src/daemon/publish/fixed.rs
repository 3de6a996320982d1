//! What hangs on no entry → finished bytes: the files of the program, and the pages of notices.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::edition::Edition;
use crate::daemon::serve::finish;
use crate::feed::model::{Notice, Rendition};
use crate::feed::render::{ASSETS, ROBOTS, notice};

/// The files of the program by their names.
pub(super) fn files() -> BTreeMap<&'static str, Rendition> {
    let files = ASSETS.iter().chain([&ROBOTS]);
    // When they last changed is not known; their hash tells that they did.
    let finished = files
        .map(|asset| (asset.file, finish(asset.media_type, asset.bytes, Timestamp::UNIX_EPOCH, 0)));
    finished.collect()
}

/// The page of every notice.
pub(super) fn notices(edition: &Edition) -> BTreeMap<Notice, Bytes> {
    let view = notice::NoticeView {
        site: edition.title.clone(),
        base: edition.base.clone(),
        can_search: edition.can_search,
    };
    Notice::ALL.map(|it| (it, Bytes::from(notice::page(it, &view)))).into()
}
