//! A folder of copies ↔ which pictures are ready, and which pages want. The names of the files are read once, at the
//! start; after that only copies that readers request are.
//!
//! A file is written beside its name and then renamed, so that there is no part of a copy. Nothing is synced: a copy
//! that is lost is fetched again.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::kept_picture::{KeptPicture, PictureState};
use super::picture_schedule::{self, PictureOutcome};
use super::wanted_pictures::{WantedPicture, WantedPictures};
use crate::model::{PictureId, PictureOwner, Thumbnail};

/// The maximum number of files, those without a copy included: as many entries as forty sources keep.
const MAX_PICTURES: usize = 40_000;
/// The maximum number of icons that are looked at again after one sweep, the longest due first: 60 in an hour, also
/// when the program did not run for weeks.
const MAX_ICON_CHECKS: usize = 10;
/// The ending of a file that is being written.
const PART: &str = "part";

/// The copies, and the pictures that are wanted. Clones are the same shelf.
#[derive(Debug, Clone)]
pub struct PictureShelf(Arc<ShelfState>);

#[derive(Debug)]
struct ShelfState {
    folder: PathBuf,
    max_bytes: u64,
    pictures: Mutex<ShelvedPictures>,
    is_wanted: Notify,
}

#[derive(Debug, Default)]
struct ShelvedPictures {
    known: HashMap<PictureId, ShelvedPicture>,
    wanted: WantedPictures,
    total_bytes: u64,
}

#[derive(Debug)]
struct ShelvedPicture {
    kept: KeptPicture,
    /// The name of its file; it lags behind when another owner is known.
    file_name: String,
    /// Whether the time to fetch it again has come.
    is_due: bool,
}

/// What is known about a picture when a page is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureLookup {
    /// There is a copy.
    Ready(Thumbnail),
    /// There may be one later.
    Unknown,
    /// There is no copy, and there will not be one soon.
    Missing,
}

/// A copy as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// When it was made; `None`: the file system does not say.
    pub made_at: Option<Timestamp>,
}

