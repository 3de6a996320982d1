//! Candidates for each field of a feed or an entry → the best of each.
//!
//! Among candidates of one field the lowest rank wins (`super::element_roles`), then the first: publishers
//! write the right value first and repeat it later by accident.

use std::borrow::Cow;

use super::element_roles::FieldKind;
use crate::dates;
use crate::model::{
    RawCategory, RawChapter, RawEnclosure, RawEpisode, RawImage, RawLink, RawOrigin,
    RawParticipant, RawPerson, RawTranscript, TextKind,
};

/// Values of one kind that one entry or feed may hold; more are an attack.
const MOST_PER_LIST: usize = 256;

/// The rank of `media:content` among pictures.
pub(super) const MEDIA_CONTENT_RANK: u8 = 1;
/// The rank of thumbnails and the like among pictures.
pub(super) const THUMBNAIL_RANK: u8 = 2;

/// The best candidate so far.
#[derive(Debug, Clone)]
pub(super) struct BestCandidate<T>(Option<(u8, T)>);

impl<T> Default for BestCandidate<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> BestCandidate<T> {
    /// Takes a candidate that is better than the present one. `true`: the candidate has the same rank and
    /// is dropped.
    pub(super) fn offer(&mut self, rank: u8, value: T) -> bool {
        let best_rank = self.0.as_ref().map(|(best, _)| *best);
        if best_rank.is_none_or(|best| rank < best) {
            self.0 = Some((rank, value));
        }
        best_rank == Some(rank)
    }

    pub(super) fn take_best(&mut self) -> Option<T> {
        self.0.take().map(|(_, value)| value)
    }
}

/// A text and its attributes.
#[derive(Debug, Clone)]
pub(super) struct FieldText<'a> {
    pub(super) value: Cow<'a, str>,
    pub(super) kind: TextKind,
    pub(super) language: Option<String>,
    pub(super) direction: Option<String>,
    pub(super) base: Option<String>,
}

/// A guid with its `isPermaLink`.
#[derive(Debug, Clone)]
pub(super) struct Guid<'a> {
    pub(super) value: Cow<'a, str>,
    pub(super) is_permalink: Option<bool>,
}

/// Everything about one entry, or about the feed.
#[derive(Debug, Default)]
pub(super) struct FeedFields<'a> {
    pub(super) title: BestCandidate<FieldText<'a>>,
    pub(super) summary: BestCandidate<FieldText<'a>>,
    pub(super) content: BestCandidate<FieldText<'a>>,
    pub(super) guid: BestCandidate<Guid<'a>>,
    pub(super) links: Vec<(u8, RawLink)>,
    pub(super) published: DateCandidates<'a>,
    pub(super) updated: DateCandidates<'a>,
    pub(super) authors: Vec<RawPerson>,
    pub(super) contributors: Vec<RawPerson>,
    /// The author of the feed that the entry was copied from.
    pub(super) origin_author: Option<RawPerson>,
    /// The page behind a link that only counts readers.
    pub(super) original_link: Option<String>,
    pub(super) categories: Vec<RawCategory>,
    pub(super) enclosures: Vec<RawEnclosure>,
    pub(super) images: Vec<(u8, RawImage)>,
    pub(super) credit: Option<String>,
    pub(super) duration: Option<String>,
    pub(super) episode: Option<Box<RawEpisode>>,
    pub(super) origin: Option<RawOrigin>,
    /// `xml:lang` of the element itself.
    pub(super) own_language: Option<String>,
    pub(super) direction: Option<String>,
    pub(super) base: Option<String>,
    pub(super) latitude: Option<String>,
    pub(super) longitude: Option<String>,
    pub(super) hours: Vec<String>,
    pub(super) days: Vec<String>,
    words: Vec<(FieldKind, u8, String)>,
    /// Values that were too many or too long, without categories.
    dropped_count: usize,
    dropped_categories_count: usize,
}

