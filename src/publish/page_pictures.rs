//! The publication of a page → the copies of pictures that it shows, and those that it would show if they were there;
//! and the copies that nothing shows any more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use url::Url;

use super::published_site::{PublishedSite, base_source_info};
use crate::model::{
    PictureId, PictureOwner, PictureRole, Publication, SourceId, SourceInfo, StoredEntry, Thumbnail,
};
use crate::pictures::{PictureLookup, PictureShelf, WantedPicture};
use crate::render::page_pictures::PagePictures;
use crate::store::{Store, StoreError};

/// The pictures of a page. Those that are missing are fetched soon, if `may_request`.
pub(super) fn find_page_pictures(
    shelf: &PictureShelf,
    publication: &Publication,
    may_request: bool,
) -> PagePictures {
    let mut pictures = PagePictures::default();
    for listed in &publication.entries {
        pictures.leads.extend(find_lead(shelf, listed, may_request).map(|copy| (listed.id, copy)));
    }
    let shown = publication.entries.iter().map(|listed| &listed.source);
    let shown: BTreeSet<&SourceId> = shown.collect();
    for info in shown.into_iter().filter_map(|id| publication.sources.get(id)) {
        if let Some(icon) = find_icon(shelf, info, may_request) {
            pictures.icons.insert(info.id.clone(), icon);
        }
    }
    pictures
}

/// The copy of the picture of an entry. One that is missing is fetched soon, if `may_request`.
pub(super) fn find_lead(
    shelf: &PictureShelf,
    listed: &StoredEntry,
    may_request: bool,
) -> Option<Thumbnail> {
    match shelf.find(wanted_lead(listed)?, may_request) {
        PictureLookup::Ready(copy) => Some(copy),
        PictureLookup::Unknown | PictureLookup::Missing => None,
    }
}

fn wanted_lead(listed: &StoredEntry) -> Option<WantedPicture> {
    let image = listed.entry.image.as_ref()?;
    let owner = PictureOwner::entry(listed.id, listed.listed_at);
    Some(WantedPicture::new(PictureRole::Lead, &image.url, &listed.source, owner))
}

/// The icon of a source: the first one that there is. A worse one that is there is shown until the better ones were
/// fetched, but it is not requested before that.
fn find_icon(shelf: &PictureShelf, info: &SourceInfo, mut may_request: bool) -> Option<Thumbnail> {
    for wanted in wanted_icons(info) {
        match shelf.find(wanted, may_request) {
            PictureLookup::Ready(icon) => return Some(icon),
            PictureLookup::Unknown => may_request = false,
            PictureLookup::Missing => {}
        }
    }
    None
}

/// The icons that a source may have, the best first: its feed's own, the one that its site's page names, and the one
/// that every browser requests.
fn wanted_icons(info: &SourceInfo) -> impl Iterator<Item = WantedPicture> {
    let site = info.site.as_ref().map(ToString::to_string);
    let usual = site
        .as_ref()
        .and_then(|site| Some(Url::parse(site).ok()?.join("/favicon.ico").ok()?.to_string()));
    let addresses = [
        (PictureRole::Icon, info.image.clone()),
        (PictureRole::SiteIcon, site),
        (PictureRole::Icon, usual),
    ];
    addresses.into_iter().filter_map(|(role, address)| {
        Some(WantedPicture::new(role, &address?, &info.id, PictureOwner::Source))
    })
}

