//! Pictures that pages want → the next one to fetch: one at a time of each host, those of the newest entries first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{PictureId, PictureOwner, PictureRole, SourceId};

/// The maximum number of pictures that wait: those of some twenty pages. Those of the oldest entries are dropped,
/// and wanted again when their page is rendered again.
const MAX_WANTED: usize = 1_000;

/// A picture that a page wants to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPicture {
    /// The id of its copy.
    pub id: PictureId,
    /// What it is shown as.
    pub role: PictureRole,
    /// The publisher's address.
    pub address: String,
    /// The source that names it.
    pub source: SourceId,
    /// What it is kept for.
    pub owner: PictureOwner,
}

impl WantedPicture {
    /// The picture of this role and address.
    pub fn new(role: PictureRole, address: &str, source: &SourceId, owner: PictureOwner) -> Self {
        let id = PictureId::for_address(role, address);
        Self { id, role, address: address.to_owned(), source: source.clone(), owner }
    }

    /// The host, with its port, that is requested.
    fn host(&self) -> &str {
        let after = self.address.split_once("://").map_or("", |(_, after)| after);
        after.split(['/', '?', '#']).next().unwrap_or_default()
    }
}

/// The pictures that wait, and those that are being fetched.
#[derive(Debug, Default)]
pub(super) struct WantedPictures {
    waiting: BTreeMap<(Reverse<PictureOwner>, PictureId), WantedPicture>,
    known: BTreeSet<PictureId>,
    in_flight: BTreeMap<PictureId, String>,
}

impl WantedPictures {
    /// Puts a picture into the queue, unless it is there or being fetched.
    pub(super) fn add(&mut self, wanted: WantedPicture) {
        if self.in_flight.contains_key(&wanted.id) || !self.known.insert(wanted.id) {
            return;
        }
        self.waiting.insert((Reverse(wanted.owner), wanted.id), wanted);
        if self.waiting.len() > MAX_WANTED
            && let Some((_, dropped)) = self.waiting.pop_last()
        {
            self.known.remove(&dropped.id);
        }
    }

    /// The next picture of a host of which none is being fetched. `finish` ends that.
    pub(super) fn start_next(&mut self) -> Option<WantedPicture> {
        let is_free =
            |wanted: &&WantedPicture| self.in_flight.values().all(|host| host != wanted.host());
        let next = self.waiting.values().find(is_free)?.clone();
        self.waiting.remove(&(Reverse(next.owner), next.id));
        self.known.remove(&next.id);
        self.in_flight.insert(next.id, next.host().to_owned());
        Some(next)
    }

    /// The fetch of a picture ended, well or not.
    pub(super) fn finish(&mut self, id: PictureId) {
        self.in_flight.remove(&id);
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryId;

    fn wanted(address: &str, listed_ms: i64) -> WantedPicture {
        let owner = PictureOwner::Entry { listed_ms, id: EntryId::from_bytes([1; 16]) };
        WantedPicture::new(PictureRole::Lead, address, &SourceId::new("a").unwrap(), owner)
    }

    fn next(queue: &mut WantedPictures) -> Option<WantedPicture> {
        queue.start_next()
    }

    #[test]
    fn the_newest_come_first_and_one_of_a_host() {
        let mut queue = WantedPictures::default();
        let icon = WantedPicture::new(
            PictureRole::Icon,
            "https://c.example/favicon.ico",
            &SourceId::new("c").unwrap(),
            PictureOwner::Source,
        );
        let (old, new) = (wanted("https://a.example/1", 1), wanted("https://a.example/2", 2));
        let other = wanted("https://b.example:8/3?x", 0);
        for it in [&old, &new, &other, &icon, &new] {
            queue.add(it.clone());
        }
        assert_eq!(next(&mut queue), Some(icon));
        assert_eq!(next(&mut queue), Some(new.clone()));
        assert_eq!(next(&mut queue), Some(other));
        assert_eq!(next(&mut queue), None, "a.example is busy");
        queue.add(new.clone());
        queue.finish(new.id);
        assert_eq!(next(&mut queue), Some(old.clone()), "the other is being fetched already");
        queue.finish(old.id);
        queue.add(new.clone());
        assert_eq!(next(&mut queue), Some(new));
        assert!(queue.is_empty());
    }

    #[test]
    fn the_oldest_are_dropped() {
        let mut queue = WantedPictures::default();
        let count = i64::try_from(MAX_WANTED).unwrap();
        for at in 0..=count {
            queue.add(wanted(&format!("https://{at}.example/"), at));
        }
        assert_eq!((queue.waiting.len(), queue.known.len()), (MAX_WANTED, MAX_WANTED));
        let oldest = queue.waiting.last_key_value().unwrap().1;
        assert_eq!(oldest.address, "https://1.example/");
    }
}