/// Adds to a list that is not full; counts what is dropped.
fn push_if_room<T>(list: &mut Vec<T>, thing: T, dropped_count: &mut usize) {
    if list.len() < MOST_PER_LIST {
        list.push(thing);
    } else {
        *dropped_count += 1;
    }
}

impl<'a> FeedFields<'a> {
    /// Takes the text of a field that is neither title, body, guid, link nor date.
    pub(super) fn offer_text(&mut self, field: FieldKind, rank: u8, text: Cow<'a, str>) {
        match field {
            FieldKind::Category => {
                let term = text.into_owned();
                self.add_category(RawCategory { term, label: None, scheme: None });
            }
            FieldKind::Keywords => {
                let words = text.split([',', '،']).map(str::trim).filter(|word| !word.is_empty());
                for word in words {
                    let term = word.to_owned();
                    self.add_category(RawCategory { term, label: None, scheme: None });
                }
            }
            FieldKind::Hour => {
                push_if_room(&mut self.hours, text.into_owned(), &mut self.dropped_count);
            }
            FieldKind::Day => {
                push_if_room(&mut self.days, text.into_owned(), &mut self.dropped_count);
            }
            FieldKind::Latitude => _ = self.latitude.get_or_insert(text.into_owned()),
            FieldKind::Longitude => _ = self.longitude.get_or_insert(text.into_owned()),
            FieldKind::Credit => _ = self.credit.get_or_insert(text.into_owned()),
            FieldKind::Duration => _ = self.duration.get_or_insert(text.into_owned()),
            FieldKind::ImageAlt => {
                if let Some((_, image)) = self.images.last_mut() {
                    image.alt.get_or_insert(text.into_owned());
                }
            }
            FieldKind::EpisodeKind => {
                _ = self.episode_mut().kind.get_or_insert(text.into_owned());
            }
            FieldKind::Explicit => {
                _ = self.episode_mut().explicit.get_or_insert(text.into_owned());
            }
            FieldKind::EpisodeNumber => {
                _ = self.episode_mut().number.get_or_insert(text.into_owned());
            }
            FieldKind::Season => {
                _ = self.episode_mut().season.get_or_insert(text.into_owned());
            }
            field => match self.words.iter_mut().find(|(known, ..)| *known == field) {
                Some((_, best, _)) if rank >= *best => {}
                Some(row) => *row = (field, rank, text.into_owned()),
                None => self.words.push((field, rank, text.into_owned())),
            },
        }
    }

    /// The best text of a field, taken out.
    pub(super) fn take_text(&mut self, field: FieldKind) -> Option<String> {
        let at = self.words.iter().position(|(known, ..)| *known == field)?;
        Some(self.words.swap_remove(at).2)
    }

    pub(super) fn add_link(&mut self, rank: u8, link: RawLink) {
        push_if_room(&mut self.links, (rank, link), &mut self.dropped_count);
    }

    pub(super) fn add_category(&mut self, category: RawCategory) {
        push_if_room(&mut self.categories, category, &mut self.dropped_categories_count);
    }

    pub(super) fn add_category_in(&mut self, scheme: Option<String>, term: String) {
        self.add_category(RawCategory { term, label: None, scheme });
    }

    /// Adds a picture that has an address only.
    pub(super) fn add_image_url(&mut self, rank: u8, url: &str) {
        let url = url.to_owned();
        self.add_image(rank, RawImage { url, ..RawImage::default() });
    }

    pub(super) fn add_author(&mut self, person: RawPerson) {
        if person != RawPerson::default() {
            push_if_room(&mut self.authors, person, &mut self.dropped_count);
        }
    }

    pub(super) fn add_contributor(&mut self, person: RawPerson) {
        if person != RawPerson::default() {
            push_if_room(&mut self.contributors, person, &mut self.dropped_count);
        }
    }

    /// What it says of itself as an episode of a podcast.
    pub(super) fn episode_mut(&mut self) -> &mut RawEpisode {
        self.episode.get_or_insert_default()
    }

