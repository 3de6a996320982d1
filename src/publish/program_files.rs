//! What does not depend on entries → finished bytes: the program's own files, the manifest, and the
//! notice pages. They can be
//! served before the store is open.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::published_site::PublishedSite;
use crate::http::{OpeningNotice, RenditionCache, encode_rendition};
use crate::model::{Notice, Rendition};
use crate::render::{ASSETS, ROBOTS, notice_page, root_path, web_manifest};

/// The files of the program by their names, and the manifest of the site.
fn program_files(site: &PublishedSite) -> BTreeMap<&'static str, Rendition> {
    let files = ASSETS.iter().chain([&ROBOTS]);
    // The time of their last change is not known; the hash shows that they changed.
    let finish = |media_type, bytes| encode_rendition(media_type, bytes, Timestamp::UNIX_EPOCH, 0);
    let finished =
        files.map(|asset| (asset.file, finish(asset.media_type, Bytes::from_static(asset.bytes))));
    let manifest = web_manifest::render_web_manifest(&site.frame());
    let manifest = finish(web_manifest::MEDIA_TYPE, Bytes::from(manifest));
    finished.chain([(web_manifest::FILE, manifest)]).collect()
}

/// Puts into the cache what follows from the site alone: the files, the page of every notice, and the path of its
/// address.
pub(super) fn put_site_pages(cache: &RenditionCache, site: &PublishedSite) {
    cache.put_files(program_files(site));
    cache.put_notices(notice_pages(site));
    cache.put_base_path(&root_path(&site.base));
}

fn notice_pages(site: &PublishedSite) -> BTreeMap<Notice, Bytes> {
    let frame = site.frame();
    Notice::ALL.map(|it| (it, Bytes::from(notice_page::render_notice_page(it, &frame)))).into()
}

/// A cache with all that can be served without the store.
pub fn cache_without_entries(site: &PublishedSite) -> RenditionCache {
    let cache = RenditionCache::default();
    put_site_pages(&cache, site);
    cache
}

/// Why a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpeningCause {
    /// The daemon starts.
    Start,
    /// Damage was found while the daemon ran.
    Damage,
}

/// What is answered while the store is being opened. `percent`: how much of its recovery is done; `None`: it has
/// not begun, or nothing is recovered.
pub fn opening_notice(
    site: &PublishedSite,
    cause: OpeningCause,
    percent: Option<u8>,
) -> OpeningNotice {
    let reason = match (percent, cause) {
        (Some(percent), _) => format!("the store is being recovered: {percent} % done\n"),
        (None, OpeningCause::Start) => "the store is being opened\n".to_owned(),
        (None, OpeningCause::Damage) => {
            "the store is damaged and is being opened again\n".to_owned()
        }
    };
    let page = notice_page::render_opening_page(percent, &site.frame());
    OpeningNotice { reason, page: Bytes::from(page) }
}
