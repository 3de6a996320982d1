//! What a shelf knows and does after fetches, restarts and sweeps.

use futures_util::FutureExt;

use super::super::picture_schedule::{
    ICON_RETRY_SECONDS, ICON_SECONDS, ICON_SPREAD_SECONDS, RETRY_SECONDS,
};
use super::*;
use crate::model::{EntryId, PictureRole, SourceId};
use crate::pictures::{EncodedThumbnail, PictureFormat};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

/// The picture of an entry that was listed at a second.
fn wanted(number: u8, second: i64) -> WantedPicture {
    let owner = PictureOwner::entry(EntryId::from_bytes([number; 16]), at(second));
    let address = format!("https://{number}.example/1.jpg");
    WantedPicture::new(PictureRole::Lead, &address, &SourceId::new("a").unwrap(), owner)
}

fn copied(bytes: usize) -> PictureOutcome {
    let format = PictureFormat::Jpeg;
    PictureOutcome::Copied(EncodedThumbnail {
        bytes: vec![7; bytes],
        format,
        width: 408,
        height: 272,
    })
}

fn is_ready(shelf: &PictureShelf, picture: &WantedPicture) -> bool {
    matches!(shelf.find(picture.clone(), false), PictureLookup::Ready(_))
}

struct TestShelf {
    folder: tempfile::TempDir,
}