/// The copies of which no entry and no source is left.
///
/// # Errors
/// When the store cannot be read.
pub fn find_unwanted_pictures(
    shelf: &PictureShelf,
    store: &Store,
    site: &PublishedSite,
) -> Result<Vec<PictureId>, StoreError> {
    let mut icons = BTreeSet::new();
    for source in &site.sources {
        let info = base_source_info(source, store.poll_state(&source.id)?.as_ref());
        icons.extend(wanted_icons(&info).map(|icon| icon.id));
    }
    let mut unwanted = Vec::new();
    for (id, owner) in shelf.kept() {
        let is_wanted = match owner {
            PictureOwner::Source => icons.contains(&id),
            PictureOwner::Entry { listed_ms, id } => {
                let listed_at = Timestamp::from_millisecond(listed_ms).unwrap_or_default();
                store.has_entry(id, listed_at)?
            }
        };
        if !is_wanted {
            unwanted.push(id);
        }
    }
    Ok(unwanted)
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::Image;

    use super::super::cursor;
    use super::super::renderer::Renderer;
    use super::super::sample::{self, TestStore};
    use super::*;
    use crate::http::Resource;
    use crate::model::{Scope, Source};
    use crate::pictures::{EncodedThumbnail, PictureFormat, PictureOutcome};

    fn with_picture(key: &str) -> StoredEntry {
        let mut listed = sample::listed("a", key, "خبر");
        let url = format!("https://a.example/{key}.jpg");
        listed.entry.image =
            Some(Image { url, width: None, height: None, credit: None, alt: None });
        listed
    }

    fn shelf(folder: &tempfile::TempDir) -> PictureShelf {
        PictureShelf::open(folder.path(), 1 << 20).unwrap()
    }

    #[test]
    fn copies_go_with_their_entries_and_sources() {
        let (shop, folder) = (TestStore::open(), tempfile::tempdir().unwrap());
        let shelf = shelf(&folder);
        let (kept, dropped) = (with_picture("1"), with_picture("2"));
        shop.keep_all("a", vec![kept.clone()]);
        let icon = |address| {
            WantedPicture::new(PictureRole::Icon, address, &kept.source, PictureOwner::Source)
        };
        let (own, other) =
            (icon("https://a.example/favicon.ico"), icon("https://b.example/favicon.ico"));
        let gone = [wanted_lead(&dropped).unwrap(), other];
        for picture in [wanted_lead(&kept).unwrap(), own].iter().chain(&gone) {
            let (bytes, format) = (vec![1], PictureFormat::Jpeg);
            let copy = EncodedThumbnail { bytes, format, width: 1, height: 1 };
            shelf.put(picture, &PictureOutcome::Copied(copy), sample::at(0)).unwrap();
        }
        let site = Some(Url::parse("https://a.example/news").unwrap());
        let renderer = shop.renderer(vec![Source { site, ..sample::source("a") }]);
        let unwanted = find_unwanted_pictures(&shelf, &shop.store, &renderer.site).unwrap();
        assert_eq!(unwanted.into_iter().collect::<BTreeSet<_>>(), gone.map(|it| it.id).into());
    }

    #[test]
    fn the_best_icon_is_shown_and_a_worse_one_until_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(&folder);
        let site = Some(Url::parse("https://a.example/news").unwrap());
        let info = base_source_info(&Source { site, ..sample::source("a") }, None);
        let [page, usual] = wanted_icons(&info).collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(
            (page.role, page.address.as_str()),
            (PictureRole::SiteIcon, "https://a.example/news")
        );
        assert_eq!(usual.address, "https://a.example/favicon.ico");
        let shown = || find_icon(&shelf, &info, true).map(|icon| icon.id);
        let (bytes, format) = (vec![1], PictureFormat::WebP);
        let copy = PictureOutcome::Copied(EncodedThumbnail { bytes, format, width: 1, height: 1 });
        assert_eq!(shown(), None);
        assert_eq!(shelf.start_next().as_ref(), Some(&page));
        assert!(shelf.is_idle(), "the usual one is not wanted yet");
        shelf.put(&usual, &copy, sample::at(0)).unwrap();
        assert_eq!(shown(), Some(usual.id));
        shelf.put(&page, &copy, sample::at(0)).unwrap();
        assert_eq!(shown(), Some(page.id));
        for shown_after in [page.id, page.id, usual.id] {
            shelf.put(&page, &PictureOutcome::Gone, sample::at(0)).unwrap();
            assert_eq!(shown(), Some(shown_after), "after a few such answers");
        }
        assert!(shelf.is_idle());
    }

    #[test]
    fn only_the_newest_page_has_pictures_fetched() {
        let (shop, folder) = (TestStore::open(), tempfile::tempdir().unwrap());
        let (shelf, listed) = (shelf(&folder), with_picture("1"));
        shop.keep_all("a", vec![listed.clone()]);
        let renderer = shop.renderer(vec![sample::source("a")]);
        let renderer = Renderer { pictures: Some(shelf.clone()), ..renderer };
        let mut later = listed.clone();
        later.listed_at = sample::at(1);
        let before = Some(cursor::format_cursor(&later));
        let scope = Scope::All;
        for (resource, is_idle) in [
            (Resource::Page { scope: scope.clone(), before }, true),
            (Resource::CompactPage { scope: scope.clone(), before: None }, true),
            (Resource::Page { scope, before: None }, false),
        ] {
            let page = renderer.render(&resource, None, sample::at(2)).unwrap().unwrap();
            assert!(String::from_utf8_lossy(&page.body).contains("خبر"), "{resource:?}");
            assert_eq!(shelf.is_idle(), is_idle, "{resource:?}");
        }
        assert_eq!(shelf.start_next().map(|it| it.address), listed.entry.image.map(|it| it.url));
    }
}