impl PictureShelf {
    /// Opens a folder of copies, and makes it if it is missing. Up to `max_bytes` are kept in it.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut pictures = ShelvedPictures::default();
        for file in fs::read_dir(folder)? {
            let file = file?;
            let name = file.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(PART) {
                // It was being written when the program ended.
                fs::remove_file(file.path())?;
                continue;
            }
            let Some((id, kept)) = KeptPicture::parse_file_name(name) else { continue };
            let is_whole = file.metadata()?.len() == kept.bytes();
            if !is_whole || pictures.known.contains_key(&id) {
                fs::remove_file(file.path())?;
                continue;
            }
            pictures.insert(id, kept, name.to_owned());
        }
        let (folder, pictures) = (folder.to_owned(), Mutex::new(pictures));
        Ok(Self(Arc::new(ShelfState { folder, max_bytes, pictures, is_wanted: Notify::new() })))
    }

    /// What is known about a picture. If nothing is, or too little for too long, and `may_request`, it is fetched soon.
    pub fn find(&self, wanted: WantedPicture, may_request: bool) -> PictureLookup {
        let mut pictures = self.lock();
        if let Some(picture) = pictures.known.get_mut(&wanted.id) {
            picture.kept.owner = picture.kept.owner.max(wanted.owner);
            match picture.kept.state {
                PictureState::Ready { width, height, check, .. } => {
                    let version = check.map_or(0, |check| check.version);
                    let copy = Thumbnail { id: wanted.id, width, height, version };
                    if picture.is_due && may_request {
                        pictures.wanted.add(wanted);
                        drop(pictures);
                        self.0.is_wanted.notify_one();
                    }
                    return PictureLookup::Ready(copy);
                }
                PictureState::Failed { .. } if picture.is_due => {}
                PictureState::Failed { .. } | PictureState::Gone => return PictureLookup::Missing,
            }
        }
        if may_request {
            pictures.wanted.add(wanted);
            drop(pictures);
            self.0.is_wanted.notify_one();
        }
        PictureLookup::Unknown
    }

    /// The next picture to fetch, if one can be fetched now. It must be given to `put` when that ended.
    pub fn start_next(&self) -> Option<WantedPicture> {
        self.lock().wanted.start_next()
    }

    /// Whether no picture waits to be fetched.
    pub fn is_idle(&self) -> bool {
        self.lock().wanted.is_empty()
    }

    /// Waits until a page wants a picture.
    pub async fn wait_until_wanted(&self) {
        self.0.is_wanted.notified().await;
    }

    /// Stores how the fetch of a picture ended. Returns whether pages may show something else than before.
    ///
    /// # Errors
    /// When its file cannot be written: it is then wanted again.
    pub fn put(
        &self,
        picture: &WantedPicture,
        outcome: &PictureOutcome,
        now: Timestamp,
    ) -> io::Result<bool> {
        let (id, owner) = (picture.id, picture.owner);
        let before = self.lock().known.get(&id).map(|it| it.kept.state);
        let state = picture_schedule::state_after((id, owner), before, outcome, now);
        let kept = KeptPicture { owner, state };
        if before.is_some_and(|before| state.has_same_copy(&before)) {
            self.rename_copy(id, kept)?;
            return Ok(false);
        }
        let bytes = match outcome {
            PictureOutcome::Copied(copy) => copy.bytes.as_slice(),
            PictureOutcome::Failed | PictureOutcome::Gone => &[],
        };
        let name = kept.file_name(picture.id);
        let part = self.0.folder.join(format!("{}.{PART}", picture.id));
        let written = fs::write(&part, bytes);
        let mut pictures = self.lock();
        pictures.wanted.finish(picture.id);
        written?;
        if let Some(before) = pictures.remove(picture.id) {
            ignore_missing(fs::remove_file(self.0.folder.join(before.file_name)))?;
        }
        fs::rename(&part, self.0.folder.join(&name))?;
        pictures.insert(picture.id, kept, name);
        // A source without an icon may have another address for one.
        Ok(owner == PictureOwner::Source || matches!(outcome, PictureOutcome::Copied(_)))
    }

    /// Stores what else is known about a copy that stays.
    fn rename_copy(&self, id: PictureId, kept: KeptPicture) -> io::Result<()> {
        let mut pictures = self.lock();
        pictures.wanted.finish(id);
        let Some(before) = pictures.remove(id) else { return Ok(()) };
        let name = kept.file_name(id);
        let folder = &self.0.folder;
        ignore_missing(fs::rename(folder.join(before.file_name), folder.join(&name)))?;
        pictures.insert(id, kept, name);
        Ok(())
    }

    /// The copy with this id; `None`: there is no such copy.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn read(&self, id: PictureId) -> io::Result<Option<PictureFile>> {
        let found = self.lock().known.get(&id).map(|it| (it.kept.state, it.file_name.clone()));
        let Some((PictureState::Ready { format, .. }, name)) = found else { return Ok(None) };
        let path = self.0.folder.join(name);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Someone emptied the folder: pages want it again.
                self.lock().remove(id);
                return Ok(None);
            }
            bytes => bytes?,
        };
        let made_at = fs::metadata(&path).and_then(|it| it.modified()).ok();
        let made_at = made_at.and_then(|at| Timestamp::try_from(at).ok());
        Ok(Some(PictureFile { bytes, media_type: format.media_type(), made_at }))
    }

    /// What is kept, and for what.
    pub fn kept(&self) -> Vec<(PictureId, PictureOwner)> {
        self.lock().known.iter().map(|(id, it)| (*id, it.kept.owner)).collect()
    }

    /// Removes what is no longer wanted, and then, while there is too much, what belongs to the oldest entries. What is
    /// due is fetched again once a page shows it.
    /// Returns how many copies were removed.
    ///
    /// # Errors
    /// When a file cannot be removed or renamed.
    pub fn sweep(&self, unwanted: &[PictureId], now: Timestamp) -> io::Result<usize> {
        let mut pictures = self.lock();
        let mut removed = 0;
        for id in unwanted {
            removed += usize::from(self.remove_file(&mut pictures, *id)?);
        }
        let mut due_checks = Vec::new();
        for (id, picture) in &mut pictures.known {
            picture.kept = picture_schedule::with_check(*id, picture.kept, now);
            match (picture_schedule::rare_check_at(&picture.kept), picture.kept.state) {
                (Some(due_at), _) if !picture.is_due && due_at <= now.as_second() => {
                    due_checks.push((due_at, *id));
                }
                (None, PictureState::Failed { retry_at, .. }) => {
                    picture.is_due = retry_at <= now.as_second();
                }
                _ => {}
            }
            let name = picture.kept.file_name(*id);
            if name != picture.file_name {
                let folder = &self.0.folder;
                ignore_missing(fs::rename(folder.join(&picture.file_name), folder.join(&name)))?;
                picture.file_name = name;
            }
        }
        due_checks.sort_unstable();
        for (_, id) in due_checks.iter().take(MAX_ICON_CHECKS) {
            pictures.known.entry(*id).and_modify(|picture| picture.is_due = true);
        }
        let mut oldest: Vec<(PictureOwner, PictureId)> =
            pictures.known.iter().map(|(id, it)| (it.kept.owner, *id)).collect();
        oldest.sort_unstable();
        for (_, id) in oldest {
            if pictures.total_bytes <= self.0.max_bytes && pictures.known.len() <= MAX_PICTURES {
                break;
            }
            removed += usize::from(self.remove_file(&mut pictures, id)?);
        }
        Ok(removed)
    }

    /// Whether there was a copy.
    fn remove_file(&self, pictures: &mut ShelvedPictures, id: PictureId) -> io::Result<bool> {
        let Some(removed) = pictures.remove(id) else { return Ok(false) };
        ignore_missing(fs::remove_file(self.0.folder.join(&removed.file_name)))?;
        Ok(matches!(removed.kept.state, PictureState::Ready { .. }))
    }

    fn lock(&self) -> MutexGuard<'_, ShelvedPictures> {
        // A panic leaves at most a file that is not known, and that the next start finds.
        self.0.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ShelvedPictures {
    fn insert(&mut self, id: PictureId, kept: KeptPicture, file_name: String) {
        self.total_bytes += kept.bytes();
        self.known.insert(id, ShelvedPicture { kept, file_name, is_due: false });
    }

    fn remove(&mut self, id: PictureId) -> Option<ShelvedPicture> {
        let removed = self.known.remove(&id)?;
        self.total_bytes -= removed.kept.bytes();
        Some(removed)
    }
}

/// A file that is missing needs no change: its picture is fetched again once a reader requests it.
fn ignore_missing(changed: io::Result<()>) -> io::Result<()> {
    match changed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        changed => changed,
    }
}

#[cfg(test)]
mod tests;