    pub(super) fn add_transcript(&mut self, transcript: RawTranscript) {
        let list = &mut self.episode.get_or_insert_default().transcripts;
        push_if_room(list, transcript, &mut self.dropped_count);
    }

    pub(super) fn add_chapter(&mut self, chapter: RawChapter) {
        let list = &mut self.episode.get_or_insert_default().chapters;
        push_if_room(list, chapter, &mut self.dropped_count);
    }

    pub(super) fn add_participant(&mut self, participant: RawParticipant) {
        let list = &mut self.episode.get_or_insert_default().participants;
        push_if_room(list, participant, &mut self.dropped_count);
    }

    pub(super) fn add_enclosure(&mut self, enclosure: RawEnclosure) {
        push_if_room(&mut self.enclosures, enclosure, &mut self.dropped_count);
    }

    pub(super) fn add_image(&mut self, rank: u8, image: RawImage) {
        push_if_room(&mut self.images, (rank, image), &mut self.dropped_count);
    }

    /// Adds the owner of the picture with this index among those found so far.
    pub(super) fn set_image_credit(&mut self, index: usize, credit: Cow<'a, str>) {
        if let Some((_, image)) = self.images.get_mut(index) {
            image.credit.get_or_insert_with(|| credit.into_owned());
        }
    }

    /// Adds what the picture with this index among those found so far shows.
    pub(super) fn set_image_alt(&mut self, index: usize, alt: &str) {
        if let Some((_, image)) = self.images.get_mut(index) {
            image.alt.get_or_insert_with(|| alt.to_owned());
        }
    }

    /// Adds what the pictures of a group show, apart from its thumbnails: they may be those of a film.
    pub(super) fn set_group_alt(&mut self, group: usize, alt: &str) {
        for (rank, image) in &mut self.images {
            if *rank == MEDIA_CONTENT_RANK && image.group == Some(group) {
                image.alt.get_or_insert_with(|| alt.to_owned());
            }
        }
    }

    /// Counts values that were dropped elsewhere.
    pub(super) fn add_dropped_count(&mut self, count: usize) {
        self.dropped_count += count;
    }

    /// How many values of an entry, or of the feed, were dropped because they were too many or too long. A
    /// feed may list all the labels of its site, and no one is shown them.
    pub(super) fn take_dropped_count(&mut self, is_entry: bool) -> usize {
        let categories = std::mem::take(&mut self.dropped_categories_count);
        std::mem::take(&mut self.dropped_count) + if is_entry { categories } else { 0 }
    }

    /// The authors; without any, that of the feed that the entry was copied from.
    pub(super) fn take_authors(&mut self) -> Vec<RawPerson> {
        if let Some(author) = self.origin_author.take().filter(|_| self.authors.is_empty()) {
            self.add_author(author);
        }
        std::mem::take(&mut self.authors)
    }

    /// The links: the page behind a counter first, then alternates by rank, then the others as written.
    pub(super) fn take_links(&mut self) -> Vec<RawLink> {
        let mut links = std::mem::take(&mut self.links);
        if let Some(href) = self.original_link.take() {
            let media_type = Some("text/html".to_owned());
            links.insert(0, (0, RawLink { href, media_type, ..RawLink::default() }));
        }
        let is_other = |link: &RawLink| link.rel.as_deref().is_some_and(|rel| rel != "alternate");
        links.sort_by_key(|(rank, link)| (is_other(link), *rank));
        links.into_iter().map(|(_, link)| link).collect()
    }

    /// The pictures, the best rank first; a credit of the entry belongs to the first.
    pub(super) fn take_images(&mut self) -> Vec<RawImage> {
        let mut images = std::mem::take(&mut self.images);
        images.sort_by_key(|(rank, _)| *rank);
        let mut images: Vec<_> = images.into_iter().map(|(_, image)| image).collect();
        if let (Some(first), Some(credit)) = (images.first_mut(), self.credit.take()) {
            first.credit.get_or_insert(credit);
        }
        images
    }