impl TestShelf {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("pictures")
    }

    fn open(&self, max_bytes: u64) -> PictureShelf {
        PictureShelf::open(&self.path(), max_bytes).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_copy_outlives_a_restart() {
    let home = TestShelf::new();
    let picture = wanted(1, 0);
    let shelf = home.open(10_000);
    assert_eq!(shelf.find(picture.clone(), false), PictureLookup::Unknown);
    shelf.put(&picture, &copied(900), at(5)).unwrap();
    let expected = Thumbnail { id: picture.id, width: 408, height: 272, version: 0 };
    let file = shelf.read(picture.id).unwrap().unwrap();
    assert_eq!((file.bytes.len(), file.media_type), (900, "image/jpeg"));
    let again = home.open(10_000);
    assert_eq!(again.find(picture.clone(), true), PictureLookup::Ready(expected));
    assert_eq!(again.read(picture.id).unwrap(), Some(file), "validators stay");
    assert!(again.is_idle(), "it is not fetched again");
    assert_eq!(again.read(wanted(2, 0).id).unwrap(), None);
    assert_eq!(again.kept(), [(picture.id, picture.owner)]);
}

#[test]
fn only_pages_that_may_request_make_a_picture_wanted() {
    let shelf = TestShelf::new();
    let shelf = shelf.open(10_000);
    let picture = wanted(1, 0);
    shelf.find(picture.clone(), false);
    assert!(shelf.is_idle() && shelf.wait_until_wanted().now_or_never().is_none());
    shelf.find(picture.clone(), true);
    shelf.find(picture.clone(), true);
    assert!(shelf.wait_until_wanted().now_or_never().is_some());
    assert_eq!(shelf.start_next(), Some(picture.clone()));
    assert_eq!(shelf.find(picture, true), PictureLookup::Unknown);
    assert!(shelf.is_idle(), "it is being fetched");
}

#[test]
fn a_failure_is_remembered_and_tried_again_a_few_times() {
    let home = TestShelf::new();
    let picture = wanted(1, 0);
    let shelf = home.open(10_000);
    let mut now = 0;
    for wait in RETRY_SECONDS {
        assert_eq!(shelf.find(picture.clone(), true), PictureLookup::Unknown);
        assert_eq!(shelf.start_next(), Some(picture.clone()));
        shelf.put(&picture, &PictureOutcome::Failed, at(now)).unwrap();
        now += wait;
        shelf.sweep(&[], at(now - 1)).unwrap();
        assert_eq!(shelf.find(picture.clone(), true), PictureLookup::Missing);
        shelf.sweep(&[], at(now)).unwrap();
    }
    let shelf = home.open(10_000);
    shelf.sweep(&[], at(now)).unwrap();
    assert_eq!(shelf.find(picture.clone(), true), PictureLookup::Unknown, "after a restart, too");
    shelf.put(&picture, &PictureOutcome::Failed, at(now)).unwrap();
    shelf.sweep(&[], at(now * 100)).unwrap();
    assert_eq!(shelf.find(picture, true), PictureLookup::Missing, "it is given up");
}

#[test]
fn what_is_gone_stays_gone_and_a_later_copy_takes_its_place() {
    let home = TestShelf::new();
    let shelf = home.open(10_000);
    let picture = wanted(1, 0);
    shelf.put(&picture, &PictureOutcome::Gone, at(0)).unwrap();
    shelf.sweep(&[], at(10_000_000)).unwrap();
    assert_eq!(home.open(10_000).find(picture.clone(), true), PictureLookup::Missing);
    assert_eq!(shelf.read(picture.id).unwrap(), None);
    shelf.put(&picture, &copied(5), at(0)).unwrap();
    assert!(is_ready(&home.open(10_000), &picture));
    assert_eq!(home.files().len(), 1);
}

#[test]
fn copies_go_with_their_entries() {
    let home = TestShelf::new();
    let shelf = home.open(10_000);
    let (one, other) = (wanted(1, 0), wanted(2, 1));
    shelf.put(&one, &copied(10), at(0)).unwrap();
    shelf.put(&other, &copied(10), at(0)).unwrap();
    assert_eq!(shelf.sweep(&[one.id, wanted(3, 0).id], at(0)).unwrap(), 1);
    assert!(!is_ready(&shelf, &one) && is_ready(&shelf, &other));
    assert_eq!(shelf.read(one.id).unwrap(), None);
    assert_eq!(home.files().len(), 1);
}

#[test]
fn the_oldest_go_when_there_is_too_much() {
    let home = TestShelf::new();
    let shelf = home.open(250);
    let source = SourceId::new("a").unwrap();
    let icon =
        WantedPicture::new(PictureRole::Icon, "https://a.example/", &source, PictureOwner::Source);
    let pictures = [wanted(3, 30), wanted(1, 10), wanted(2, 20)];
    for picture in pictures.iter().chain([&icon]) {
        shelf.put(picture, &copied(100), at(0)).unwrap();
    }
    assert_eq!(shelf.sweep(&[], at(0)).unwrap(), 2);
    let [newest, oldest, middle] = &pictures;
    assert!(is_ready(&shelf, newest) && is_ready(&shelf, &icon));
    assert!(!is_ready(&shelf, oldest) && !is_ready(&shelf, middle));
    assert_eq!(shelf.sweep(&[], at(0)).unwrap(), 0);
}

/// The icon of a source.
fn icon(number: usize) -> WantedPicture {
    let source = SourceId::new("a").unwrap();
    let address = format!("https://{number}.example/favicon.ico");
    WantedPicture::new(PictureRole::Icon, &address, &source, PictureOwner::Source)
}

/// The version of the copy that pages show; `None`: they show none.
fn shown_version(shelf: &PictureShelf, picture: &WantedPicture) -> Option<u32> {
    match shelf.find(picture.clone(), true) {
        PictureLookup::Ready(copy) => Some(copy.version),
        PictureLookup::Unknown | PictureLookup::Missing => None,
    }
}

#[test]
fn an_icon_is_looked_at_again_and_the_old_one_stays_meanwhile() {
    let home = TestShelf::new();
    let (icon, lead) = (icon(1), wanted(1, 0));
    let shelf = home.open(10_000);
    for picture in [&icon, &lead] {
        assert!(shelf.put(picture, &copied(100), at(0)).unwrap());
    }
    let first = shown_version(&shelf, &icon).unwrap();
    assert!(first > 0 && shown_version(&shelf, &lead) == Some(0));
    let made_at = shelf.read(icon.id).unwrap().unwrap().made_at;
    shelf.sweep(&[], at(ICON_SECONDS - 1)).unwrap();
    assert_eq!(shown_version(&shelf, &icon), Some(first));
    assert!(shelf.is_idle(), "it is fresh");

    let mut now = ICON_SECONDS + ICON_SPREAD_SECONDS;
    for (outcome, wait, has_news, version) in [
        (copied(100), ICON_SECONDS + ICON_SPREAD_SECONDS, false, Some(first)),
        (PictureOutcome::Failed, ICON_RETRY_SECONDS, false, Some(first)),
        (PictureOutcome::Gone, ICON_RETRY_SECONDS, false, Some(first)),
        (PictureOutcome::Gone, ICON_RETRY_SECONDS, false, Some(first)),
        (PictureOutcome::Gone, ICON_SECONDS + ICON_SPREAD_SECONDS, true, None),
        (copied(100), 0, true, Some(first)),
    ] {
        // A restart keeps what is known.
        let shelf = home.open(10_000);
        shelf.sweep(&[], at(now)).unwrap();
        assert_eq!(shown_version(&shelf, &lead), Some(0));
        shown_version(&shelf, &icon);
        assert_eq!(shelf.start_next().as_ref(), Some(&icon), "{outcome:?}");
        assert!(shelf.is_idle(), "pictures of entries are fetched once");
        assert_eq!(shelf.put(&icon, &outcome, at(now)).unwrap(), has_news, "{outcome:?}");
        assert_eq!(shown_version(&shelf, &icon), version, "{outcome:?}");
        assert_eq!(shown_version(&home.open(10_000), &icon), version, "{outcome:?}");
        assert_eq!(shelf.read(icon.id).unwrap().is_some(), version.is_some());
        assert_eq!(home.files().len(), 2, "{outcome:?}");
        if has_news {
            assert!(shelf.is_idle(), "{outcome:?}");
        } else {
            let file = shelf.read(icon.id).unwrap().unwrap();
            assert_eq!(file.made_at, made_at, "the copy is the same file");
        }
        now += wait;
    }
    let shelf = home.open(10_000);
    assert!(shelf.put(&icon, &copied(101), at(now)).unwrap(), "the site has another icon");
    assert!(shown_version(&shelf, &icon).is_some_and(|version| version != first));
    assert_eq!(shelf.read(icon.id).unwrap().unwrap().bytes.len(), 101);
    assert_eq!(home.files().len(), 2);
}

#[test]
fn few_icons_are_looked_at_again_after_one_sweep() {
    let home = TestShelf::new();
    let shelf = home.open(100_000);
    let icons: Vec<WantedPicture> = (0..MAX_ICON_CHECKS * 2 + 5).map(icon).collect();
    for (number, icon) in icons.iter().enumerate() {
        let outcome = if number % 2 == 0 { copied(9) } else { PictureOutcome::Gone };
        shelf.put(icon, &outcome, at(0)).unwrap();
    }
    // The program did not run for months.
    let shelf = home.open(100_000);
    let now = at(9 * ICON_SECONDS);
    let mut checked = Vec::new();
    while checked.len() < icons.len() {
        assert_eq!(shelf.sweep(&[], now).unwrap(), 0);
        for icon in &icons {
            shelf.find(icon.clone(), true);
        }
        let before = checked.len();
        while let Some(icon) = shelf.start_next() {
            shelf.put(&icon, &copied(9), now).unwrap();
            checked.push(icon.id);
        }
        assert_eq!(checked.len() - before, MAX_ICON_CHECKS.min(icons.len() - before));
    }
    checked.sort_unstable();
    checked.dedup();
    assert_eq!(checked.len(), icons.len(), "each once");
}

#[test]
fn icons_that_an_older_version_kept_are_looked_at_again_within_weeks() {
    let home = TestShelf::new();
    let (there, missing) = (icon(1), icon(2));
    fs::create_dir_all(home.path()).unwrap();
    for (name, bytes) in [
        (format!("{}.source.48x48-5.webp", there.id), "bytes"),
        (format!("{}.source.gone", missing.id), ""),
    ] {
        fs::write(home.path().join(name), bytes).unwrap();
    }
    let shelf = home.open(10_000);
    assert_eq!(shown_version(&shelf, &there), Some(0), "its address stays");
    shelf.sweep(&[], at(0)).unwrap();
    assert_eq!((shown_version(&shelf, &there), shown_version(&shelf, &missing)), (Some(0), None));
    assert!(shelf.is_idle());
    let shelf = home.open(10_000);
    shelf.sweep(&[], at(ICON_SPREAD_SECONDS)).unwrap();
    for icon in [&there, &missing] {
        shelf.find(icon.clone(), true);
        assert_eq!(shelf.start_next().as_ref(), Some(icon), "after a restart, too");
    }
    shelf.put(&there, &PictureOutcome::Failed, at(ICON_SPREAD_SECONDS)).unwrap();
    assert_eq!(shown_version(&shelf, &there), Some(0));
    assert_eq!(shelf.read(there.id).unwrap().unwrap().bytes, b"bytes");
}

#[test]
fn a_picture_of_several_entries_belongs_to_the_newest() {
    let home = TestShelf::new();
    let shelf = home.open(250);
    let (old, owner) = (wanted(1, 0), wanted(2, 50).owner);
    shelf.put(&old, &copied(100), at(0)).unwrap();
    let newer = WantedPicture { owner, ..old.clone() };
    for picture in [&newer, &old] {
        assert!(is_ready(&shelf, picture));
    }
    shelf.sweep(&[], at(0)).unwrap();
    assert_eq!(home.open(250).kept(), [(old.id, owner)], "after a restart, too");
    assert!(shelf.read(old.id).unwrap().is_some());
}

#[test]
fn what_a_crash_left_behind_is_removed() {
    let home = TestShelf::new();
    let shelf = home.open(10_000);
    let (whole, cut) = (wanted(1, 0), wanted(2, 0));
    shelf.put(&whole, &copied(100), at(0)).unwrap();
    shelf.put(&cut, &copied(101), at(0)).unwrap();
    let cut_file = home.files().into_iter().find(|name| name.contains("-101.")).unwrap();
    fs::write(home.path().join(cut_file), [7; 40]).unwrap();
    fs::write(home.path().join(format!("{}.part", wanted(3, 0).id)), "x").unwrap();
    fs::write(home.path().join("README"), "not ours").unwrap();
    let shelf = home.open(10_000);
    assert!(is_ready(&shelf, &whole) && !is_ready(&shelf, &cut));
    assert_eq!(home.files().len(), 2, "{:?}", home.files());
}