    /// The coordinates as `latitude longitude`.
    pub(super) fn take_coordinates(&mut self) -> Option<String> {
        let pair = self.latitude.take().zip(self.longitude.take());
        self.take_text(FieldKind::Place)
            .or_else(|| pair.map(|(latitude, longitude)| format!("{latitude} {longitude}")))
    }
}

/// Dates as written, by rank.
#[derive(Debug, Default)]
pub(super) struct DateCandidates<'a>(Vec<(u8, Cow<'a, str>)>);

/// Dates of one kind that are tried.
const MOST_DATES: usize = 8;

impl<'a> DateCandidates<'a> {
    pub(super) fn offer(&mut self, rank: u8, words: Cow<'a, str>) {
        if self.0.len() < MOST_DATES {
            self.0.push((rank, words));
        }
    }

    /// The first by rank that can be read, else the first by rank.
    pub(super) fn take_best(&mut self) -> Option<String> {
        let mut all = std::mem::take(&mut self.0);
        all.sort_by_key(|(rank, _)| *rank);
        let readable = match all.len() {
            0 | 1 => 0,
            _ => all
                .iter()
                .position(|(_, words)| dates::read_date(words, None).is_some())
                .unwrap_or(0),
        };
        (readable < all.len()).then(|| all.swap_remove(readable).1.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_rank_wins_and_then_the_first() {
        let mut best = BestCandidate::default();
        for (rank, value) in [(2, "c"), (1, "a"), (1, "b"), (3, "d")] {
            assert_eq!(best.offer(rank, value), value == "b", "{value}");
        }
        assert_eq!(best.take_best(), Some("a"));
        let mut facts = FeedFields::default();
        for (rank, value) in [(1, "dc"), (0, "core"), (0, "again")] {
            facts.offer_text(FieldKind::Rights, rank, value.into());
        }
        assert_eq!(facts.take_text(FieldKind::Rights).as_deref(), Some("core"));
        assert_eq!(facts.take_text(FieldKind::Rights), None);
    }

    #[test]
    fn dropped_values_are_counted() {
        let mut facts = FeedFields::default();
        let words = vec!["كلمة"; MOST_PER_LIST + 3].join("،");
        facts.offer_text(FieldKind::Keywords, 0, words.into());
        facts.offer_text(FieldKind::Category, 0, "x".into());
        assert_eq!((facts.categories.len(), facts.take_dropped_count(true)), (MOST_PER_LIST, 4));
        facts.offer_text(FieldKind::Category, 0, "y".into());
        assert_eq!(facts.take_dropped_count(false), 0, "a feed lists all its labels");
    }

    #[test]
    fn a_date_that_can_be_read_wins_over_one_that_cannot() {
        let mut dates = DateCandidates::default();
        dates.offer(1, "2026-11-24".into());
        dates.offer(0, "غدا".into());
        assert_eq!(dates.take_best().as_deref(), Some("2026-11-24"));
        dates.offer(1, "y".into());
        dates.offer(0, "x".into());
        assert_eq!(dates.take_best().as_deref(), Some("x"));
        assert_eq!(DateCandidates::default().take_best(), None);
    }

    #[test]
    fn alternates_come_first() {
        let link = |rel: Option<&str>, href: &str| RawLink {
            href: href.into(),
            rel: rel.map(Into::into),
            ..RawLink::default()
        };
        let mut facts = FeedFields::default();
        facts.add_link(0, link(Some("self"), "s"));
        facts.add_link(1, link(None, "b"));
        facts.add_link(0, link(Some("alternate"), "a"));
        let hrefs: Vec<_> = facts.take_links().into_iter().map(|link| link.href).collect();
        assert_eq!(hrefs, ["a", "b", "s"]);
    }
}
